#include "fast-import.h"

#include <unistd.h>

#include <algorithm>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {

FastImport::FastImport(Repository& repo, ImportOptions options, std::vector<std::string> command_line)
    : repo_(repo), algo_(repo.algo()), options_(std::move(options)), command_line_(std::move(command_line)), store_(repo) {}
FastImport::~FastImport() = default;

// ---- input ----

bool FastImport::read_line() {
  line_.clear();
  for (;;) {
    std::size_t end = buffer_.find('\n', at_);
    if (end != std::string::npos) {
      line_.append(buffer_, at_, end - at_);
      at_ = end + 1;
      return true;
    }
    line_.append(buffer_, at_, std::string::npos);
    at_ = 0;
    buffer_.resize(65536);
    ssize_t n = eof_ ? 0 : xread(0, buffer_.data(), buffer_.size());
    buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    if (n <= 0) {
      eof_ = true;
      return !line_.empty();
    }
  }
}

// The next line that is no comment.
bool FastImport::next_line() {
  if (has_pushed_back_) {
    has_pushed_back_ = false;
    return true;
  }
  do {
    if (!read_line()) return false;
  } while (starts_with(line_, "#"));
  return true;
}

void FastImport::skip_optional_newline() {
  if (next_line() && !line_.empty()) unread();
}

std::string FastImport::read_data() {
  std::string_view rest = line_;
  if (!skip_prefix(rest, "data ")) die("Expected 'data n' command, found: %s", line_);
  std::string data;
  if (skip_prefix(rest, "<<")) {
    std::string terminator(rest);
    if (terminator.empty()) die("Missing delimiter in data <<");
    for (;;) {
      if (!read_line()) die("EOF in data (terminator '%s' not found)", terminator);
      if (line_ == terminator) break;
      data += line_ + "\n";
    }
  } else {
    auto size = parse_uint(rest);
    if (!size) die("Expected 'data n' command, found: %s", line_);
    while (data.size() < *size) {
      if (at_ == buffer_.size()) {
        at_ = 0;
        buffer_.resize(65536);
        ssize_t n = xread(0, buffer_.data(), buffer_.size());
        buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        if (n <= 0) die("EOF in data (%u bytes remaining)", *size - data.size());
      }
      std::size_t n = std::min<std::size_t>(*size - data.size(), buffer_.size() - at_);
      data.append(buffer_, at_, n);
      at_ += n;
    }
  }
  skip_optional_newline();
  return data;
}

std::uint64_t FastImport::take_mark() {
  std::uint64_t mark = 0;
  if (!next_line()) return 0;
  std::string_view rest = line_;
  if (skip_prefix(rest, "mark :"))
    mark = parse_uint(rest).value_or(0);
  else
    unread();
  if (next_line() && !starts_with(line_, "original-oid ")) unread();
  return mark;
}

std::string FastImport::parse_ident(std::string_view text) {
  std::size_t open = text.find('<');
  std::size_t close = text.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos) die("Missing < in ident string: %s", text);
  if (open > 0 && text[open - 1] != ' ') die("Missing space before < in ident string: %s", text);
  if (close == std::string_view::npos) die("Missing > in ident string: %s", text);
  std::string_view date = text.substr(close + 1);
  if (!skip_prefix(date, " ")) die("Missing space after > in ident string: %s", text);
  std::string ident(text.substr(0, close + 1));
  if (options_.date_format == "now") {
    if (date != "now") die("Date in ident must be 'now': %s", text);
    Timestamp t = current_time();
    return ident + strf(" %u %+05d", t, local_tz_offset(t));
  }
  if (options_.date_format == "rfc2822") {
    auto parsed = parse_date(date);
    if (!parsed) die("Invalid rfc2822 date \"%s\" in ident: %s", date, text);
    return ident + " " + *parsed;
  }
  std::size_t space = date.find(' ');
  bool ok = space != std::string_view::npos && parse_uint(date.substr(0, space)).has_value();
  std::string_view tz = ok ? date.substr(space + 1) : std::string_view();
  ok = ok && (starts_with(tz, "+") || starts_with(tz, "-")) && parse_uint(tz.substr(1)).has_value();
  if (ok && options_.date_format == "raw") ok = *parse_uint(tz.substr(1)) <= 1400;
  if (!ok) die("Invalid raw date \"%s\" in ident: %s", date, text);
  return ident + " " + std::string(date);
}

// ---- names ----

ObjectId FastImport::mark_oid(std::string_view mark) {
  auto number = parse_uint(mark.substr(1));
  auto found = number ? marks_.find(*number) : marks_.end();
  if (found == marks_.end()) die("mark %s not declared", mark);
  return found->second;
}

ObjectId FastImport::resolve_any(std::string_view name) {
  if (starts_with(name, ":")) return mark_oid(name);
  auto branch = branches_.find(std::string(name));
  if (branch != branches_.end() && !branch->second.tip.is_null()) return branch->second.tip;
  if (auto oid = ObjectId::from_hex(name, algo_)) return *oid;
  // "branch^0" and the like, where the branch is ours.
  std::size_t end = name.find_first_of("^~");
  if (end != std::string_view::npos) {
    auto base = branches_.find(std::string(name.substr(0, end)));
    if (base != branches_.end() && !base->second.tip.is_null() && name.substr(end) == "^0") return base->second.tip;
  }
  auto oid = get_oid(repo_, name, NameHint::none, true);
  if (!oid) die("Invalid ref name or SHA1 expression: %s", name);
  return *oid;
}

ObjectId FastImport::resolve_commit(std::string_view name) {
  ObjectId oid = resolve_any(name);
  for (;;) {
    ObjectType type = store_.type_of(oid);
    if (type == ObjectType::commit) return oid;
    if (type != ObjectType::tag) die("Not a commit: %s", name);
    ObjectData data = store_.read(oid);
    oid = parse_tag(data.data, algo_).take_or_die().object;
  }
}

ObjectId FastImport::tree_of(const ObjectId& start) {
  ObjectId oid = start;
  for (;;) {
    ObjectType type = store_.type_of(oid);
    if (type == ObjectType::tree) return oid;
    ObjectData data = store_.read(oid);
    if (type == ObjectType::commit)
      oid = parse_commit(data.data, algo_).take_or_die().tree;
    else if (type == ObjectType::tag)
      oid = parse_tag(data.data, algo_).take_or_die().object;
    else
      die("Not a tree-ish: %s", start);
  }
}

std::string FastImport::take_path(std::string_view& rest, bool to_space) {
  if (starts_with(rest, "\"")) {
    auto path = unquote_c_style(rest);
    if (!path) die("Invalid path: %s", rest);
    return *path;
  }
  std::size_t end = to_space ? rest.find(' ') : std::string_view::npos;
  std::string path(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return path;
}

void FastImport::respond(std::string_view bytes) {
  if (!write_in_full(options_.cat_blob_fd, bytes)) die_errno("Write to frontend failed");
}

// ---- commands ----

void FastImport::do_blob() {
  std::uint64_t mark = take_mark();
  if (!next_line()) die("Unexpected end of input");
  set_mark(mark, store_.add(ObjectType::blob, read_data()));
}

std::optional<ObjectId> FastImport::parse_from(Branch& branch, const std::string& ref) {
  std::string_view rest;
  if (!next_line()) return std::nullopt;
  if (!skip_prefix(line_, "from ", &rest)) {
    unread();
    return std::nullopt;
  }
  if (rest == ref) die("Can't create a branch from itself: %s", ref);
  if (auto oid = ObjectId::from_hex(rest, algo_); oid && oid->is_null()) {
    branch.is_deleted = true;
    branch.tip = ObjectId::null(algo_);
    branch.tree = std::make_unique<ImportTree>();
    return branch.tip;
  }
  ObjectId oid = resolve_commit(rest);
  branch.is_deleted = false;
  if (oid != branch.tip || !branch.tree) {
    branch.tip = oid;
    branch.tree = std::make_unique<ImportTree>();
    branch.tree->oid = tree_of(oid);
    branch.tree->is_loaded = false;
  }
  return oid;
}

void FastImport::do_commit(std::string_view ref_name) {
  std::string ref(ref_name);
  bool is_new = !branches_.count(ref);
  if (is_new && !check_refname_format(ref, kRefnameAllowOneLevel)) die("Branch name doesn't conform to GIT standards: %s", ref);
  Branch& branch = branches_[ref];
  if (is_new) branch.tip = ObjectId::null(algo_);
  if (!branch.tree) branch.tree = std::make_unique<ImportTree>();
  std::uint64_t mark = take_mark();
  std::string author, committer, encoding;
  std::string signatures;
  std::string_view rest;
  while (next_line()) {
    if (skip_prefix(line_, "author ", &rest)) {
      author = parse_ident(rest);
    } else if (skip_prefix(line_, "committer ", &rest)) {
      committer = parse_ident(rest);
    } else if (skip_prefix(line_, "encoding ", &rest)) {
      encoding = rest;
    } else if (skip_prefix(line_, "gpgsig ", &rest)) {
      bool is_sha256 = starts_with(rest, "sha256");
      if (!next_line()) break;
      std::string data = read_data();
      if (ends_with(data, "\n")) data.pop_back();
      signatures += std::string(is_sha256 ? "gpgsig-sha256 " : "gpgsig ") + replace_all(data, "\n", "\n ") + "\n";
    } else {
      break;
    }
  }
  if (committer.empty()) die("Expected committer but didn't get one");
  std::string message = read_data();
  parse_from(branch, ref);
  std::vector<ObjectId> merges;
  while (next_line()) {
    if (!skip_prefix(line_, "merge ", &rest)) {
      unread();
      break;
    }
    merges.push_back(resolve_commit(rest));
  }
  notes_changed_ = false;
  while (next_line() && !line_.empty()) {
    std::string line = line_;
    std::string_view text = line;
    if (skip_prefix(text, "M ")) {
      file_modify(text, *branch.tree);
    } else if (skip_prefix(text, "D ")) {
      file_delete(text, *branch.tree);
    } else if (skip_prefix(text, "R ")) {
      file_rename(text, *branch.tree, false);
    } else if (skip_prefix(text, "C ")) {
      file_rename(text, *branch.tree, true);
    } else if (skip_prefix(text, "N ")) {
      note_modify(text, *branch.tree);
    } else if (line == "deleteall") {
      branch.tree = std::make_unique<ImportTree>();
    } else if (!do_inline_command(&branch)) {
      unread();
      break;
    }
  }
  if (notes_changed_) refan_notes(*branch.tree);
  std::string data = "tree " + branch.tree->write(store_, algo_).hex() + "\n";
  if (!branch.tip.is_null()) data += "parent " + branch.tip.hex() + "\n";
  for (const ObjectId& parent : merges) data += "parent " + parent.hex() + "\n";
  data += "author " + (author.empty() ? committer : author) + "\ncommitter " + committer + "\n";
  if (!encoding.empty()) data += "encoding " + encoding + "\n";
  data += signatures + "\n" + message;
  branch.tip = store_.add(ObjectType::commit, data);
  branch.is_deleted = false;
  set_mark(mark, branch.tip);
}

void FastImport::do_tag(std::string_view name) {
  Tag tag;
  tag.name = name;
  std::uint64_t mark = take_mark();
  std::string_view rest;
  if (!next_line() || !skip_prefix(line_, "from ", &rest)) die("Expected from command, got %s", line_);
  ObjectId object = resolve_any(rest);
  ObjectType type = store_.type_of(object);
  std::string tagger;
  if (next_line() && !starts_with(line_, "original-oid ")) unread();
  if (next_line()) {
    if (skip_prefix(line_, "tagger ", &rest)) {
      tagger = parse_ident(rest);
      next_line();
    }
  }
  std::string message = read_data();
  std::string data = strf("object %s\ntype %s\ntag %s\n", object, type_name(type), tag.name);
  if (!tagger.empty()) data += "tagger " + tagger + "\n";
  tag.oid = store_.add(ObjectType::tag, data + "\n" + message);
  set_mark(mark, tag.oid);
  tags_.push_back(tag);
}

void FastImport::do_reset(std::string_view name) {
  std::string ref(name);
  if (!branches_.count(ref) && !check_refname_format(ref, kRefnameAllowOneLevel))
    die("Branch name doesn't conform to GIT standards: %s", ref);
  Branch& branch = branches_[ref];
  branch.tip = ObjectId::null(algo_);
  branch.tree = std::make_unique<ImportTree>();
  std::string_view rest;
  // A tag may be made of any object.
  if (next_line()) {
    if (starts_with(ref, "refs/tags/") && skip_prefix(line_, "from ", &rest)) {
      ObjectId oid = resolve_any(rest);
      if (!oid.is_null() && store_.type_of(oid) != ObjectType::commit) {
        tags_.push_back({ref.substr(10), oid});
        branches_.erase(ref);
        skip_optional_newline();
        return;
      }
    }
    unread();
  }
  parse_from(branch, ref);
  skip_optional_newline();
}

void FastImport::do_alias() {
  std::uint64_t mark = take_mark();
  std::string_view rest;
  if (!mark) die("Expected 'mark' command, got %s", line_);
  if (!next_line() || !skip_prefix(line_, "to ", &rest)) die("Expected 'to' command, got %s", line_);
  set_mark(mark, resolve_commit(rest));
  skip_optional_newline();
}

void FastImport::file_modify(std::string_view rest, ImportTree& tree) {
  std::size_t space = rest.find(' ');
  std::string_view mode_text = rest.substr(0, space);
  static const std::map<std::string_view, std::uint32_t> kModes = {
      {"644", kModeBlob},    {"755", kModeExecutable}, {"100644", kModeBlob}, {"100755", kModeExecutable},
      {"120000", kModeLink}, {"160000", kModeGitlink}, {"40000", kModeTree},  {"040000", kModeTree}};
  auto mode = kModes.find(mode_text);
  if (mode == kModes.end() || space == std::string_view::npos) die("Corrupt mode: M %s", rest);
  rest.remove_prefix(space + 1);
  space = rest.find(' ');
  if (space == std::string_view::npos) die("Missing space after %s: M %s", "dataref", rest);
  std::string ref(rest.substr(0, space));
  rest.remove_prefix(space + 1);
  std::string path = take_path(rest, false);
  if (!rest.empty()) die("Garbage after path in: M %s", path);
  auto node = std::make_unique<ImportTree>();
  node->mode = mode->second;
  if (ref == "inline") {
    if (is_tree_mode(node->mode) || is_gitlink_mode(node->mode)) die("Directories cannot be specified 'inline': %s", path);
    if (!next_line()) die("Unexpected end of input");
    node->oid = store_.add(ObjectType::blob, read_data());
  } else if (starts_with(ref, ":")) {
    node->oid = mark_oid(ref);
  } else if (auto oid = ObjectId::from_hex(ref, algo_)) {
    node->oid = *oid;
  } else {
    die("Invalid dataref: %s", ref);
  }
  if (!is_gitlink_mode(node->mode)) {
    ObjectType type = store_.type_of(node->oid), wanted = type_of_mode(node->mode);
    if (type < ObjectType::commit) die("%s not found: %s", is_tree_mode(node->mode) ? "Tree" : "Blob", ref);
    if (type != wanted) die("Not a %s (actually a %s): %s", type_name(wanted), type_name(type), ref);
  }
  if (is_tree_mode(node->mode)) {
    node->is_loaded = false;
    if (path.empty()) {
      tree.oid = node->oid;
      tree.is_loaded = false;
      tree.children.clear();
      return;
    }
  }
  tree.put(store_, algo_, path, std::move(node));
}

void FastImport::file_delete(std::string_view rest, ImportTree& tree) {
  std::string path = take_path(rest, false);
  if (!rest.empty()) die("Garbage after path in: D %s", path);
  if (path.empty()) {
    tree = ImportTree();
    return;
  }
  tree.take(store_, algo_, path);
}

void FastImport::file_rename(std::string_view rest, ImportTree& tree, bool copy) {
  std::string source = take_path(rest, true);
  if (!skip_prefix(rest, " ")) die("Missing space after source: %s", source);
  std::string target = take_path(rest, false);
  std::unique_ptr<ImportTree> node;
  if (source.empty()) {
    node = tree.clone();
    if (!copy) tree = ImportTree();
  } else if (copy) {
    const ImportTree* found = tree.find(store_, algo_, source);
    if (found) node = found->clone();
  } else {
    node = tree.take(store_, algo_, source);
  }
  if (!node) die("Path %s not in branch", source);
  if (target.empty()) {
    if (!is_tree_mode(node->mode)) die("Root cannot be a non-directory");
    tree = std::move(*node);
    return;
  }
  tree.put(store_, algo_, target, std::move(node));
}

void FastImport::note_modify(std::string_view rest, ImportTree& tree) {
  std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) die("Missing space after dataref: N %s", rest);
  std::string ref(rest.substr(0, space)), commit_name(rest.substr(space + 1));
  ObjectId note;
  if (ref == "inline") {
    if (!next_line()) die("Unexpected end of input");
    note = store_.add(ObjectType::blob, read_data());
  } else {
    note = starts_with(ref, ":") ? mark_oid(ref) : ObjectId::from_hex(ref, algo_).value_or(ObjectId::null(algo_));
  }
  std::string hex = resolve_commit(commit_name).hex();
  // Whatever fan-out it has now, it goes.
  std::string path = hex;
  for (std::size_t depth = 0; depth < hex.size() / 2; depth++) {
    std::string fanned;
    for (std::size_t i = 0; i < depth; i++) fanned += hex.substr(2 * i, 2) + "/";
    fanned += hex.substr(2 * depth);
    if (tree.take(store_, algo_, fanned)) break;
    if (depth > 3) break;
  }
  notes_changed_ = true;
  if (note.is_null()) return;
  auto node = std::make_unique<ImportTree>();
  node->mode = kModeBlob;
  node->oid = note;
  tree.put(store_, algo_, path, std::move(node));
}

// Notes go into as many levels of two-digit directories as their number asks for.
void FastImport::refan_notes(ImportTree& tree) {
  std::map<std::string, std::unique_ptr<ImportTree>> notes, others;
  std::size_t full = hex_size(algo_);
  std::function<void(ImportTree&, const std::string&, const std::string&)> collect =
      [&](ImportTree& at, const std::string& digits, const std::string& path) {
        at.load(store_, algo_);
        for (auto& [name, child] : at.children) {
          bool is_hex = name.find_first_not_of("0123456789abcdef") == std::string::npos;
          std::string here = path.empty() ? name : path + "/" + name;
          if (is_hex && is_tree_mode(child->mode) && name.size() == 2)
            collect(*child, digits + name, here);
          else if (is_hex && !is_tree_mode(child->mode) && digits.size() + name.size() == full)
            notes[digits + name] = std::move(child);
          else
            others[here] = std::move(child);
        }
      };
  collect(tree, "", "");
  std::size_t fanout = 0;
  for (std::size_t n = notes.size(); n > 0xff; n >>= 8) fanout++;
  tree = ImportTree();
  for (auto& [path, node] : others) tree.put(store_, algo_, path, std::move(node));
  for (auto& [digits, node] : notes) {
    std::string path;
    for (std::size_t i = 0; i < fanout; i++) path += digits.substr(2 * i, 2) + "/";
    tree.put(store_, algo_, path + digits.substr(2 * fanout), std::move(node));
  }
}

void FastImport::do_ls(std::string_view rest, Branch* current) {
  ImportTree other;
  ImportTree* root = nullptr;
  if (starts_with(rest, "\"") || (current && !starts_with(rest, ":") && rest.find(' ') == std::string_view::npos)) {
    if (!current) die("Not in a commit: %s", rest);
    root = current->tree.get();
  } else {
    std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) die("Missing space after tree-ish: ls %s", rest);
    other.oid = tree_of(resolve_any(rest.substr(0, space)));
    other.is_loaded = false;
    root = &other;
    rest.remove_prefix(space + 1);
  }
  std::string path = take_path(rest, false);
  const ImportTree* found = root->find(store_, algo_, path);
  if (!found) return respond("missing " + quote_c_style(path) + "\n");
  ObjectId oid = const_cast<ImportTree*>(found)->write(store_, algo_);
  respond(strf("%06o %s %s\t%s\n", found->mode, type_name(type_of_mode(found->mode)), oid, quote_c_style(path)));
}

void FastImport::do_cat_blob(std::string_view name) {
  ObjectId oid = starts_with(name, ":") ? mark_oid(name) : ObjectId::from_hex(name, algo_).value_or(ObjectId::null(algo_));
  if (!store_.has(oid)) return respond(strf("%s missing\n", oid));
  ObjectData data = store_.read(oid);
  if (data.type != ObjectType::blob) die("Object %s is a %s but a blob was expected.", oid, type_name(data.type));
  respond(strf("%s blob %u\n", oid, data.data.size()));
  respond(data.data + "\n");
}

void FastImport::do_get_mark(std::string_view rest) {
  if (!starts_with(rest, ":")) die("Not a mark: %s", rest);
  respond(mark_oid(rest).hex() + "\n");
}

bool FastImport::do_inline_command(Branch* current) {
  std::string line = line_;
  std::string_view rest = line;
  if (skip_prefix(rest, "ls ")) {
    do_ls(rest, current);
  } else if (skip_prefix(rest, "cat-blob ")) {
    do_cat_blob(rest);
  } else if (skip_prefix(rest, "get-mark ")) {
    do_get_mark(rest);
  } else {
    return false;
  }
  return true;
}

bool FastImport::do_option(std::string_view option, bool is_from_stream, bool is_feature) {
  std::string_view value;
  auto unsafe = [&] {
    if (is_from_stream && !options_.allow_unsafe)
      die("feature '%s' forbidden in input without --allow-unsafe-features", option.substr(0, option.find('=')));
  };
  auto marks_path = [&](std::string_view path) {
    if (!options_.relative_marks || is_absolute_path(path)) return std::string(path);
    return repo_.git_path("info/fast-import/" + std::string(path));
  };
  if (skip_prefix(option, "date-format=", &value)) {
    if (value != "raw" && value != "raw-permissive" && value != "rfc2822" && value != "now")
      die("unknown --date-format argument %s", value);
    options_.date_format = value;
  } else if (skip_prefix(option, "import-marks=", &value) || skip_prefix(option, "import-marks-if-exists=", &value)) {
    unsafe();
    if (is_from_stream && !options_.import_marks.empty()) return true;
    options_.import_marks = marks_path(value);
    options_.import_marks_if_exists = starts_with(option, "import-marks-if-exists");
    read_marks();
  } else if (skip_prefix(option, "export-marks=", &value)) {
    unsafe();
    if (is_from_stream && !options_.export_marks.empty()) return true;
    options_.export_marks = marks_path(value);
  } else if (option == "relative-marks") {
    options_.relative_marks = true;
  } else if (option == "no-relative-marks") {
    options_.relative_marks = false;
  } else if (option == "done") {
    options_.need_done = true;
  } else if (option == "force") {
    options_.force = true;
  } else if (is_feature &&
             (option == "get-mark" || option == "cat-blob" || option == "ls" || option == "notes" || option == "alias")) {
    return true;
  } else if (is_feature) {
    return false;
  } else if (option == "quiet") {
    options_.quiet = true;
  } else if (option == "stats") {
    options_.quiet = false;
  } else if (option == "allow-unsafe-features" && !is_from_stream) {
    options_.allow_unsafe = true;
  } else if (skip_prefix(option, "cat-blob-fd=", &value) && !is_from_stream) {
    options_.cat_blob_fd = static_cast<int>(parse_uint(value).value_or(1));
  } else if (skip_prefix(option, "max-pack-size=", &value)) {
    store_.max_pack_size = static_cast<std::uint64_t>(parse_int_with_unit(value).value_or(0));
  } else if (skip_prefix(option, "export-pack-edges=", &value) && !is_from_stream) {
    options_.export_pack_edges = value;
  } else if (skip_prefix(option, "depth=", &value) || skip_prefix(option, "active-branches=", &value) ||
             skip_prefix(option, "big-file-threshold=", &value)) {
    if (!parse_int_with_unit(value)) die("--%s: argument must be a non-negative integer", option.substr(0, option.find('=')));
  } else {
    return false;
  }
  return true;
}

void FastImport::do_feature(std::string_view feature) {
  if (!do_option(feature, true, true)) die("This version of fast-import does not support feature %s.", feature);
}

// ---- marks ----

void FastImport::read_marks() {
  auto text = read_file(options_.import_marks);
  if (!text) {
    if (options_.import_marks_if_exists) return;
    die("cannot read '%s': No such file or directory", options_.import_marks);
  }
  for (std::string_view line : split_lines(*text)) {
    std::size_t space = line.find(' ');
    auto mark = space == std::string_view::npos || line[0] != ':' ? std::nullopt : parse_uint(line.substr(1, space - 1));
    auto oid = mark ? ObjectId::from_hex(line.substr(space + 1), algo_) : std::nullopt;
    if (!oid) die("corrupt mark line: %s", line);
    marks_[*mark] = *oid;
  }
}

void FastImport::write_marks() {
  if (options_.export_marks.empty()) return;
  std::string text;
  for (const auto& [mark, oid] : marks_) text += strf(":%u %s\n", mark, oid);
  make_leading_dirs(options_.export_marks);
  if (!write_file(options_.export_marks, text)) {
    error_errno("Unable to write marks file %s", options_.export_marks);
    failed_ = true;
  }
}

// ---- the end ----

void FastImport::update_refs() {
  auto set = [&](const std::string& name, const ObjectId& oid, bool is_deleted) {
    RefUpdate update;
    update.name = name;
    update.new_oid = oid;
    update.flags = 0;
    update.message = "fast-import";
    if (is_deleted) {
      if (!repo_.refs().exists(name)) return;
      update.new_oid = ObjectId::null(algo_);
    }
    auto done = repo_.refs().update(update);
    if (!done) {
      error("%s", done.error().message);
      failed_ = true;
    }
  };
  for (auto& [name, branch] : branches_) {
    if (branch.is_deleted) {
      set(name, ObjectId::null(algo_), true);
      continue;
    }
    if (branch.tip.is_null()) continue;
    auto old = repo_.refs().read_oid(name);
    if (old && *old == branch.tip) continue;
    if (old && !old->is_null() && !options_.force) {
      Commit* a = repo_.commits().peel_to_commit(*old);
      Commit* b = repo_.commits().peel_to_commit(branch.tip);
      if (!a || !b) {
        error("Branch %s is missing commits.", name);
        failed_ = true;
        continue;
      }
      if (!in_merge_bases(repo_.commits(), a, b)) {
        warning("Not updating %s (new tip %s does not contain %s)", name, branch.tip, *old);
        failed_ = true;
        continue;
      }
    }
    set(name, branch.tip, false);
  }
  for (const Tag& tag : tags_) set("refs/tags/" + tag.name, tag.oid, false);
}

void FastImport::checkpoint() {
  std::string pack = store_.publish();
  if (!pack.empty() && !options_.export_pack_edges.empty()) {
    std::string line = path_join(repo_.odb().objects_dir(), "pack/" + pack + ".pack") + ":";
    for (const auto& [name, branch] : branches_)
      if (!branch.tip.is_null()) line += " " + branch.tip.hex();
    auto old = read_file_if_exists(options_.export_pack_edges);
    write_file(options_.export_pack_edges, old.value_or("") + line + "\n");
  }
  repo_.odb().reprepare();
  update_refs();
  write_marks();
}

void FastImport::show_statistics() {
  const std::string bar(57, '-');
  errf("fast-import statistics:\n%s\n", bar);
  std::uint64_t total = 0;
  for (std::uint64_t n : store_.counts) total += n;
  errf("Alloc'd objects: %10u\n", std::max<std::uint64_t>(total, 5000));
  errf("Total objects:   %10u\n", total);
  static const char* const kNames[] = {"", "commits", "trees  ", "blobs  ", "tags   "};
  for (int type : {3, 2, 1, 4}) errf("      %s:   %10u\n", kNames[type], store_.counts[type]);
  errf("Total branches:  %10u\n      marks:     %10u\n%s\n", branches_.size(), marks_.size(), bar);
}

int FastImport::run() {
  for (const std::string& arg : command_line_) {
    std::string_view option = arg;
    if (!skip_prefix(option, "--") || !do_option(option, false, false)) {
      if (option == "signed-commits=strip" || starts_with(option, "signed-")) continue;
      die("unknown option %s", arg);
    }
  }
  while (next_line()) {
    std::string line = line_;
    std::string_view rest = line;
    if (line.empty()) continue;
    if (!skip_prefix(rest, "feature ") && !skip_prefix(rest, "option ")) seen_command_ = true;
    rest = line;
    if (line == "blob") {
      do_blob();
    } else if (skip_prefix(rest, "commit ")) {
      do_commit(rest);
    } else if (skip_prefix(rest, "tag ")) {
      do_tag(rest);
    } else if (skip_prefix(rest, "reset ")) {
      do_reset(rest);
    } else if (line == "alias") {
      do_alias();
    } else if (line == "checkpoint") {
      checkpoint();
      skip_optional_newline();
    } else if (line == "done") {
      is_done_ = true;
      break;
    } else if (starts_with(line, "progress ")) {
      out(line + "\n");
      flush_out();
      skip_optional_newline();
    } else if (skip_prefix(rest, "feature ")) {
      if (seen_command_) die("Got feature command '%s' after data command", rest);
      do_feature(rest);
    } else if (skip_prefix(rest, "option ")) {
      if (seen_command_ && starts_with(rest, "git ")) die("Got option command '%s' after data command", rest);
      if (skip_prefix(rest, "git ") && !do_option(rest, true, false))
        die("This version of fast-import does not support option: %s", rest);
    } else if (!do_inline_command(nullptr)) {
      die("Unsupported command: %s", line);
    }
  }
  if (options_.need_done && !is_done_) die("stream ends early");
  checkpoint();
  if (!options_.quiet) show_statistics();
  return failed_ ? 1 : 0;
}

}  // namespace git
