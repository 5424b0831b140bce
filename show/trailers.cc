// The block is the last paragraph, if it is all trailers, or a quarter trailers with one that git itself (or the
// configuration) makes. Patches after "---" and comment lines at the end are not part of the message.
#include "show/trailers.h"

#include <algorithm>

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

constexpr std::string_view kGitGenerated[] = {"Signed-off-by: ", "(cherry picked from commit "};

bool is_blank(std::string_view line) { return trim(line).empty(); }

// Position of the separator behind a token, npos where the line is no trailer.
std::size_t find_separator(std::string_view line, std::string_view separators) {
  bool space = false;
  for (std::size_t i = 0; i < line.size(); i++) {
    if (separators.find(line[i]) != std::string_view::npos) return i;
    if (!space && (is_alnum(line[i]) || line[i] == '-')) continue;
    if (i && (line[i] == ' ' || line[i] == '\t')) {
      space = true;
      continue;
    }
    break;
  }
  return std::string_view::npos;
}

// Lines with their start offsets.
struct Line {
  std::size_t start, end;  // end excludes the newline
};
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size();
    lines.push_back({at, end});
    at = end + 1;
  }
  return lines;
}

std::size_t find_divider(std::string_view message) {
  for (const Line& line : lines_of(message)) {
    std::string_view text = message.substr(line.start, line.end - line.start);
    if (starts_with(text, "---") && (text.size() == 3 || is_space(text[3]))) return line.start;
  }
  return message.size();
}

// Before comments, blank lines and "Conflicts:" at the end.
std::size_t end_of_log_message(std::string_view message, std::string_view comment) {
  std::size_t boc = 0;
  bool in_conflicts = false;
  for (const Line& line : lines_of(message)) {
    std::string_view text = message.substr(line.start, line.end - line.start);
    if (starts_with(text, comment) || text.empty()) {
      if (!boc) boc = line.start ? line.start : 0;
      if (!line.start && !boc) boc = 0;
      if (starts_with(text, comment) && text.find(">8") != std::string_view::npos &&
          text.find("------") != std::string_view::npos)
        return boc ? boc : line.start;
    } else if (starts_with(text, "Conflicts:")) {
      in_conflicts = true;
      if (!boc) boc = line.start;
    } else if (in_conflicts && starts_with(text, "\t")) {
    } else if (boc) {
      boc = 0;
      in_conflicts = false;
    }
  }
  return boc ? boc : message.size();
}

}  // namespace

TrailerSettings TrailerSettings::read(Config& config) {
  TrailerSettings settings;
  if (auto separators = config.get_string("trailer.separators")) settings.separators = *separators;
  if (auto comment = config.get_string("core.commentstring"); comment && *comment != "auto") settings.comment_prefix = *comment;
  if (auto comment = config.get_string("core.commentchar"); comment && *comment != "auto" && !comment->empty())
    settings.comment_prefix = *comment;
  for (const std::string& name : config.subsections("trailer")) {
    settings.configured_keys.push_back(name);
    if (auto key = config.get_string(strf("trailer.%s.key", name))) settings.configured_keys.push_back(*key);
  }
  return settings;
}

TrailerBlock parse_trailers(std::string_view message, const TrailerSettings& settings, bool no_divider) {
  TrailerBlock block;
  std::size_t patch = no_divider ? message.size() : find_divider(message);
  std::string_view log = message.substr(0, patch);
  block.message_end = end_of_log_message(log, settings.comment_prefix);
  log = log.substr(0, block.message_end);
  while (!log.empty()) {
    std::size_t newline = log.find_last_of('\n', log.size() - 1 - (log.back() == '\n' ? 1 : 0));
    std::size_t start = log.back() == '\n' && log.size() > 1 ? log.rfind('\n', log.size() - 2) : log.rfind('\n');
    (void)newline;
    std::size_t begin = start == std::string_view::npos ? 0 : start + 1;
    if (log.back() == '\n' && log.size() == 1) begin = 0;
    if (!is_blank(log.substr(begin))) break;
    log = log.substr(0, begin);
  }
  block.end = log.size();
  block.start = log.size();
  std::vector<Line> lines = lines_of(log);
  auto text_of = [&](const Line& l) { return log.substr(l.start, l.end - l.start); };
  // The title is never part of the block.
  std::size_t first = 0;
  while (first < lines.size() && starts_with(text_of(lines[first]), settings.comment_prefix)) first++;
  while (first < lines.size() && !is_blank(text_of(lines[first]))) first++;
  std::size_t title_end = first;
  bool only_spaces = true, recognized = false;
  int trailer_lines = 0, other_lines = 0, possible_continuation = 0;
  std::size_t begin = lines.size();
  bool found = false;
  for (std::size_t i = lines.size(); i-- > title_end;) {
    std::string_view line = text_of(lines[i]);
    if (starts_with(line, settings.comment_prefix)) {
      other_lines += possible_continuation;
      possible_continuation = 0;
      continue;
    }
    if (is_blank(line)) {
      if (only_spaces) continue;
      other_lines += possible_continuation;
      if (recognized && trailer_lines * 3 >= other_lines) found = true;
      if (trailer_lines && !other_lines) found = true;
      begin = i + 1;
      break;
    }
    only_spaces = false;
    bool generated = false;
    for (std::string_view prefix : kGitGenerated) generated = generated || starts_with(line, prefix);
    if (generated) {
      trailer_lines++;
      possible_continuation = 0;
      recognized = true;
      continue;
    }
    std::size_t separator = find_separator(line, settings.separators);
    if (separator != std::string_view::npos && separator >= 1 && !is_space(line[0])) {
      trailer_lines++;
      possible_continuation = 0;
      if (!recognized) {
        std::string_view token = rtrim(line.substr(0, separator));
        for (const std::string& key : settings.configured_keys) {
          std::string_view k = key;
          while (!k.empty() && !is_alnum(k.back())) k.remove_suffix(1);
          if (istarts_with(k, token) || iequals(token, key)) recognized = true;
        }
      }
    } else if (is_space(line[0])) {
      possible_continuation++;
    } else {
      other_lines += 1 + possible_continuation;
      possible_continuation = 0;
    }
  }
  if (!found) return block;
  block.start = lines[begin].start;
  block.blank_line_before = begin > 0 && is_blank(text_of(lines[begin - 1]));
  for (std::size_t i = begin; i < lines.size(); i++) {
    std::string_view line = text_of(lines[i]);
    if (starts_with(line, settings.comment_prefix)) continue;
    if (!block.trailers.empty() && !line.empty() && is_space(line[0]) && !block.trailers.back().token.empty()) {
      block.trailers.back().raw += "\n" + std::string(line);
      block.trailers.back().value += "\n" + std::string(line);
      continue;
    }
    Trailer t;
    t.raw = std::string(line);
    std::size_t separator = find_separator(line, settings.separators);
    if (separator != std::string_view::npos && separator >= 1) {
      t.token = std::string(trim(line.substr(0, separator)));
      t.value = std::string(trim(line.substr(separator + 1)));
      t.separator = line[separator];
    } else {
      t.value = std::string(line);
    }
    block.trailers.push_back(std::move(t));
  }
  for (Trailer& t : block.trailers)
    if (!t.token.empty()) t.value = std::string(trim(t.value));
  return block;
}

std::string unfold_value(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size();) {
    char c = value[i++];
    if (c == '\n') {
      while (i < value.size() && is_space(value[i])) i++;
      out += ' ';
    } else {
      out += c;
    }
  }
  return std::string(trim(out));
}

std::string format_trailers(std::string_view message, const TrailerFormat& format, const TrailerSettings& settings) {
  TrailerBlock block = parse_trailers(message, settings, true);
  std::string out;
  if (!format.only_trailers && !format.unfold && !format.filter && !format.separator && !format.key_only && !format.value_only &&
      !format.key_value_separator)
    return std::string(message.substr(block.start, block.end - block.start));
  bool first = true;
  for (const Trailer& t : block.trailers) {
    if (t.token.empty()) {
      if (format.only_trailers) continue;
      if (format.separator && !first) out += *format.separator;
      first = false;
      out += t.value;
      if (format.separator)
        out = std::string(rtrim(out));
      else
        out += "\n";
      continue;
    }
    if (format.filter && !format.filter(t.token)) continue;
    std::string value = format.unfold ? unfold_value(t.value) : t.value;
    if (format.separator && !first) out += *format.separator;
    first = false;
    if (!format.value_only) out += t.token;
    if (!format.key_only && !format.value_only)
      out += format.key_value_separator ? *format.key_value_separator : std::string(1, t.separator) + " ";
    if (!format.key_only) out += value;
    if (!format.separator) out += "\n";
  }
  return out;
}

// ---- changing ----
std::optional<TrailerWhere> parse_trailer_where(std::string_view text) {
  if (iequals(text, "after")) return TrailerWhere::after;
  if (iequals(text, "before")) return TrailerWhere::before;
  if (iequals(text, "end")) return TrailerWhere::end;
  if (iequals(text, "start")) return TrailerWhere::start;
  return std::nullopt;
}
std::optional<TrailerIfExists> parse_trailer_if_exists(std::string_view text) {
  if (iequals(text, "addIfDifferent")) return TrailerIfExists::add_if_different;
  if (iequals(text, "addIfDifferentNeighbor")) return TrailerIfExists::add_if_different_neighbor;
  if (iequals(text, "add")) return TrailerIfExists::add;
  if (iequals(text, "replace")) return TrailerIfExists::replace;
  if (iequals(text, "doNothing")) return TrailerIfExists::do_nothing;
  return std::nullopt;
}
std::optional<TrailerIfMissing> parse_trailer_if_missing(std::string_view text) {
  if (iequals(text, "doNothing")) return TrailerIfMissing::do_nothing;
  if (iequals(text, "add")) return TrailerIfMissing::add;
  return std::nullopt;
}

namespace {

struct TokenConfig {
  std::string name;
  std::string key;
  std::optional<std::string> command, cmd;
  TrailerWhere where = TrailerWhere::end;
  TrailerIfExists if_exists = TrailerIfExists::add_if_different_neighbor;
  TrailerIfMissing if_missing = TrailerIfMissing::add;
};

struct Arg {
  std::string token, value;
  TokenConfig conf;
};

// "Key: " and "key" compare equal up to the shorter one's letters.
std::string_view token_letters(std::string_view token) {
  while (!token.empty() && !is_alnum(token.back())) token.remove_suffix(1);
  return token;
}
bool same_token(std::string_view a, std::string_view b) {
  a = token_letters(a);
  b = token_letters(b);
  std::size_t n = std::min(a.size(), b.size());
  return iequals(a.substr(0, n), b.substr(0, n));
}

class TrailerProcessor {
 public:
  TrailerProcessor(Config& config, const ProcessTrailers& options) : config_(config), options_(options) {
    settings_ = TrailerSettings::read(config);
    read_config();
  }
  std::string run(std::string_view message, const std::vector<NewTrailer>& added);

 private:
  void read_config();
  Arg make_arg(std::string token, std::string value, const TokenConfig* conf, const NewTrailer* from) const;
  void apply(std::vector<Trailer>& trailers, Arg arg);
  std::string run_command(const TokenConfig& conf, const std::string& value) const;
  std::string print(const std::string& token, const std::string& value) const;

  Config& config_;
  ProcessTrailers options_;
  TrailerSettings settings_;
  TokenConfig defaults_;
  std::vector<TokenConfig> tokens_;
};

void TrailerProcessor::read_config() {
  auto set = [&](TokenConfig& conf, std::string_view variable, const std::optional<std::string>& value, const std::string& key) {
    std::string text = value.value_or("");
    auto unknown = [&] { warning("unknown value '%s' for key '%s'", text, key); };
    if (variable == "where") {
      if (auto w = parse_trailer_where(text))
        conf.where = *w;
      else
        unknown();
    } else if (variable == "ifexists") {
      if (auto w = parse_trailer_if_exists(text))
        conf.if_exists = *w;
      else
        unknown();
    } else if (variable == "ifmissing") {
      if (auto w = parse_trailer_if_missing(text))
        conf.if_missing = *w;
      else
        unknown();
    }
  };
  for (const ConfigEntry& entry : config_.entries()) {
    std::string_view rest = entry.key;
    if (!skip_prefix(rest, "trailer.") || rest.find('.') != std::string_view::npos) continue;
    set(defaults_, rest, entry.value, entry.key);
  }
  for (const ConfigEntry& entry : config_.entries()) {
    std::string_view rest = entry.key;
    if (!skip_prefix(rest, "trailer.")) continue;
    std::size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos) continue;
    std::string_view name = rest.substr(0, dot), variable = rest.substr(dot + 1);
    if (variable != "key" && variable != "command" && variable != "cmd" && variable != "where" && variable != "ifexists" &&
        variable != "ifmissing")
      continue;
    TokenConfig* conf = nullptr;
    for (TokenConfig& t : tokens_)
      if (iequals(t.name, name)) conf = &t;
    if (!conf) {
      tokens_.push_back(defaults_);
      conf = &tokens_.back();
      conf->name = std::string(name);
    }
    if (variable == "key") {
      if (!conf->key.empty()) warning("more than one %s", entry.key);
      conf->key = entry.value.value_or("");
    } else if (variable == "command") {
      if (conf->command) warning("more than one %s", entry.key);
      conf->command = entry.value.value_or("");
    } else if (variable == "cmd") {
      if (conf->cmd) warning("more than one %s", entry.key);
      conf->cmd = entry.value.value_or("");
    } else {
      set(*conf, variable, entry.value, entry.key);
    }
  }
}

std::string TrailerProcessor::run_command(const TokenConfig& conf, const std::string& value) const {
  ChildProcess child;
  child.use_shell = true;
  if (conf.cmd) {
    child.args = {*conf.cmd};
    if (!value.empty() || true) child.args.push_back(value);
  } else {
    child.args = {replace_all(*conf.command, "$ARG", value)};
  }
  child.env = local_repo_env_vars();
  CommandOutput result = pipe_command(child, "");
  if (result.code != 0) {
    error("running trailer command '%s' failed", conf.cmd ? *conf.cmd : *conf.command);
    return {};
  }
  return std::string(trim(result.out));
}

Arg TrailerProcessor::make_arg(std::string token, std::string value, const TokenConfig* conf, const NewTrailer* from) const {
  Arg arg;
  arg.conf = conf ? *conf : defaults_;
  arg.token = conf ? (conf->key.empty() ? (token.empty() ? conf->name : token) : conf->key) : std::move(token);
  arg.value = std::move(value);
  if (from) {
    if (from->where) arg.conf.where = *from->where;
    if (from->if_exists) arg.conf.if_exists = *from->if_exists;
    if (from->if_missing) arg.conf.if_missing = *from->if_missing;
  }
  return arg;
}

bool same_value(const Trailer& t, const Arg& arg) { return iequals(t.value, arg.value); }

void TrailerProcessor::apply(std::vector<Trailer>& trailers, Arg arg) {
  const bool at_end = arg.conf.where == TrailerWhere::end || arg.conf.where == TrailerWhere::after;
  const bool far_end = arg.conf.where == TrailerWhere::end || arg.conf.where == TrailerWhere::start;
  // The neighbour: the existing trailer of the same key nearest to where the new one would go.
  std::ptrdiff_t on = -1;
  auto n = static_cast<std::ptrdiff_t>(trailers.size());
  for (std::ptrdiff_t k = 0; k < n; k++) {
    std::ptrdiff_t i = at_end ? n - 1 - k : k;
    const Trailer& t = trailers[static_cast<std::size_t>(i)];
    if (!t.token.empty() && same_token(t.token, arg.token)) {
      on = i;
      break;
    }
  }
  auto fresh = [&](const std::string& value) {
    Trailer t;
    t.token = arg.token;
    t.value = value;
    return t;
  };
  auto value_of = [&](const std::string& existing) {
    if (!arg.conf.command && !arg.conf.cmd) return arg.value;
    return run_command(arg.conf, !arg.value.empty() ? arg.value : existing);
  };
  if (on < 0) {
    if (arg.conf.if_missing == TrailerIfMissing::do_nothing) return;
    Trailer t = fresh(value_of(""));
    if (at_end)
      trailers.push_back(std::move(t));
    else
      trailers.insert(trailers.begin(), std::move(t));
    return;
  }
  arg.value = value_of(trailers[static_cast<std::size_t>(on)].value);
  auto insert = [&] {
    std::ptrdiff_t where = far_end ? (at_end ? n : 0) : (at_end ? on + 1 : on);
    trailers.insert(trailers.begin() + where, fresh(arg.value));
  };
  switch (arg.conf.if_exists) {
    case TrailerIfExists::do_nothing:
      return;
    case TrailerIfExists::add:
      insert();
      return;
    case TrailerIfExists::replace: {
      insert();
      std::ptrdiff_t where = far_end ? (at_end ? n : 0) : (at_end ? on + 1 : on);
      trailers.erase(trailers.begin() + (where <= on ? on + 1 : on));
      return;
    }
    case TrailerIfExists::add_if_different: {
      for (const Trailer& t : trailers)
        if (!t.token.empty() && same_token(t.token, arg.token) && same_value(t, arg)) return;
      insert();
      return;
    }
    case TrailerIfExists::add_if_different_neighbor: {
      std::ptrdiff_t neighbor = far_end ? (at_end ? n - 1 : 0) : on;
      const Trailer& t = trailers[static_cast<std::size_t>(neighbor)];
      if (!t.token.empty() && same_token(t.token, arg.token) && same_value(t, arg)) return;
      insert();
      return;
    }
  }
}

std::string TrailerProcessor::print(const std::string& token, const std::string& value) const {
  if (token.empty()) return value + "\n";
  char last = '\0';
  for (char c : token)
    if (!is_space(c)) last = c;
  if (settings_.separators.find(last) != std::string::npos) return token + value + "\n";
  return token + settings_.separators[0] + " " + value + "\n";
}

std::string TrailerProcessor::run(std::string_view message, const std::vector<NewTrailer>& added) {
  TrailerBlock block = parse_trailers(message, settings_, options_.no_divider);
  std::vector<Trailer> trailers;
  for (Trailer& t : block.trailers) {
    if (t.token.empty()) {
      if (options_.only_trailers) continue;
      t.value = t.raw;
    } else if (options_.unfold) {
      t.value = unfold_value(t.value);
    }
    trailers.push_back(std::move(t));
  }
  if (!options_.only_input) {
    std::vector<Arg> args;
    // Configured commands run once each, as if their trailer had been asked for.
    for (const TokenConfig& conf : tokens_)
      if (conf.command && !conf.cmd) args.push_back(make_arg({}, {}, &conf, nullptr));
    std::string separators = settings_.separators;
    if (separators.find('=') == std::string::npos) separators = "=" + separators;
    for (const NewTrailer& from : added) {
      std::size_t at = find_separator(from.text, separators);
      if (at == 0) {
        error("empty trailer token in trailer '%s'", from.text);
        continue;
      }
      std::string token, value;
      if (at == std::string_view::npos) {
        token = std::string(trim(from.text));
      } else {
        token = std::string(trim(std::string_view(from.text).substr(0, at)));
        value = std::string(trim(std::string_view(from.text).substr(at + 1)));
      }
      const TokenConfig* conf = nullptr;
      for (const TokenConfig& t : tokens_) {
        std::string_view letters = token_letters(token);
        bool by_name = iequals(std::string_view(t.name).substr(0, letters.size()), letters);
        bool by_key = !t.key.empty() && iequals(std::string_view(t.key).substr(0, letters.size()), letters);
        if (by_name || by_key) {
          conf = &t;
          break;
        }
      }
      args.push_back(make_arg(std::move(token), std::move(value), conf, &from));
    }
    for (Arg& arg : args) apply(trailers, std::move(arg));
  }
  std::string out;
  if (!options_.only_trailers) {
    out.append(message.substr(0, block.start));
    if (!block.blank_line_before && block.start == block.end) {
      if (!out.empty() && out.back() != '\n') out += '\n';
      out += "\n";
    } else if (!block.blank_line_before) {
      out += "\n";
    }
  }
  for (const Trailer& t : trailers) {
    if (options_.trim_empty && !t.token.empty() && t.value.empty()) continue;
    out += print(t.token, t.value);
  }
  if (!options_.only_trailers) out.append(message.substr(block.end));
  return out;
}

}  // namespace

std::string process_trailers(Config& config, std::string_view message, const std::vector<NewTrailer>& added,
                             const ProcessTrailers& options) {
  return TrailerProcessor(config, options).run(message, added);
}

}  // namespace git
