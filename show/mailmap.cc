// A line has one or two "Name <mail>" pairs: proper first, the one to be replaced last. Later lines win.
#include "show/mailmap.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

// Takes "Name <mail>" off the front.
bool take_pair(std::string_view& line, std::string& name, std::string& mail, bool allow_empty_mail) {
  std::size_t open = line.find('<');
  if (open == std::string_view::npos) return false;
  std::size_t close = line.find('>', open + 1);
  if (close == std::string_view::npos || (!allow_empty_mail && close == open + 1)) return false;
  name = std::string(trim(line.substr(0, open)));
  mail = std::string(line.substr(open + 1, close - open - 1));
  line.remove_prefix(close + 1);
  return true;
}

}  // namespace

void Mailmap::add_line(std::string_view line) {
  if (starts_with(line, "#")) return;
  std::string name1, mail1, name2, mail2;
  if (!take_pair(line, name1, mail1, false)) return;
  bool two = take_pair(line, name2, mail2, true);
  std::string old_mail = two ? mail2 : mail1, new_mail = two ? mail1 : std::string();
  Entry& entry = by_mail_[lowercase(old_mail)];
  if (two && !name2.empty()) {
    Target& target = entry.by_name[lowercase(name2)];
    if (!name1.empty()) target.name = name1;
    if (!new_mail.empty()) target.mail = new_mail;
    return;
  }
  if (!name1.empty()) entry.simple.name = name1;
  if (!new_mail.empty()) entry.simple.mail = new_mail;
}
void Mailmap::add_text(std::string_view text) {
  for (std::string_view line : split_lines(text)) add_line(line);
}

bool Mailmap::map(std::string& name, std::string& mail) const {
  auto found = by_mail_.find(lowercase(mail));
  if (found == by_mail_.end()) return false;
  const Target* target = &found->second.simple;
  if (auto by_name = found->second.by_name.find(lowercase(name)); by_name != found->second.by_name.end())
    target = &by_name->second;
  if (target->name.empty() && target->mail.empty()) return false;
  if (!target->mail.empty()) mail = target->mail;
  if (!target->name.empty()) name = target->name;
  return true;
}

Mailmap Mailmap::read(Repository& repo) {
  Mailmap map;
  auto read_blob = [&](const std::string& name) {
    std::optional<ObjectId> oid = get_oid(repo, name, NameHint::none, true);
    if (!oid) return;
    Result<ObjectData> blob = repo.odb().read(*oid);
    if (!blob) {
      error("unable to read mailmap object at %s", name);
    } else if (blob->type != ObjectType::blob) {
      error("mailmap is not a blob: %s", name);
    } else {
      map.add_text(blob->data);
    }
  };
  Config& config = repo.config();
  if (repo.worktree()) {
    // A link in the worktree is not followed: it could point anywhere.
    std::string path = path_join(*repo.worktree(), ".mailmap");
    if (auto st = lstat_path(path)) {
      if (S_ISLNK(st->st_mode))
        error("unable to open mailmap at %s: %s", ".mailmap", "Too many levels of symbolic links");
      else if (auto text = read_file_if_exists(path))
        map.add_text(*text);
    }
  }
  std::optional<std::string> blob = config.get_string("mailmap.blob");
  if (!blob && repo.is_bare()) blob = "HEAD:.mailmap";
  if (blob) read_blob(*blob);
  if (auto file = config.get_path("mailmap.file"))
    if (auto text = read_file_if_exists(*file)) map.add_text(*text);
  return map;
}

}  // namespace git
