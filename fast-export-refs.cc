// The refs of an export: which ones were asked for, under which name their commits appear, and what is left to be said
// about them when all commits are written.  And the marks, by which one export goes on where another ended.
#include <cstdio>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/fmt.h"
#include "base/strings.h"
#include "fast-export.h"
#include "gpg-verify.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"

namespace git {

// ---- which refs ----

void FastExport::collect_refs() {
  for (const CmdlineRevision& rev : walk_.cmdline)
    if (!(rev.flags & kRevUninteresting)) collect_ref(rev);
  // The walk hands a tip's name down to its ancestors: it has to be the ref's, as the importer will see it.
  for (PendingObject& tip : walk_.pending) {
    const Commit* commit = repo_.commits().peel_to_commit(tip.oid);
    if (!commit) continue;
    if (auto found = sources_.find(commit->oid); found != sources_.end()) tip.name = found->second;
  }
}

void FastExport::collect_ref(const CmdlineRevision& rev) {
  std::string name;
  if (dwim_ref(repo_, rev.name, nullptr, &name) != 1) return;
  if (auto mapped = refspec_destination(options.refspecs, name)) name = *mapped;
  ObjectId oid = rev.oid;
  ObjectType type = repo_.odb().type_of(oid);
  const bool is_tag = type == ObjectType::tag;
  while (type == ObjectType::tag) {
    tags_.push_back({name, oid});
    const ObjectData data = repo_.odb().read(oid).take_or_die();
    const TagHeader tag = parse_tag(data.data, repo_.algo()).take_or_die();
    oid = tag.object;
    type = repo_.odb().type_of(oid);
    if (type == ObjectType::bad) die("Tag %s points nowhere?", rev.name);
  }
  if (type == ObjectType::blob) return export_blob(oid);
  if (type != ObjectType::commit) {
    if (is_tag)
      warning("Tag points to object of unexpected type %s, skipping.", type_name(type));
    else
      warning("%s: Unexpected object of type %s, skipping.", rev.name, type_name(type));
    return;
  }
  if (!is_tag) branches_.emplace(name, oid);
  sources_.try_emplace(oid, name);
}

// ---- at the end ----

// The nearest commit that was not simplified away; nullptr where nothing of this history was exported.
Commit* FastExport::surviving(Commit* commit) {
  for (;;) {
    repo_.commits().parse_or_die(commit);
    const auto parents = walk_.parents(commit);
    if (parents.size() > 1 || walk_.is_uninteresting(commit) || !(walk_.flags(commit) & kRevTreesame)) return commit;
    if (parents.empty()) return nullptr;
    commit = parents[0];
  }
}

void FastExport::reset_ref(std::string_view name, const std::string& to) { outf("reset %s\nfrom %s\n\n", name, to); }

void FastExport::export_late_ref(const LateRef& ref) {
  const std::string name = options.anonymize ? anonymizer.refname(ref.name) : ref.name;
  Commit* commit = surviving(repo_.commits().get(ref.oid));
  const std::uint32_t mark = commit ? mark_of(commit->oid) : 0;
  if (mark) {
    reset_ref(name, strf(":%u", mark));
    show_progress();
  } else if (commit && options.reference_excluded_parents) {
    reset_ref(name, shown_oid(commit->oid).hex());
  } else {
    // All of its history was excluded or filtered to nothing.
    reset_ref(name, ObjectId::null(repo_.algo()).hex());
  }
}

void FastExport::export_tag(std::string name, const ObjectId& oid) {
  const ObjectData object = repo_.odb().read(oid).take_or_die();
  const TagHeader tag = parse_tag(object.data, repo_.algo()).take_or_die();
  if (auto inner = peel_to_type(repo_, oid, ObjectType::none, true); inner && repo_.odb().type_of(*inner) == ObjectType::tree) {
    warning("Omitting tag %s,\nsince tags of trees (or tags of tags of trees, etc.) are not supported.", oid);
    return;
  }
  std::string tagger(tag.tagger), message(tag.message);
  if (tagger.empty())
    tagger = options.fake_missing_tagger ? "Unspecified Tagger <unspecified-tagger> 0 +0000" : "";
  else if (options.anonymize)
    tagger = anonymizer.ident(tagger);
  if (options.anonymize) {
    name = anonymizer.refname(name);
    message = anonymizer.tag_message(message);
  }
  if (const auto parts = split_signed_tag(message)) {
    switch (options.signed_tags) {
      case ExportSigned::abort:
        die("encountered signed tag %s; use --signed-tags=<mode> to handle it", oid);
      case ExportSigned::warn_verbatim:
        warning("exporting signed tag %s", oid);
        break;
      case ExportSigned::verbatim:
        break;
      case ExportSigned::warn_strip:
        warning("stripping signature from tag %s", oid);
        [[fallthrough]];
      case ExportSigned::strip:
        message.resize(message.size() - parts->signature.size());
    }
  }
  std::uint32_t mark = mark_of(tag.object);
  if (!mark) {
    if (options.tag_of_filtered == FilteredTag::abort)
      die("tag %s tags unexported object; use --tag-of-filtered-object=<mode> to handle it", oid);
    if (options.tag_of_filtered == FilteredTag::drop) return;
    if (tag.type == ObjectType::tag && !options.mark_tags) die("cannot export nested tags unless --mark-tags is specified.");
    if (tag.type == ObjectType::commit) {
      Commit* commit = surviving(repo_.commits().get(tag.object));
      if (!commit) return reset_ref(name, ObjectId::null(repo_.algo()).hex());
      mark = mark_of(commit->oid);
    }
  }
  // The inner tag went by the same name, and must not stand in the way.
  if (tag.type == ObjectType::tag) reset_ref(name, ObjectId::null(repo_.algo()).hex());
  std::string_view shown = name;
  skip_prefix(shown, "refs/tags/");
  outf("tag %s\n", shown);
  if (options.mark_tags) outf("mark :%u\n", give_mark(oid));
  outf("from %s\n", mark ? strf(":%u", mark) : shown_oid(tag.object).hex());
  if (options.show_original_ids) outf("original-oid %s\n", oid);
  if (!tagger.empty()) outf("tagger %s\n", tagger);
  outf("data %u\n", message.size());
  out(message);
  out("\n");
}

// ---- marks ----

void FastExport::read_marks() {
  if (options.import_marks_may_be_missing && !path_exists(options.import_marks)) return;
  Result<std::string> text = read_file(options.import_marks);
  if (!text) die_errno("cannot read '%s'", options.import_marks);
  if (!text->empty() && text->back() != '\n') die("corrupt mark line: %s", split_lines(*text).back());
  for (std::string_view line : split_lines(*text)) {
    const std::size_t space = line.find(' ');
    std::optional<std::uint64_t> mark;
    std::optional<ObjectId> oid;
    if (starts_with(line, ":") && space != std::string_view::npos) {
      mark = parse_uint(line.substr(1, space - 1));
      oid = ObjectId::from_hex(line.substr(space + 1), repo_.algo());
    }
    if (!mark || !*mark || *mark > UINT32_MAX || !oid) die("corrupt mark line: %s", line);
    last_mark_ = std::max(last_mark_, static_cast<std::uint32_t>(*mark));
    const ObjectType type = repo_.odb().type_of(*oid);
    if (type == ObjectType::bad) die("object not found: %s", *oid);
    if (type != ObjectType::commit) continue;
    Commit* commit = repo_.commits().get(*oid);
    if (walk_.flags(commit) & kRevShown) error("Object %s already has a mark", *oid);
    marks_[*oid] = static_cast<std::uint32_t>(*mark);
    walk_.set_flag(commit, kRevShown);
  }
}

void FastExport::write_marks() {
  std::map<std::uint32_t, ObjectId> commits;
  for (const auto& [oid, mark] : marks_)
    if (repo_.odb().type_of(oid) == ObjectType::commit) commits.emplace(mark, oid);
  std::string text;
  for (const auto& [mark, oid] : commits) text += strf(":%u %s\n", mark, oid);
  if (!write_file(options.export_marks, text)) die_errno("Unable to open marks file %s for writing.", options.export_marks);
}

}  // namespace git
