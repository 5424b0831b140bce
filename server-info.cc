// A web server hands these files out while they are rewritten: each is replaced by one rename.
#include "server-info.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"

namespace git {

namespace {

bool publish(Repository& repo, const std::string& path, const std::string& text, bool force) {
  if (!force) {
    auto before = read_file(path);
    if (before && *before == text) return true;
  }
  make_leading_dirs(path);
  auto temp = Tempfile::from_pattern(path + "_XXXXXX", 0, 0666);
  if (!temp || !temp->write(text) || !temp->rename_to(path)) {
    error_errno(_("unable to update %s"), path);
    return false;
  }
  adjust_shared_perm(path, repo.shared_repository());
  return true;
}

}  // namespace

std::string server_info_refs(Repository& repo, const std::string& name_space) {
  std::string text;
  repo.refs().for_each(name_space + "refs/", [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken) return true;
    ObjectType type = repo.odb().type_of(ref.oid);
    if (type == ObjectType::bad) return true;
    std::string name = ref.name.substr(name_space.size());
    text += ref.oid.hex() + "\t" + name + "\n";
    if (type == ObjectType::tag)
      if (auto peeled = repo.refs().peel(ref)) text += peeled->hex() + "\t" + name + "^{}\n";
    return true;
  });
  return text;
}

std::string server_info_packs(Repository& repo) {
  std::string text;
  std::string dir = repo.odb().objects_dir() + "/pack";
  std::vector<std::string> names;
  for (const std::string& name : list_dir(dir))
    if (ends_with(name, ".pack") && path_exists(dir + "/" + name.substr(0, name.size() - 5) + ".idx")) names.push_back(name);
  auto mtime = [&](const std::string& name) {
    auto st = stat_path(dir + "/" + name);
    return st ? st->st_mtime : 0;
  };
  std::sort(names.begin(), names.end());
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) { return mtime(a) > mtime(b); });
  for (const std::string& name : names) text += "P " + name + "\n";
  return text + "\n";
}

bool update_server_info(Repository& repo, bool force) {
  bool good = publish(repo, repo.common_path("info/refs"), server_info_refs(repo, ""), force);
  return publish(repo, repo.odb().objects_dir() + "/info/packs", server_info_packs(repo), force) && good;
}

}  // namespace git
