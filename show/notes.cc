// The whole tree is read into one map: notes are looked up by the thousand in a log. Writing chooses the fanout anew:
// a level is split where its buckets are full enough, so that a tree with the same notes always gets the same name.
#include "show/notes.h"

#include <algorithm>
#include <set>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "show/encoding.h"

namespace git {

std::string default_notes_ref(Repository& repo) {
  if (auto ref = get_env("GIT_NOTES_REF"); ref && !ref->empty()) return *ref;
  if (auto ref = repo.config().get_string("core.notesref")) return *ref;
  return "refs/notes/commits";
}
std::string expand_notes_ref(std::string_view name) {
  if (starts_with(name, "refs/notes/")) return std::string(name);
  if (starts_with(name, "notes/")) return "refs/" + std::string(name);
  return "refs/notes/" + std::string(name);
}
std::string expand_loose_notes_ref(Repository& repo, std::string_view name) {
  if (get_oid(repo, name, NameHint::none, true)) return std::string(name);
  return expand_notes_ref(name);
}

std::optional<NotesCombine> parse_notes_combine(std::string_view name) {
  if (iequals(name, "overwrite")) return NotesCombine::overwrite;
  if (iequals(name, "ignore")) return NotesCombine::ignore;
  if (iequals(name, "concatenate")) return NotesCombine::concatenate;
  if (iequals(name, "cat_sort_uniq")) return NotesCombine::cat_sort_uniq;
  return std::nullopt;
}

NotesTree NotesTree::read(Repository& repo, const std::string& name) {
  NotesTree tree(repo);
  tree.ref = name;
  std::optional<ObjectId> oid = repo.refs().read_oid(name);
  if (!oid) oid = get_oid(repo, name, NameHint::treeish, true);
  if (!oid || oid->is_null()) return tree;
  std::optional<ObjectId> root = peel_to_type(repo, *oid, ObjectType::tree, true);
  if (!root) die("Failed to read notes tree referenced by %s (%s)", name, *oid);
  tree.load(*root, {}, {});
  return tree;
}
NotesTree NotesTree::read_tree(Repository& repo, const ObjectId& oid) {
  NotesTree tree(repo);
  tree.load(oid, {}, {});
  return tree;
}

// `prefix` is the hex digits the directories so far stand for.
void NotesTree::load(const ObjectId& oid, const std::string& prefix, const std::string& path) {
  Result<ObjectData> data = repo_->odb().read(oid);
  if (!data || data->type != ObjectType::tree) die("Could not read %s for notes-index", oid);
  const std::size_t full = hex_size(repo_->algo());
  TreeReader reader(data->data, repo_->algo());
  TreeEntry entry;
  while (reader.next(entry)) {
    std::string digits = prefix + std::string(entry.name);
    bool hex = true;
    for (char c : entry.name) hex = hex && hex_value(c) >= 0 && !(c >= 'A' && c <= 'F');
    if (hex && digits.size() == full && !is_tree_mode(entry.mode) && entry.name.size() % 2 == 0) {
      ObjectId key = *ObjectId::from_hex(digits, repo_->algo());
      auto [at, is_new] = notes_.try_emplace(key, entry.oid);
      if (!is_new) add(key, entry.oid, NotesCombine::concatenate);
      continue;
    }
    if (hex && entry.name.size() == 2 && is_tree_mode(entry.mode) && digits.size() < full) {
      load(entry.oid, digits, path + std::string(entry.name) + "/");
      continue;
    }
    non_notes_[path + std::string(entry.name)] = {entry.mode, entry.oid};
  }
  is_dirty = false;
}

std::optional<ObjectId> NotesTree::find(const ObjectId& object) const {
  auto found = notes_.find(object);
  if (found == notes_.end()) return std::nullopt;
  return found->second;
}

bool NotesTree::add(const ObjectId& object, const ObjectId& note, NotesCombine how) {
  is_dirty = true;
  auto found = notes_.find(object);
  if (found == notes_.end()) {
    notes_[object] = note;
    return true;
  }
  if (found->second == note) return true;  // said once is enough
  auto text_of = [&](const ObjectId& oid) -> std::optional<std::string> {
    Result<ObjectData> data = repo_->odb().read(oid);
    if (!data || data->type != ObjectType::blob) return std::nullopt;
    return std::move(data->data);
  };
  switch (how) {
    case NotesCombine::ignore:
      return true;
    case NotesCombine::overwrite:
      found->second = note;
      return true;
    case NotesCombine::concatenate: {
      std::optional<std::string> added = text_of(note);
      if (!added || added->empty()) return true;
      std::optional<std::string> old = text_of(found->second);
      if (!old || old->empty()) {
        found->second = note;
        return true;
      }
      if (old->back() == '\n') old->pop_back();
      Result<ObjectId> combined = repo_->odb().write(ObjectType::blob, *old + "\n\n" + *added);
      if (!combined) return false;
      found->second = *combined;
      return true;
    }
    case NotesCombine::cat_sort_uniq: {
      std::set<std::string> lines;
      for (const std::optional<std::string>& text : {text_of(found->second), text_of(note)})
        if (text)
          for (std::string_view line : split_lines(*text))
            if (!line.empty()) lines.insert(std::string(line));
      std::string joined;
      for (const std::string& line : lines) joined += line + "\n";
      Result<ObjectId> combined = repo_->odb().write(ObjectType::blob, joined);
      if (!combined) return false;
      found->second = *combined;
      return true;
    }
  }
  return false;
}
bool NotesTree::remove(const ObjectId& object) {
  if (!notes_.erase(object)) return false;
  is_dirty = true;
  return true;
}

namespace {

int nibble(const ObjectId& oid, std::size_t n) { return n % 2 ? oid.data()[n / 2] & 15 : oid.data()[n / 2] >> 4; }

// A level of two digits is worth directories where every one of the sixteen first digits leads to more than one note.
bool is_crowded(std::map<ObjectId, ObjectId>::const_iterator from, std::map<ObjectId, ObjectId>::const_iterator to,
                std::size_t digits) {
  int count[16] = {};
  for (auto it = from; it != to; ++it) count[nibble(it->first, digits)]++;
  for (int c : count)
    if (c < 2) return false;
  return true;
}

}  // namespace

ObjectId NotesTree::write_level(std::map<ObjectId, ObjectId>::const_iterator from,
                                std::map<ObjectId, ObjectId>::const_iterator to, std::size_t depth,
                                const std::string& path) const {
  struct Item {
    std::string name;
    std::uint32_t mode;
    ObjectId oid;
  };
  std::vector<Item> items;
  bool split_here = is_crowded(from, to, depth);
  for (auto it = from; it != to;) {
    std::string hex = it->first.hex();
    if (!split_here) {
      items.push_back({hex.substr(depth), kModeBlob, it->second});
      ++it;
      continue;
    }
    std::string two = hex.substr(depth, 2);
    auto end = it;
    while (end != to && end->first.hex().compare(depth, 2, two) == 0) ++end;
    items.push_back({two, kModeTree, write_level(it, end, depth + 2, path + two + "/")});
    it = end;
  }
  for (const auto& [name, entry] : non_notes_) {
    if (!starts_with(name, path)) continue;
    std::string rest = name.substr(path.size());
    if (rest.find('/') != std::string::npos) continue;
    items.push_back({rest, entry.mode, entry.oid});
  }
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return base_name_compare(a.name, a.mode, b.name, b.mode) < 0; });
  std::string bytes;
  for (const Item& item : items) append_tree_entry(bytes, item.mode, item.name, item.oid);
  return repo_->odb().write(ObjectType::tree, bytes).take_or_die();
}
ObjectId NotesTree::write() const { return write_level(notes_.begin(), notes_.end(), 0, {}); }

// ---- display ----
NotesShown::NotesShown(Repository& repo, const NotesDisplay& display) : repo_(repo) {
  std::vector<std::string> refs;
  auto add = [&](const std::string& ref) {
    if (std::find(refs.begin(), refs.end(), ref) == refs.end()) refs.push_back(ref);
  };
  auto add_glob = [&](const std::string& pattern) {
    if (pattern.find_first_of("*?[") != std::string::npos) {
      repo.refs().for_each("refs/", [&](const Ref& ref) {
        if (wildmatch(pattern, ref.name)) add(ref.name);
        return true;
      });
    } else if (repo.refs().exists(pattern) || get_oid(repo, pattern, NameHint::none, true)) {
      add(pattern);
    } else {
      warning("notes ref %s is invalid", pattern);
    }
  };
  if (display.use_default > 0 || (display.use_default == -1 && display.extra_refs.empty())) {
    add(default_notes_ref(repo));
    if (auto list = get_env("GIT_NOTES_DISPLAY_REF")) {
      for (std::string_view pattern : split(*list, ':'))
        if (!pattern.empty()) add_glob(std::string(pattern));
    } else {
      for (const std::string& pattern : repo.config().get_strings("notes.displayref")) add_glob(pattern);
    }
  }
  for (const std::string& pattern : display.extra_refs) add_glob(pattern);
  for (const std::string& ref : refs) {
    NotesTree tree = NotesTree::read(repo, ref);
    tree.ref = ref;
    trees_.push_back(std::move(tree));
  }
}

std::string NotesShown::format(const ObjectId& object, bool raw, std::string_view encoding) const {
  std::string out;
  for (const NotesTree& tree : trees_) {
    std::optional<ObjectId> note = tree.find(object);
    if (!note) continue;
    Result<ObjectData> data = repo_.odb().read(*note);
    if (!data || data->type != ObjectType::blob || data->data.empty()) continue;
    std::string text = data->data;
    if (!encoding.empty() && !is_utf8_name(encoding))
      if (auto done = reencode_text(text, encoding, "UTF-8")) text = *done;
    if (text.back() == '\n') text.pop_back();
    if (!raw) {
      if (tree.ref.empty() || tree.ref == "refs/notes/commits") {
        out += "\nNotes:\n";
      } else {
        std::string_view name = tree.ref;
        skip_prefix(name, "refs/");
        skip_prefix(name, "notes/");
        out += strf("\nNotes (%s):\n", name);
      }
    }
    for (std::string_view line : split(text, '\n')) {
      if (!raw) out += "    ";
      out += line;
      out += '\n';
    }
  }
  return out;
}

}  // namespace git
