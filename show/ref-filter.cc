// The cheap questions come first: names are matched before objects are read, and patterns become prefixes that the store
// can seek.  History questions are asked once for all refs together.
#include "show/ref-filter.h"

#include <algorithm>

#include "base/error.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/versioncmp.h"
#include "base/wildmatch.h"
#include "config.h"
#include "object-name.h"
#include "repository.h"

namespace git {

unsigned ref_kind_of(const std::string& name) {
  if (starts_with(name, "refs/heads/")) return kRefKindBranches;
  if (starts_with(name, "refs/remotes/")) return kRefKindRemotes;
  if (starts_with(name, "refs/tags/")) return kRefKindTags;
  if (name == "HEAD") return kRefKindDetachedHead;
  if (is_root_ref(name)) return kRefKindRoot;
  return kRefKindOthers;
}

void RefSorting::parse(Repository& repo) {
  keys.clear();
  for (auto spec = specs.rbegin(); spec != specs.rend(); ++spec) {
    RefSortKey key;
    std::string_view text = *spec;
    if (skip_prefix(text, "-")) key.reverse = true;
    if (skip_prefix(text, "version:") || skip_prefix(text, "v:")) key.version = true;
    key.ignore_case = ignore_case;
    Result<RefAtom> atom = parse_ref_atom(&repo, text, {});
    if (!atom) die("%s", atom.error().message);
    key.atom = std::move(*atom);
    keys.push_back(std::move(key));
  }
}

bool RefSorting::is_by_name() const {
  if (ignore_case || detached_head_first) return false;
  if (keys.empty()) return true;
  const RefSortKey& key = keys[0];
  return key.atom.field == AtomField::refname && key.atom.text == "refname" && !key.reverse && !key.version;
}

RefLister::RefLister(Repository& repo, RefFilter filter, RefSorting sorting, RefFormat& format)
    : repo_(repo), filter_(std::move(filter)), sorting_(std::move(sorting)), format_(format), values_(repo) {
  if (!filter_.with.empty()) contains_.emplace(repo_.commits(), filter_.with);
  if (!filter_.without.empty()) not_contains_.emplace(repo_.commits(), filter_.without);
}

// ---- names ----
bool RefLister::matches(const std::vector<std::string>& patterns, const std::string& name) const {
  unsigned icase = filter_.ignore_case ? unsigned{kWildCaseFold} : 0;
  if (!filter_.match_as_path) {
    std::string_view shorter = name;
    static_cast<void>(skip_prefix(shorter, "refs/tags/") || skip_prefix(shorter, "refs/heads/") ||
                      skip_prefix(shorter, "refs/remotes/") || skip_prefix(shorter, "refs/"));
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return wildmatch(p, shorter, icase); });
  }
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
    if (starts_with(name, p) && !p.empty() && (name.size() == p.size() || name[p.size()] == '/' || p.back() == '/')) return true;
    return wildmatch(p, name, icase | kWildPathname);
  });
}

namespace {

// Patterns as prefixes that cover them, each once, none within another.
std::vector<std::string> literal_prefixes(const std::vector<std::string>& patterns) {
  std::vector<std::string> prefixes;
  for (const std::string& pattern : patterns) prefixes.push_back(pattern.substr(0, pattern.find_first_of("*?[\\")));
  std::sort(prefixes.begin(), prefixes.end());
  std::vector<std::string> result;
  for (std::string& prefix : prefixes)
    if (result.empty() || !starts_with(prefix, result.back())) result.push_back(std::move(prefix));
  return result;
}

std::vector<std::string> literal_excludes(const std::vector<std::string>& patterns) {
  std::vector<std::string> result;
  for (const std::string& pattern : patterns)
    if (pattern.find_first_of("*?[\\") == std::string::npos && !pattern.empty())
      result.push_back(pattern.back() == '/' ? pattern : pattern + "/");
  return result;
}

}  // namespace

void RefLister::for_each_candidate(const std::function<bool(const Ref&)>& fn) {
  RefStore& refs = repo_.refs();
  if (filter_.include_root_refs || (filter_.kinds & kRefKindDetachedHead)) {
    bool go_on = true;
    refs.for_each_root_ref([&](const Ref& ref) { return go_on = fn(ref); });
    if (!go_on) return;
  }
  std::vector<std::string> exclude = filter_.match_as_path ? literal_excludes(filter_.exclude) : std::vector<std::string>{};
  std::vector<std::string> prefixes;
  unsigned regular = filter_.kinds & kRefKindRegular;
  if (regular != kRefKindRegular && !(regular & kRefKindOthers)) {
    if (regular & kRefKindBranches) prefixes.emplace_back("refs/heads/");
    if (regular & kRefKindRemotes) prefixes.emplace_back("refs/remotes/");
    if (regular & kRefKindTags) prefixes.emplace_back("refs/tags/");
  } else if (filter_.match_as_path && !filter_.ignore_case && !filter_.patterns.empty()) {
    prefixes = literal_prefixes(filter_.patterns);
  } else {
    prefixes.emplace_back("");
  }
  bool go_on = true;
  for (const std::string& prefix : prefixes) {
    refs.for_each_raw(
        prefix, [&](const Ref& ref) { return go_on = fn(ref); }, exclude, filter_.start_after);
    if (!go_on) return;
  }
}

namespace {

bool points_at(Repository& repo, const std::vector<ObjectId>& wanted, ObjectId oid, const std::string& name) {
  auto is_wanted = [&](const ObjectId& id) { return std::find(wanted.begin(), wanted.end(), id) != wanted.end(); };
  for (;;) {
    if (is_wanted(oid)) return true;
    ObjectType type = repo.odb().type_of(oid);
    if (type == ObjectType::bad) die("malformed object at '%s'", name);
    if (type != ObjectType::tag) return false;
    Result<ObjectData> data = repo.odb().read(oid);
    if (!data) die("malformed object at '%s'", name);
    Result<TagHeader> tag = parse_tag(data->data, repo.algo());
    if (!tag) die("malformed object at '%s'", name);
    oid = tag->object;
  }
}

}  // namespace

bool RefLister::accept(const Ref& ref, RefItem& item) {
  if (ref.is_bad_name) {
    warning("ignoring ref with broken name %s", ref.name);
    return false;
  }
  if (!filter_.start_after.empty() && ref.name <= filter_.start_after && starts_with(ref.name, "refs/")) return false;
  unsigned kind = ref_kind_of(ref.name);
  if (kind == kRefKindDetachedHead) {
    if (filter_.include_root_refs)
      kind = kRefKindRoot;
    else if (!ref.symref_target.empty())
      return false;
  }
  if (!(kind & filter_.kinds) && !(kind == kRefKindRoot && filter_.include_root_refs)) return false;
  if (ref.is_broken && !ref.symref_target.empty()) return false;  // dangling
  if (ref.is_broken || ref.oid.is_null()) {
    bool asked = filter_.patterns.empty() || kind == kRefKindRoot || matches(filter_.patterns, ref.name);
    if (kind != kRefKindRoot && asked) warning("ignoring broken ref %s", ref.name);
    return false;
  }
  if (!filter_.patterns.empty() && !matches(filter_.patterns, ref.name)) return false;
  if (!filter_.exclude.empty() && matches(filter_.exclude, ref.name)) return false;
  if (!filter_.points_at.empty() && !points_at(repo_, filter_.points_at, ref.oid, ref.name)) return false;
  item.ref = ref;
  item.kind = kind;
  if (!filter_.asks_history()) return true;
  item.commit = repo_.commits().peel_to_commit(ref.oid);
  if (!item.commit) return false;
  if (contains_ && !contains_->contains(item.commit)) return false;
  return !not_contains_ || !not_contains_->contains(item.commit);
}

// ---- history ----
void RefLister::filter_by_reach(const std::vector<Commit*>& bases, bool keep) {
  if (bases.empty()) return;
  std::vector<Commit*> tips;
  for (const RefItem& item : items_) tips.push_back(item.commit);
  std::vector<bool> reached = tips_reachable_from_bases(repo_.commits(), bases, tips);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (reached[i] != keep) continue;
    if (kept != i) items_[kept] = std::move(items_[i]);
    ++kept;
  }
  items_.resize(kept);
}

void RefLister::fill_counts() {
  std::vector<RefAtom*> counts = format_.atoms_of(AtomField::ahead_behind), bases = format_.atoms_of(AtomField::is_base);
  for (RefSortKey& key : sorting_.keys) {
    if (key.atom.field == AtomField::ahead_behind) counts.push_back(&key.atom);
    if (key.atom.field == AtomField::is_base) bases.push_back(&key.atom);
  }
  if (counts.empty() && bases.empty()) return;
  for (RefItem& item : items_) {
    if (item.commit) continue;
    item.commit = repo_.commits().peel_to_commit(item.ref.oid);
    if (item.commit || counts.empty()) continue;
    ObjectId oid = repo_.refs().peel(item.ref).value_or(item.ref.oid);
    error("object %s is a %s, not a %s", oid, type_name(repo_.odb().type_of(oid)), "commit");
  }
  std::vector<AheadBehind> pairs;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    counts[k]->base_index = k;
    for (const RefItem& item : items_)
      if (item.commit) pairs.push_back({counts[k]->base, item.commit, 0, 0});
  }
  if (!pairs.empty()) ahead_behind(repo_.commits(), pairs);
  std::size_t next = 0;
  for (std::size_t k = 0; k < counts.size(); ++k)
    for (RefItem& item : items_) item.counts.push_back(item.commit ? pairs[next++] : AheadBehind{});
  for (std::size_t k = 0; k < bases.size(); ++k) {
    bases[k]->base_index = k;
    std::vector<Commit*> candidates;
    std::vector<RefItem*> owners;
    for (RefItem& item : items_) {
      item.is_base.push_back(false);
      if (!item.commit) continue;
      candidates.push_back(item.commit);
      owners.push_back(&item);
    }
    int best = candidates.empty() ? -1 : branch_base_for_tip(repo_.commits(), bases[k]->base, candidates);
    if (best >= 0) owners[static_cast<std::size_t>(best)]->is_base[k] = true;
  }
}

// ---- order ----
namespace {

int compare_text(const std::string& a, const std::string& b, bool ignore_case) {
  return ignore_case ? compare_bytes(lowercase(a), lowercase(b)) : compare_bytes(a, b);
}

}  // namespace

int RefLister::compare(const RefItem& a, const RefItem& b) const {
  if (sorting_.detached_head_first && (a.kind & kRefKindDetachedHead) != (b.kind & kRefKindDetachedHead))
    return a.kind & kRefKindDetachedHead ? -1 : 1;
  for (std::size_t i = 0; i < sorting_.keys.size(); ++i) {
    const RefSortKey& key = sorting_.keys[i];
    const AtomValue &left = a.sort_values[i], &right = b.sort_values[i];
    int order = 0;
    if (key.version)
      order = versioncmp(left.text, right.text, version_suffixes_);
    else if (key.atom.is_number())
      order = left.number < right.number ? -1 : left.number > right.number;
    else
      order = compare_text(left.text, right.text, key.ignore_case);
    if (order) return key.reverse ? -order : order;
  }
  int order = compare_text(a.ref.name, b.ref.name, sorting_.ignore_case);
  return order ? order : compare_bytes(a.ref.name, b.ref.name);
}

namespace {

std::vector<std::string> version_suffixes(const Config& config) {
  auto read = [&](const char* key) {
    std::vector<std::string> values;
    for (const ConfigEntry* entry : config.find_all(key)) {
      if (entry->value) {
        values.push_back(*entry->value);
        continue;
      }
      error("missing value for '%s'", key);
      values.clear();
      return values;
    }
    return values;
  };
  std::vector<std::string> current = read("versionsort.suffix"), old = read("versionsort.prereleasesuffix");
  if (!current.empty() && !old.empty()) warning("ignoring versionsort.prereleasesuffix because versionsort.suffix is set");
  return current.empty() ? old : current;
}

}  // namespace

void RefLister::sort() {
  for (const RefSortKey& key : sorting_.keys) {
    if (!key.version) continue;
    version_suffixes_ = version_suffixes(repo_.config());
  }
  for (RefItem& item : items_) {
    item.sort_values.clear();
    for (const RefSortKey& key : sorting_.keys) item.sort_values.push_back(values_.get(key.atom, item));
  }
  std::stable_sort(items_.begin(), items_.end(), [&](const RefItem& a, const RefItem& b) { return compare(a, b) < 0; });
}

std::vector<RefItem>& RefLister::collect() {
  for_each_candidate([&](const Ref& ref) {
    RefItem item;
    if (accept(ref, item)) items_.push_back(std::move(item));
    return true;
  });
  filter_by_reach(filter_.merged, true);
  filter_by_reach(filter_.not_merged, false);
  fill_counts();
  sort();
  return items_;
}

std::string RefLister::format_item(const RefItem& item) {
  Result<std::string> text = format_.format(values_, item);
  if (!text) die("%s", text.error().message);
  return std::move(*text);
}

void RefLister::run(std::size_t max, const std::function<void(const std::string&)>& fn) {
  std::size_t shown = 0;
  bool streams = sorting_.is_by_name() && filter_.merged.empty() && filter_.not_merged.empty() &&
                 !format_.uses(AtomField::ahead_behind) && !format_.uses(AtomField::is_base) &&
                 filter_.kinds == kRefKindRegular && !filter_.include_root_refs;
  if (streams) {
    for_each_candidate([&](const Ref& ref) {
      RefItem item;
      if (!accept(ref, item)) return true;
      fn(format_item(item));
      return !max || ++shown < max;
    });
    return;
  }
  for (const RefItem& item : collect()) {
    fn(format_item(item));
    if (max && ++shown >= max) break;
  }
}

// ---- options ----
void add_filter_options(Options& options, Repository& repo, RefFilter& filter) {
  auto commit_option = [&](const char* name, std::vector<Commit*>* list, std::vector<Commit*>* opposite, const char* help,
                           unsigned flags) {
    options.callback(
        0, name, "commit", help,
        [&repo, list, opposite, name = std::string(name)](const std::optional<std::string>& value, bool unset) {
          if (unset && opposite) {
            opposite->clear();
            return true;
          }
          std::string text = value.value_or("HEAD");
          std::optional<ObjectId> oid = get_oid(repo, text);
          if (!oid) die("malformed object name %s", text);
          Commit* commit = repo.commits().peel_to_commit(*oid);
          if (!commit && ends_with(name, "merged")) die("option `%s' must point to a commit", name);
          if (!commit) die("no such commit %s", text);
          list->push_back(commit);
          return true;
        },
        flags | kOptLastArgDefault);
  };
  commit_option("contains", &filter.with, nullptr, N_("print only branches that contain the commit"), kOptNoNeg);
  commit_option("no-contains", &filter.without, nullptr, N_("print only branches that don't contain the commit"), kOptNoNeg);
  commit_option("with", &filter.with, nullptr, N_("print only branches that contain the commit"), kOptHidden | kOptNoNeg);
  commit_option("without", &filter.without, nullptr, N_("print only branches that don't contain the commit"),
                kOptHidden | kOptNoNeg);
  commit_option("merged", &filter.merged, nullptr, N_("print only branches that are merged"), kOptNoNeg);
  commit_option("no-merged", &filter.not_merged, nullptr, N_("print only branches that are not merged"), kOptNoNeg);
  options.callback(
      0, "points-at", "object", N_("print only branches of the object"),
      [&repo, &filter](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          filter.points_at.clear();
          return true;
        }
        std::string text = value.value_or("HEAD");
        std::optional<ObjectId> oid = get_oid(repo, text);
        if (!oid) return error("malformed object name '%s'", text) == 0;
        filter.points_at.push_back(*oid);
        return true;
      },
      kOptLastArgDefault);
}

}  // namespace git
