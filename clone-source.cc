// A name that is a path is tried with what git appends to paths; a copy of objects must not follow symbolic links, which
// could lead anywhere on the machine.
#include "clone-source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "setup.h"

namespace git {

std::optional<CloneSource> find_clone_source(const std::string& name) {
  for (const char* suffix : {"/.git", "", ".git/.git", ".git"}) {
    std::string path = name + suffix;
    if (is_directory(path)) {
      if (is_git_directory(path)) return CloneSource{path, false};
      continue;
    }
    if (!is_file(path)) continue;
    auto target = read_gitfile(path);
    if (target && is_git_directory(*target)) return CloneSource{*target, false};
  }
  for (const char* suffix : {".bundle", ""}) {
    std::string path = name + suffix;
    if (is_file(path)) return CloneSource{path, true};
  }
  return std::nullopt;
}

std::string guess_clone_directory(std::string_view url, bool is_bundle, bool is_bare) {
  std::size_t scheme = url.find("://");
  std::string_view text = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  bool has_scheme = scheme != std::string_view::npos;
  std::size_t slash = text.find('/');
  if (std::size_t at = text.substr(0, slash).rfind('@'); at != std::string_view::npos) text = text.substr(at + 1);
  while (!text.empty() && (text.back() == '/' || is_space(text.back()))) text.remove_suffix(1);
  if (text.size() > 5 && ends_with(text, "/.git")) {
    text.remove_suffix(5);
    while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  }
  // A port at the end of a host without path is no name.
  std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/') == std::string_view::npos) {
    std::string_view digits = text.substr(colon + 1);
    bool is_port = has_scheme || !digits.empty();
    for (char c : digits) is_port = is_port && is_digit(c);
    if (is_port) text = text.substr(0, colon);
  }
  std::size_t start = text.find_last_of("/:");
  if (start != std::string_view::npos) text = text.substr(start + 1);
  strip_suffix(text, is_bundle ? ".bundle" : ".git");
  if (text.empty() || text == "/")
    die("%s", _("No directory name could be guessed.\nPlease specify a directory on the command line"));
  std::string dir;
  bool was_space = true;
  // Control characters and runs of white space become one space.
  for (char c : std::string(text) + (is_bare ? ".git" : "")) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    bool space = is_space(c);
    if (space && was_space) continue;
    dir += c;
    was_space = space;
  }
  if (!dir.empty() && dir.back() == ' ') dir.pop_back();
  return dir;
}

namespace {

class LocalCopy {
 public:
  LocalCopy(bool hardlinks, bool must_link) : hardlinks_(hardlinks), must_link_(must_link) {}

  void copy(const std::string& from, const std::string& to, const std::string& relative = "") {
    auto st = lstat_path(from);
    if (!st) die_errno(_("failed to stat '%s'"), from);
    if (S_ISLNK(st->st_mode)) die(_("'%s' is a symlink, refusing to clone with --local"), from);
    make_dir(to);
    if (!is_directory(to)) die_errno(_("failed to create directory '%s'"), to);
    for (const std::string& name : list_dir(from)) {
      std::string source = from + "/" + name, target = to + "/" + name;
      std::string inside = relative.empty() ? name : relative + "/" + name;
      auto entry = lstat_path(source);
      if (!entry) continue;
      if (S_ISLNK(entry->st_mode)) die(_("symlink '%s' exists, refusing to clone with --local"), inside);
      if (S_ISDIR(entry->st_mode)) {
        if (name[0] != '.' || !relative.empty()) copy(source, target, inside);
        continue;
      }
      if (inside == "info/alternates") {
        copy_alternates(source, target, from.substr(0, from.size() - 5));
        continue;
      }
      copy_one(source, target);
    }
  }

 private:
  // Relative entries are relative to where they stood.
  void copy_alternates(const std::string& source, const std::string& target, const std::string& objects) {
    std::string text = read_file_if_exists(source).value_or("");
    std::string out;
    for (std::string_view line : split_lines(text)) {
      if (line.empty() || line[0] == '#') continue;
      if (is_absolute_path(line)) {
        out += std::string(line) + "\n";
        continue;
      }
      auto absolute = normalize_path(absolute_path(objects) + "/" + std::string(line));
      if (absolute)
        out += *absolute + "\n";
      else
        warning(_("skipping invalid relative path: %s/%s"), objects, line);
    }
    auto before = read_file_if_exists(target);
    write_file(target, before.value_or("") + out);
  }

  void copy_one(const std::string& source, const std::string& target) {
    if (hardlinks_) {
      if (link(source.c_str(), target.c_str()) == 0) return;
      if (must_link_) die_errno(_("failed to create link '%s'"), target);
      hardlinks_ = false;
    }
    UniqueFd in = open_fd(source, O_RDONLY);
    if (!in) die_errno(_("failed to copy file to '%s'"), target);
    auto st = stat_path(source);
    UniqueFd out = open_fd(target, O_WRONLY | O_CREAT | O_EXCL, st ? static_cast<int>(st->st_mode & 0777) : 0666);
    if (!out) die_errno(_("failed to copy file to '%s'"), target);
    std::string buffer(1u << 16, '\0');
    for (ssize_t got; (got = xread(in.get(), buffer.data(), buffer.size())) != 0;) {
      if (got < 0 || !write_in_full(out.get(), std::string_view(buffer).substr(0, static_cast<std::size_t>(got))))
        die_errno(_("failed to copy file to '%s'"), target);
    }
    if (st) {
      struct timespec times[2] = {st->st_atim, st->st_mtim};
      utimensat(AT_FDCWD, target.c_str(), times, 0);
    }
  }

  bool hardlinks_, must_link_;
};

}  // namespace

void copy_objects_directory(const std::string& from, const std::string& to, bool hardlinks, bool must_link) {
  LocalCopy(hardlinks, must_link).copy(from, to);
}

}  // namespace git
