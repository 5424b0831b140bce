#include "index-pack-check.h"

#include "base/error.h"
#include "base/fd.h"
#include "config/fsck-config.h"
#include "object/fsck.h"
#include "odb.h"
#include "pack/index-pack.h"
#include "repository.h"

namespace git {

struct IndexPackCheck::Fsck {
  FsckOptions options;
  FsckState state;
};

namespace {

bool report_finding(const FsckFinding& finding) {
  if (finding.severity < FsckSeverity::error) {
    warning("object %s: %s", finding.oid, finding.text);
    return false;
  }
  error("object %s: %s", finding.oid, finding.text);
  return true;
}

}  // namespace

IndexPackCheck::IndexPackCheck(Repository* repo, HashAlgo algo, Options options)
    : repo_(repo), algo_(algo), options_(std::move(options)), fsck_(std::make_unique<Fsck>()) {
  if (repo_)
    for (const ObjectId& oid : repo_->shallow_commits()) shallow_.insert(oid);
  // Severities come with the command line; configuration is the business of who called.
  fsck_->options = default_fsck_options();
  fsck_->options.is_strict = true;
  fsck_->options.set_severities(options_.severities,
                                [&](const std::string& path) { load_fsck_skip_list(fsck_->options, path, algo_); });
}
IndexPackCheck::~IndexPackCheck() = default;

void IndexPackCheck::inspect(const ObjectId& oid, ObjectType type, std::string_view data) {
  if (options_.fsck) {
    std::lock_guard lock(mutex_);
    if (fsck_object(oid, type, data, fsck_->options, fsck_->state, report_finding)) die("fsck error in packed object");
  }
  if (type == ObjectType::blob) return;
  note_links(oid, type, data);
}

void IndexPackCheck::note_links(const ObjectId& oid, ObjectType type, std::string_view data) {
  std::vector<std::pair<ObjectId, ObjectType>> links;
  bool is_broken = false;
  if (type == ObjectType::tree) {
    TreeReader reader(data, algo_);
    TreeEntry entry;
    while (reader.next(entry))
      if (!is_gitlink_mode(entry.mode)) links.emplace_back(entry.oid, type_of_mode(entry.mode));
    is_broken = reader.has_error();
  } else if (type == ObjectType::commit) {
    Result<CommitHeader> commit = parse_commit(data, algo_);
    is_broken = !commit;
    if (commit) {
      links.emplace_back(commit->tree, ObjectType::tree);
      // Behind a shallow boundary nothing is expected.
      if (!shallow_.count(oid))
        for (const ObjectId& parent : commit->parents) links.emplace_back(parent, ObjectType::commit);
    }
  } else if (type == ObjectType::tag) {
    Result<TagHeader> tag = parse_tag(data, algo_);
    is_broken = !tag;
    if (tag) links.emplace_back(tag->object, tag->type);
  }
  if (is_broken) {
    error("object %s of type %s could not be parsed", oid, type_name(type));
    die("fsck error in packed object");
  }
  if (!options_.links) return;
  std::lock_guard lock(mutex_);
  for (const auto& [name, wanted] : links) links_.emplace(name, wanted);
}

void IndexPackCheck::check_link(const ObjectId& oid, ObjectType wanted) {
  ObjectType type = repo_ ? repo_->odb().type_of(oid, kLookupNoReplace) : ObjectType::bad;
  if (type == ObjectType::bad || type == ObjectType::none) die("did not receive expected object %s", oid);
  if (type != wanted) die("object %s: expected type %s, found %s", oid, type_name(wanted), type_name(type));
}

bool IndexPackCheck::finish_links(const IndexPack& pack) {
  bool has_foreign = false;
  for (const auto& [oid, wanted] : links_) {
    if (auto entry = pack.find(oid)) {
      auto type = static_cast<ObjectType>(pack.entries()[*entry].real_type);
      if (type != wanted) die("object of unexpected type");
      continue;
    }
    check_link(oid, wanted);
    has_foreign = true;
  }
  return has_foreign;
}

void IndexPackCheck::finish_links(const std::function<ObjectType(const ObjectId&)>& type_in_memory) {
  for (const auto& [oid, wanted] : links_) {
    ObjectType type = type_in_memory(oid);
    if (type == ObjectType::none)
      check_link(oid, wanted);
    else if (type != wanted)
      die("object of unexpected type");
  }
}

void IndexPackCheck::finish_fsck() {
  if (!options_.fsck) return;
  bool is_bad = fsck_finish(
      fsck_->options, fsck_->state,
      [&](const ObjectId& oid) -> std::optional<ObjectData> {
        if (!repo_) return std::nullopt;
        Result<ObjectData> data = repo_->odb().read(oid, kLookupNoReplace | kLookupNoFetch);
        if (data) return std::move(*data);
        // The blob may come with another pack: the caller is told to look.
        outf("%s\n", oid);
        return ObjectData{};
      },
      report_finding);
  if (is_bad) die("fsck error in pack objects");
}

void IndexPackCheck::remember_promisor_pack(const std::string& idx_path) {
  if (repo_) repo_->odb().add_pack(idx_path);
}

}  // namespace git
