// git update-ref: one change from the command line, or a transaction from standard input (git-update-ref(1)).
//
// Commands of --stdin come as lines with C-quoted words, or with -z as NUL-terminated fields. Both are read into one
// buffer per command, terminators included, and a small cursor takes words off it, so that the verbs don't care.
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "object-name.h"
#include "refs.h"

GIT_BUILTIN("update-ref", cmd_update_ref, kSetup)

namespace git {
namespace {

// Where a batch stands; a command's own state says what it makes of it.
enum class BatchState : unsigned char { open, started, prepared, closed };

class StdinBatch {
 public:
  StdinBatch(Repository& repo, char terminator, unsigned update_flags, unsigned transaction_flags, std::string message)
      : repo_(repo),
        terminator_(terminator),
        default_flags_(update_flags),
        transaction_flags_(transaction_flags),
        message_(std::move(message)),
        update_flags_(update_flags) {}
  void run();

 private:
  using Verb = void (StdinBatch::*)();
  struct Command {
    const char* name;
    Verb verb;
    int args;
    BatchState state;
  };
  static const Command kCommands[];

  void execute(const Command& command);
  bool read_record(std::string& record);

  // ---- words ----
  std::string take_word();
  std::optional<std::string> take_refname();
  std::optional<std::string> take_next_arg();
  std::optional<std::string> take_next_refname();
  // nullopt where there is none; `allow_empty`: with -z an empty one is all zeros.
  std::optional<ObjectId> take_oid(const char* command, const std::string& ref, bool is_old, bool allow_empty = false);
  void expect_end(const char* command, const std::string& ref);
  std::string_view rest() const { return std::string_view(input_).substr(std::min(at_, input_.size())); }
  bool at_end_of_line() const { return at_ >= input_.size() || input_[at_] == terminator_; }

  // ---- verbs ----
  void update();
  void create();
  void remove();
  void verify();
  void symref_update();
  void symref_create();
  void symref_delete();
  void symref_verify();
  void option();
  void start() { acknowledge("start"); }
  void prepare();
  void commit();
  void abort();
  void acknowledge(const char* what);
  void queue(RefUpdate update);
  RefUpdate new_update(std::string ref) const;
  void require_no_deref(const char* command);
  void finish(const char* prefix);
  void report_rejected();
  ObjectId zero() const { return ObjectId::null(repo_.algo()); }

  Repository& repo_;
  char terminator_;
  unsigned default_flags_, transaction_flags_;
  std::string message_;
  unsigned update_flags_;
  std::unique_ptr<RefTransaction> transaction_;
  BatchState state_ = BatchState::open;
  std::string input_;
  std::size_t at_ = 0;
  std::string pending_;
  bool eof_ = false;
};

const StdinBatch::Command StdinBatch::kCommands[] = {
    {"update", &StdinBatch::update, 3, BatchState::open},
    {"create", &StdinBatch::create, 2, BatchState::open},
    {"delete", &StdinBatch::remove, 2, BatchState::open},
    {"verify", &StdinBatch::verify, 2, BatchState::open},
    {"symref-update", &StdinBatch::symref_update, 4, BatchState::open},
    {"symref-create", &StdinBatch::symref_create, 2, BatchState::open},
    {"symref-delete", &StdinBatch::symref_delete, 2, BatchState::open},
    {"symref-verify", &StdinBatch::symref_verify, 2, BatchState::open},
    {"option", &StdinBatch::option, 1, BatchState::open},
    {"start", &StdinBatch::start, 0, BatchState::started},
    {"prepare", &StdinBatch::prepare, 0, BatchState::prepared},
    {"abort", &StdinBatch::abort, 0, BatchState::closed},
    {"commit", &StdinBatch::commit, 0, BatchState::closed},
};

// Appends one record with its terminator; false at the end of input.
bool StdinBatch::read_record(std::string& record) {
  for (;;) {
    std::size_t end = pending_.find(terminator_);
    if (end != std::string::npos) {
      record.append(pending_, 0, end + 1);
      pending_.erase(0, end + 1);
      return true;
    }
    if (eof_) {
      bool any = !pending_.empty();
      record += pending_;
      pending_.clear();
      return any;
    }
    char buffer[8192];
    ssize_t n = xread(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0) die_errno("read error");
    if (n == 0) eof_ = true;
    pending_.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string StdinBatch::take_word() {
  std::string word;
  if (terminator_ == '\0') {
    word = input_.substr(at_, input_.find('\0', at_) - at_);
    at_ += word.size();
    return word;
  }
  std::string whole = input_.substr(at_);
  if (!whole.empty() && whole.back() == '\n') whole.pop_back();
  if (at_ < input_.size() && input_[at_] == '"') {
    std::string_view left = whole;
    std::optional<std::string> unquoted = unquote_c_style(left);
    if (!unquoted) die("badly quoted argument: %s", whole);
    if (!left.empty() && !is_space(left[0])) die("unexpected character after quoted argument: %s", whole);
    at_ += whole.size() - left.size();
    return *unquoted;
  }
  while (at_ < input_.size() && !is_space(input_[at_])) word += input_[at_++];
  return word;
}

std::optional<std::string> StdinBatch::take_refname() {
  std::string ref = take_word();
  if (ref.empty()) return std::nullopt;
  if (!check_refname_format(ref, kRefnameAllowOneLevel)) die("invalid ref format: %s", ref);
  return ref;
}

std::optional<std::string> StdinBatch::take_next_arg() {
  if (terminator_ == '\n') {
    if (at_end_of_line()) return std::nullopt;
    if (input_[at_] != ' ') die("expected SP but got: %s", rest());
  } else if (at_ >= input_.size() || input_[at_] != '\0') {
    return std::nullopt;
  }
  ++at_;
  if (at_ >= input_.size()) return std::nullopt;
  std::string arg = take_word();
  if (arg.empty()) return std::nullopt;
  return arg;
}

std::optional<std::string> StdinBatch::take_next_refname() {
  std::optional<std::string> ref = take_next_arg();
  if (ref && !check_refname_format(*ref, kRefnameAllowOneLevel)) die("invalid ref format: %s", *ref);
  return ref;
}

std::optional<ObjectId> StdinBatch::take_oid(const char* command, const std::string& ref, bool is_old, bool allow_empty) {
  const char* what = is_old ? "<old-oid>" : "<new-oid>";
  std::string arg;
  if (terminator_ == '\n') {
    if (at_end_of_line()) return std::nullopt;
    if (input_[at_] != ' ') die("%s %s: expected SP but got: %s", command, ref, rest());
    ++at_;
    arg = take_word();
    if (arg.empty()) return zero();
  } else {
    if (at_ < input_.size() && input_[at_] != '\0') die("%s %s: expected NUL but got: %s", command, ref, rest());
    ++at_;
    if (at_ >= input_.size()) die("%s %s: unexpected end of input when reading %s", command, ref, what);
    arg = take_word();
    if (arg.empty()) {
      if (!allow_empty) return std::nullopt;
      warning("%s %s: missing <new-oid>, treating as zero", command, ref);
      return zero();
    }
  }
  std::optional<ObjectId> oid = get_oid(repo_, arg);
  if (!oid) die("%s %s: invalid %s: %s", command, ref, what, arg);
  return oid;
}

void StdinBatch::expect_end(const char* command, const std::string& ref) {
  if (at_end_of_line()) return;
  std::string_view extra = rest();
  if (!extra.empty() && extra.back() == '\n') extra.remove_suffix(1);
  die("%s %s: extra input: %s", command, ref, extra);
}

RefUpdate StdinBatch::new_update(std::string ref) const {
  RefUpdate update;
  update.name = std::move(ref);
  update.flags = update_flags_;
  update.message = message_;
  return update;
}

void StdinBatch::queue(RefUpdate update) {
  transaction_->add(std::move(update)).or_die();
  update_flags_ = default_flags_;
}

void StdinBatch::require_no_deref(const char* command) {
  if (!(update_flags_ & kRefNoDeref)) die("%s: cannot operate with deref mode", command);
}

void StdinBatch::update() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("update: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.new_oid = take_oid("update", *ref, false, true);
  if (!u.new_oid) die("update %s: missing <new-oid>", *ref);
  u.old_oid = take_oid("update", *ref, true);
  expect_end("update", *ref);
  queue(std::move(u));
}

void StdinBatch::create() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("create: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.new_oid = take_oid("create", *ref, false);
  if (!u.new_oid) die("create %s: missing <new-oid>", *ref);
  if (u.new_oid->is_null()) die("create %s: zero <new-oid>", *ref);
  expect_end("create", *ref);
  u.old_oid = zero();
  queue(std::move(u));
}

void StdinBatch::remove() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("delete: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.old_oid = take_oid("delete", *ref, true);
  if (u.old_oid && u.old_oid->is_null()) die("delete %s: zero <old-oid>", *ref);
  expect_end("delete", *ref);
  u.new_oid = zero();
  queue(std::move(u));
}

void StdinBatch::verify() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("verify: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.old_oid = take_oid("verify", *ref, true);
  if (!u.old_oid) u.old_oid = zero();
  expect_end("verify", *ref);
  queue(std::move(u));
}

void StdinBatch::symref_update() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("symref-update: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.new_target = take_next_refname();
  if (!u.new_target) die("symref-update %s: missing <new-target>", *ref);
  if (std::optional<std::string> kind = take_next_arg()) {
    std::optional<std::string> old = take_next_arg();
    if (!old) die("symref-update %s: expected old value", *ref);
    if (*kind == "oid") {
      u.old_oid = get_oid(repo_, *old);
      if (!u.old_oid) die("symref-update %s: invalid oid: %s", *ref, *old);
    } else if (*kind == "ref") {
      if (!check_refname_format(*old, kRefnameAllowOneLevel)) die("symref-update %s: invalid ref: %s", *ref, *old);
      u.old_target = old;
    } else {
      die("symref-update %s: invalid arg '%s' for old value", *ref, *kind);
    }
  }
  expect_end("symref-update", *ref);
  queue(std::move(u));
}

void StdinBatch::symref_create() {
  std::optional<std::string> ref = take_refname();
  if (!ref) die("symref-create: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.new_target = take_next_refname();
  if (!u.new_target) die("symref-create %s: missing <new-target>", *ref);
  expect_end("symref-create", *ref);
  u.old_oid = zero();
  queue(std::move(u));
}

void StdinBatch::symref_delete() {
  require_no_deref("symref-delete");
  std::optional<std::string> ref = take_refname();
  if (!ref) die("symref-delete: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.old_target = take_next_refname();
  expect_end("symref-delete", *ref);
  u.new_oid = zero();
  queue(std::move(u));
}

void StdinBatch::symref_verify() {
  require_no_deref("symref-verify");
  std::optional<std::string> ref = take_refname();
  if (!ref) die("symref-verify: missing <ref>");
  RefUpdate u = new_update(*ref);
  u.old_target = take_next_refname();
  if (!u.old_target) u.old_oid = zero();
  expect_end("symref-verify", *ref);
  queue(std::move(u));
}

void StdinBatch::option() {
  std::string word(rest());
  if (!word.empty() && word.back() == terminator_) word.pop_back();
  if (word != "no-deref") die("option unknown: %s", word);
  update_flags_ |= kRefNoDeref;
}

void StdinBatch::acknowledge(const char* what) {
  outf("%s: ok\n", what);
  flush_out();
}

void StdinBatch::report_rejected() {
  for (const RefRejection& r : transaction_->rejections()) {
    auto value = [&](const std::optional<ObjectId>& oid) { return oid.value_or(zero()); };
    errf("error: %s\n", r.message);
    outf("rejected %s %s %s %s\n", r.name, value(r.new_oid), value(r.old_oid), r.reason);
  }
}

void StdinBatch::finish(const char* prefix) {
  Result<void> done = transaction_->commit();
  if (!done) die("%s%s", prefix, done.error().message);
  report_rejected();
}

void StdinBatch::prepare() {
  Result<void> prepared = transaction_->prepare();
  if (!prepared) die("prepare: %s", prepared.error().message);
  acknowledge("prepare");
}

void StdinBatch::commit() {
  finish("commit: ");
  acknowledge("commit");
}

void StdinBatch::abort() {
  transaction_->abort();
  acknowledge("abort");
}

void StdinBatch::execute(const Command& command) {
  switch (state_) {
    case BatchState::open:
    case BatchState::started:
      if (state_ == BatchState::started && command.state == BatchState::started) die("cannot restart ongoing transaction");
      if (command.state >= state_) state_ = command.state;
      break;
    case BatchState::prepared:
      if (command.state != BatchState::closed) die("prepared transactions can only be closed");
      state_ = command.state;
      break;
    case BatchState::closed:
      if (command.state != BatchState::started) die("transaction is closed");
      transaction_ = repo_.refs().begin(transaction_flags_);
      state_ = command.state;
      break;
  }
  (this->*command.verb)();
}

void StdinBatch::run() {
  transaction_ = repo_.refs().begin(transaction_flags_);
  for (;;) {
    input_.clear();
    if (!read_record(input_)) break;
    std::string shown = input_;
    if (!shown.empty() && shown.back() == terminator_) shown.pop_back();
    if (input_[0] == terminator_) die("empty command in input");
    if (is_space(input_[0])) die("whitespace before command: %s", shown);
    const Command* found = nullptr;
    for (const Command& command : kCommands) {
      std::string_view name = command.name;
      if (!starts_with(input_, name)) continue;
      char next = name.size() < input_.size() ? input_[name.size()] : terminator_;
      if (next != terminator_ && (next != ' ' || command.args == 0)) continue;
      found = &command;
      at_ = std::min(input_.size(), name.size() + (next == ' ' ? 1 : 0));
      break;
    }
    if (!found) die("unknown command: %s", shown);
    for (int i = 1; terminator_ == '\0' && i < found->args; ++i)
      if (!read_record(input_)) break;
    execute(*found);
  }
  if (state_ == BatchState::open)
    finish("");
  else if (state_ != BatchState::closed)
    transaction_->abort();
}

int update_one(Repository& repo, const std::vector<std::string>& args, bool deletes, unsigned flags, const std::string& message) {
  std::string name = args[0];
  std::optional<ObjectId> old_oid, new_oid;
  if (!deletes && !(new_oid = get_oid(repo, args[1]))) die("%s: not a valid SHA1", args[1]);
  std::size_t old_at = deletes ? 1 : 2;
  if (args.size() > old_at) {
    if (args[old_at].empty())
      old_oid = ObjectId::null(repo.algo());
    else if (!(old_oid = get_oid(repo, args[old_at])))
      die("%s: not a valid old SHA1", args[old_at]);
  }
  if (deletes) {
    Result<void> removed = repo.refs().remove(name, old_oid, message, flags);
    return removed ? 0 : (error("%s", removed.error().message), 1);
  }
  RefUpdate update;
  update.name = name;
  update.new_oid = new_oid;
  update.old_oid = old_oid;
  update.flags = flags;
  update.message = message;
  Result<void> done = repo.refs().update(std::move(update));
  if (!done) die("update_ref failed for ref '%s': %s", name, done.error().message);
  return 0;
}

}  // namespace

int cmd_update_ref(Invocation& inv) {
  std::optional<std::string> message;
  bool deletes = false, no_deref = false, nul = false, from_stdin = false, create_reflog = false, batch = false;
  Options options({"git update-ref [<options>] -d <refname> [<old-oid>]",
                   "git update-ref [<options>]    <refname> <new-oid> [<old-oid>]",
                   "git update-ref [<options>] --stdin [-z] [--batch-updates]"});
  options.string('m', "", &message, "reason", N_("reason of the update"));
  options.boolean('d', "", &deletes, N_("delete the reference"));
  options.boolean(0, "no-deref", &no_deref, N_("update <refname> not the one it points to"));
  options.boolean('z', "", &nul, N_("stdin has NUL-terminated arguments"));
  options.boolean(0, "stdin", &from_stdin, N_("read updates from stdin"));
  options.boolean(0, "create-reflog", &create_reflog, N_("create a reflog"));
  options.boolean('0', "batch-updates", &batch, N_("batch reference updates"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (message && message->empty()) die("Refusing to perform update with empty message.");
  unsigned flags = (no_deref ? unsigned{kRefNoDeref} : 0) | (create_reflog ? unsigned{kRefForceCreateReflog} : 0);
  if (from_stdin) {
    if (deletes || !args.empty()) options.usage_with_options();
    StdinBatch(inv.repo(), nul ? '\0' : '\n', flags, batch ? unsigned{RefStore::kAllowFailure} : 0, message.value_or("")).run();
    return 0;
  }
  if (nul) options.usage_with_options();
  if (batch) die("batch updates can only be used with --stdin");
  if (deletes ? args.empty() || args.size() > 2 : args.size() < 2 || args.size() > 3) options.usage_with_options();
  return update_one(inv.repo(), args, deletes, flags, message.value_or(""));
}

}  // namespace git
