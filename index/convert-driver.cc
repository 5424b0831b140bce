// Towards the repository: filter, encoding, line ends, ident; towards the worktree the other way round.
#include "index/convert.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/attr.h"
#include "index/convert-encoding.h"
#include "index/convert-eol.h"
#include "index/filter-process.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

enum class AutoCrlf : std::uint8_t { no, yes, input };

CrlfAction text_action(const AttrValue& value) {
  if (value.is_set()) return CrlfAction::text;
  if (value.is_unset()) return CrlfAction::binary;
  if (value.has_value() && value.value == "input") return CrlfAction::text_input;
  if (value.has_value() && value.value == "auto") return CrlfAction::auto_detect;
  return CrlfAction::undefined;
}

// "%f" in a filter command is the path, quoted for the shell.
std::string expand_filter_command(std::string_view command, std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] != '%' || i + 1 >= command.size()) {
      out += command[i];
      continue;
    }
    char c = command[++i];
    if (c == 'f')
      out += sq_quote(path);
    else if (c == '%')
      out += '%';
    else
      (out += '%') += c;
  }
  return out;
}

}  // namespace

struct Converter::State {
  Repository& repo;
  Index* index;
  AttributeReader attrs;
  std::map<std::string, std::unique_ptr<FilterDriver>> drivers;
  std::map<std::string, std::unique_ptr<FilterProcess>> processes;  // nullptr: broken
  std::map<std::string, FilterProcess*> delayed;                    // path -> who owes it
  std::vector<std::string> delayed_paths;
  std::vector<FilterProcess*> owing;
  bool config_read = false;
  AutoCrlf autocrlf = AutoCrlf::no;
  EolKind core_eol = EolKind::unset;

  State(Repository& r, Index* i) : repo(r), index(i), attrs(r, i) {}

  void read_config();
  bool text_eol_is_crlf() {
    if (autocrlf == AutoCrlf::yes) return true;
    if (autocrlf == AutoCrlf::input) return false;
    return core_eol == EolKind::crlf;
  }
  const FilterDriver* driver(const std::string& name);
  std::string encoding_of(const AttrValue& value);
  FilterProcess* process(const std::string& command);
  // How a filter went: nullopt: failed or there is none for this direction.
  std::optional<std::string> run_filter(const FilterDriver& driver, bool clean, std::string_view path, std::string_view bytes,
                                        const CheckoutMetadata* metadata, bool can_delay, bool& is_delayed);
  std::optional<std::string> run_once(const std::string& command, std::string_view path, std::string_view bytes);
  std::optional<std::string> encode_to_git(std::string_view path, std::string_view bytes, const std::string& encoding,
                                           unsigned flags);
  std::optional<std::string> crlf_to_git(std::string_view path, std::string_view bytes, CrlfAction action, unsigned flags);
  bool has_crlf_in_index(std::string_view path);
  Smudged to_worktree(std::string_view path, std::string_view bytes, const CheckoutMetadata* metadata, bool normalizing,
                      bool can_delay, const ConvertAttributes& attributes, std::string& result);
};

void Converter::State::read_config() {
  if (config_read) return;
  config_read = true;
  Config& config = repo.config();
  auto value = config.get_string("core.autocrlf");
  if (value && iequals(*value, "input"))
    autocrlf = AutoCrlf::input;
  else
    autocrlf = config.get_bool_or("core.autocrlf", false) ? AutoCrlf::yes : AutoCrlf::no;
  if (auto eol = config.get_string("core.eol")) {
    if (iequals(*eol, "lf") || iequals(*eol, "native"))
      core_eol = EolKind::lf;
    else if (iequals(*eol, "crlf"))
      core_eol = EolKind::crlf;
  }
  if (autocrlf == AutoCrlf::input && core_eol == EolKind::crlf) die("core.autocrlf=input conflicts with core.eol=crlf");
}

const FilterDriver* Converter::State::driver(const std::string& name) {
  if (auto it = drivers.find(name); it != drivers.end()) return it->second.get();
  Config& config = repo.config();
  auto d = std::make_unique<FilterDriver>();
  d->name = name;
  std::string key = "filter." + name + ".";
  auto get = [&](const char* variable) { return config.get_string(key + variable); };
  d->clean = get("clean");
  d->smudge = get("smudge");
  d->process = get("process");
  d->required = config.get_bool_or(key + "required", false);
  if (!d->clean && !d->smudge && !d->process && !d->required && !config.find(key + "required")) d.reset();
  return (drivers[name] = std::move(d)).get();
}

std::string Converter::State::encoding_of(const AttrValue& value) {
  if (value.is_unspecified()) return {};
  if (value.is_set() || value.is_unset()) die("true/false are no valid working-tree-encodings");
  if (value.value.empty() || is_same_encoding(value.value, "UTF-8")) return {};
  return value.value;
}

ConvertAttributes Converter::attributes(std::string_view path) {
  State& s = *state_;
  s.read_config();
  std::vector<AttrValue> v = s.attrs.get(path, {"crlf", "ident", "filter", "eol", "text", "working-tree-encoding"});
  ConvertAttributes a;
  a.crlf_action = text_action(v[4]);
  if (a.crlf_action == CrlfAction::undefined) a.crlf_action = text_action(v[0]);
  if (a.crlf_action != CrlfAction::binary && v[3].has_value()) {
    bool is_auto = a.crlf_action == CrlfAction::auto_detect;
    if (v[3].value == "lf")
      a.crlf_action = is_auto ? CrlfAction::auto_input : CrlfAction::text_input;
    else if (v[3].value == "crlf")
      a.crlf_action = is_auto ? CrlfAction::auto_crlf : CrlfAction::text_crlf;
  }
  a.attr_action = a.crlf_action;
  if (a.crlf_action == CrlfAction::text) a.crlf_action = s.text_eol_is_crlf() ? CrlfAction::text_crlf : CrlfAction::text_input;
  if (a.crlf_action == CrlfAction::undefined)
    a.crlf_action = s.autocrlf == AutoCrlf::yes     ? CrlfAction::auto_crlf
                    : s.autocrlf == AutoCrlf::input ? CrlfAction::auto_input
                                                    : CrlfAction::binary;
  a.ident = v[1].is_set();
  if (v[2].has_value()) a.driver = s.driver(v[2].value);
  a.working_tree_encoding = s.encoding_of(v[5]);
  return a;
}

FilterProcess* Converter::State::process(const std::string& command) {
  auto it = processes.find(command);
  if (it == processes.end() || !it->second) it = processes.insert_or_assign(command, FilterProcess::start(command)).first;
  return it->second.get();
}

std::optional<std::string> Converter::State::run_once(const std::string& command, std::string_view path, std::string_view bytes) {
  ChildProcess child;
  child.use_shell = true;
  child.args = {expand_filter_command(command, path)};
  CommandOutput output = pipe_command(child, bytes);
  if (output.code < 0)
    error("cannot fork to run external filter '%s'", command);
  else if (output.code)
    error("external filter '%s' failed %d", command, output.code);
  else
    return std::move(output.out);
  error("external filter '%s' failed", command);
  return std::nullopt;
}

std::optional<std::string> Converter::State::run_filter(const FilterDriver& d, bool clean, std::string_view path,
                                                        std::string_view bytes, const CheckoutMetadata* metadata, bool can_delay,
                                                        bool& is_delayed) {
  is_delayed = false;
  const std::optional<std::string>& command = clean ? d.clean : d.smudge;
  if (!d.process || d.process->empty()) {
    if (!command || command->empty()) return std::nullopt;
    return run_once(*command, path, bytes);
  }
  FilterProcess* p = process(*d.process);
  if (!p) return std::nullopt;
  unsigned wanted = clean ? FilterProcess::kClean : FilterProcess::kSmudge;
  if (!(p->capabilities & wanted)) return std::nullopt;
  std::string result;
  if (auto owed = delayed.find(std::string(path)); owed != delayed.end()) {
    bytes = {};  // the filter has them already
    delayed.erase(owed);
  }
  using Status = FilterProcess::Status;
  switch (p->apply(clean, path, bytes, metadata, can_delay && (p->capabilities & FilterProcess::kDelay), result)) {
    case Status::success:
      return result;
    case Status::delayed:
      is_delayed = true;
      delayed[std::string(path)] = p;
      delayed_paths.emplace_back(path);
      if (std::find(owing.begin(), owing.end(), p) == owing.end()) owing.push_back(p);
      return std::nullopt;
    case Status::error:
      return std::nullopt;
    case Status::abort:
      p->capabilities &= ~wanted;
      return std::nullopt;
    case Status::broken:
      break;
  }
  error("external filter '%s' failed", *d.process);
  std::erase(owing, p);
  processes[*d.process].reset();
  return std::nullopt;
}

bool Converter::State::has_crlf_in_index(std::string_view path) {
  if (!index) return false;
  IndexEntry* entry = index->find(path, 0);
  if (!entry) entry = index->find(path, 2);
  if (!entry || !is_regular_mode(entry->mode)) return false;
  Result<ObjectData> data = repo.odb().read(entry->oid);
  if (!data || data->data.find('\r') == std::string::npos) return false;
  TextStats stats = gather_text_stats(data->data);
  return !looks_binary(stats) && stats.crlf;
}

std::optional<std::string> Converter::State::crlf_to_git(std::string_view path, std::string_view bytes, CrlfAction action,
                                                         unsigned flags) {
  if (action == CrlfAction::binary || bytes.empty()) return std::nullopt;
  TextStats stats = gather_text_stats(bytes);
  bool convert = stats.crlf != 0;
  if (is_auto_action(action)) {
    if (looks_binary(stats)) return std::nullopt;
    // A file that has CRLF in the repository keeps them, or every checkout would change it.
    if (!(flags & kConvertRenormalize) && has_crlf_in_index(path)) convert = false;
  }
  if (flags & kConvertKeepCrlf) convert = false;
  if ((flags & kConvertWriteObject) && (flags & (kConvertSafeCrlfDie | kConvertSafeCrlfWarn))) {
    TextStats after = stats;
    if (convert) after.lone_lf += after.crlf, after.crlf = 0;
    if (will_convert_lf_to_crlf(after, action, text_eol_is_crlf())) after.crlf += after.lone_lf, after.lone_lf = 0;
    bool fatal = flags & kConvertSafeCrlfDie;
    if (stats.crlf && !after.crlf) {
      if (fatal) die("CRLF would be replaced by LF in %s", path);
      warning("in the working copy of '%s', CRLF will be replaced by LF the next time Git touches it", path);
    } else if (stats.lone_lf && !after.lone_lf) {
      if (fatal) die("LF would be replaced by CRLF in %s", path);
      warning("in the working copy of '%s', LF will be replaced by CRLF the next time Git touches it", path);
    }
  }
  if (!convert) return std::nullopt;
  return crlf_to_lf(bytes);
}

std::optional<std::string> Converter::State::encode_to_git(std::string_view path, std::string_view bytes,
                                                           const std::string& encoding, unsigned flags) {
  bool strict = flags & kConvertWriteObject;
  if (bytes.empty()) return std::nullopt;
  auto complain = [&](const std::string& message, const std::string& hint) {
    if (!hint.empty()) report("hint: ", hint);
    if (strict) die("%s", message);
    error("%s", message);
  };
  std::string upper = encoding;
  std::transform(upper.begin(), upper.end(), upper.begin(), to_upper);
  if (has_prohibited_utf_bom(encoding, bytes)) {
    std::string_view family = std::string_view(upper).substr(starts_with(upper, "UTF-") ? 4 : 3);
    complain(strf("BOM is prohibited in '%s' if encoded as %s", path, encoding),
             strf("The file '%s' contains a byte order mark (BOM). Please use UTF-%s as working-tree-encoding.", path,
                  family.substr(0, family.size() - 2)));
    return std::nullopt;
  }
  if (is_missing_required_utf_bom(upper, bytes)) {
    std::string_view family = std::string_view(upper).substr(starts_with(upper, "UTF-") ? 4 : 3);
    complain(
        strf("BOM is required in '%s' if encoded as %s", path, encoding),
        strf("The file '%s' is missing a byte order mark (BOM). Please use UTF-%sBE or UTF-%sLE (depending on the byte order) as "
             "working-tree-encoding.",
             path, family, family));
    return std::nullopt;
  }
  std::optional<std::string> utf8 = reencode(bytes, "UTF-8", encoding);
  if (!utf8) {
    complain(strf("failed to encode '%s' from %s to %s", path, encoding, "UTF-8"), "");
    return std::nullopt;
  }
  std::string checked = repo.config().get_string_or("core.checkroundtripencoding", "SHIFT-JIS");
  bool check = false;
  for (std::string_view part : split(checked, ','))
    for (std::string_view word : split(part, ' ')) check |= iequals(word, encoding);
  if (strict && check) {
    std::optional<std::string> back = reencode(*utf8, encoding, "UTF-8");
    if (!back || *back != bytes) die("encoding '%s' from %s to %s and back is not the same", path, encoding, "UTF-8");
  }
  return utf8;
}

Converter::Converter(Repository& repo, Index* index) : state_(std::make_unique<State>(repo, index)) {}
Converter::~Converter() = default;
Converter::Converter(Converter&&) noexcept = default;

AttributeReader& Converter::attribute_reader() { return state_->attrs; }
void Converter::set_conversion_to_index(Index* index) { state_->index = index; }

unsigned Converter::safecrlf_flags() {
  Config& config = state_->repo.config();
  auto value = config.get_string("core.safecrlf");
  if (!value || iequals(*value, "warn"))
    return value || !config.find("core.safecrlf") ? unsigned{kConvertSafeCrlfWarn} : unsigned{kConvertSafeCrlfDie};
  return config.get_bool_or("core.safecrlf", false) ? unsigned{kConvertSafeCrlfDie} : 0u;
}

std::optional<std::string> Converter::to_git(std::string_view path, std::string_view bytes, unsigned flags) {
  State& s = *state_;
  ConvertAttributes a = attributes(path);
  std::optional<std::string> result;
  auto current = [&] { return result ? std::string_view(*result) : bytes; };
  auto take = [&](std::optional<std::string> next) {
    if (next) result = std::move(next);
  };
  if (a.driver) {
    bool is_delayed = false;
    std::optional<std::string> cleaned = s.run_filter(*a.driver, true, path, bytes, nullptr, false, is_delayed);
    if (!cleaned && a.driver->required) die("%s: clean filter '%s' failed", path, a.driver->name);
    take(std::move(cleaned));
  }
  if (!a.working_tree_encoding.empty()) take(s.encode_to_git(path, current(), a.working_tree_encoding, flags));
  if (!(flags & kConvertKeepCrlf)) take(s.crlf_to_git(path, current(), a.crlf_action, flags));
  if (a.ident) take(ident_to_git(current()));
  return result;
}

Converter::Smudged Converter::State::to_worktree(std::string_view path, std::string_view bytes, const CheckoutMetadata* metadata,
                                                 bool normalizing, bool can_delay, const ConvertAttributes& a, std::string& out) {
  std::optional<std::string> result;
  auto current = [&] { return result ? std::string_view(*result) : bytes; };
  if (a.ident) {
    if (auto expanded = ident_to_worktree(current(), repo.algo())) result = std::move(expanded);
  }
  bool has_smudge = a.driver && (a.driver->smudge || a.driver->process);
  if (!normalizing || has_smudge) {
    if (output_eol(a.crlf_action, text_eol_is_crlf()) == EolKind::crlf && !current().empty() &&
        will_convert_lf_to_crlf(gather_text_stats(current()), a.crlf_action, text_eol_is_crlf()))
      result = lf_to_crlf(current());
  }
  if (!a.working_tree_encoding.empty() && !current().empty()) {
    if (auto encoded = reencode(current(), a.working_tree_encoding, "UTF-8"))
      result = std::move(encoded);
    else
      error("failed to encode '%s' from %s to %s", path, "UTF-8", a.working_tree_encoding);
  }
  if (a.driver) {
    bool is_delayed = false;
    std::optional<std::string> smudged = run_filter(*a.driver, false, path, current(), metadata, can_delay, is_delayed);
    if (is_delayed) return Smudged::delayed;
    if (!smudged && a.driver->required) die("%s: smudge filter %s failed", path, a.driver->name);
    if (smudged) result = std::move(smudged);
  }
  if (!result) return Smudged::unchanged;
  out = std::move(*result);
  return Smudged::converted;
}

std::optional<std::string> Converter::to_working_tree(std::string_view path, std::string_view bytes,
                                                      const CheckoutMetadata* metadata) {
  std::string out;
  if (state_->to_worktree(path, bytes, metadata, false, false, attributes(path), out) != Smudged::converted) return std::nullopt;
  return out;
}

Converter::Smudged Converter::to_working_tree_delayable(std::string_view path, std::string_view bytes,
                                                        const CheckoutMetadata* metadata, bool can_delay, std::string& result) {
  return state_->to_worktree(path, bytes, metadata, false, can_delay, attributes(path), result);
}

std::optional<std::string> Converter::renormalize(std::string_view path, std::string_view bytes) {
  std::string smudged;
  bool converted = state_->to_worktree(path, bytes, nullptr, true, false, attributes(path), smudged) == Smudged::converted;
  std::optional<std::string> cleaned = to_git(path, converted ? std::string_view(smudged) : bytes, kConvertRenormalize);
  if (cleaned) return cleaned;
  if (converted) return smudged;
  return std::nullopt;
}

bool Converter::would_convert_to_git(std::string_view path) {
  ConvertAttributes a = attributes(path);
  return a.driver || !a.working_tree_encoding.empty() || a.crlf_action != CrlfAction::binary || a.ident;
}

bool Converter::has_delayed_filters() const { return !state_->owing.empty(); }

std::vector<std::string> Converter::available_blobs() {
  std::vector<std::string> all;
  for (FilterProcess* p : std::vector<FilterProcess*>(state_->owing)) {
    std::vector<std::string> paths;
    bool ok = p->list_available(paths);
    if (!ok) error("external filter '%s' is not available anymore although not all paths have been filtered", p->command());
    if (!ok || paths.empty()) std::erase(state_->owing, p);
    for (std::string& path : paths) {
      auto it = state_->delayed.find(path);
      if (it == state_->delayed.end() || it->second != p) {
        error("external filter '%s' signaled that '%s' is now available although it has not been delayed earlier", p->command(),
              path);
        p->capabilities &= ~unsigned{FilterProcess::kSmudge | FilterProcess::kDelay};
        std::erase(state_->owing, p);
        continue;
      }
      all.push_back(std::move(path));
    }
  }
  return all;
}

const std::vector<std::string>& Converter::delayed_paths() const { return state_->delayed_paths; }

void Converter::forget_delayed(std::string_view path) {
  std::erase(state_->delayed_paths, path);
  if (auto it = state_->delayed.find(std::string(path)); it != state_->delayed.end()) state_->delayed.erase(it);
}

std::string describe_eol(std::string_view bytes) {
  TextStats s = gather_text_stats(bytes);
  if (looks_binary(s)) return "-text";
  if (s.crlf && s.lone_lf) return "mixed";
  return s.crlf ? "crlf" : s.lone_lf ? "lf" : "none";
}

std::string describe_eol_attributes(const ConvertAttributes& attributes) {
  switch (attributes.attr_action) {
    case CrlfAction::undefined:
      return "";
    case CrlfAction::binary:
      return "-text";
    case CrlfAction::text:
      return "text";
    case CrlfAction::text_input:
      return "text eol=lf";
    case CrlfAction::text_crlf:
      return "text eol=crlf";
    case CrlfAction::auto_detect:
      return "text=auto";
    case CrlfAction::auto_crlf:
      return "text=auto eol=crlf";
    case CrlfAction::auto_input:
      return "text=auto eol=lf";
  }
  return "";
}

}  // namespace git
