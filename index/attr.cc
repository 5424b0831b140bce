// Files are parsed once and kept by directory.  For a path the files are asked from the strongest to the weakest
// ($GIT_DIR/info/attributes, the path's own directory, ... the top, the user's, the system's, the built-in macro), each from
// its last line; the first word said about an attribute holds.  A macro that turns out set speaks at once for its parts.
#include "index/attr.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <unordered_map>

#include "base/build-config.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/dir.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::size_t kMaxLine = 2048;
constexpr std::size_t kMaxFile = std::size_t{100} << 20;

struct Assignment {
  int attr = 0;
  AttrValue value;
};
struct Rule {
  int macro = -1;  // the attribute this line defines, or
  IgnorePattern pattern;
  std::vector<Assignment> assignments;
};
using Rules = std::vector<Rule>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

bool is_valid_attr_name(std::string_view name) {
  if (name.empty() || name[0] == '-') return false;
  for (char c : name)
    if (!is_alnum(c) && c != '-' && c != '.' && c != '_') return false;
  return true;
}

struct AttributeReader::State {
  Repository& repo;
  Index* index;
  AttrDirection direction;
  std::optional<ObjectId> source;
  std::optional<Index> own_index;
  bool icase = false;
  bool is_ready = false;
  std::vector<std::string> names;
  std::unordered_map<std::string, int> numbers;
  Rules builtin, system, global, info;
  std::map<std::string, std::unique_ptr<Rules>, std::less<>> directories;  // "" or "dir/"
  std::map<int, const Rule*> macros;
  std::string stack_dir = "\x01";   // of `stack`
  std::vector<const Rules*> stack;  // weakest first

  State(Repository& r, Index* i, AttrDirection d) : repo(r), index(i), direction(d) {}

  int number_of(std::string_view name) {
    auto [it, is_new] = numbers.emplace(std::string(name), static_cast<int>(names.size()));
    if (is_new) names.emplace_back(name);
    return it->second;
  }
  bool parse_words(std::string_view text, const std::string& source_name, int line, std::vector<Assignment>& out);
  void parse_line(Rules& rules, std::string_view line, std::string_view base, const std::string& source_name, int number,
                  bool macro_ok);
  void parse_text(Rules& rules, std::string_view text, std::string_view base, const std::string& source_name, bool macro_ok);
  void read_plain_file(Rules& rules, const std::string& path, bool macro_ok);
  bool read_worktree_file(Rules& rules, const std::string& path, std::string_view base, bool macro_ok);
  bool read_blob(Rules& rules, const ObjectId& oid, const std::string& name, std::string_view base, bool macro_ok);
  bool read_from_index(Rules& rules, const std::string& path, std::string_view base, bool macro_ok);
  bool read_from_tree(Rules& rules, const std::string& path, std::string_view base, bool macro_ok);
  const Rules& rules_of(const std::string& directory);
  void prepare();
  void prepare_stack(std::string_view path);
  void collect_macros();
  void collect(std::string_view path, std::vector<std::optional<AttrValue>>& values);
  void assign(const std::vector<Assignment>& list, std::vector<std::optional<AttrValue>>& values);
};

bool AttributeReader::State::parse_words(std::string_view text, const std::string& source_name, int line,
                                         std::vector<Assignment>& out) {
  while (true) {
    while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
    if (text.empty()) return true;
    std::size_t end = 0;
    while (end < text.size() && !is_blank(text[end])) ++end;
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    Assignment assignment;
    std::size_t eq = word.find('=');
    if (word[0] == '-' || word[0] == '!') {
      assignment.value.kind = word[0] == '-' ? AttrValue::Kind::unset : AttrValue::Kind::unspecified;
      word.remove_prefix(1);
      eq = word.find('=');
      if (eq != std::string_view::npos) word = word.substr(0, eq);
    } else if (eq != std::string_view::npos) {
      assignment.value.kind = AttrValue::Kind::value;
      assignment.value.value = word.substr(eq + 1);
      word = word.substr(0, eq);
    } else {
      assignment.value.kind = AttrValue::Kind::set;
    }
    if (!is_valid_attr_name(word) || starts_with(word, "builtin_")) {
      errf("%s is not a valid attribute name: %s:%d\n", word, source_name, line);
      return false;
    }
    assignment.attr = number_of(word);
    out.push_back(std::move(assignment));
  }
}

void AttributeReader::State::parse_line(Rules& rules, std::string_view line, std::string_view base,
                                        const std::string& source_name, int number, bool macro_ok) {
  while (!line.empty() && is_blank(line[0])) line.remove_prefix(1);
  if (line.empty() || line[0] == '#') return;
  if (line.size() >= kMaxLine) {
    warning("ignoring overly long attributes line %d", number);
    return;
  }
  std::string name;
  std::string_view rest = line;
  std::optional<std::string> quoted;
  if (line[0] == '"') quoted = unquote_c_style(rest);
  if (quoted) {
    name = std::move(*quoted);
  } else {
    std::size_t end = 0;
    while (end < line.size() && !is_blank(line[end])) ++end;
    name = line.substr(0, end);
    rest = line.substr(end);
  }
  Rule rule;
  if (std::string_view macro = name; name.size() > 6 && skip_prefix(macro, "[attr]")) {
    if (!macro_ok) {
      errf("%s not allowed: %s:%d\n", name, source_name, number);
      return;
    }
    if (!is_valid_attr_name(macro) || starts_with(macro, "builtin_")) {
      errf("%s is not a valid attribute name: %s:%d\n", macro, source_name, number);
      return;
    }
    rule.macro = number_of(macro);
  } else {
    rule.pattern = *parse_ignore_pattern(name);
    rule.pattern.base = base;
    if (rule.pattern.flags & kPatternNegative) {
      warning("Negative patterns are ignored in git attributes\nUse '\\!' for literal leading exclamation.");
      return;
    }
  }
  if (parse_words(rest, source_name, number, rule.assignments)) rules.push_back(std::move(rule));
}

void AttributeReader::State::parse_text(Rules& rules, std::string_view text, std::string_view base,
                                        const std::string& source_name, bool macro_ok) {
  skip_prefix(text, "\xef\xbb\xbf");
  int number = 0;
  for (std::string_view line : split_lines(text)) parse_line(rules, line, base, source_name, ++number, macro_ok);
}

void AttributeReader::State::read_plain_file(Rules& rules, const std::string& path, bool macro_ok) {
  std::optional<struct stat> st = stat_path(path);
  if (!st || !S_ISREG(st->st_mode)) return;
  if (static_cast<std::size_t>(st->st_size) >= kMaxFile) {
    warning("ignoring overly large gitattributes file '%s'", path);
    return;
  }
  if (Result<std::string> text = read_file(path)) parse_text(rules, *text, "", path, macro_ok);
}

bool AttributeReader::State::read_worktree_file(Rules& rules, const std::string& path, std::string_view base, bool macro_ok) {
  UniqueFd fd = open_fd(path, O_RDONLY | O_NOFOLLOW);
  if (!fd) {
    if (errno != ENOENT && errno != ENOTDIR) warning_errno("unable to access '%s'", path);
    return false;
  }
  struct stat st {};
  if (fstat(fd.get(), &st) < 0 || !S_ISREG(st.st_mode)) return false;
  if (static_cast<std::size_t>(st.st_size) >= kMaxFile) {
    warning("ignoring overly large gitattributes file '%s'", path);
    return true;
  }
  if (Result<std::string> text = read_fd(fd.get())) parse_text(rules, *text, base, path, macro_ok);
  return true;
}

bool AttributeReader::State::read_blob(Rules& rules, const ObjectId& oid, const std::string& name, std::string_view base,
                                       bool macro_ok) {
  if (auto found = repo.odb().info(oid); found && found->size >= kMaxFile) {
    warning("ignoring overly large gitattributes blob '%s'", name);
    return true;
  }
  Result<ObjectData> data = repo.odb().read(oid);
  if (!data || data->type != ObjectType::blob) return false;
  parse_text(rules, data->data, base, name, macro_ok);
  return true;
}

bool AttributeReader::State::read_from_index(Rules& rules, const std::string& path, std::string_view base, bool macro_ok) {
  Index* where = index;
  if (!where) {
    if (!own_index) own_index.emplace(Index::read(repo));
    where = &*own_index;
  }
  for (int stage : {0, 2}) {
    IndexEntry* entry = where->find(path, stage);
    if (entry && is_regular_mode(entry->mode)) return read_blob(rules, entry->oid, path, base, macro_ok);
  }
  return false;
}

bool AttributeReader::State::read_from_tree(Rules& rules, const std::string& path, std::string_view base, bool macro_ok) {
  ObjectId tree = *source;
  std::string_view rest = path;
  while (true) {
    std::size_t slash = rest.find('/');
    std::string_view name = rest.substr(0, slash);
    Result<ObjectData> data = repo.odb().read_peeled(tree, ObjectType::tree);
    if (!data) return false;
    TreeReader reader(data->data, repo.algo());
    TreeEntry entry;
    bool found = false;
    while (!found && reader.next(entry)) found = entry.name == name;
    if (!found) return false;
    if (slash == std::string_view::npos) return is_regular_mode(entry.mode) && read_blob(rules, entry.oid, path, base, macro_ok);
    if (!is_tree_mode(entry.mode)) return false;
    tree = entry.oid;
    rest.remove_prefix(slash + 1);
  }
}

const Rules& AttributeReader::State::rules_of(const std::string& directory) {
  if (auto it = directories.find(directory); it != directories.end()) return *it->second;
  auto rules = std::make_unique<Rules>();
  bool top = directory.empty();
  std::string path = directory + ".gitattributes";
  if (source) {
    read_from_tree(*rules, path, directory, top);
  } else if (direction == AttrDirection::index) {
    read_from_index(*rules, path, directory, top);
  } else if (repo.worktree()) {
    if (direction == AttrDirection::checkin)
      read_worktree_file(*rules, path, directory, top) || read_from_index(*rules, path, directory, top);
    else
      read_from_index(*rules, path, directory, top) || read_worktree_file(*rules, path, directory, top);
  }
  const Rules& result = *rules;
  directories.emplace(directory, std::move(rules));
  return result;
}

void AttributeReader::State::prepare() {
  if (is_ready) return;
  is_ready = true;
  if (!source) source = default_attr_source(repo);
  icase = repo.config().get_bool_or("core.ignorecase", false);
  parse_line(builtin, "[attr]binary -diff -merge -text", "", "[builtin]", 1, true);
  if (!env_bool("GIT_ATTR_NOSYSTEM", false)) {
    if (auto path = get_env("GIT_ATTR_SYSTEM"))
      read_plain_file(system, *path, true);
    else
      read_plain_file(system, std::string(kSysconfDir) + "/gitattributes", true);
  }
  std::string user;
  if (auto value = repo.config().get_path("core.attributesfile"))
    user = *value;
  else if (auto xdg = get_env("XDG_CONFIG_HOME"); xdg && !xdg->empty())
    user = *xdg + "/git/attributes";
  else if (auto home = get_env("HOME"))
    user = *home + "/.config/git/attributes";
  if (!user.empty()) read_plain_file(global, user, true);
  rules_of("");
  read_plain_file(info, repo.git_path("info/attributes"), true);
}

void AttributeReader::State::collect_macros() {
  macros.clear();
  for (auto it = stack.rbegin(); it != stack.rend(); ++it)
    for (auto rule = (*it)->rbegin(); rule != (*it)->rend(); ++rule)
      if (rule->macro >= 0) macros.emplace(rule->macro, &*rule);
}

void AttributeReader::State::prepare_stack(std::string_view path) {
  prepare();
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  std::string_view directory = path.substr(0, path.rfind('/') + 1);
  if (directory == stack_dir) return;
  stack_dir = directory;
  stack = {&builtin, &system, &global, &rules_of("")};
  for (std::size_t slash = directory.find('/'); slash != std::string_view::npos; slash = directory.find('/', slash + 1))
    stack.push_back(&rules_of(std::string(directory.substr(0, slash + 1))));
  stack.push_back(&info);
  collect_macros();
}

void AttributeReader::State::assign(const std::vector<Assignment>& list, std::vector<std::optional<AttrValue>>& values) {
  for (auto it = list.rbegin(); it != list.rend(); ++it) {
    std::optional<AttrValue>& slot = values[static_cast<std::size_t>(it->attr)];
    if (slot) continue;
    slot = it->value;
    if (!slot->is_set()) continue;
    if (auto macro = macros.find(it->attr); macro != macros.end()) assign(macro->second->assignments, values);
  }
}

void AttributeReader::State::collect(std::string_view path, std::vector<std::optional<AttrValue>>& values) {
  prepare_stack(path);
  values.assign(names.size(), std::nullopt);
  bool is_dir = !path.empty() && path.back() == '/';
  if (is_dir) path.remove_suffix(1);
  std::string_view basename = path.substr(path.rfind('/') + 1);
  for (auto it = stack.rbegin(); it != stack.rend(); ++it)
    for (auto rule = (*it)->rbegin(); rule != (*it)->rend(); ++rule) {
      if (rule->macro >= 0) continue;
      const IgnorePattern& pattern = rule->pattern;
      if ((pattern.flags & kPatternMustBeDir) && !is_dir) continue;
      bool hit = pattern.flags & kPatternNoDir ? match_ignore_basename(pattern, basename, icase)
                                               : match_ignore_path(pattern, path, icase);
      if (hit) assign(rule->assignments, values);
    }
}

AttributeReader::AttributeReader(Repository& repo, Index* index, AttrDirection direction)
    : state_(std::make_unique<State>(repo, index, direction)) {}
AttributeReader::~AttributeReader() = default;
AttributeReader::AttributeReader(AttributeReader&&) noexcept = default;

void AttributeReader::set_source(const ObjectId& tree) {
  state_->source = tree;
  state_->directories.clear();
  state_->stack_dir = "\x01";
}

void AttributeReader::set_direction(AttrDirection direction) {
  if (direction == state_->direction) return;
  state_->direction = direction;
  state_->directories.clear();
  state_->stack_dir = "\x01";
}

AttrValue AttributeReader::get(std::string_view path, std::string_view name) {
  return std::move(get(path, std::vector<std::string>{std::string(name)})[0]);
}

std::vector<AttrValue> AttributeReader::get(std::string_view path, const std::vector<std::string>& names) {
  std::vector<std::optional<AttrValue>> values;
  state_->collect(path, values);
  std::vector<AttrValue> result;
  for (const std::string& name : names) {
    auto it = state_->numbers.find(name);
    bool known = it != state_->numbers.end() && values[static_cast<std::size_t>(it->second)];
    result.push_back(known ? *values[static_cast<std::size_t>(it->second)] : AttrValue{});
  }
  return result;
}

std::vector<std::pair<std::string, AttrValue>> AttributeReader::all(std::string_view path) {
  std::vector<std::optional<AttrValue>> values;
  state_->collect(path, values);
  std::vector<std::pair<std::string, AttrValue>> result;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] && !values[i]->is_unspecified()) result.emplace_back(state_->names[i], *values[i]);
  return result;
}

std::optional<ObjectId> default_attr_source(Repository& repo) {
  auto env = get_env("GIT_ATTR_SOURCE");
  std::optional<std::string> name = env && !env->empty() ? env : repo.config().get_string("attr.tree");
  if (!name || name->empty()) return std::nullopt;
  bool from_env = env && !env->empty();
  std::optional<ObjectId> oid = get_oid(repo, *name, NameHint::treeish, true);
  std::optional<ObjectId> tree = oid ? peel_to_type(repo, *oid, ObjectType::tree, true) : std::nullopt;
  if (tree) return tree;
  if (from_env) die("bad --attr-source or GIT_ATTR_SOURCE");
  return empty_tree_id(repo.algo());
}

}  // namespace git
