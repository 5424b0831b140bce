// A conversation in lines over the helper's stdin and stdout.  A helper that can "connect" (or, for v2, "stateless-connect")
// gives us the service itself, and the native transport goes on from there; otherwise it lists, fetches and pushes for us.
#include "transport-helper.h"

#include <unistd.h>

#include <map>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "net/channel.h"
#include "object-name.h"
#include "odb.h"
#include "protocol.h"
#include "refs.h"
#include "repository.h"
#include "transport-native.h"

namespace git {

namespace {

class HelperTransport : public Transport {
 public:
  HelperTransport(Repository* repo, Config& config, Remote* remote, const std::string& url, std::string helper)
      : Transport(repo, config, remote, url), helper_(std::move(helper)) {}
  ~HelperTransport() override { HelperTransport::disconnect(); }

  RemoteRefs refs(bool for_push, const std::vector<std::string>& prefixes) override {
    if (connect_service(for_push ? "git-receive-pack" : "git-upload-pack", "")) {
      share_options();
      return native_->refs(for_push, prefixes);
    }
    return list(for_push);
  }

  std::optional<BundleList> bundle_list() override { return native_ ? native_->bundle_list() : std::nullopt; }
  HashAlgo algo() const override { return native_ ? native_->algo() : algo_; }

  int fetch(RemoteRefs& wanted) override {
    if (connect_service("git-upload-pack", "")) {
      share_options();
      int code = native_->fetch(wanted);
      last_fetch = native_->last_fetch;
      for (std::string& lock : native_->lock_files) lock_files.push_back(lock);
      native_->lock_files.clear();
      native_.reset();
      return code;
    }
    if (options.fetch.negotiate_only) {
      warning(_("%s requires protocol v2"), "--negotiate-only");
      return -1;
    }
    if (has("fetch")) return fetch_by_helper(wanted);
    if (has("import")) return fetch_by_import(wanted);
    die("%s", _("operation not supported by protocol"));
  }

  int push(RemoteRefs& refs, unsigned flags) override {
    if (connect_service("git-receive-pack", "")) {
      share_options();
      int code = native_->push(refs, flags);
      native_.reset();
      return code;
    }
    if (has("push")) return push_by_helper(refs, flags);
    if (has("export")) return push_by_export(refs, flags);
    die(_("remote-helper doesn't support push; refspec needed"));
  }

  std::unique_ptr<Connection> connect(const std::string& service, const std::string& program) override {
    if (!connect_service(service, program)) die(_("can't connect to subservice %s"), service);
    auto connection = native_->release();
    native_.reset();
    return connection;
  }

  bool is_smart() const override { return true; }
  bool can_negotiate() const override { return true; }

  int disconnect() override {
    if (native_) {
      int code = native_->disconnect();
      native_.reset();
      return code;
    }
    if (!is_started_) return 0;
    IgnoreSigpipe guard;
    write_in_full(child_.in_fd(), "\n");
    child_.close_in();
    child_.close_out();
    is_started_ = false;
    return child_.finish();
  }

 private:
  bool has(const std::string& capability) {
    start();
    return capabilities_.count(capability) > 0;
  }

  // A line, byte by byte: what follows may belong to another protocol.
  bool read_line(std::string& line, bool dies = true) {
    line.clear();
    char c;
    while (xread(child_.out_fd(), &c, 1) == 1) {
      if (c == '\n') return true;
      line += c;
    }
    if (!dies) return false;
    die(_("remote helper '%s' aborted session"), helper_);
  }

  void send(const std::string& text) {
    IgnoreSigpipe guard;
    if (!write_in_full(child_.in_fd(), text)) die_errno("%s", _("full write to remote helper failed"));
  }

  void start() {
    if (is_started_) return;
    check_transport_allowed(config_, helper_);
    child_ = ChildProcess();
    child_.git_command = true;
    child_.args = {"remote-" + helper_, remote_ && !remote_->name.empty() ? remote_->name : url_, url_};
    child_.in = child_.out = ChildProcess::kPipe;
    child_.silent_exec_failure = true;
    if (repo_) child_.env.push_back("GIT_DIR=" + repo_->git_dir_abs());
    if (!is_known_command("git-remote-" + helper_) || !child_.start()) die(_("unable to find remote helper for '%s'"), helper_);
    is_started_ = true;
    read_capabilities();
    set_option("verbosity", strf("%d", options.verbosity + 1));
    set_option("progress", options.shows_progress() ? "true" : "false");
    if (options.ipv4 || options.ipv6) set_option("family", options.ipv4 ? "ipv4" : "ipv6");
  }

  static bool is_known_command(const std::string& name) {
    return !find_in_path(name).empty() || access((git_exec_path() + "/" + name).c_str(), X_OK) == 0 || name == "git-remote-ext" ||
           name == "git-remote-fd";
  }

  void read_capabilities() {
    send("capabilities\n");
    std::string line;
    while (read_line(line) && !line.empty()) {
      std::string_view text = line;
      bool mandatory = skip_prefix(text, "*");
      std::string_view value = text;
      if (skip_prefix(value, "refspec ")) {
        refspec_.append(value);
        continue;
      }
      if (skip_prefix(value, "import-marks ") || skip_prefix(value, "export-marks ")) {
        (text[0] == 'i' ? import_marks_ : export_marks_) = value;
        continue;
      }
      static const std::set<std::string, std::less<>> known = {"fetch",
                                                               "option",
                                                               "push",
                                                               "import",
                                                               "bidi-import",
                                                               "export",
                                                               "check-connectivity",
                                                               "signed-tags",
                                                               "connect",
                                                               "stateless-connect",
                                                               "no-private-update",
                                                               "object-format",
                                                               "push-base",
                                                               "get"};
      if (!known.count(text) && mandatory)
        die(_("unknown mandatory capability %s; this remote helper probably needs newer version of Git"), text);
      capabilities_.insert(std::string(text));
    }
  }

  bool set_option(const std::string& name, const std::string& value) {
    if (!capabilities_.count("option")) return false;
    bool needs_quotes = value.find_first_of("\n\\\"") != std::string::npos;
    send("option " + name + " " + (needs_quotes ? quote_c_style(value) : value) + "\n");
    std::string line;
    read_line(line);
    std::string_view text = line;
    if (text == "ok") return true;
    if (skip_prefix(text, "error")) return false;
    if (text != "unsupported") warning(_("%s unexpectedly said: '%s'"), helper_, text);
    return false;
  }

  void share_options() { native_->options = options; }

  // Before the helper speaks to the server, which may then keep its other refs to itself.
  void set_push_base() {
    if (!capabilities_.count("push-base") || format_push_base_keys(options.push_keys).empty()) return;
    for (const ObjectId& oid : options.push_keys.bases)
      if (!set_option("push-base", oid.hex())) return;
    for (const std::string& name : options.push_keys.refs) set_option("push-ref", name);
  }

  // Hands the helper's pipes to the native transport where the helper can connect.
  bool connect_service(const std::string& service, const std::string& program) {
    if (native_) return true;
    start();
    std::string exec = program;
    if (exec.empty() && remote_) exec = service == "git-upload-pack" ? remote_->uploadpack : remote_->receivepack;
    const std::string& own = service == "git-upload-pack" ? options.uploadpack : options.receivepack;
    if (!own.empty()) exec = own;
    bool is_stateless = false;
    if (service == "git-receive-pack" && capabilities_.count("connect")) set_push_base();
    if (capabilities_.count("connect")) {
      if (!exec.empty() && exec != service && !set_option("servpath", exec))
        warning("%s", _("setting remote service path not supported by protocol"));
      send("connect " + service + "\n");
    } else if (capabilities_.count("stateless-connect") && protocol_version_config(config_) == 2 &&
               (service == "git-upload-pack" || service == "git-upload-archive")) {
      send("stateless-connect " + service + "\n");
      is_stateless = true;
    } else {
      return false;
    }
    std::string line;
    read_line(line);
    if (line == "fallback") return false;
    if (!line.empty()) die(_("unknown response to connect: %s"), line);
    auto connection = std::make_unique<Connection>();
    connection->channel = Channel(child_.out_fd(), child_.in_fd());
    connection->child = std::move(child_);
    connection->has_child = true;
    connection->is_stateless = is_stateless;
    is_started_ = false;
    native_ = std::make_unique<NativeTransport>(repo_, config_, remote_, url_);
    native_->adopt(std::move(connection));
    return true;
  }

  RemoteRefs list(bool for_push) {
    start();
    if (capabilities_.count("object-format")) set_option("object-format", "true");
    if (for_push) set_push_base();
    send(for_push && capabilities_.count("push") ? "list for-push\n" : "list\n");
    algo_ = repo_ ? repo_->algo() : HashAlgo::sha1;
    RemoteRefs refs;
    std::string line;
    while (read_line(line) && !line.empty()) {
      std::string_view text = line;
      if (skip_prefix(text, ":object-format ")) {
        algo_ = hash_by_name(text);
        if (algo_ == HashAlgo::unknown) die(_("unsupported object format '%s'"), text);
        continue;
      }
      if (starts_with(text, ":")) continue;
      auto words = split(text, ' ');
      if (words.size() < 2) die(_("malformed response in ref list: %s"), line);
      RemoteRef ref;
      ref.name = words[1];
      ref.old_oid = ObjectId::null(algo_);
      std::string_view value = words[0];
      if (skip_prefix(value, "@"))
        ref.symref = value;
      else if (value != "?")
        ref.old_oid = ObjectId::from_hex(value, algo_).value_or(ObjectId::null(algo_));
      bool unchanged = words.size() > 2 && words[2] == "unchanged";
      if (unchanged && repo_) {
        auto here = repo_->refs().read_oid(private_name(ref.name));
        if (here) ref.old_oid = *here;
      }
      if (value == "?" && !unchanged) unknown_.insert(ref.name);
      refs.push_back(std::move(ref));
    }
    // "x^{}" lines say what tags point at.
    RemoteRefs folded;
    for (RemoteRef& ref : refs) {
      std::string_view name = ref.name;
      if (strip_suffix(name, "^{}") && !folded.empty() && folded.back().name == name) {
        folded.back().peeled = ref.old_oid;
        continue;
      }
      folded.push_back(std::move(ref));
    }
    for (RemoteRef& ref : folded) {
      if (ref.symref.empty()) continue;
      if (const RemoteRef* target = find_remote_ref(folded, ref.symref)) ref.old_oid = target->old_oid;
    }
    if (!for_push && has("import") && !has("fetch"))
      // What an import brings has no name before it is here: anything but null will do to be asked for.
      for (RemoteRef& ref : folded)
        if (ref.old_oid.is_null() && unknown_.count(ref.symref.empty() ? ref.name : ref.symref)) ref.old_oid = placeholder();
    return folded;
  }

  ObjectId placeholder() const {
    std::string raw(raw_size(algo_), '\1');
    return ObjectId::from_raw(raw, algo_);
  }

  std::string private_name(std::string_view name) {
    if (auto dst = refspec_destination(refspec_, name)) return *dst;
    return std::string(name);
  }

  void set_fetch_options() {
    const FetchPackArgs& args = options.fetch;
    if (capabilities_.count("check-connectivity") && args.check_self_contained) set_option("check-connectivity", "true");
    if (args.is_cloning) set_option("cloning", "true");
    if (args.update_shallow) set_option("update-shallow", "true");
    if (args.refetch) set_option("refetch", "true");
    if (args.depth > 0) set_option("depth", strf("%d", args.depth));
    if (args.deepen_relative) set_option("deepen-relative", "true");
    if (!args.deepen_since.empty()) set_option("deepen-since", args.deepen_since);
    for (const std::string& name : args.deepen_not) set_option("deepen-not", name);
    if (!args.filter.empty() && args.filter != "auto") set_option("filter", args.filter);
    if (args.from_promisor) set_option("from-promisor", "true");
    if (options.follow_tags) set_option("followtags", "true");
  }

  int fetch_by_helper(RemoteRefs& wanted) {
    set_fetch_options();
    std::string request;
    for (const RemoteRef& ref : wanted) request += strf("fetch %s %s\n", ref.old_oid, ref.symref.empty() ? ref.name : ref.symref);
    send(request + "\n");
    std::string line;
    while (read_line(line) && !line.empty()) {
      std::string_view text = line;
      if (skip_prefix(text, "lock "))
        lock_files.emplace_back(text);
      else if (text == "connectivity-ok")
        last_fetch.is_self_contained = true;
      else
        warning(_("%s unexpectedly said: '%s'"), helper_, text);
    }
    last_fetch.got_pack = true;
    repo_->odb().reprepare();
    return 0;
  }

  int fetch_by_import(RemoteRefs& wanted) {
    ChildProcess importer;
    importer.git_command = true;
    importer.args = {"fast-import", "--allow-unsafe-features"};
    if (options.verbosity <= 0) importer.args.push_back("--quiet");
    importer.in = dup(child_.out_fd());
    if (capabilities_.count("bidi-import")) importer.args.push_back(strf("--cat-blob-fd=%d", dup(child_.in_fd())));
    if (!importer.start()) die("%s", _("couldn't run fast-import"));
    for (const RemoteRef& ref : wanted) send("import " + (ref.symref.empty() ? ref.name : ref.symref) + "\n");
    send("\n");
    if (importer.finish() != 0) die("%s", _("error while running fast-import"));
    repo_->odb().reprepare();
    for (RemoteRef& ref : wanted) {
      auto oid = repo_->refs().read_oid(private_name(ref.symref.empty() ? ref.name : ref.symref));
      if (!oid) die(_("could not read ref %s"), private_name(ref.name));
      ref.old_oid = *oid;
    }
    return 0;
  }

  bool is_to_be_pushed(const RemoteRef& ref) const { return ref.peer && ref.status == PushStatus::none; }

  // What a negotiation found to be on both sides already.
  void set_push_common() {
    if (!capabilities_.count("push-common")) return;
    for (const ObjectId& oid : options.push_common)
      if (!set_option("push-common", oid.hex())) return;
  }

  void set_push_options(unsigned flags) {
    if (flags & kPushDryRun && !set_option("dry-run", "true")) die(_("helper %s does not support '%s'"), helper_, "dry-run");
    if (flags & kPushSigned && !set_option("pushcert", "true")) die(_("helper %s does not support '%s'"), helper_, "--signed");
    if (flags & kPushSignedIfAsked && !set_option("pushcert", "if-asked"))
      die(_("helper %s does not support '%s'"), helper_, "--signed=if-asked");
    if (flags & kPushAtomic && !set_option("atomic", "true")) die(_("helper %s does not support '%s'"), helper_, "--atomic");
    if (flags & kPushForceIfIncludes && !set_option("force-if-includes", "true"))
      die(_("helper %s does not support '%s'"), helper_, "--force-if-includes");
    for (const std::string& option : options.push_options)
      if (!set_option("push-option", option)) die(_("helper %s does not support '%s'"), helper_, "push-option");
  }

  int push_by_helper(RemoteRefs& refs, unsigned flags) {
    set_push_options(flags);
    set_push_common();
    std::string request;
    for (RemoteRef& ref : refs) {
      if (!is_to_be_pushed(ref)) {
        if (flags & kPushAtomic && ref.peer && ref.status != PushStatus::uptodate) return fail_atomically(refs);
        continue;
      }
      request += "push ";
      if (!ref.is_deletion) {
        if (ref.force || (flags & kPushForce) || ref.forced_update) request += "+";
        request += ref.peer->name.empty() ? ref.peer->oid.hex() : ref.peer->name;
      }
      request += ":" + ref.name + "\n";
    }
    if (request.empty()) return 0;
    if (capabilities_.count("object-format")) set_option("object-format", "true");
    send(request + "\n");
    return read_push_status(refs) ? 0 : 1;
  }

  int fail_atomically(RemoteRefs& refs) {
    for (RemoteRef& ref : refs)
      if (ref.peer && ref.status == PushStatus::none) ref.status = PushStatus::atomic_push_failed;
    return 0;  // the table says what became of them
  }

  // What became of each ref; that some failed is for the caller to see.
  // False where the helper went away before it had told all.
  bool read_push_status(RemoteRefs& refs) {
    std::string line;
    RemoteRef* last = nullptr;
    for (;;) {
      if (!read_line(line, false)) return false;
      if (line.empty()) return true;
      std::string_view text = line;
      if (skip_prefix(text, "option ")) {
        if (last) take_report_option(*last, text);
        continue;
      }
      bool is_ok = starts_with(text, "ok ");
      if (!is_ok && !starts_with(text, "error ")) die(_("expected ok/error, helper said '%s'"), text);
      text.remove_prefix(is_ok ? 3 : 6);
      std::size_t space = text.find(' ');
      std::string name(text.substr(0, space));
      std::string_view message = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
      std::string unquoted;
      if (!message.empty() && message[0] == '"')
        if (auto plain = unquote_c_style(message)) {
          unquoted = *plain;
          message = unquoted;
        }
      RemoteRef* ref = find_remote_ref(refs, name);
      if (!ref) {
        warning(_("helper reported unexpected status of %s"), name);
        continue;
      }
      // What was refused here wasn't sent there, and so is unknown.
      if (!is_ok && message == "no match" && ref->status != PushStatus::none) continue;
      last = ref;
      new_report_ = true;
      set_status(*ref, is_ok, message);
    }
  }

  void take_report_option(RemoteRef& ref, std::string_view text) {
    if (new_report_) ref.reports.emplace_back();
    new_report_ = false;
    ReportOptions& report = ref.reports.back();
    if (skip_prefix(text, "refname "))
      report.ref_name = text;
    else if (skip_prefix(text, "old-oid "))
      report.old_oid = ObjectId::from_hex(text, algo_);
    else if (skip_prefix(text, "new-oid "))
      report.new_oid = ObjectId::from_hex(text, algo_);
    else if (text == "forced-update")
      report.forced_update = true;
  }

  static void set_status(RemoteRef& ref, bool is_ok, std::string_view message) {
    static const std::map<std::string, PushStatus, std::less<>> words = {
        {"no match", PushStatus::none},
        {"up to date", PushStatus::uptodate},
        {"non-fast forward", PushStatus::reject_nonfastforward},
        {"already exists", PushStatus::reject_already_exists},
        {"fetch first", PushStatus::reject_fetch_first},
        {"needs force", PushStatus::reject_needs_force},
        {"stale info", PushStatus::reject_stale},
        {"remote ref updated since checkout", PushStatus::reject_remote_updated},
        {"expecting report", PushStatus::expecting_report},
    };
    auto found = words.find(message);
    if (found != words.end()) {
      ref.status = found->second;
    } else if (message == "forced update") {
      ref.status = PushStatus::ok;
      ref.forced_update = true;
    } else {
      ref.status = is_ok ? PushStatus::ok : PushStatus::remote_reject;
      ref.remote_status = message;
    }
  }

  int push_by_export(RemoteRefs& refs, unsigned flags) {
    if (refspec_.empty()) die("%s", _("remote-helper doesn't support push; refspec needed"));
    set_push_options(flags);
    if (flags & kPushForce) set_option("force", "true");
    send("export\n");
    ChildProcess exporter;
    exporter.git_command = true;
    exporter.args = {"fast-export", "--use-done-feature",
                     capabilities_.count("signed-tags") ? "--signed-tags=verbatim" : "--signed-tags=warn-strip"};
    if (!export_marks_.empty()) exporter.args.push_back("--export-marks=" + export_marks_ + ".tmp");
    if (!import_marks_.empty()) exporter.args.push_back("--import-marks=" + import_marks_);
    for (RemoteRef& ref : refs) {
      if (!is_to_be_pushed(ref)) continue;
      std::string here = private_name(ref.name);
      if (auto oid = repo_->refs().read_oid(here); oid && here != ref.name) {
        exporter.args.push_back("^" + here);
        ref.old_oid = *oid;  // the helper can't tell where it is; this is where we left it
      }
      if (ref.is_deletion) {
        exporter.args.push_back("--refspec=:" + ref.name);
        continue;
      }
      std::string source = ref.peer->name;
      if (auto head = repo_->refs().resolve(source); head && head->exists && head->is_symref) source = head->name;
      if (source != ref.name) exporter.args.push_back("--refspec=" + source + ":" + ref.name);
      exporter.args.push_back(ref.peer->name);
    }
    exporter.out = dup(child_.in_fd());
    if (!exporter.start()) die("%s", _("couldn't run fast-export"));
    if (exporter.finish() != 0) die("%s", _("error while running fast-export"));
    if (!read_push_status(refs)) return 1;
    if (!export_marks_.empty()) rename((export_marks_ + ".tmp").c_str(), export_marks_.c_str());
    if (capabilities_.count("no-private-update") || (flags & kPushDryRun)) return 0;
    for (const RemoteRef& ref : refs) {
      if (ref.status != PushStatus::ok) continue;
      std::string here = private_name(ref.name);
      if (here == ref.name) continue;
      RefUpdate update;
      update.name = here;
      update.new_oid = ref.new_oid;
      update.message = "update by helper";
      (void)repo_->refs().update(std::move(update));
    }
    return 0;
  }

  std::string helper_;
  ChildProcess child_;
  bool is_started_ = false;
  std::set<std::string, std::less<>> capabilities_;
  Refspec refspec_{true};
  std::string import_marks_, export_marks_;
  std::set<std::string> unknown_;
  HashAlgo algo_ = HashAlgo::sha1;
  bool new_report_ = false;
  std::unique_ptr<NativeTransport> native_;
};

}  // namespace

std::unique_ptr<Transport> make_helper_transport(Repository* repo, Config& config, Remote* remote, const std::string& url,
                                                 const std::string& helper) {
  return std::make_unique<HelperTransport>(repo, config, remote, url, helper);
}

}  // namespace git
