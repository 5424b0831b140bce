// A commit is written as its difference to its first parent, so the importer must have that parent as the walk sees
// it: limited by paths, parents are the nearest ancestors that were exported, and a commit whose first parent has no
// mark is written as a whole tree.
#include "fast-export.h"

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/fmt.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "diff.h"
#include "diff/diffcore.h"
#include "diff/rev-limiter.h"
#include "index.h"
#include "index/pathspec.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "show/encoding.h"

namespace git {
namespace {

// ssh, x509 and openpgp signatures tell themselves apart by their first line.
std::string_view signature_format(std::string_view signature) {
  if (starts_with(signature, "-----BEGIN PGP ")) return "openpgp";
  if (starts_with(signature, "-----BEGIN SIGNED MESSAGE-----")) return "x509";
  if (starts_with(signature, "-----BEGIN SSH SIGNATURE-----")) return "ssh";
  return "unknown";
}

// Files below a directory come before the directory's own name, which may become a file; renames come last, so that
// what they overwrite is gone.
bool is_deeper_first(const PairPtr& a, const PairPtr& b) {
  const std::string &name_a = a->one->path, &name_b = b->one->path;
  const std::size_t common = std::min(name_a.size(), name_b.size());
  if (int order = compare_bytes(std::string_view(name_a).substr(0, common), std::string_view(name_b).substr(0, common)))
    return order < 0;
  if (name_a.size() != name_b.size()) return name_a.size() > name_b.size();
  return (a->status == 'R') < (b->status == 'R');
}

}  // namespace

FastExport::FastExport(Repository& repo, std::string_view prefix)
    : repo_(repo),
      prefix_(prefix),
      walk_(repo),
      index_(std::make_unique<Index>(repo)),
      diff_(make_diff_options(&repo, repo.config(), index_.get(), prefix, DiffConfig::basic)),
      quote_high_(repo.config().get_bool_or("core.quotepath", true)) {}

FastExport::~FastExport() = default;

std::vector<std::string> FastExport::run(const std::vector<std::string>& args) {
  walk_.topo_order = walk_.rewrite_parents = walk_.track_sources = true;
  DiffOptionParser parser(diff_);
  RevWalk::Setup how;
  how.prefix = prefix_;
  how.keep_unknown = true;
  how.other_option = [&parser](const std::vector<std::string>& words, std::size_t at) { return parser.parse(words, at); };
  std::vector<std::string> unknown = walk_.setup(args, how);
  if (!unknown.empty()) return unknown;
  limit_walk_by_paths(walk_, prefix_);
  if (!walk_.pathspec.empty() && !walk_.full_diff) diff_.pathspec = parse_pathspec(repo_, walk_.pathspec, prefix_, kPreferFull);
  diff_.recursive = true;
  diff_.output_format = kDiffCallback;
  diff_.format_callback = [this](DiffOptions&) { export_changes(); };
  diff_setup_done(diff_);

  if (options.use_done_feature) out("feature done\n");
  if (!options.import_marks.empty()) read_marks();
  imported_mark_ = last_mark_;
  // What earlier exports left out by path is not with the importer, whatever the marks say.
  if (!options.import_marks.empty() && !walk_.pathspec.empty()) options.full_tree = true;
  collect_refs();
  walk_.reverse = false;
  walk_.prepare();
  walk_.reverse = true;
  while (Commit* commit = walk_.next()) export_commit(commit);
  for (auto ref = branches_.rbegin(); ref != branches_.rend(); ++ref) export_late_ref({ref->first, ref->second});
  for (auto tag = tags_.rbegin(); tag != tags_.rend(); ++tag) export_tag(tag->name, tag->oid);
  for (const RefspecItem& item : options.refspecs.items())
    if (!item.src && item.dst && !item.is_negative) reset_ref(*item.dst, ObjectId::null(repo_.algo()).hex());
  if (!options.export_marks.empty() && last_mark_ != imported_mark_) write_marks();
  if (options.use_done_feature) out("done\n");
  return {};
}

std::uint32_t FastExport::mark_of(const ObjectId& oid) const {
  auto found = marks_.find(oid);
  return found == marks_.end() ? 0 : found->second;
}

void FastExport::show_progress() {
  if (options.progress > 0 && ++shown_ % options.progress == 0) outf("progress %d objects\n", shown_);
}

// ---- commits ----

void FastExport::export_blob(const ObjectId& oid) {
  if (options.no_data || oid.is_null() || mark_of(oid)) return;
  std::string data;
  if (options.anonymize) {
    data = anonymizer.blob();
  } else {
    Result<ObjectData> blob = repo_.odb().read(oid);
    if (!blob) die("could not read blob %s", oid);
    data = std::move(blob->data);
  }
  outf("blob\nmark :%u\n", give_mark(oid));
  if (options.show_original_ids) outf("original-oid %s\n", oid);
  outf("data %u\n", data.size());
  out(data);
  out("\n");
  show_progress();
}

void FastExport::export_commit(Commit* commit) {
  CommitPool& pool = repo_.commits();
  pool.parse_or_die(commit);
  const std::string buffer = pool.read_buffer(commit).take_or_die();
  const CommitHeader header = parse_commit(buffer, repo_.algo()).take_or_die();
  if (header.author.empty()) die("could not find author in commit %s", commit->oid);
  if (header.committer.empty()) die("could not find committer in commit %s", commit->oid);

  const auto parents = walk_.parents(commit);
  ObjectId before = ObjectId::null(repo_.algo());
  if (!parents.empty() && (mark_of(parents[0]->oid) || options.reference_excluded_parents) && !options.full_tree) {
    pool.parse_or_die(parents[0]);
    before = pool.tree(parents[0]);
  }
  diff_tree(diff_, before, pool.tree(commit));
  for (const PairPtr& pair : diff_.queue)
    if (!is_gitlink_mode(pair->two->mode)) export_blob(pair->two->oid);

  std::string ref = walk_.source_of(commit);
  branches_.erase(ref);
  if (options.anonymize) ref = anonymizer.refname(ref);
  std::optional<std::string> message;  // where it isn't the commit's own
  if (options.anonymize) {
    message = anonymizer.commit_message();
  } else if (!header.encoding.empty()) {
    if (options.reencode == ExportReencode::abort)
      die("encountered commit-specific encoding %s in commit %s; use --reencode=[yes|no] to handle it", header.encoding,
          commit->oid);
    if (options.reencode == ExportReencode::yes) message = reencode_text(header.message, "UTF-8", header.encoding);
  }
  if (parents.empty()) outf("reset %s\n", ref);
  outf("commit %s\nmark :%u\n", ref, give_mark(commit->oid));
  if (options.show_original_ids) outf("original-oid %s\n", commit->oid);
  auto ident = [this](std::string_view who) { return options.anonymize ? anonymizer.ident(who) : std::string(who); };
  // The committer gets the first number, as the one whom every object has.
  const std::string committer = ident(header.committer), author = ident(header.author);
  outf("author %s\ncommitter %s\n", author, committer);
  export_signatures(commit, buffer);
  if (!message && !header.encoding.empty()) outf("encoding %s\n", header.encoding);
  const std::string_view text = message ? std::string_view(*message) : header.message;
  outf("data %u\n", text.size());
  out(text);
  export_parents(commit);
  if (options.full_tree) out("deleteall\n");
  diffcore_std(diff_);
  diff_flush(diff_);
  out("\n");
  show_progress();
}

void FastExport::export_signatures(Commit* commit, std::string_view buffer) {
  if (options.signed_commits == ExportSigned::strip) return;
  const auto sha1 = find_commit_header(buffer, "gpgsig"), sha256 = find_commit_header(buffer, "gpgsig-sha256");
  if (!sha1 && !sha256) return;
  switch (options.signed_commits) {
    case ExportSigned::abort:
      die("encountered signed commit %s; use --signed-commits=<mode> to handle it", commit->oid);
    case ExportSigned::warn_strip:
      warning("stripping signature(s) from commit %s", commit->oid);
      return;
    case ExportSigned::warn_verbatim:
      warning("exporting %d signature(s) for commit %s", (sha1 ? 1 : 0) + (sha256 ? 1 : 0), commit->oid);
      break;
    default:
      break;
  }
  auto show = [](const std::optional<std::string>& signature, const char* algo) {
    if (!signature) return;
    outf("gpgsig %s %s\ndata %u\n", algo, signature_format(*signature), signature->size());
    out(*signature);
    out("\n");
  };
  show(sha1, "sha1");
  show(sha256, "sha256");
}

void FastExport::export_parents(Commit* commit) {
  const char* word = "from";
  for (const Commit* parent : walk_.parents(commit)) {
    const std::uint32_t mark = mark_of(parent->oid);
    if (!mark && !options.reference_excluded_parents) continue;
    if (mark)
      outf("%s :%u\n", word, mark);
    else
      outf("%s %s\n", word, shown_oid(parent->oid));
    word = "merge";
  }
}

std::string FastExport::shown_path(std::string_view path) {
  const std::string name = options.anonymize ? anonymizer.path(path) : std::string(path);
  if (needs_c_quoting(name, quote_high_)) return quote_c_style(name, quote_high_);
  return name.find(' ') != std::string::npos ? "\"" + name + "\"" : name;
}

void FastExport::export_changes() {
  std::set<std::string> changed;
  DiffQueue queue = diff_.queue;
  std::stable_sort(queue.begin(), queue.end(), is_deeper_first);
  for (const PairPtr& pair : queue) {
    const DiffFilespec &from = *pair->one, &to = *pair->two;
    if (pair->status == 'D') {
      outf("D %s\n", shown_path(to.path));
      changed.insert(to.path);
      continue;
    }
    // The importer copies what the source has become by then, which is the right thing only while it is unchanged.
    if ((pair->status == 'C' || pair->status == 'R') && !changed.count(from.path)) {
      outf("%s %s %s\n", std::string(1, pair->status), shown_path(from.path), shown_path(to.path));
      changed.insert(to.path);
      if (from.oid == to.oid && from.mode == to.mode) continue;
    }
    if (options.no_data || is_gitlink_mode(to.mode))
      outf("M %06o %s %s\n", to.mode, shown_oid(to.oid), shown_path(to.path));
    else
      outf("M %06o :%u %s\n", to.mode, mark_of(to.oid), shown_path(to.path));
    changed.insert(to.path);
  }
}

}  // namespace git
