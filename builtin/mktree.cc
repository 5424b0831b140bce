// git mktree: a tree from the text that ls-tree prints.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "odb.h"

GIT_BUILTIN("mktree", cmd_mktree, kSetup)

namespace git {
namespace {

struct Entry {
  std::uint32_t mode = 0;
  std::string name;
  ObjectId oid;
};

struct MkTree {
  Repository& repo;
  bool allow_missing = false, nul_terminated = false;
  std::vector<Entry> entries{};

  void add_line(const std::string& line);
  ObjectId write();
};

std::optional<std::uint32_t> parse_mode(std::string_view digits) {
  std::uint32_t mode = 0;
  if (digits.empty() || digits.size() > 7) return std::nullopt;
  for (char c : digits) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode << 3 | static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

// "<mode> SP <type> SP <name> TAB <path>"
void MkTree::add_line(const std::string& line) {
  std::string_view rest = line;
  Entry entry;
  auto bad = [&] { die("input format error: %s", line); };
  std::size_t space = rest.find(' ');
  auto mode = parse_mode(rest.substr(0, space));
  if (space == std::string::npos || !mode) bad();
  entry.mode = *mode;
  rest.remove_prefix(space + 1);
  space = rest.find(' ');
  if (space == std::string_view::npos) bad();
  ObjectType type = parse_type_name(rest.substr(0, space));
  std::string type_text(rest.substr(0, space));
  rest.remove_prefix(space + 1);
  auto oid = ObjectId::parse_prefix(rest, repo.algo());
  if (!oid || !skip_prefix(rest, "\t")) bad();
  entry.oid = *oid;
  // ls-tree -l puts a size in front; that is not for us.
  bool may_be_missing = allow_missing || is_gitlink_mode(entry.mode);
  entry.name = rest;
  if (!nul_terminated && starts_with(rest, "\"")) {
    auto unquoted = unquote_c_style(rest);
    if (!unquoted) die("invalid quoting");
    entry.name = *unquoted;
  }
  if (type == ObjectType::bad) die("invalid object type \"%s\"", type_text);
  if (type != type_of_mode(entry.mode))
    die("entry '%s' object type (%s) doesn't match mode type (%s)", entry.name, type_text, type_name(type_of_mode(entry.mode)));
  ObjectType real = may_be_missing && is_gitlink_mode(entry.mode)
                        ? repo.odb().type_of(entry.oid, kLookupNoFetch | kLookupQuick)
                        : repo.odb().type_of(entry.oid, may_be_missing ? kLookupNoFetch : 0u);
  if (real == ObjectType::bad) {
    if (!may_be_missing) die("entry '%s' object %s is unavailable", entry.name, entry.oid);
  } else if (real != type) {
    die("entry '%s' object %s is a %s but specified type was (%s)", entry.name, entry.oid, type_name(real), type_text);
  }
  if (entry.name.find('/') != std::string::npos) die("path %s contains slash", entry.name);
  entries.push_back(std::move(entry));
}

ObjectId MkTree::write() {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return base_name_compare(a.name, a.mode, b.name, b.mode) < 0; });
  std::string bytes;
  for (const Entry& entry : entries) append_tree_entry(bytes, entry.mode, entry.name, entry.oid);
  entries.clear();
  return repo.odb().write(ObjectType::tree, bytes).take_or_die();
}

}  // namespace

int cmd_mktree(Invocation& inv) {
  MkTree command{inv.repo()};
  bool batch = false;
  Options options({"git mktree [-z] [--missing] [--batch]"});
  options.boolean('z', "", &command.nul_terminated, "input is NUL terminated");
  options.boolean(0, "missing", &command.allow_missing, "allow missing objects");
  options.boolean(0, "batch", &batch, "allow creation of more than one tree");
  options.parse(inv.args, inv.prefix_or_empty());

  LineReader reader(0, command.nul_terminated ? '\0' : '\n');
  std::string line;
  bool at_end = false;
  while (!at_end) {
    bool any = false;
    for (;;) {
      if (!reader.next(line)) {
        at_end = true;
        break;
      }
      if (line.empty()) {
        if (batch) break;
        die("input format error: (blank line only valid in batch mode)");
      }
      command.add_line(line);
      any = true;
    }
    // In batch mode the end of input closes a tree only where one was begun.
    if (batch && at_end && !any) break;
    outf("%s\n", command.write());
    flush_out();
  }
  return 0;
}

}  // namespace git
