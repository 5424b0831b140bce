// The files of the left side are written out; those of the right side that are what the worktree has are links to there (or
// copies, whose changes are brought back afterwards).  Links among the compared files are shown as texts.
#include "difftool-dirs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "index.h"
#include "index/convert.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

class DirDiffRun {
 public:
  DirDiffRun(Repository& repo, const DirDiff& how)
      : repo_(repo), how_(how), index_(Index::read(repo)), converter_(repo, &index_), top_(repo.worktree().value_or(".")) {}

  int run() {
    ChildProcess diff;
    diff.git_command = true;
    diff.args = {"diff", "--raw", "--no-abbrev", "-z"};
    diff.args.insert(diff.args.end(), how_.diff_args.begin(), how_.diff_args.end());
    diff.dir = how_.prefix;
    CommandOutput output = pipe_command(diff, {});
    make_directories();
    const bool any = fill(output.out);
    int code = 0;
    if (any) code = launch();
    if (!bring_back()) {
      warning(_("temporary files exist in '%s'."), tmp_);
      warning("%s", _("you may want to cleanup or recover these."));
      return 1;
    }
    remove_dir_recursively(tmp_);
    if (any) return code;
    return output.code;
  }

 private:
  struct Copy {
    std::string path, bytes;
  };

  void make_directories() {
    std::string base = get_env_or("TMPDIR", "/tmp");
    while (base.size() > 1 && base.back() == '/') base.pop_back();
    tmp_ = base + "/git-difftool.XXXXXX";
    if (!mkdtemp(tmp_.data())) die_errno("could not create '%s'", tmp_);
    make_dir(tmp_ + "/left");
    make_dir(tmp_ + "/right");
  }

  void write(const std::string& side, const std::string& path, std::string_view bytes, std::uint32_t mode) {
    const std::string file = tmp_ + "/" + side + "/" + path;
    if (!make_leading_dirs(file) || !write_file(file, bytes, mode & 0100 ? 0777 : 0666)) die_errno("could not write '%s'", file);
  }

  // As a checkout would write it; links and submodules as a line that tells.
  void write_object(const std::string& side, const std::string& path, const ObjectId& oid, std::uint32_t mode) {
    if (is_gitlink_mode(mode)) return write(side, path, "Subproject commit " + oid.hex() + "\n", kModeBlob);
    auto data = repo_.odb().read(oid);
    if (!data) die("unable to read %s", oid);
    if (is_link_mode(mode)) return write(side, path, data->data + "\n", kModeBlob);
    auto converted = converter_.to_working_tree(path, data->data, nullptr);
    write(side, path, converted ? *converted : data->data, mode);
  }

  bool is_in_worktree(const std::string& file, const std::string& path, const ObjectId& oid) {
    struct stat st;
    if (lstat(file.c_str(), &st) || !S_ISREG(st.st_mode)) return false;
    if (oid.is_null()) return true;
    IndexEntry* e = index_.find(path);
    if (e && e->oid == oid && !index_.modified(*e, st)) return true;
    auto bytes = read_file(file);
    return bytes && repo_.odb().hash(ObjectType::blob, *bytes) == oid;
  }

  void write_right(const std::string& path, const ObjectId& oid, std::uint32_t mode) {
    const std::string file = path_join(top_, path);
    if (is_link_mode(mode) && oid.is_null()) return write("right", path, read_link(file).value_or("") + "\n", kModeBlob);
    if (is_gitlink_mode(mode) || is_link_mode(mode) || !is_in_worktree(file, path, oid)) {
      if (!oid.is_null()) write_object("right", path, oid, mode);
      return;
    }
    if (how_.symlinks) {
      const std::string link = tmp_ + "/right/" + path;
      if (!make_leading_dirs(link) || symlink(file.c_str(), link.c_str()))
        die_errno("could not symlink '%s' to '%s'", file, link);
      copies_.push_back({path, {}});
      return;
    }
    auto bytes = read_file(file);
    if (!bytes) die_errno("could not read '%s'", file);
    write("right", path, *bytes, mode);
    copies_.push_back({path, std::move(*bytes)});
  }

  bool fill(const std::string& raw) {
    auto fields = split(raw, '\0');
    bool any = false;
    for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
      auto words = split(fields[i], ' ');
      if (words.size() < 5 || words[0].empty()) break;
      auto mode_of = [](std::string_view text) {
        return static_cast<std::uint32_t>(std::strtoul(std::string(text).c_str(), nullptr, 8));
      };
      const std::uint32_t left = mode_of(words[0].substr(1)), right = mode_of(words[1]);
      auto old_oid = ObjectId::from_hex(words[2], repo_.algo()), new_oid = ObjectId::from_hex(words[3], repo_.algo());
      if (!old_oid || !new_oid) break;
      const char status = words[4][0];
      std::string from(fields[++i]), to = from;
      if ((status == 'R' || status == 'C') && i + 1 < fields.size()) to = fields[++i];
      if (status == 'U' || (!left && !right)) continue;
      any = true;
      if (left && status != 'C' && !old_oid->is_null()) write_object("left", from, *old_oid, left);
      if (right) write_right(to, *new_oid, right);
    }
    return any;
  }

  int launch() {
    ChildProcess child;
    const std::string left = tmp_ + "/left/", right = tmp_ + "/right/";
    set_env("GIT_DIFFTOOL_DIRDIFF", "true");
    if (!how_.external_command.empty()) {
      child.args = {how_.external_command, left, right};
    } else {
      child.git_command = true;
      child.args = {"difftool--helper", left, right};
    }
    return child.run();
  }

  // False where a file was changed on both sides.
  bool bring_back() {
    bool good = true;
    for (const Copy& copy : copies_) {
      const std::string right = tmp_ + "/right/" + copy.path, file = path_join(top_, copy.path);
      struct stat st;
      if (lstat(right.c_str(), &st) || !S_ISREG(st.st_mode)) continue;
      auto now = read_file(right);
      if (!now || *now == copy.bytes) continue;
      auto here = read_file(file);
      if (!how_.symlinks && (!here || *here != copy.bytes)) {
        warning(_("both files modified: '%s' and '%s'."), file, right);
        warning("%s", _("working tree file has been left."));
        warning("%s", "");
        good = false;
      } else if (!write_file(file, *now)) {
        warning_errno(_("could not copy '%s' to '%s'"), right, file);
      }
    }
    return good;
  }

  Repository& repo_;
  const DirDiff& how_;
  Index index_;
  Converter converter_;
  std::string top_, tmp_;
  std::vector<Copy> copies_;
};

}  // namespace

int run_dir_diff(Repository& repo, const DirDiff& how) { return DirDiffRun(repo, how).run(); }

}  // namespace git
