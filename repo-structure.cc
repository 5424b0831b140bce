// The table shows numbers for people; values and units stand in columns of their own.
#include "repo-structure.h"

#include <algorithm>

#include "base/error.h"
#include "base/progress.h"
#include "base/strings.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/list-objects.h"
#include "walk/revisions.h"

namespace git {
namespace {

void offer(LargestObject& largest, const ObjectId& oid, std::uint64_t value) {
  if (!largest.oid.is_null() && value <= largest.value) return;
  largest = {oid, value};
}

class Measurer {
 public:
  Measurer(Repository& repo, bool shows_progress) : repo_(repo), shows_progress_(shows_progress) {}

  RepoStructure run() {
    RevWalk walk(repo_);
    count_refs(walk);
    walk.tree_objects = walk.blob_objects = walk.tag_objects = true;
    Progress progress(_("Counting objects"), 0, shows_progress_, true);
    walk.prepare();
    ObjectCallbacks callbacks;
    callbacks.commit = [&](Commit* commit) {
      add(s_.commits, commit->oid);
      offer(s_.most_parents, commit->oid, commit->parents.size());
      progress.step();
    };
    callbacks.object = [&](const ObjectId& oid, ObjectType type, std::string_view, std::uint32_t) {
      add(type == ObjectType::tree ? s_.trees : type == ObjectType::tag ? s_.tags : s_.blobs, oid);
      if (type == ObjectType::tree) offer(s_.most_entries, oid, entries_of(oid));
      progress.step();
    };
    traverse_commit_list(walk, callbacks);
    progress.stop();
    return s_;
  }

 private:
  void count_refs(RevWalk& walk) {
    Progress progress(_("Counting references"), 0, shows_progress_, true);
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      if (starts_with(ref.name, "refs/heads/"))
        s_.branches++;
      else if (starts_with(ref.name, "refs/tags/"))
        s_.tag_refs++;
      else if (starts_with(ref.name, "refs/remotes/"))
        s_.remotes++;
      else
        s_.other_refs++;
      walk.add_pending(ref.oid, ref.name);
      progress.step();
      return true;
    });
    progress.stop();
  }

  void add(ObjectTotals& totals, const ObjectId& oid) {
    totals.count++;
    auto info = repo_.odb().info(oid, kLookupNoReplace);
    if (!info) return;
    totals.inflated += info->size;
    totals.on_disk += info->disk_size;
    offer(totals.by_size, oid, info->size);
  }

  std::uint64_t entries_of(const ObjectId& oid) {
    auto data = repo_.odb().read(oid);
    if (!data) return 0;
    TreeReader reader(data->data, repo_.algo());
    TreeEntry entry;
    std::uint64_t count = 0;
    while (reader.next(entry)) ++count;
    return count;
  }

  Repository& repo_;
  bool shows_progress_;
  RepoStructure s_;
};

// "3.02", "k"
std::pair<std::string, std::string> humanise_count(std::uint64_t n) {
  auto scaled = [n](std::uint64_t unit, const char* name) {
    const std::uint64_t rounded = n + unit / 200;
    return std::pair(strf("%d.%02d", rounded / unit, rounded % unit / (unit / 100)), std::string(name));
  };
  if (n >= 1000000000) return scaled(1000000000, "G");
  if (n >= 1000000) return scaled(1000000, "M");
  if (n >= 1000) return scaled(1000, "k");
  return {strf("%d", n), ""};
}

std::pair<std::string, std::string> split_bytes(std::uint64_t n) {
  if (n < 1024) return {strf("%d", n), "B"};
  std::string text = humanise_bytes(n);
  std::size_t space = text.find(' ');
  return {text.substr(0, space), text.substr(space + 1)};
}

class Table {
 public:
  void title(const std::string& name) { rows_.push_back({name, {}, {}, {}, false}); }
  void gap() { rows_.push_back({}); }
  void count(const std::string& name, std::uint64_t n) { add(name, humanise_count(n), {}, false); }
  void bytes(const std::string& name, std::uint64_t n) { add(name, split_bytes(n), {}, false); }
  void largest_bytes(const std::string& name, const LargestObject& o) { add(name, split_bytes(o.value), o.oid, true); }
  void largest_count(const std::string& name, const LargestObject& o) { add(name, humanise_count(o.value), o.oid, true); }

  std::string format() const {
    const std::string name_title = _("Repository structure"), value_title = _("Value");
    std::size_t name_width = name_title.size(), value_width = 0, unit_width = 0;
    for (const Row& row : rows_) {
      name_width = std::max(name_width, row.name.size() + (row.has_note ? 4 : 0));
      value_width = std::max(value_width, row.value.size());
      unit_width = std::max(unit_width, row.unit.size());
    }
    if (value_width + unit_width < value_title.size()) value_width = value_title.size() - unit_width;
    const std::size_t width = value_width + 1 + unit_width;
    auto line = [&](const std::string& name, const std::string& value) {
      return strf("| %-*s | %-*s |\n", static_cast<int>(name_width), name, static_cast<int>(width), value);
    };
    std::string text = line(name_title, value_title);
    text += "| " + std::string(name_width, '-') + " | " + std::string(width, '-') + " |\n";
    std::vector<ObjectId> notes;
    for (const Row& row : rows_) {
      std::string name = row.name;
      if (!row.note.is_null()) {
        notes.push_back(row.note);
        const std::string mark = strf("[%d]", notes.size());
        name += std::string(name_width - name.size() - mark.size(), ' ') + mark;
      }
      std::string value;
      if (!row.value.empty())
        value = strf("%*s %-*s", static_cast<int>(value_width), row.value, static_cast<int>(unit_width), row.unit);
      text += line(name, value);
    }
    if (!notes.empty()) text += "\n";
    for (std::size_t i = 0; i < notes.size(); ++i) text += strf("[%d] %s\n", i + 1, notes[i]);
    return text;
  }

 private:
  struct Row {
    std::string name, value, unit;
    ObjectId note;
    bool has_note = false;
  };
  void add(const std::string& name, std::pair<std::string, std::string> value, const ObjectId& note, bool has_note) {
    rows_.push_back({name, std::move(value.first), std::move(value.second), note, has_note});
  }
  std::vector<Row> rows_;
};

}  // namespace

RepoStructure measure_repository(Repository& repo, bool shows_progress) { return Measurer(repo, shows_progress).run(); }

std::string format_structure_table(const RepoStructure& s) {
  Table table;
  table.title(_("* References"));
  table.count(_("  * Count"), s.branches + s.tag_refs + s.remotes + s.other_refs);
  table.count(_("    * Branches"), s.branches);
  table.count(_("    * Tags"), s.tag_refs);
  table.count(_("    * Remotes"), s.remotes);
  table.count(_("    * Others"), s.other_refs);
  table.gap();
  table.title(_("* Reachable objects"));
  auto totals = [&](const char* title, std::uint64_t ObjectTotals::*what, bool is_count) {
    auto row = [&](const std::string& name, std::uint64_t n) { is_count ? table.count(name, n) : table.bytes(name, n); };
    row(title, s.commits.*what + s.trees.*what + s.blobs.*what + s.tags.*what);
    row(_("    * Commits"), s.commits.*what);
    row(_("    * Trees"), s.trees.*what);
    row(_("    * Blobs"), s.blobs.*what);
    row(_("    * Tags"), s.tags.*what);
  };
  totals(_("  * Count"), &ObjectTotals::count, true);
  totals(_("  * Inflated size"), &ObjectTotals::inflated, false);
  totals(_("  * Disk size"), &ObjectTotals::on_disk, false);
  table.gap();
  table.title(_("* Largest objects"));
  table.title(_("  * Commits"));
  table.largest_bytes(_("    * Maximum size"), s.commits.by_size);
  table.largest_count(_("    * Maximum parents"), s.most_parents);
  table.title(_("  * Trees"));
  table.largest_bytes(_("    * Maximum size"), s.trees.by_size);
  table.largest_count(_("    * Maximum entries"), s.most_entries);
  table.title(_("  * Blobs"));
  table.largest_bytes(_("    * Maximum size"), s.blobs.by_size);
  table.title(_("  * Tags"));
  table.largest_bytes(_("    * Maximum size"), s.tags.by_size);
  return table.format();
}

std::vector<std::pair<std::string, std::string>> structure_values(const RepoStructure& s) {
  std::vector<std::pair<std::string, std::string>> values;
  auto number = [&](const std::string& key, std::uint64_t n) { values.emplace_back(key, strf("%d", n)); };
  auto largest = [&](const std::string& key, const LargestObject& o) {
    number(key, o.value);
    if (!o.oid.is_null()) values.emplace_back(key + "_oid", o.oid.hex());
  };
  number("references.branches.count", s.branches);
  number("references.tags.count", s.tag_refs);
  number("references.remotes.count", s.remotes);
  number("references.others.count", s.other_refs);
  const std::pair<const char*, const ObjectTotals*> kinds[] = {
      {"commits", &s.commits}, {"trees", &s.trees}, {"blobs", &s.blobs}, {"tags", &s.tags}};
  for (const auto& [name, totals] : kinds) number(strf("objects.%s.count", name), totals->count);
  for (const auto& [name, totals] : kinds) number(strf("objects.%s.inflated_size", name), totals->inflated);
  for (const auto& [name, totals] : kinds) number(strf("objects.%s.disk_size", name), totals->on_disk);
  for (const auto& [name, totals] : kinds) largest(strf("objects.%s.max_size", name), totals->by_size);
  largest("objects.commits.max_parents", s.most_parents);
  largest("objects.trees.max_entries", s.most_entries);
  return values;
}

}  // namespace git
