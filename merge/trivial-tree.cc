// The three trees are read side by side.  A name on which both branches agree, or that only the first one touched, is not told.
#include "merge/trivial-tree.h"

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "diff/xdl-emit.h"
#include "index/attr.h"
#include "merge/ll-merge.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

struct Entry {
  std::uint32_t mode = 0;
  ObjectId oid;
  bool is_present() const { return mode != 0; }
  bool is_dir() const { return is_tree_mode(mode); }
};
using Versions = std::array<Entry, 3>;  // base, ours, theirs

bool same(const Entry& a, const Entry& b) { return a.is_present() && b.is_present() && a.oid == b.oid && a.mode == b.mode; }
bool both_absent(const Entry& a, const Entry& b) { return !a.is_present() && !b.is_present(); }

class PatchText : public HunkSink {
 public:
  explicit PatchText(std::string& text) : text_(text) {}
  void hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view function) override {
    text_ += format_hunk_header(old_begin, old_count, new_begin, new_count, function) + "\n";
  }
  void line(char kind, std::string_view bytes) override {
    text_ += kind;
    text_ += bytes;
    if (!ends_with(bytes, "\n")) text_ += "\n\\ No newline at end of file\n";
  }

 private:
  std::string& text_;
};

class Report {
 public:
  explicit Report(Repository& repo) : repo_(repo), attrs_(repo, nullptr) {}

  void walk(const std::string& base, const Versions& trees) {
    std::array<std::string, 3> bytes;
    std::map<std::string, Versions> names;
    for (std::size_t i = 0; i < 3; ++i) {
      if (!trees[i].is_dir()) continue;
      auto data = repo_.odb().read_peeled(trees[i].oid, ObjectType::tree);
      if (!data) die("unable to read tree (%s)", trees[i].oid);
      bytes[i] = std::move(data->data);
      auto entries = parse_tree(bytes[i], repo_.algo());
      if (!entries) die("%s", entries.error().message);
      for (const TreeEntry& e : *entries) names[std::string(e.name)][i] = {canon_mode(e.mode), e.oid};
    }
    for (const auto& [name, versions] : names) decide(base + name, versions);
  }

  std::string text;

 private:
  void decide(const std::string& path, const Versions& v) {
    if (same(v[1], v[2]) || both_absent(v[1], v[2])) return;
    // They alone changed it.
    if (same(v[0], v[1]) && v[2].is_present() && !v[2].is_dir()) return show_resolved(path, v[1], v[2]);
    if (same(v[0], v[2]) || both_absent(v[0], v[2])) return;
    const bool any_dir = v[0].is_dir() || v[1].is_dir() || v[2].is_dir();
    if (any_dir) walk(path + "/", v);
    Versions files = v;
    for (Entry& e : files)
      if (e.is_dir()) e = {};
    if (files[0].is_present() || files[1].is_present() || files[2].is_present()) show_unresolved(path, files);
  }

  void row(const char* what, const Entry& e, const std::string& path) {
    text += strf("  %-6s %o %s %s\n", what, e.mode, e.oid, path);
  }

  std::string content(const Entry& e) {
    if (!e.is_present() || is_gitlink_mode(e.mode)) return {};
    auto data = repo_.odb().read(e.oid);
    if (!data) die("unable to read blob object %s", e.oid);
    return std::move(data->data);
  }

  void show_resolved(const std::string& path, const Entry& ours, const Entry& result) {
    if (!ours.is_dir()) {
      text += ours.is_present() ? "merged\n" : "added in remote\n";
      row("result", result, path);
      row("our", ours, path);
      return show_patch(content(ours), content(result));
    }
    // A directory that they made a file.
    show_unresolved(path, {Entry{}, Entry{}, result});
  }

  void show_unresolved(const std::string& path, const Versions& v) {
    const bool has_base = v[0].is_present(), has_ours = v[1].is_present(), has_theirs = v[2].is_present();
    if (has_base)
      text += has_ours && has_theirs ? "changed in both"
              : has_theirs           ? "removed in local"
              : has_ours             ? "removed in remote"
                                     : "removed in both";
    else
      text += has_ours && has_theirs ? "added in both" : has_ours ? "added in local" : "added in remote";
    text += "\n";
    if (has_base) row("base", v[0], path);
    if (has_ours) row("our", v[1], path);
    if (has_theirs) row("their", v[2], path);
    show_patch(content(v[1]), merged(path, v));
  }

  std::string merged(const std::string& path, const Versions& v) {
    if (!v[1].is_present() || !v[2].is_present())
      return v[0].is_present() ? std::string() : content(v[1].is_present() ? v[1] : v[2]);
    const std::string base = content(v[0]), ours = content(v[1]), theirs = content(v[2]);
    std::string result;
    ll_merge(repo_, attrs_, result, path, {base, ""}, {ours, ".our"}, {theirs, ".their"}, {});
    return result;
  }

  void show_patch(const std::string& before, const std::string& after) {
    PatchText sink(text);
    HunkConfig how;
    how.with_function_names = false;
    emit_hunks(compare_lines(before, after, {}), how, sink);
  }

  Repository& repo_;
  AttributeReader attrs_;
};

}  // namespace

std::string trivial_merge_report(Repository& repo, const ObjectId& base, const ObjectId& ours, const ObjectId& theirs) {
  Report report(repo);
  Versions trees{Entry{kModeTree, base}, Entry{kModeTree, ours}, Entry{kModeTree, theirs}};
  report.walk("", trees);
  return std::move(report.text);
}

}  // namespace git
