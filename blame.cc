// Commits are taken newest first, so that all lines that reach one are there when its turn comes.
#include "blame.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "blame-fuzzy.h"
#include "diff.h"
#include "diff/xdiff.h"
#include "odb.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

class Scoreboard {
 public:
  Scoreboard(Repository& repo, const BlameSettings& settings) : repo_(repo), pool_(repo.commits()), settings_(settings) {}

  Blame run() {
    BlameOrigin* final = origin_of(settings_.final_commit, settings_.path, {}, 0);
    final->text = settings_.text;
    final->is_loaded = true;
    if (settings_.final_commit) find_blob(settings_.final_commit, settings_.path, final->blob, final->mode);
    const long size = static_cast<long>(text_lines(settings_.text).size());
    auto ranges = settings_.ranges;
    if (ranges.empty()) ranges.push_back({0, size});
    for (const auto& [first, end] : ranges)
      if (end > first) enqueue({first, end - first, first, final});
    while (!queue_.empty()) {
      auto it = queue_.begin();
      const Key key = *it;
      queue_.erase(it);
      process(key.commit);
    }
    std::sort(result_.entries.begin(), result_.entries.end(), [](auto& a, auto& b) { return a.line < b.line; });
    coalesce();
    result_.origins = std::move(origins_);
    return std::move(result_);
  }

 private:
  struct Key {
    std::uint64_t date;
    std::uint64_t order;
    Commit* commit;
    bool operator<(const Key& other) const {
      if (!commit != !other.commit) return !commit;
      if (date != other.date) return date > other.date;
      return order < other.order;
    }
  };

  BlameOrigin* origin_of(Commit* commit, const std::string& path, const ObjectId& blob, std::uint32_t mode) {
    auto& slot = by_commit_[{commit, path}];
    if (slot) return slot;
    auto made = std::make_unique<BlameOrigin>();
    made->commit = commit;
    made->path = path;
    made->blob = blob;
    made->mode = mode;
    slot = made.get();
    origins_.push_back(std::move(made));
    return slot;
  }

  void enqueue(const BlameEntry& entry) {
    Commit* commit = entry.origin->commit;
    auto& list = pending_[commit];
    if (list.empty()) {
      if (commit) pool_.parse(commit).or_die();
      queue_.insert({commit ? commit->date : ~0ull, order_++, commit});
    }
    list.push_back(entry);
  }

  const std::string& text_of(BlameOrigin* origin) {
    if (origin->is_loaded) return origin->text;
    DiffOptions& options = diff();
    DiffFilespec spec(origin->path);
    spec.fill(origin->blob, true, origin->mode);
    origin->text = load_blob(options, spec);
    origin->is_loaded = true;
    return origin->text;
  }
  std::string load_blob(DiffOptions& options, DiffFilespec& spec) { return load(options, spec); }
  DiffOptions& diff() {
    if (!diff_) diff_ = std::make_unique<DiffOptions>(make_diff_options(&repo_, repo_.config(), nullptr, "", DiffConfig::none));
    return *diff_;
  }

  bool find_blob(Commit* commit, const std::string& path, ObjectId& blob, std::uint32_t& mode) {
    pool_.parse(commit).or_die();
    ObjectId tree = pool_.tree(commit);
    std::string_view rest = path;
    for (;;) {
      auto object = repo_.odb().read_peeled(tree, ObjectType::tree);
      if (!object) return false;
      const std::size_t slash = rest.find('/');
      std::string_view name = rest.substr(0, slash);
      TreeReader reader(object->data, repo_.algo());
      TreeEntry entry;
      bool found = false;
      while (reader.next(entry))
        if (entry.name == name) {
          found = true;
          break;
        }
      if (!found) return false;
      if (slash == std::string_view::npos) {
        if (is_tree_mode(entry.mode) || is_gitlink_mode(entry.mode)) return false;
        blob = entry.oid;
        mode = entry.mode;
        return true;
      }
      if (!is_tree_mode(entry.mode)) return false;
      tree = entry.oid;
      rest.remove_prefix(slash + 1);
    }
  }

  BlameOrigin* find_origin(Commit* parent, const BlameOrigin* origin) {
    ObjectId blob;
    std::uint32_t mode = 0;
    if (!find_blob(parent, origin->path, blob, mode)) return nullptr;
    return origin_of(parent, origin->path, blob, mode);
  }

  // What the file was called in the parent, by rename detection.
  BlameOrigin* find_rename(Commit* parent, const BlameOrigin* origin) {
    if (!origin->commit || !settings_.follow_renames) return nullptr;
    DiffOptions options = make_diff_options(&repo_, repo_.config(), nullptr, "", DiffConfig::none);
    options.recursive = true;
    options.detect_rename = DetectRename::rename;
    options.output_format = kDiffNoOutput;
    options.single_follow = true;
    options.follow_path = origin->path;
    diff_setup_done(options);
    pool_.parse(parent).or_die();
    diff_tree(options, pool_.tree(parent), pool_.tree(origin->commit));
    diffcore_std(options);
    for (const PairPtr& pair : options.queue)
      if ((pair->status == 'R' || pair->status == 'C') && pair->two->path == origin->path)
        return origin_of(parent, pair->one->path, pair->one->oid, pair->one->mode);
    return nullptr;
  }

  void process(Commit* commit) {
    std::vector<BlameEntry> entries = std::move(pending_[commit]);
    pending_.erase(commit);
    // Origin by origin, in the order they were met.
    while (!entries.empty()) {
      const BlameOrigin* origin = entries.front().origin;
      std::vector<BlameEntry> mine, others;
      for (const BlameEntry& entry : entries) (entry.origin == origin ? mine : others).push_back(entry);
      std::sort(mine.begin(), mine.end(), [](auto& a, auto& b) { return a.origin_line < b.origin_line; });
      const bool boundary = commit && settings_.is_boundary && settings_.is_boundary(commit);
      if (!boundary) pass_blame(const_cast<BlameOrigin*>(origin), mine);
      for (const BlameEntry& entry : mine) {
        result_.entries.push_back(entry);
        if (settings_.found) settings_.found(entry);
      }
      entries = std::move(others);
    }
  }

  std::vector<Commit*> parents_of(Commit* commit) {
    if (!commit) return settings_.worktree_parents;
    std::vector<Commit*> parents(commit->parents.begin(), commit->parents.end());
    if (settings_.first_parent && parents.size() > 1) parents.resize(1);
    return parents;
  }

  void pass_blame(BlameOrigin* origin, std::vector<BlameEntry>& entries) {
    const std::vector<Commit*> parents = parents_of(origin->commit);
    std::vector<BlameOrigin*> sources(parents.size());
    for (int pass = 0; pass < 2; pass++)
      for (std::size_t i = 0; i < parents.size(); i++) {
        if (sources[i]) continue;
        BlameOrigin* found = pass ? find_rename(parents[i], origin) : find_origin(parents[i], origin);
        if (!found) continue;
        if (!origin->blob.is_null() && found->blob == origin->blob) {
          for (BlameEntry& entry : entries) {
            entry.origin = found;
            enqueue(entry);
          }
          entries.clear();
          return;
        }
        bool same = false;
        for (std::size_t j = 0; j < i; j++) same = same || (sources[j] && sources[j]->blob == found->blob);
        if (!same) sources[i] = found;
      }
    for (BlameOrigin* source : sources) {
      if (!source || entries.empty()) continue;
      if (!origin->previous) origin->previous = source;
      pass_to(origin, source, entries, false);
    }
    if (origin->commit && settings_.is_ignored && settings_.is_ignored(origin->commit->oid))
      for (BlameOrigin* source : sources)
        if (source && !entries.empty()) pass_to(origin, source, entries, true);
    if (settings_.finds_moves && !entries.empty()) find_moves_and_copies(origin, parents, sources, entries);
  }

  // ---- -M and -C ----

  // A stretch of an entry that stands in `source` from `source_line`.
  struct Found {
    BlameOrigin* source = nullptr;
    long begin = 0, end = 0, source_line = 0;
    unsigned score = 0;
  };

  unsigned score(long first, long end) const {
    unsigned letters = 1;
    for (long i = first; i < end; ++i)
      for (char c : final_lines_[static_cast<std::size_t>(i)]) letters += is_alnum(c);
    return letters;
  }
  unsigned score(const BlameEntry& entry) const { return score(entry.line, entry.line + entry.count); }

  // The best stretch of `entry` that `source` has, where it beats `best`.
  void find_in(const BlameEntry& entry, BlameOrigin* source, Found& best) {
    std::string text;
    for (long i = 0; i < entry.count; ++i) text += final_lines_[static_cast<std::size_t>(entry.line + i)];
    XdiffParams params;
    params.flags = settings_.xdl_opts;
    const LineDiff diff = compare_lines(text_of(source), text, params);
    auto offer = [&](long begin, long end, long source_line) {
      if (begin >= end) return;
      const unsigned value = score(entry.line + begin, entry.line + end);
      if (best.source && value < best.score) return;
      best = {source, begin, end, source_line, value};
    };
    long begin = 0, source_line = 0;
    for (const Change& c : diff.changes) {
      offer(begin, c.new_start, source_line);
      begin = c.new_end();
      source_line = c.old_end();
    }
    offer(begin, entry.count, source_line);
  }

  // Gives the stretch away; what is left on either side comes back.
  void split_off(const BlameEntry& entry, const Found& found, std::vector<BlameEntry>& rest) {
    auto piece = [&](long begin, long end) {
      BlameEntry part = entry;
      part.line += begin;
      part.origin_line += begin;
      part.count = end - begin;
      return part;
    };
    if (found.begin > 0) rest.push_back(piece(0, found.begin));
    if (found.end < entry.count) rest.push_back(piece(found.end, entry.count));
    BlameEntry given = piece(found.begin, found.end);
    given.origin_line = found.source_line;
    given.origin = found.source;
    enqueue(given);
  }

  // Looks for every entry in `sources` until nothing more is found. What is too small is put aside.
  void search(const std::vector<BlameOrigin*>& sources, std::vector<BlameEntry>& entries, std::vector<BlameEntry>& small,
              unsigned least) {
    std::vector<BlameEntry> left, todo = std::move(entries);
    while (!todo.empty()) {
      std::vector<BlameEntry> pieces;
      for (const BlameEntry& entry : todo) {
        Found best;
        for (BlameOrigin* source : sources) find_in(entry, source, best);
        if (best.source && best.score > least)
          split_off(entry, best, pieces);
        else
          left.push_back(entry);
      }
      todo = std::move(pieces);
      put_aside(todo, small, least);
    }
    entries = std::move(left);
    std::sort(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.origin_line < b.origin_line; });
  }

  void put_aside(std::vector<BlameEntry>& entries, std::vector<BlameEntry>& small, unsigned least) {
    std::erase_if(entries, [&](const BlameEntry& entry) {
      if (score(entry) > least) return false;
      small.push_back(entry);
      return true;
    });
  }

  // Other files of the parent that lines may have been copied from.
  std::vector<BlameOrigin*> copy_sources(const BlameOrigin* origin, Commit* parent, const BlameOrigin* own) {
    DiffOptions options = make_diff_options(&repo_, repo_.config(), nullptr, "", DiffConfig::none);
    options.recursive = true;
    options.output_format = kDiffNoOutput;
    const bool is_new_path = !own || own->path != origin->path;
    options.find_copies_harder = settings_.finds_copies > 2 || (settings_.finds_copies > 1 && is_new_path);
    diff_setup_done(options);
    pool_.parse(parent).or_die();
    diff_tree(options, pool_.tree(parent), pool_.tree(origin->commit));
    if (!options.find_copies_harder) diffcore_std(options);
    std::vector<BlameOrigin*> sources;
    for (const PairPtr& pair : options.queue) {
      const DiffFilespec& one = *pair->one;
      if (!one.is_valid() || is_gitlink_mode(one.mode) || (own && one.path == own->path)) continue;
      sources.push_back(origin_of(parent, one.path, one.oid, one.mode));
    }
    return sources;
  }

  void find_moves_and_copies(BlameOrigin* origin, const std::vector<Commit*>& parents, const std::vector<BlameOrigin*>& sources,
                             std::vector<BlameEntry>& entries) {
    if (final_lines_.empty()) final_lines_ = text_lines(settings_.text);
    std::vector<BlameEntry> small;
    put_aside(entries, small, settings_.move_score);
    for (BlameOrigin* source : sources)
      if (source && !entries.empty()) search({source}, entries, small, settings_.move_score);
    if (settings_.finds_copies && origin->commit) {
      if (settings_.copy_score < settings_.move_score) {
        entries.insert(entries.end(), small.begin(), small.end());
        small.clear();
      }
      put_aside(entries, small, settings_.copy_score);
      for (std::size_t i = 0; i < parents.size() && !entries.empty(); ++i)
        search(copy_sources(origin, parents[i], sources[i]), entries, small, settings_.copy_score);
    }
    entries.insert(entries.end(), small.begin(), small.end());
    std::sort(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.origin_line < b.origin_line; });
  }

  // Lines of an ignored commit that were changed together go to lines of the parent that are like them.
  void guess(BlameOrigin* parent, const BlameEntry& part, const std::vector<int>& lines, long first,
             std::vector<BlameEntry>& kept) {
    for (long i = 0; i < part.count;) {
      auto match = [&](long k) { return lines[static_cast<std::size_t>(part.origin_line + k - first)]; };
      const int from = match(i);
      long run = 1;
      while (i + run < part.count && (from < 0 ? match(i + run) < 0 : match(i + run) == from + run)) ++run;
      BlameEntry piece = part;
      piece.line += i;
      piece.count = run;
      piece.origin_line += i;
      if (from < 0) {
        piece.is_unblamable = true;
        kept.push_back(piece);
      } else {
        piece.is_ignored = true;
        piece.origin_line = from;
        piece.origin = parent;
        enqueue(piece);
      }
      i += run;
    }
  }

  // Gives the parent the lines it has; with `ignore`, also those that look like lines it has.
  void pass_to(BlameOrigin* origin, BlameOrigin* parent, std::vector<BlameEntry>& entries, bool ignore) {
    XdiffParams params;
    params.flags = settings_.xdl_opts;
    std::string_view before = text_of(parent), after = text_of(origin);
    trim_common_tail(before, after);
    const LineDiff diff = compare_lines(before, after, params);
    std::vector<BlameEntry> kept;
    std::vector<LineFingerprint> parent_prints, prints;
    std::map<long, std::vector<int>> guesses;  // by the change's first line
    if (ignore) parent_prints = line_fingerprints(text_of(parent)), prints = line_fingerprints(text_of(origin));
    for (const BlameEntry& entry : entries) {
      long line = entry.origin_line;
      const long end = entry.origin_line + entry.count;
      long offset = 0;
      std::size_t i = 0;
      while (line < end) {
        // The change that covers or follows `line`.
        while (i < diff.changes.size() && diff.changes[i].new_end() <= line) {
          offset = diff.changes[i].old_end() - diff.changes[i].new_end();
          i++;
        }
        const bool inside = i < diff.changes.size() && diff.changes[i].new_start <= line;
        long stop = end;
        if (i < diff.changes.size()) stop = std::min(end, inside ? diff.changes[i].new_end() : diff.changes[i].new_start);
        BlameEntry part{
            entry.line + (line - entry.origin_line), stop - line, line, entry.origin, entry.is_ignored, entry.is_unblamable};
        if (inside && ignore) {
          const Change& c = diff.changes[i];
          auto [it, is_new] = guesses.try_emplace(c.new_start);
          if (is_new)
            it->second = match_changed_lines(parent_prints, prints, static_cast<int>(c.new_start), static_cast<int>(c.added),
                                             static_cast<int>(c.old_start), static_cast<int>(c.removed));
          guess(parent, part, it->second, c.new_start, kept);
        } else if (inside) {
          kept.push_back(part);
        } else {
          part.origin_line = line + offset;
          part.origin = parent;
          enqueue(part);
        }
        line = stop;
      }
    }
    entries = std::move(kept);
  }

  void coalesce() {
    std::vector<BlameEntry> merged;
    for (const BlameEntry& entry : result_.entries) {
      if (!merged.empty()) {
        BlameEntry& last = merged.back();
        if (last.origin == entry.origin && last.is_ignored == entry.is_ignored && last.is_unblamable == entry.is_unblamable &&
            last.line + last.count == entry.line && last.origin_line + last.count == entry.origin_line) {
          last.count += entry.count;
          continue;
        }
      }
      merged.push_back(entry);
    }
    result_.entries = std::move(merged);
  }

  Repository& repo_;
  CommitPool& pool_;
  const BlameSettings& settings_;
  std::vector<std::unique_ptr<BlameOrigin>> origins_;
  std::map<std::pair<Commit*, std::string>, BlameOrigin*> by_commit_;
  std::map<Commit*, std::vector<BlameEntry>> pending_;
  std::set<Key> queue_;
  std::uint64_t order_ = 0;
  std::unique_ptr<DiffOptions> diff_;
  std::vector<std::string_view> final_lines_;  // for -M and -C
  Blame result_;
};

}  // namespace

Blame assign_blame(Repository& repo, const BlameSettings& settings) { return Scoreboard(repo, settings).run(); }

}  // namespace git
