// gitmailmap(5): proper names and addresses for the ones found in commits.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace git {

class Repository;

class Mailmap {
 public:
  // .mailmap at the top of the worktree (HEAD:.mailmap in a bare repository), mailmap.blob, mailmap.file.
  static Mailmap read(Repository& repo);
  void add_text(std::string_view text);
  // False where nothing maps them.
  bool map(std::string& name, std::string& mail) const;
  bool empty() const { return by_mail_.empty(); }

 private:
  struct Target {
    std::string name, mail;  // "" leaves it
  };
  struct Entry {
    Target simple;
    std::map<std::string, Target> by_name;  // lower case
  };
  void add_line(std::string_view line);
  std::map<std::string, Entry> by_mail_;  // lower case
};

}  // namespace git
