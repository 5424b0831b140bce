// One table says which names there are; one small function per family reads the arguments.  Errors are git's, since
// scripts show them.
#include "show/ref-atom.h"

#include <algorithm>
#include <charconv>

#include "base/env.h"
#include "base/strings.h"
#include "config/color.h"
#include "object-name.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/ref-names.h"

namespace git {
namespace {

using Done = Result<void>;

struct FieldName {
  const char* name;
  AtomField field;
};
constexpr FieldName kFields[] = {
    {"refname", AtomField::refname},
    {"objecttype", AtomField::objecttype},
    {"objectsize", AtomField::objectsize},
    {"objectname", AtomField::objectname},
    {"deltabase", AtomField::deltabase},
    {"tree", AtomField::tree},
    {"parent", AtomField::parent},
    {"numparent", AtomField::numparent},
    {"object", AtomField::object},
    {"type", AtomField::type},
    {"tag", AtomField::tag},
    {"author", AtomField::author},
    {"authorname", AtomField::author_name},
    {"authoremail", AtomField::author_email},
    {"authordate", AtomField::author_date},
    {"committer", AtomField::committer},
    {"committername", AtomField::committer_name},
    {"committeremail", AtomField::committer_email},
    {"committerdate", AtomField::committer_date},
    {"tagger", AtomField::tagger},
    {"taggername", AtomField::tagger_name},
    {"taggeremail", AtomField::tagger_email},
    {"taggerdate", AtomField::tagger_date},
    {"creator", AtomField::creator},
    {"creatordate", AtomField::creator_date},
    {"describe", AtomField::describe},
    {"subject", AtomField::subject},
    {"body", AtomField::body},
    {"trailers", AtomField::trailers},
    {"contents", AtomField::contents},
    {"signature", AtomField::signature},
    {"raw", AtomField::raw},
    {"upstream", AtomField::upstream},
    {"push", AtomField::push},
    {"symref", AtomField::symref},
    {"flag", AtomField::flag},
    {"HEAD", AtomField::head},
    {"color", AtomField::color},
    {"worktreepath", AtomField::worktreepath},
    {"align", AtomField::align},
    {"end", AtomField::end},
    {"if", AtomField::if_},
    {"then", AtomField::then},
    {"else", AtomField::else_},
    {"rest", AtomField::rest},
    {"ahead-behind", AtomField::ahead_behind},
    {"is-base", AtomField::is_base},
};

struct ArgumentParser {
  Repository* repo;
  const AtomSettings& settings;
  RefAtom& atom;
  std::string name;                          // without '*' and arguments
  std::optional<std::string_view> argument;  // behind ':'

  Error bad_argument(std::string_view what) const {
    return make_error(ErrorKind::invalid, "unrecognized %%(%s) argument: %s", name, what);
  }
  Done no_argument() const {
    if (!argument || argument->empty()) return {};
    return make_error(ErrorKind::invalid, "%%(%s) does not take arguments", name);
  }
  Done parse();
  Done refname_style(std::string_view arg, std::string_view shown_name);
  Done oid_style();
  Done email_style();
  Done date_style();
  Done contents_style();
  Done trailers_style(std::string_view text);
  Done signature_style();
  Done tracking_style();
  Done align_style();
  Done condition();
  Done color_style();
  Done describe_style();
  Done base_commit();
};

std::optional<int> number(std::string_view text) {
  std::int64_t value = 0;
  auto parsed = parse_int(text);
  if (!parsed || *parsed > INT32_MAX || *parsed < INT32_MIN) return std::nullopt;
  value = *parsed;
  return static_cast<int>(value);
}

Done ArgumentParser::refname_style(std::string_view arg, std::string_view shown_name) {
  using Kind = RefNameStyle::Kind;
  std::string_view count;
  if (arg.empty()) return {};
  if (arg == "short") {
    atom.name.kind = Kind::shortened;
    return {};
  }
  bool left = skip_prefix(arg, "lstrip=", &count) || skip_prefix(arg, "strip=", &count);
  if (left || skip_prefix(arg, "rstrip=", &count)) {
    std::optional<int> n = number(count);
    if (!n) return make_error(ErrorKind::invalid, "Integer value expected refname:%s=%s", left ? "lstrip" : "rstrip", count);
    atom.name = {left ? Kind::lstrip : Kind::rstrip, *n};
    return {};
  }
  return make_error(ErrorKind::invalid, "unrecognized %%(%s) argument: %s", shown_name, arg);
}

Done ArgumentParser::oid_style() {
  if (!argument || argument->empty()) return {};
  std::string_view digits;
  if (*argument == "short") {
    atom.abbrev = -1;
  } else if (skip_prefix(*argument, "short=", &digits)) {
    std::optional<int> n = number(digits);
    if (!n || *n <= 0) return make_error(ErrorKind::invalid, "positive value expected '%s' in %%(%s)", digits, name);
    atom.abbrev = std::max(*n, 4);
  } else {
    return bad_argument(*argument);
  }
  return {};
}

Done ArgumentParser::email_style() {
  if (!argument) return {};
  std::string_view rest = *argument;
  if (rest.empty()) return {};
  for (;;) {
    if (skip_prefix(rest, "trim"))
      atom.email |= kEmailTrim;
    else if (skip_prefix(rest, "localpart"))
      atom.email |= kEmailLocalPart;
    else if (skip_prefix(rest, "mailmap"))
      atom.email |= kEmailMailmap;
    else
      return bad_argument(rest);
    if (rest.empty()) return {};
    if (!skip_prefix(rest, ",")) return bad_argument(rest);
  }
}

Done ArgumentParser::date_style() {
  if (!argument) return {};
  atom.has_date_format = true;
  atom.date = parse_date_format(*argument);
  return {};
}

Done ArgumentParser::contents_style() {
  using Message = RefAtom::Message;
  std::string_view arg = argument.value_or(""), count;
  if (arg.empty()) {
    atom.message = Message::whole;
  } else if (arg == "body") {
    atom.message = Message::body;
  } else if (arg == "size") {
    atom.message = Message::size;
  } else if (arg == "signature") {
    atom.message = Message::signature;
  } else if (arg == "subject") {
    atom.message = Message::subject;
  } else if (arg == "trailers" || starts_with(arg, "trailers:")) {
    skip_prefix(arg, "trailers");
    skip_prefix(arg, ":");
    return trailers_style(arg);
  } else if (skip_prefix(arg, "lines=", &count)) {
    std::optional<int> n = number(count);
    if (!n || *n < 0) return make_error(ErrorKind::invalid, "positive value expected contents:lines=%s", count);
    atom.message = Message::lines;
    atom.lines = *n;
  } else {
    return bad_argument(arg);
  }
  return {};
}

// %xx, %n and %% in separators.
std::string expand_escapes(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 >= text.size()) {
      result += text[i];
    } else if (text[i + 1] == 'n') {
      result += '\n';
      ++i;
    } else if (text[i + 1] == '%') {
      result += '%';
      ++i;
    } else if (text[i + 1] == 'x' && i + 3 < text.size() && hex_value(text[i + 2]) >= 0 && hex_value(text[i + 3]) >= 0) {
      result += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

Done ArgumentParser::trailers_style(std::string_view text) {
  TrailerFormat& format = atom.trailers;
  atom.message = RefAtom::Message::trailers;
  std::vector<std::string> keys;
  bool chose_only = false;
  if (text.empty()) return {};
  for (std::string_view word : split(text, ',')) {
    std::size_t equals = word.find('=');
    std::string_view key = word.substr(0, equals), value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
    auto flag = [&](bool& target) {
      std::optional<bool> given = equals == std::string_view::npos ? true : parse_maybe_bool_text(value);
      if (given) target = *given;
      return given.has_value();
    };
    bool good = true;
    if (key == "key") {
      if (equals == std::string_view::npos || value.empty())
        return make_error(ErrorKind::invalid, "expected %%(trailers:key=<value>)");
      strip_suffix(value, ":");
      keys.push_back(lowercase(value));
    } else if (key == "separator" && equals != std::string_view::npos) {
      format.separator = expand_escapes(value);
    } else if (key == "key_value_separator" && equals != std::string_view::npos) {
      format.key_value_separator = expand_escapes(value);
    } else if (key == "only") {
      good = flag(format.only_trailers);
      chose_only = true;
    } else if (key == "unfold") {
      good = flag(format.unfold);
    } else if (key == "keyonly") {
      good = flag(format.key_only);
    } else if (key == "valueonly") {
      good = flag(format.value_only);
    } else {
      good = false;
    }
    if (!good) return make_error(ErrorKind::invalid, "unknown %%(trailers) argument: %s", text);
  }
  if (!keys.empty()) {
    if (!chose_only) format.only_trailers = true;
    format.filter = [keys](std::string_view key) { return std::find(keys.begin(), keys.end(), lowercase(key)) != keys.end(); };
  }
  return {};
}

Done ArgumentParser::signature_style() {
  using Signature = RefAtom::Signature;
  std::string_view arg = argument.value_or("");
  if (arg.empty())
    atom.signature = Signature::bare;
  else if (arg == "signer")
    atom.signature = Signature::signer;
  else if (arg == "grade")
    atom.signature = Signature::grade;
  else if (arg == "key")
    atom.signature = Signature::key;
  else if (arg == "fingerprint")
    atom.signature = Signature::fingerprint;
  else if (arg == "primarykeyfingerprint")
    atom.signature = Signature::primary_fingerprint;
  else if (arg == "trustlevel")
    atom.signature = Signature::trust_level;
  else
    return bad_argument(arg);
  return {};
}

Done ArgumentParser::tracking_style() {
  using Tracking = RefAtom::Tracking;
  if (!argument) return {};
  for (std::string_view word : split(*argument, ',')) {
    if (word == "track") {
      atom.tracking = Tracking::track;
    } else if (word == "trackshort") {
      atom.tracking = Tracking::track_short;
    } else if (word == "nobracket") {
      atom.no_bracket = true;
    } else if (word == "remotename") {
      atom.tracking = Tracking::remote_name;
    } else if (word == "remoteref") {
      atom.tracking = Tracking::remote_ref;
    } else {
      atom.tracking = Tracking::ref;
      Done done = refname_style(word, name);
      if (!done) return done;
    }
  }
  return {};
}

Done ArgumentParser::align_style() {
  std::string_view arg = argument.value_or("");
  if (arg.empty()) return make_error(ErrorKind::invalid, "expected format: %%(align:<width>,<position>)");
  int width = -1;
  for (std::string_view word : split(arg, ',')) {
    std::string_view value;
    auto set_side = [&](std::string_view text) {
      if (text == "left")
        atom.side = RefAtom::Side::left;
      else if (text == "right")
        atom.side = RefAtom::Side::right;
      else if (text == "middle")
        atom.side = RefAtom::Side::middle;
      else
        return false;
      return true;
    };
    if (skip_prefix(word, "position=", &value)) {
      if (!set_side(value)) return make_error(ErrorKind::invalid, "unrecognized position:%s", value);
    } else if (skip_prefix(word, "width=", &value)) {
      std::optional<int> n = number(value);
      if (!n || *n < 0) return make_error(ErrorKind::invalid, "unrecognized width:%s", value);
      width = *n;
    } else if (std::optional<int> n = number(word); n && *n >= 0) {
      width = *n;
    } else if (!set_side(word)) {
      return bad_argument(word);
    }
  }
  if (width < 0) return make_error(ErrorKind::invalid, "positive width expected with the %%(align) atom");
  atom.width = width;
  return {};
}

Done ArgumentParser::condition() {
  std::string_view arg = argument.value_or(""), text;
  if (arg.empty()) return {};
  if (skip_prefix(arg, "equals=", &text))
    atom.test = RefAtom::Test::equals;
  else if (skip_prefix(arg, "notequals=", &text))
    atom.test = RefAtom::Test::differs;
  else
    return bad_argument(arg);
  atom.test_text = text;
  return {};
}

Done ArgumentParser::color_style() {
  if (!argument || argument->empty()) return make_error(ErrorKind::invalid, "expected format: %%(color:<color>)");
  std::optional<std::string> escape = parse_color(*argument);
  if (!escape) return make_error(ErrorKind::invalid, "unrecognized color: %%(color:%s)", *argument);
  if (settings.use_color) atom.color = *escape;
  return {};
}

Done ArgumentParser::describe_style() {
  if (!argument || argument->empty()) return {};
  for (std::string_view word : split(*argument, ',')) {
    std::string_view value;
    if (word == "tags" || word == "tags=yes" || word == "tags=true" || word == "tags=1") {
      atom.describe_args.emplace_back("--tags");
    } else if (word == "tags=no" || word == "tags=false" || word == "tags=0") {
      atom.describe_args.emplace_back("--no-tags");
    } else if (word == "abbrev" || word == "match" || word == "exclude") {
      return make_error(ErrorKind::invalid, "argument expected for %s", "describe:" + std::string(word));
    } else if (skip_prefix(word, "abbrev=", &value)) {
      std::optional<int> n = number(value);
      if (value.empty()) return make_error(ErrorKind::invalid, "argument expected for %s", "describe:abbrev");
      if (!n) return make_error(ErrorKind::invalid, "cannot parse %s=%s", "describe:abbrev", value);
      if (*n < 0) return make_error(ErrorKind::invalid, "positive value expected %s=%s", "describe:abbrev", value);
      atom.describe_args.push_back("--abbrev=" + std::string(value));
    } else if (skip_prefix(word, "match=", &value) || skip_prefix(word, "exclude=", &value)) {
      if (value.empty())
        return make_error(ErrorKind::invalid, "value expected %s=", "describe:" + std::string(word.substr(0, word.size() - 1)));
      atom.describe_args.push_back("--" + std::string(word));
    } else {
      return bad_argument(argument->substr(static_cast<std::size_t>(word.data() - argument->data())));
    }
  }
  return {};
}

Done ArgumentParser::base_commit() {
  if (!argument || argument->empty()) return make_error(ErrorKind::invalid, "expected format: %%(%s:<committish>)", name);
  atom.base = lookup_commit_by_name(*repo, *argument);
  if (!atom.base) die("failed to find '%s'", *argument);
  return {};
}

Done ArgumentParser::parse() {
  switch (atom.field) {
    case AtomField::refname:
    case AtomField::symref:
      return refname_style(argument.value_or(""), name);
    case AtomField::objectsize:
      if (!argument || argument->empty()) return {};
      if (*argument != "disk") return bad_argument(*argument);
      atom.size_on_disk = true;
      return {};
    case AtomField::objectname:
    case AtomField::tree:
    case AtomField::parent:
      return oid_style();
    case AtomField::author_name:
    case AtomField::committer_name:
    case AtomField::tagger_name:
      if (!argument || argument->empty()) return {};
      if (*argument != "mailmap") return bad_argument(*argument);
      atom.mailmap = true;
      return {};
    case AtomField::author_email:
    case AtomField::committer_email:
    case AtomField::tagger_email:
      return email_style();
    case AtomField::author_date:
    case AtomField::committer_date:
    case AtomField::tagger_date:
    case AtomField::creator_date:
      return date_style();
    case AtomField::subject:
      atom.message = RefAtom::Message::subject;
      if (!argument || argument->empty()) return {};
      if (*argument != "sanitize") return bad_argument(*argument);
      atom.message = RefAtom::Message::sanitized_subject;
      return {};
    case AtomField::body:
      atom.message = RefAtom::Message::body_and_signature;
      return no_argument();
    case AtomField::contents:
      return contents_style();
    case AtomField::trailers:
      return trailers_style(argument.value_or(""));
    case AtomField::signature:
      return signature_style();
    case AtomField::raw:
      if (!argument || argument->empty()) return {};
      if (*argument != "size") return bad_argument(*argument);
      atom.raw_size = true;
      return {};
    case AtomField::describe:
      return describe_style();
    case AtomField::upstream:
    case AtomField::push:
      return tracking_style();
    case AtomField::color:
      return color_style();
    case AtomField::align:
      return align_style();
    case AtomField::if_:
      return condition();
    case AtomField::ahead_behind:
    case AtomField::is_base:
      return base_commit();
    case AtomField::rest:
      if (!settings.allow_rest) return make_error(ErrorKind::invalid, "this command reject atom %%(%s)", name);
      return no_argument();
    default:
      return no_argument();
  }
}

}  // namespace

bool RefAtom::is_number() const {
  switch (field) {
    case AtomField::objectsize:
    case AtomField::numparent:
    case AtomField::creator_date:
    case AtomField::author_date:
    case AtomField::committer_date:
    case AtomField::tagger_date:
      return !(has_date_format && date.mode == DateMode::strftime);
    case AtomField::contents:
      return message == Message::size;
    case AtomField::raw:
      return raw_size;
    default:
      return false;
  }
}

bool RefAtom::reads_object() const {
  return (field >= AtomField::tree && field <= AtomField::raw && field != AtomField::describe);
}

bool RefAtom::is_structural() const {
  return field == AtomField::align || field == AtomField::end || field == AtomField::if_ || field == AtomField::then ||
         field == AtomField::else_;
}

Result<RefAtom> parse_ref_atom(Repository* repo, std::string_view text, const AtomSettings& settings) {
  RefAtom atom;
  atom.text = text;
  std::string_view rest = text;
  if (rest.size() > 1 && rest[0] == '*') {
    atom.deref = true;
    rest.remove_prefix(1);
  }
  if (rest.empty()) return make_error(ErrorKind::invalid, "malformed field name: %s", text);
  std::size_t colon = rest.find(':');
  ArgumentParser parser{repo, settings, atom, std::string(rest.substr(0, colon)), std::nullopt};
  if (colon != std::string_view::npos) parser.argument = rest.substr(colon + 1);
  auto found = std::find_if(std::begin(kFields), std::end(kFields), [&](const FieldName& f) { return parser.name == f.name; });
  if (found == std::end(kFields)) return make_error(ErrorKind::invalid, "unknown field name: %s", text);
  atom.field = found->field;
  atom.argument = parser.argument.value_or("");
  bool needs_repo = atom.field != AtomField::refname && atom.field != AtomField::objectname && atom.field != AtomField::symref &&
                    atom.field != AtomField::color && !atom.is_structural();
  if (!repo && needs_repo)
    return make_error(ErrorKind::invalid, "not a git repository, but the field '%s' requires access to object data", text);
  Done parsed = parser.parse();
  if (!parsed) return parsed.error();
  return atom;
}

std::string show_refname(Repository& repo, const std::string& full, const RefNameStyle& style) {
  using Kind = RefNameStyle::Kind;
  if (style.kind == Kind::full) return full;
  if (style.kind == Kind::shortened) return shorten_unambiguous_ref(repo, full, warns_about_ambiguous_refs(repo));
  std::vector<std::string_view> parts = split(full, '/');
  auto total = static_cast<int>(parts.size());
  int drop = style.count < 0 ? total + style.count : style.count;
  drop = std::max(drop, 0);
  if (style.count < 0 && -style.count >= total) return full;
  if (drop >= total) return "";
  std::string result;
  int first = style.kind == Kind::lstrip ? drop : 0, last = style.kind == Kind::lstrip ? total : total - drop;
  for (int i = first; i < last; ++i) {
    if (i > first) result += '/';
    result += parts[static_cast<std::size_t>(i)];
  }
  return result;
}

}  // namespace git
