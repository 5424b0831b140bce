// git fast-export (git-fast-export(1)): what is asked for; fast-export.h does it.
#include "fast-export.h"

#include "base/env.h"
#include "base/error.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("fast-export", cmd_fast_export, kSetup)

namespace git {
namespace {

Options::Callback signed_mode(ExportSigned* mode, const char* option) {
  return [mode, option](const std::optional<std::string>& value, bool unset) {
    if (unset || *value == "abort")
      *mode = ExportSigned::abort;
    else if (*value == "verbatim" || *value == "ignore")
      *mode = ExportSigned::verbatim;
    else if (*value == "warn-verbatim" || *value == "warn")
      *mode = ExportSigned::warn_verbatim;
    else if (*value == "warn-strip")
      *mode = ExportSigned::warn_strip;
    else if (*value == "strip")
      *mode = ExportSigned::strip;
    else
      return error("unknown %s mode: %s", option, *value) == 0;
    return true;
  };
}

Options::Callback filtered_tag_mode(FilteredTag* mode) {
  return [mode](const std::optional<std::string>& value, bool unset) {
    if (unset || *value == "abort")
      *mode = FilteredTag::abort;
    else if (*value == "drop")
      *mode = FilteredTag::drop;
    else if (*value == "rewrite")
      *mode = FilteredTag::rewrite;
    else
      return error("unknown tag-of-filtered mode: %s", *value) == 0;
    return true;
  };
}

Options::Callback reencode_mode(ExportReencode* mode) {
  return [mode](const std::optional<std::string>& value, bool unset) {
    if (unset || iequals(*value, "abort"))
      *mode = ExportReencode::abort;
    else if (auto wanted = parse_maybe_bool_text(*value))
      *mode = *wanted ? ExportReencode::yes : ExportReencode::no;
    else
      return error("unknown reencoding mode: %s", *value) == 0;
    return true;
  };
}

Options::Callback anonymize_choice(Anonymizer* anonymizer) {
  return [anonymizer](const std::optional<std::string>& value, bool) {
    const std::size_t colon = value->find(':');
    std::string token = value->substr(0, colon);
    std::string stand_in = colon == std::string::npos ? token : value->substr(colon + 1);
    if (token.empty() || stand_in.empty()) return error("--anonymize-map token cannot be empty") == 0;
    anonymizer->choose(token, stand_in);
    return true;
  };
}

}  // namespace

int cmd_fast_export(Invocation& inv) {
  FastExport exporter(inv.repo(), inv.prefix_or_empty());
  ExportOptions& o = exporter.options;
  bool data = true, wants_anonymize = false;
  std::optional<std::string> export_marks, import_marks, import_if_exists;
  std::vector<std::string> refspecs;
  Options options({"git fast-export [<rev-list-opts>]"});
  options.integer(0, "progress", &o.progress, "n", N_("show progress after <n> objects"));
  options.callback(0, "signed-tags", "mode", N_("select handling of signed tags"), signed_mode(&o.signed_tags, "signed-tags"));
  options.callback(0, "signed-commits", "mode", N_("select handling of signed commits"),
                   signed_mode(&o.signed_commits, "signed-commits"));
  options.callback(0, "tag-of-filtered-object", "mode", N_("select handling of tags that tag filtered objects"),
                   filtered_tag_mode(&o.tag_of_filtered));
  options.callback(0, "reencode", "mode", N_("select handling of commit messages in an alternate encoding"),
                   reencode_mode(&o.reencode));
  options.string(0, "export-marks", &export_marks, "file", N_("dump marks to this file"));
  options.string(0, "import-marks", &import_marks, "file", N_("import marks from this file"));
  options.string(0, "import-marks-if-exists", &import_if_exists, "file", N_("import marks from this file if it exists"));
  options.boolean(0, "fake-missing-tagger", &o.fake_missing_tagger, N_("fake a tagger when tags lack one"));
  options.boolean(0, "full-tree", &o.full_tree, N_("output full tree for each commit"));
  options.boolean(0, "use-done-feature", &o.use_done_feature, N_("use the done feature to terminate the stream"));
  options.boolean(0, "data", &data, N_("skip output of blob data"));
  options.strings(0, "refspec", &refspecs, "refspec", N_("apply refspec to exported refs"));
  options.boolean(0, "anonymize", &wants_anonymize, N_("anonymize output"));
  options.callback(0, "anonymize-map", "from:to", N_("convert <from> to <to> in anonymized output"),
                   anonymize_choice(&exporter.anonymizer), kOptNoNeg);
  options.boolean(0, "reference-excluded-parents", &o.reference_excluded_parents,
                  N_("reference parents which are not in fast-export stream by object id"));
  options.boolean(0, "show-original-ids", &o.show_original_ids, N_("show original object ids of blobs/commits"));
  options.boolean(0, "mark-tags", &o.mark_tags, N_("label tags with mark ids"));
  if (inv.args.size() == 1) options.usage_with_options();
  if (env_bool("FAST_EXPORT_SIGNED_COMMITS_NOABORT", false)) o.signed_commits = ExportSigned::warn_strip;
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kKeepUnknown);
  if (exporter.anonymizer.has_choices() && !wants_anonymize)
    die("the option '%s' requires '%s'", "--anonymize-map", "--anonymize");
  if (import_marks && import_if_exists)
    die("options '%s' and '%s' cannot be used together", "--import-marks", "--import-marks-if-exists");
  o.anonymize = wants_anonymize;
  o.no_data = !data;
  o.refspecs.append(refspecs);
  o.export_marks = export_marks.value_or("");
  o.import_marks = import_marks ? *import_marks : import_if_exists.value_or("");
  o.import_marks_may_be_missing = import_if_exists.has_value();
  if (!exporter.run(args).empty()) options.usage_with_options();
  return 0;
}

}  // namespace git
