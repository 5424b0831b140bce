// git patch-id: a name for what a patch changes, whatever its line numbers and white space.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "hash/hasher.h"

GIT_BUILTIN("patch-id", cmd_patch_id, kSetupGently)

namespace git {
namespace {

class PatchId {
 public:
  PatchId(HashAlgo algo, bool stable, bool verbatim) : algo_(algo), stable_(stable), verbatim_(verbatim), hasher_(algo) {}

  // One patch of the input; `next` is the commit named by the line that ends it. False at the end of the input.
  bool read(LineReader& lines, std::optional<ObjectId>& next, ObjectId& id, bool& has_patch) {
    sum_.assign(raw_size(algo_), '\0');
    bool is_binary = false, has_hunks = false;
    has_patch = false;
    next.reset();
    std::string line, old_id, new_id;
    bool at_end = true;
    while (lines.next(line)) {
      std::string_view rest = line;
      if (!skip_prefix(rest, "commit ") && !skip_prefix(rest, "From ") && starts_with(line, "\\ ") && line.size() > 11) {
        if (verbatim_) hasher_.update(line + "\n");
        continue;
      }
      if (auto oid = ObjectId::parse_prefix(rest, algo_)) {
        next = oid;
        at_end = false;
        break;
      }
      if (!has_patch && !starts_with(line, "diff ")) continue;
      if (before_ == -1) {
        if (starts_with(line, "GIT binary patch") || starts_with(line, "Binary files")) {
          is_binary = true;
          before_ = 0;
          hasher_.update(old_id);
          hasher_.update(new_id);
          if (stable_) flush();
          continue;
        }
        if (std::string_view ids = line; skip_prefix(ids, "index ")) {
          const std::size_t dots = ids.find("..");
          if (dots != std::string_view::npos) {
            old_id = ids.substr(0, dots);
            ids.remove_prefix(dots + 2);
            new_id = ids.substr(0, ids.find(' '));
          }
          continue;
        }
        if (starts_with(line, "--- ")) {
          before_ = after_ = 1;
        } else if (line.empty() || !is_alpha(line[0])) {
          at_end = false;
          break;
        }
      }
      if (is_binary) {
        if (starts_with(line, "diff ")) {
          is_binary = false;
          before_ = -1;
        }
        continue;
      }
      if (before_ == 0 && after_ == 0) {
        if (starts_with(line, "@@ -")) {
          scan_hunk(line);
          has_hunks = true;
          continue;
        }
        if (!starts_with(line, "diff ")) {
          at_end = false;
          break;
        }
        if (stable_ && has_hunks) flush();
        before_ = after_ = -1;
        has_hunks = false;
      }
      const char sign = line.empty() ? '\0' : line[0];
      if (sign == '-' || sign == ' ') before_--;
      if (sign == '+' || sign == ' ') after_--;
      has_patch = hash_line(line) || has_patch;
    }
    flush();
    id = ObjectId::from_raw(sum_, algo_);
    return !at_end;
  }

 private:
  // True where there was anything to hash.
  bool hash_line(std::string_view line) {
    if (verbatim_) {
      hasher_.update(std::string(line) + "\n");
      return true;
    }
    std::string squeezed;
    for (char c : line)
      if (!is_space(c)) squeezed += c;
    hasher_.update(squeezed);
    return !squeezed.empty();
  }
  void scan_hunk(std::string_view line) {
    auto number = [&](char sign) -> long {
      std::size_t at = line.find(sign);
      if (at == std::string_view::npos) return 1;
      std::string_view rest = line.substr(at + 1);
      std::size_t n = 0;
      while (n < rest.size() && is_digit(rest[n])) n++;
      if (n >= rest.size() || rest[n] != ',') return 1;
      rest.remove_prefix(n + 1);
      n = 0;
      while (n < rest.size() && is_digit(rest[n])) n++;
      return static_cast<long>(parse_uint(rest.substr(0, n)).value_or(0));
    };
    before_ = number('-');
    after_ = number('+');
  }
  // Adds one file's hash to the sum, so that the order of files does not matter.
  void flush() {
    std::string raw(hasher_.finish().raw());
    hasher_ = Hasher(algo_);
    unsigned carry = 0;
    for (std::size_t i = 0; i < raw.size(); i++) {
      carry += static_cast<unsigned char>(sum_[i]) + static_cast<unsigned char>(raw[i]);
      sum_[i] = static_cast<char>(carry & 0xff);
      carry >>= 8;
    }
  }

  HashAlgo algo_;
  bool stable_, verbatim_;
  Hasher hasher_;
  std::string sum_;
  long before_ = -1, after_ = -1;
};

}  // namespace

int cmd_patch_id(Invocation& inv) {
  int mode = -1;
  Options options({"git patch-id [--stable | --unstable | --verbatim]"});
  options.cmd_mode(0, "unstable", &mode, 1, N_("use the unstable patch-id algorithm"));
  options.cmd_mode(0, "stable", &mode, 2, N_("use the stable patch-id algorithm"));
  options.cmd_mode(0, "verbatim", &mode, 3, N_("don't strip whitespace from the patch"));
  options.parse(inv.args, inv.prefix_or_empty());
  bool stable = false, verbatim = false;
  if (inv.repository) {
    verbatim = inv.repo().config().get_bool_or("patchid.verbatim", false);
    stable = verbatim || inv.repo().config().get_bool_or("patchid.stable", false);
  }
  if (mode > 0) {
    stable = mode > 1;
    verbatim = mode == 3;
  }
  const HashAlgo algo = inv.repository ? inv.repo().algo() : HashAlgo::sha1;
  LineReader lines(0);
  ObjectId commit = ObjectId::null(algo);
  for (bool more = true; more;) {
    PatchId reader(algo, stable, verbatim);
    std::optional<ObjectId> next;
    ObjectId id;
    bool has_patch = false;
    more = reader.read(lines, next, id, has_patch);
    if (has_patch) outf("%s %s\n", id, commit);
    commit = next ? *next : ObjectId::null(algo);
  }
  return 0;
}

}  // namespace git
