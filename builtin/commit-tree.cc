// git commit-tree: a commit object for a tree, with parents and message as given.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "object-name.h"
#include "odb.h"
#include "walk/commit-write.h"

GIT_BUILTIN("commit-tree", cmd_commit_tree, kSetup)

namespace git {
namespace {

void complete_line(std::string& text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
}

void add_parent(Repository& repo, NewCommit& commit, const std::string& name) {
  auto oid = get_oid(repo, name, NameHint::commit);
  if (!oid) die("not a valid object name %s", name);
  ObjectType type = repo.odb().type_of(*oid);
  if (type != ObjectType::commit)
    die(type == ObjectType::bad ? "%s is not a valid object" : "%s is not a valid '%s' object", *oid, "commit");
  if (std::find(commit.parents.begin(), commit.parents.end(), *oid) != commit.parents.end()) {
    error("duplicate parent %s ignored", *oid);
    return;
  }
  commit.parents.push_back(*oid);
}

}  // namespace

int cmd_commit_tree(Invocation& inv) {
  Repository& repo = inv.repo();
  NewCommit commit;
  bool has_message = false;
  Options options({"git commit-tree <tree> [(-p <parent>)...]",
                   "git commit-tree [(-p <parent>)...] [-S[<keyid>]] [(-m <message>)...]\n"
                   "                [(-F <file>)...] <tree>"});
  options.callback(
      'p', "", "parent", "id of a parent commit object",
      [&](const std::optional<std::string>& value, bool) {
        add_parent(repo, commit, *value);
        return true;
      },
      kOptNoNeg);
  options.callback(
      'm', "", "message", "commit message",
      [&](const std::optional<std::string>& value, bool) {
        if (has_message) commit.message += '\n';
        commit.message += *value;
        complete_line(commit.message);
        return has_message = true;
      },
      kOptNoNeg);
  options.callback(
      'F', "", "file", "read commit log message from file",
      [&](const std::optional<std::string>& value, bool) {
        if (has_message) commit.message += '\n';
        if (*value == "-") {
          commit.message += read_fd(0).take_or_die();
        } else {
          auto text = read_file(prefix_filename(inv.prefix_or_empty(), *value));
          if (!text) die("git commit-tree: failed to open '%s': %s", *value, std::strerror(errno));
          commit.message += *text;
        }
        complete_line(commit.message);
        return has_message = true;
      },
      kOptNoNeg);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() != 1) die("must give exactly one tree");
  auto tree = get_oid(repo, args[0], NameHint::tree);
  if (!tree) die("not a valid object name %s", args[0]);
  ObjectType type = repo.odb().type_of(*tree);
  if (type == ObjectType::bad) die("%s is not a valid object", *tree);
  if (type != ObjectType::tree) die("%s is not a valid '%s' object", *tree, "tree");
  if (!has_message) {
    auto text = read_fd(0);
    if (!text) die("git commit-tree: failed to read: %s", text.error().message);
    commit.message = *text;
  }
  commit.tree = *tree;
  auto oid = write_commit(repo, commit);
  if (!oid) {
    error("%s", oid.error().message);
    return 1;
  }
  outf("%s\n", *oid);
  return 0;
}

}  // namespace git
