// git format-patch: a series of commits as mails, one to a file or all to stdout.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>

#include "base/build-config.h"
#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/ident.h"
#include "log-patch-id.h"
#include "log-tree.h"
#include "object-name.h"
#include "refs.h"
#include "show/commit-message.h"
#include "show/trailers.h"
#include "walk/commit-reach.h"
#include "walk/tracking.h"

GIT_BUILTIN("format-patch", cmd_format_patch, kSetup)

namespace git {
namespace {

enum class Thread : std::uint8_t { none, shallow, deep };
enum class CoverFrom : std::uint8_t { message, subject, auto_detect, none };

struct Settings {
  int numbered = -1;  // -1: where there are several
  bool keep_subject = false, to_stdout = false, numbered_files = false, zero_commit = false, ignore_upstream = false;
  bool no_binary = false, quiet = false, signoff = false, no_stat = false, progress = false, always = false;
  int cover_letter = -1, start_number = -1, filename_max = 64;
  bool cover_auto = false, force_in_body_from = false, encode_headers = true;
  std::string suffix = ".patch", subject_prefix = "PATCH", reroll, signature = std::string(kVersion), outdir, in_reply_to, rfc;
  bool prefix_given = false, rfc_given = false, root = false;
  std::optional<std::string> from, attach, signature_file, description_file;
  bool inline_attach = false;
  Thread thread = Thread::none;
  CoverFrom cover_from = CoverFrom::message;
  std::vector<std::string> headers, to, cc;
  std::string base;
};

class FormatPatch {
 public:
  explicit FormatPatch(Invocation& inv)
      : inv_(inv), repo_(inv.repo()), config_(inv.repo().config()), log_(inv.repo(), "", DiffConfig::ui) {}
  int run();

 private:
  void read_config();
  std::vector<std::string> parse();
  void set_up_walk(std::vector<std::string> args);
  std::vector<Commit*> collect();
  void open_output(const std::string& subject, int number);
  void close_output();
  std::string subject_line(int number) const;
  std::string mail_headers(const std::string& id_source);
  std::string extra_headers() const;
  void new_message_id(const std::string& source);
  void print_signature();
  void print_bases();
  void cover_letter(const std::vector<Commit*>& list);
  void find_bases(const std::vector<Commit*>& list);
  std::string branch_description();
  void set_from(const std::string& ident);

  Invocation& inv_;
  Repository& repo_;
  Config& config_;
  LogTree log_;
  Settings s_;
  int total_ = 0;  // 0: not numbered
  int number_ = 0;
  UniqueFd file_;
  std::string message_id_;
  std::vector<std::string> references_;
  std::string head_name_;
  std::string base_text_;
  ObjectId origin_;
  bool has_origin_ = false;
  std::string file_name_;
  bool outdir_given_ = false, signature_given_ = false;
};

std::optional<Thread> parse_thread(const std::string& word) {
  if (word == "shallow") return Thread::shallow;
  if (word == "deep") return Thread::deep;
  return std::nullopt;
}

void FormatPatch::read_config() {
  for (const ConfigEntry& entry : config_.entries()) {
    const std::string value = entry.value.value_or("");
    auto add = [&](std::vector<std::string>& list, const char* what) {
      if (!entry.value) die(what);
      std::string text = value;
      while (!text.empty() && text.back() == '\n') text.pop_back();
      list.push_back(text);
    };
    if (entry.key == "format.headers") {
      add(s_.headers, "format.headers without value");
      std::string header = s_.headers.back();
      std::string_view rest = header;
      if (istarts_with(rest, "to: ")) {
        s_.headers.pop_back();
        s_.to.emplace_back(rest.substr(4));
      } else if (istarts_with(rest, "cc: ")) {
        s_.headers.pop_back();
        s_.cc.emplace_back(rest.substr(4));
      }
    } else if (entry.key == "format.to") {
      add(s_.to, "format.to without value");
    } else if (entry.key == "format.cc") {
      add(s_.cc, "format.cc without value");
    }
  }
  s_.suffix = config_.get_string_or("format.suffix", s_.suffix);
  if (const ConfigEntry* entry = config_.find("format.numbered")) {
    if (entry->value && iequals(*entry->value, "auto"))
      s_.numbered = -1;
    else
      s_.numbered = config_.get_bool_or("format.numbered", false) ? 1 : 0;
  }
  if (const ConfigEntry* entry = config_.find("format.attach")) {
    if (entry->value && !entry->value->empty())
      s_.attach = *entry->value;
    else if (!entry->value)
      s_.attach = std::string(kVersion);
  }
  if (const ConfigEntry* entry = config_.find("format.thread")) {
    auto thread = parse_thread(entry->value.value_or(""));
    s_.thread = thread ? *thread : config_.get_bool_or("format.thread", false) ? Thread::shallow : Thread::none;
  }
  s_.signoff = config_.get_bool_or("format.signoff", false);
  if (auto text = config_.get_string("format.signature")) s_.signature = *text;
  if (!config_.find("format.signature"))
    if (auto file = config_.get_path("format.signaturefile")) s_.signature_file = *file;
  if (const ConfigEntry* entry = config_.find("format.coverletter")) {
    if (entry->value && iequals(*entry->value, "auto"))
      s_.cover_auto = true;
    else
      s_.cover_letter = config_.get_bool_or("format.coverletter", false) ? 1 : 0;
  }
  s_.outdir = config_.get_string_or("format.outputdirectory", "");
  if (const ConfigEntry* entry = config_.find("format.from")) {
    auto flag = parse_maybe_bool(entry->value);
    if (!flag)
      s_.from = *entry->value;
    else if (*flag)
      s_.from = "";
  }
  s_.force_in_body_from = config_.get_bool_or("format.forceinbodyfrom", false);
  s_.encode_headers = config_.get_bool_or("format.encodeemailheaders", true);
  s_.filename_max = config_.get_int_or("format.filenamemaxlength", 64);
  s_.subject_prefix = config_.get_string_or("format.subjectprefix", s_.subject_prefix);
  if (config_.find("format.useautobase")) {
    if (auto flag = config_.get_maybe_bool("format.useautobase"); flag && *flag) s_.base = "auto";
  }
  if (auto word = config_.get_string("format.coverfromdescription")) {
    if (*word == "subject") s_.cover_from = CoverFrom::subject;
    if (*word == "auto") s_.cover_from = CoverFrom::auto_detect;
    if (*word == "none") s_.cover_from = CoverFrom::none;
  }
  if (config_.get_bool_or("format.noprefix", false)) {
    log_.diff.a_prefix = log_.diff.b_prefix = "";
  } else {
    log_.diff.a_prefix = "a/";
    log_.diff.b_prefix = "b/";
  }
  log_.diff.mnemonic_prefix = false;
}

std::vector<std::string> FormatPatch::parse() {
  using Value = const std::optional<std::string>&;
  Options p({"git format-patch [<options>] [<since> | <revision-range>]"});
  p.set_int('n', "numbered", &s_.numbered, 1, N_("use [PATCH n/m] even with a single patch"), kOptNoNeg);
  p.set_int('N', "no-numbered", &s_.numbered, 0, N_("use [PATCH] even with multiple patches"), kOptNoNeg);
  p.boolean('s', "signoff", &s_.signoff, N_("add a Signed-off-by trailer"));
  p.boolean(0, "stdout", &s_.to_stdout, N_("print patches to standard out"));
  p.boolean(0, "cover-letter", &s_.cover_letter, N_("generate a cover letter"));
  p.boolean(0, "numbered-files", &s_.numbered_files, N_("use simple number sequence for output file names"));
  p.string(0, "suffix", &s_.suffix, "sfx", N_("use <sfx> instead of '.patch'"));
  p.integer(0, "start-number", &s_.start_number, "n", N_("start numbering patches at <n> instead of 1"));
  p.string('v', "reroll-count", &s_.reroll, "reroll-count", N_("mark the series as Nth re-roll"));
  p.integer(0, "filename-max-length", &s_.filename_max, "n", N_("max length of output filename"));
  p.callback(
      0, "rfc", "rfc", N_("add <rfc> (default 'RFC') before 'PATCH'"),
      [&](Value v, bool unset) {
        s_.rfc_given = !unset;
        s_.rfc = unset ? "" : v.value_or("RFC");
        return true;
      },
      kOptOptionalArg);
  p.callback(
      0, "cover-from-description", "cover-from-description-mode",
      N_("generate parts of a cover letter based on a branch's description"),
      [&](Value v, bool) {
        if (*v == "default" || *v == "message")
          s_.cover_from = CoverFrom::message;
        else if (*v == "none")
          s_.cover_from = CoverFrom::none;
        else if (*v == "subject")
          s_.cover_from = CoverFrom::subject;
        else if (*v == "auto")
          s_.cover_from = CoverFrom::auto_detect;
        else
          die("%s: invalid cover from description mode", *v);
        return true;
      },
      kOptNoNeg);
  p.filename(0, "description-file", &s_.description_file, N_("use branch description from file"));
  p.callback(
      0, "subject-prefix", "prefix", N_("use [<prefix>] instead of [PATCH]"),
      [&](Value v, bool) {
        s_.subject_prefix = *v;
        s_.prefix_given = true;
        return true;
      },
      kOptNoNeg);
  p.callback(
      'o', "output-directory", "dir", N_("store resulting files in <dir>"),
      [&](Value v, bool) {
        if (!s_.outdir.empty() && outdir_given_) die("two output directories?");
        s_.outdir = *v;
        outdir_given_ = true;
        return true;
      },
      kOptNoNeg);
  p.callback(
      'k', "keep-subject", "", N_("don't strip/add [PATCH]"),
      [&](Value, bool) {
        s_.keep_subject = true;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.boolean(0, "no-binary", &s_.no_binary, N_("don't output binary diffs"), kOptNoNeg);
  p.boolean(0, "zero-commit", &s_.zero_commit, N_("output all-zero hash in From header"));
  p.boolean(0, "ignore-if-in-upstream", &s_.ignore_upstream, N_("don't include a patch matching a commit upstream"));
  p.boolean('p', "no-stat", &s_.no_stat, N_("show patch format instead of default (patch + stat)"), kOptNoNeg);
  p.group("Messaging");
  p.callback(0, "add-header", "header", N_("add email header"), [&](Value v, bool unset) {
    if (unset) {
      s_.headers.clear();
      s_.to.clear();
      s_.cc.clear();
    } else {
      s_.headers.push_back(*v);
    }
    return true;
  });
  p.strings(0, "to", &s_.to, "email", N_("add To: header"));
  p.strings(0, "cc", &s_.cc, "email", N_("add Cc: header"));
  p.callback(
      0, "from", "ident", N_("set From address to <ident> (or committer ident if absent)"),
      [&](Value v, bool unset) {
        if (unset)
          s_.from.reset();
        else
          s_.from = v.value_or("");
        return true;
      },
      kOptOptionalArg);
  p.string(0, "in-reply-to", &s_.in_reply_to, "message-id", N_("make first mail a reply to <message-id>"));
  p.callback(
      0, "attach", "boundary", N_("attach the patch"),
      [&](Value v, bool unset) {
        s_.inline_attach = false;
        if (unset)
          s_.attach.reset();
        else
          s_.attach = v.value_or(std::string(kVersion));
        return true;
      },
      kOptOptionalArg);
  p.callback(
      0, "inline", "boundary", N_("inline the patch"),
      [&](Value v, bool) {
        s_.inline_attach = true;
        s_.attach = v.value_or(std::string(kVersion));
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  p.callback(
      0, "thread", "style", N_("enable message threading, styles: shallow, deep"),
      [&](Value v, bool unset) {
        if (unset) {
          s_.thread = Thread::none;
          return true;
        }
        auto thread = v ? parse_thread(*v) : std::optional<Thread>(Thread::shallow);
        if (!thread) die("Unknown thread style: %s", *v);
        s_.thread = *thread;
        return true;
      },
      kOptOptionalArg);
  p.callback(0, "signature", "signature", N_("add a signature"), [&](Value v, bool unset) {
    s_.signature = unset ? "" : *v;
    s_.signature_file.reset();
    signature_given_ = true;
    return true;
  });
  p.string(0, "base", &s_.base, "base-commit", N_("add prerequisite tree info to the patch series"));
  std::optional<std::string> signature_file;
  p.filename(0, "signature-file", &signature_file, N_("add a signature from a file"));
  p.boolean('q', "quiet", &s_.quiet, N_("don't print the patch filenames"));
  p.boolean(0, "progress", &s_.progress, N_("show progress while generating patches"));
  p.boolean(0, "force-in-body-from", &s_.force_in_body_from, N_("show in-body From: even if identical to the e-mail header"));
  p.boolean(0, "always", &s_.always, "", kOptHidden);
  p.boolean(0, "encode-email-headers", &s_.encode_headers, "", kOptHidden);
  auto rest = p.parse(inv_.args, inv_.prefix_or_empty(), kKeepDashDash | kKeepUnknown);
  if (signature_file) {
    if (signature_given_) die("options '%s' and '%s' cannot be used together", "--signature", "--signature-file");
    s_.signature_file = signature_file;
  }
  return rest;
}

void FormatPatch::set_up_walk(std::vector<std::string> args) {
  RevWalk& walk = log_.walk;
  log_.always_show_header = s_.always;
  log_.shows_diff = true;
  log_.decorate_auto = false;
  log_.default_merges = MergeDiff::off;
  DisplayOptions& d = log_.display;
  d.verbose_header = true;
  d.format = parse_pretty_format(config_, "email");
  d.show_notes = false;
  walk.default_revision = "HEAD";
  for (const std::string& arg : args) {
    if (arg == "--") break;
    if (arg == "--root") s_.root = true;
  }
  RevWalk::Setup how;
  how.prefix = inv_.prefix_or_empty();
  how.revarg_cannot_be_filename = true;
  how.other_option = [&](const std::vector<std::string>& list, std::size_t at) { return log_.parse_option(list, at); };
  log_.prefix = inv_.prefix_or_empty();
  walk.setup(args, how);
  if (log_.diff.output_format & kDiffName) die("--name-only does not make sense");
  if (log_.diff.output_format & kDiffNameStatus) die("--name-status does not make sense");
  if (log_.diff.output_format & kDiffCheck) die("--check does not make sense");
  if (!s_.no_stat && (!log_.diff.output_format || log_.diff.output_format == kDiffPatch))
    log_.diff.output_format = kDiffStat | kDiffSummary;
  log_.diff.output_format |= kDiffPatch;
  if (log_.diff.stat_width == -1) log_.diff.stat_width = 72;
  if (!s_.no_binary) log_.diff.binary = true;
  if (!log_.diff.text && !s_.no_binary) log_.diff.binary = true;
  log_.diff.use_color = 0;
  log_.show_root_diff = true;
  walk.max_parents = 1;
  if (walk.pending.size() == 1 && walk.max_count < 0 && !s_.root) {
    // "format-patch origin": what origin does not have.
    const PendingObject since = walk.pending[0];
    if (!(since.flags & kRevUninteresting)) {
      walk.pending.clear();
      walk.add_pending(since.oid, since.name, kRevUninteresting | kRevBottom);
      walk.add_head();
      origin_ = since.oid;
      has_origin_ = true;
      auto head = repo_.refs().resolve("HEAD");
      if (head && head->is_symref && starts_with(head->name, "refs/heads/")) head_name_ = head->name.substr(11);
    }
  } else if (walk.pending.size() == 2) {
    for (const PendingObject& tip : walk.pending) {
      if (tip.flags & kRevUninteresting) {
        origin_ = tip.oid;
        has_origin_ = true;
      } else {
        std::string full;
        ObjectId oid;
        if (dwim_ref(repo_, tip.name, &oid, &full) == 1 && starts_with(full, "refs/heads/")) head_name_ = full.substr(11);
        if (tip.name == "HEAD") {
          auto head = repo_.refs().resolve("HEAD");
          if (head && head->is_symref && starts_with(head->name, "refs/heads/")) head_name_ = head->name.substr(11);
        }
      }
    }
  }
  if (s_.ignore_upstream && has_origin_) {
    walk.cherry_pick = true;
    walk.right_only = true;
    walk.limited = true;
    for (PendingObject& tip : walk.pending)
      if (tip.flags & kRevUninteresting) tip.flags = kRevSymmetricLeft;
    ObjectId left = origin_;
    for (const PendingObject& tip : std::vector<PendingObject>(walk.pending)) {
      if (tip.flags & kRevSymmetricLeft) continue;
      Commit *a = repo_.commits().peel_to_commit(left), *b = repo_.commits().peel_to_commit(tip.oid);
      if (a && b)
        for (Commit* base : merge_bases(repo_.commits(), a, b)) walk.add_pending(base->oid, "", kRevUninteresting | kRevBottom);
    }
    give_patch_ids(walk, inv_.prefix_or_empty());
  }
  log_.finish();
  if (s_.ignore_upstream && has_origin_) walk.patch_id = [this](Commit* c) { return commit_patch_id(repo_, c); };
}

std::vector<Commit*> FormatPatch::collect() {
  std::vector<Commit*> list;
  log_.walk.prepare();
  while (Commit* commit = log_.walk.next()) {
    if (commit->parents.size() > 1) continue;
    list.push_back(commit);
  }
  std::reverse(list.begin(), list.end());
  return list;
}

std::string FormatPatch::subject_line(int number) const {
  if (s_.keep_subject) return "";
  std::string prefix = s_.subject_prefix;
  if (total_ > 0) {
    const std::string last = std::to_string(total_);
    return strf("[%s%s%0*d/%s] ", prefix, prefix.empty() ? "" : " ", static_cast<int>(last.size()), number, last);
  }
  return prefix.empty() ? "" : "[" + prefix + "] ";
}

void FormatPatch::open_output(const std::string& subject, int number) {
  if (s_.to_stdout) return;
  std::string name;
  if (s_.numbered_files) {
    name = std::to_string(number);
  } else {
    std::string start;
    if (!s_.reroll.empty()) start = "v" + sanitize_subject_line(s_.reroll) + "-";
    start += strf("%04d-", number);
    name = start + subject;
    const std::size_t max = static_cast<std::size_t>(std::max(s_.filename_max, 8)) - (s_.suffix.size() + 1);
    if (name.size() > max) name.resize(max);
    name += s_.suffix;
  }
  file_name_ = name;
  std::string dir = s_.outdir;
  std::string shown = dir.empty() ? name : path_join(dir, name);
  std::string path =
      dir.empty() ? std::string(inv_.prefix_or_empty()) + name : path_join(prefix_filename(inv_.prefix_or_empty(), dir), name);
  if (!dir.empty() && !is_absolute_path(dir)) shown = path_join(dir, name);
  if (!s_.quiet) out(shown + "\n");
  file_ = open_fd(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file_) {
    error_errno("cannot open patch file %s", path);
    die("failed to create output files");
  }
  log_.diff.write = [this](std::string_view bytes) {
    if (!write_in_full(file_.get(), bytes)) die_errno("unable to write patch file");
  };
}
void FormatPatch::close_output() {
  if (file_) file_.reset();
}

void FormatPatch::new_message_id(const std::string& source) {
  std::string mail = committer_ident(config_, kIdentStrict | kIdentNoDate);
  std::size_t open = mail.find('<');
  mail = mail.substr(open + 1, mail.find('>') - open - 1);
  message_id_ = strf("%s.%d.git.%s", source, static_cast<std::int64_t>(current_time()), mail);
}

std::string FormatPatch::mail_headers(const std::string& id_source) {
  (void)id_source;
  std::string text;
  if (!message_id_.empty()) text += "Message-ID: <" + message_id_ + ">\n";
  if (!references_.empty()) {
    text += "In-Reply-To: <" + references_.back() + ">\n";
    for (std::size_t i = 0; i < references_.size(); i++) text += (i ? "\t<" : "References: <") + references_[i] + ">\n";
  }
  return text;
}

std::string FormatPatch::extra_headers() const {
  std::string text;
  for (const std::string& header : s_.headers) text += header + "\n";
  auto list = [&](const char* name, const std::vector<std::string>& people) {
    for (std::size_t i = 0; i < people.size(); i++)
      text += (i ? "    " : std::string(name)) + people[i] + (i + 1 < people.size() ? ",\n" : "\n");
  };
  list("To: ", s_.to);
  list("Cc: ", s_.cc);
  return text;
}

void FormatPatch::print_signature() {
  if (s_.signature.empty()) return;
  std::string text = "-- \n" + s_.signature;
  if (text.back() != '\n') text += '\n';
  log_.write(text + "\n");
}
void FormatPatch::print_bases() {
  if (base_text_.empty()) return;
  log_.write("\n" + base_text_);
  base_text_.clear();
}

void FormatPatch::find_bases(const std::vector<Commit*>& list) {
  if (s_.base.empty() || list.empty()) return;
  CommitPool& pool = repo_.commits();
  Commit* base = nullptr;
  if (s_.base == "auto") {
    auto upstream = branch_upstream(repo_, std::nullopt);
    if (!upstream)
      die("failed to get upstream, if you want to record base commit automatically,\nplease use git branch --set-upstream-to to "
          "track a remote branch.\nOr you could specify base commit by --base=<base-commit-id> manually");
    Commit* up = lookup_commit_by_name(repo_, *upstream);
    auto bases = merge_bases(pool, up, list.back());
    if (bases.size() != 1) die("could not find exact merge base");
    base = bases[0];
  } else {
    base = lookup_commit_by_name(repo_, s_.base);
    if (!base) die("unknown commit %s", s_.base);
  }
  for (Commit* commit : list)
    if (commit == base) die("base commit shouldn't be in revision list");
  if (!in_merge_bases(pool, base, list.back())) die("base commit should be the ancestor of revision list");
  base_text_ = "base-commit: " + base->oid.hex() + "\n";
  RevWalk walk(repo_);
  walk.max_parents = 1;
  walk.topo_order = true;
  for (Commit* commit : list) walk.add_pending(commit->oid, "", 0);
  walk.add_pending(base->oid, "", kRevUninteresting | kRevBottom);
  walk.prepare();
  std::string ids;
  std::vector<std::string> lines;
  while (Commit* commit = walk.next()) {
    if (std::find(list.begin(), list.end(), commit) != list.end()) continue;
    if (auto id = commit_patch_id(repo_, commit)) lines.push_back("prerequisite-patch-id: " + id->hex() + "\n");
  }
  for (auto it = lines.rbegin(); it != lines.rend(); ++it) base_text_ += *it;
}

std::string FormatPatch::branch_description() {
  if (s_.description_file) return read_file(*s_.description_file).take_or_die();
  if (head_name_.empty()) return {};
  std::string text = config_.get_string_or("branch." + head_name_ + ".description", "");
  while (!text.empty() && is_space(text.back())) text.pop_back();
  return text;
}

void FormatPatch::cover_letter(const std::vector<Commit*>& list) {
  Commit* head = list.back();
  number_ = s_.start_number - 1;
  open_output("cover-letter", s_.numbered_files ? 0 : number_);
  log_.write(strf("From %s Mon Sep 17 00:00:00 2001\n", s_.zero_commit ? ObjectId::null(repo_.algo()) : head->oid));
  std::string text = mail_headers("");
  auto ident = committer_ident(config_, kIdentStrict);
  auto parts = split_ident_line(ident);
  std::string name(parts->name), mail(parts->mail);
  if (s_.from && !log_.display.context.from_mail.empty()) {
    name = log_.display.context.from_name;
    mail = log_.display.context.from_mail;
  }
  std::string from = "From: ";
  if (s_.encode_headers && needs_rfc2047(name))
    append_rfc2047(from, name, "UTF-8", true);
  else
    from += name;
  text += from + " <" + mail + ">\n";
  text += "Date: " + show_date(ident_time(*parts), ident_tz(*parts), DateFormat{DateMode::rfc2822, false, {}}) + "\n";
  std::string subject = "*** SUBJECT HERE ***", body = "*** BLURB HERE ***";
  std::string description = s_.cover_from == CoverFrom::none ? "" : branch_description();
  if (!description.empty()) {
    if (s_.cover_from == CoverFrom::message) {
      body = description;
    } else {
      std::string_view rest = description;
      std::string first = take_subject(rest);
      if (s_.cover_from == CoverFrom::subject || first.size() <= 100) {
        subject = first;
        std::string_view tail = rest;
        while (!tail.empty() && tail[0] == '\n') tail.remove_prefix(1);
        body = tail;
      } else {
        body = description;
      }
    }
  }
  std::string line = "Subject: " + subject_line(number_);
  if (s_.encode_headers && needs_rfc2047(subject))
    append_rfc2047(line, subject, "UTF-8", false);
  else
    line += subject;
  text += line + "\n";
  bool non_ascii = false;
  auto check = [&](std::string_view s) {
    for (char c : s) non_ascii = non_ascii || static_cast<unsigned char>(c) > 127;
  };
  check(body);
  for (Commit* commit : list) check(repo_.commits().read_buffer(commit).take_or_die());
  if (non_ascii) text += "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n";
  text += extra_headers() + "\n";
  text += body + "\n\n";
  std::map<std::string, std::vector<std::string>> by_author;
  for (Commit* commit : list)
    by_author[format_commit_simple(repo_, commit, "%aN")].push_back(format_commit_simple(repo_, commit, "%s"));
  for (const auto& [author, subjects] : by_author) {
    text += strf("%s (%d):\n", author, subjects.size());
    for (const std::string& one : subjects) text += wrap_text(one, 2, 4, 72) + "\n";
    text += "\n";
  }
  log_.write(text);
  if (has_origin_ || list.front()->parents.size() == 1) {
    CommitPool& pool = repo_.commits();
    Commit* origin = has_origin_ ? pool.peel_to_commit(origin_) : list.front()->parents[0];
    if (has_origin_ && origin) {
      auto bases = merge_bases(pool, origin, head);
      if (!bases.empty()) origin = bases[0];
    }
    if (origin) {
      pool.parse(origin).or_die();
      DiffOptions options = make_diff_options(&repo_, config_, nullptr, "", DiffConfig::ui);
      options.output_format = kDiffSummary | kDiffStat;
      options.stat_width = 72;
      options.use_color = 0;
      options.pathspec = log_.diff.pathspec;
      options.detect_rename = log_.diff.detect_rename;
      options.write = [&](std::string_view bytes) { log_.write(bytes); };
      diff_setup_done(options);
      diff_tree(options, pool.tree(origin), pool.tree(head));
      diffcore_std(options);
      diff_flush(options);
    }
    log_.write("\n");
  }
  print_bases();
  print_signature();
  close_output();
}

void FormatPatch::set_from(const std::string& given) {
  std::string ident = given.empty() ? committer_ident(config_, kIdentStrict | kIdentNoDate) : given;
  auto parts = split_ident_line(ident);
  if (!parts) die("invalid ident line: %s", ident);
  log_.display.context.from_name = parts->name;
  log_.display.context.from_mail = parts->mail;
}

int FormatPatch::run() {
  read_config();
  std::vector<std::string> args = parse();
  if (s_.keep_subject && s_.numbered == 1) die("options '%s' and '%s' cannot be used together", "-n", "-k");
  if (s_.keep_subject && (s_.prefix_given || s_.rfc_given))
    die("options '%s' and '%s' cannot be used together", "--subject-prefix/--rfc", "-k");
  if (s_.start_number < 0) s_.start_number = 1;
  if (s_.rfc_given && !s_.rfc.empty()) {
    if (s_.rfc[0] == '-')
      s_.subject_prefix += " " + s_.rfc.substr(1);
    else
      s_.subject_prefix = s_.rfc + " " + s_.subject_prefix;
  }
  if (!s_.reroll.empty()) s_.subject_prefix += " v" + s_.reroll;
  if (s_.to_stdout && outdir_given_) die("options '%s' and '%s' cannot be used together", "--stdout", "--output-directory");
  set_up_walk(std::move(args));
  DisplayOptions& d = log_.display;
  d.context.preserve_subject = s_.keep_subject;
  d.context.encode_email_headers = s_.encode_headers;
  d.context.force_in_body_from = s_.force_in_body_from;
  if (s_.from) set_from(*s_.from);
  std::vector<Commit*> list = collect();
  if (s_.signature_file) s_.signature = read_file(*s_.signature_file).take_or_die();
  if (list.empty()) return 0;
  if (s_.cover_letter < 0) s_.cover_letter = s_.cover_auto && list.size() > 1 ? 1 : 0;
  const bool cover = s_.cover_letter > 0;
  const int count = static_cast<int>(list.size());
  const bool numbered = s_.numbered == 1 || (s_.numbered < 0 && !s_.keep_subject && (count > 1 || cover));
  if (numbered) total_ = count + s_.start_number - 1;
  if (!s_.to_stdout && !s_.outdir.empty()) {
    const std::string dir = prefix_filename(inv_.prefix_or_empty(), s_.outdir);
    if (!make_dirs(dir) && errno != EEXIST) die_errno("could not create directory '%s'", dir);
  }
  find_bases(list);
  if (!s_.in_reply_to.empty()) {
    std::string id(trim(s_.in_reply_to));
    if (starts_with(id, "<")) id.erase(0, 1);
    if (ends_with(id, ">")) id.pop_back();
    references_.push_back(id);
  }
  if (s_.thread == Thread::none && s_.in_reply_to.empty()) references_.clear();
  log_.email_headers = [this](Commit*) { log_.write(mail_headers("")); };
  if (s_.signoff) {
    std::string ident = committer_ident(config_, kIdentStrict | kIdentNoDate);
    TrailerSettings trailers = TrailerSettings::read(config_);
    log_.add_to_message = [ident, trailers](Commit*, std::string& text) { append_signoff(text, ident, trailers); };
  }
  if (cover) {
    if (s_.thread != Thread::none) new_message_id("cover");
    cover_letter(list);
  }
  number_ = s_.start_number - 1;
  Progress progress(_("Generating patches"), list.size(), s_.progress, true);
  for (Commit* commit : list) {
    number_++;
    progress.update(static_cast<std::uint64_t>(number_ - s_.start_number + 1));
    if (s_.thread != Thread::none) {
      if (!message_id_.empty()) {
        const bool keeps = s_.thread == Thread::shallow && !references_.empty() && (!cover || number_ > s_.start_number);
        if (!keeps) references_.push_back(message_id_);
      }
      new_message_id(commit->oid.hex());
    }
    d.context.subject = subject_line(number_);
    open_output(format_commit_simple(repo_, commit, "%f"), number_);
    if (s_.attach) {
      const std::string mark = *s_.attach;
      d.context.after_subject = extra_headers() + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"------------" +
                                mark + "\"\n\nThis is a multi-part message in MIME format.\n--------------" + mark +
                                "\nContent-Type: text/plain; charset=UTF-8; format=fixed\nContent-Transfer-Encoding: 8bit\n\n";
      const std::string name =
          s_.to_stdout ? strf("%04d-", number_) + format_commit_simple(repo_, commit, "%f") + s_.suffix : file_name_;
      log_.diff.patch_separator =
          "\n--------------" + mark + "\nContent-Type: text/x-patch; name=\"" + name +
          "\"\nContent-Transfer-Encoding: 8bit\nContent-Disposition: " + (s_.inline_attach ? "inline" : "attachment") +
          "; filename=\"" + name + "\"\n\n";
    } else {
      d.context.after_subject = extra_headers();
    }
    if (!s_.to_stdout) log_.shown_one = false;
    const bool shown = log_.show(commit);
    if (!s_.to_stdout) log_.shown_one = false;
    if (shown) {
      print_bases();
      if (s_.attach)
        log_.write("\n--------------" + *s_.attach + "--\n\n\n");
      else
        print_signature();
    }
    close_output();
  }
  return 0;
}

}  // namespace

int cmd_format_patch(Invocation& inv) { return FormatPatch(inv).run(); }

}  // namespace git
