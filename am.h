// git am: mails become commits, one by one; what is left lies in .git/rebase-apply until it is done.
//
//   setup     splits the mails, writes the state                   (am-setup.cc)
//   run       mail by mail: parse, apply (or merge), commit        (am.cc)
//   resolve, skip, abort, quit, show                               (am-resume.cc)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
struct Commit;

enum class AmKeep : std::uint8_t { no, yes, non_patch };
enum class AmScissors : std::int8_t { unset = -1, no, yes };
enum class AmEmpty : std::uint8_t { stop, drop, keep };

struct AmOptions {
  bool interactive = false, quiet = false, signoff = false, utf8 = true, message_id = false, no_verify = false;
  bool committer_date_is_author_date = false, ignore_date = false, rebasing = false, no_inbody_headers = false;
  int threeway = 0, rerere_autoupdate = -1;
  AmKeep keep = AmKeep::no;
  AmScissors scissors = AmScissors::unset;
  AmEmpty empty = AmEmpty::stop;
  std::string quoted_cr;  // "" as configured
  std::vector<std::string> apply_options;
  std::optional<std::string> resolve_message, gpg_sign;
};

class Am {
 public:
  Am(Repository& repo, AmOptions options);
  AmOptions options;

  bool is_in_progress() const;
  bool has_state() const;
  void load();  // REQUIRES: is_in_progress()
  // Splits what is given into the state directory. `format` "" finds out; `keep_cr` -1 as configured.
  void setup(const std::vector<std::string>& paths, std::string format, int keep_cr);
  int run(bool resume);
  int resolve(bool allow_empty);
  int skip();
  int abort();
  int quit();
  int show_patch(bool as_diff);
  void destroy();
  void sign_off();

 private:
  std::string path(std::string_view name) const;
  std::string mail_path() const;
  bool write(std::string_view name, std::string_view text);
  std::optional<std::string> read_text(std::string_view name) const;
  bool is_empty_file(std::string_view name) const;
  std::string subject() const;
  void say(const std::string& text) const;
  std::string detect_format(const std::vector<std::string>& paths) const;
  int split(const std::vector<std::string>& paths, const std::string& format, bool keep_cr);
  bool split_foreign(const std::vector<std::string>& paths, std::string (*convert)(std::string_view));
  void write_state();
  bool parse_mail_file();
  void parse_rebased();
  void write_author_script();
  void read_author_script();
  void check_resumable() const;
  bool ask();
  int apply_patch(const std::string& index_file, bool silent);
  int fall_back();
  void commit();
  void next();
  [[noreturn]] void stop();
  bool index_differs() const;
  std::optional<ObjectId> index_tree(const std::string& file) const;
  bool clean_index(const ObjectId& head, const ObjectId& remote);
  void finish_rewritten();

  Repository& repo_;
  int current_ = 0, last_ = 0, digits_ = 4;
  std::string author_name_, author_email_, author_date_, message_;
  std::optional<ObjectId> original_commit_;
};

}  // namespace git
