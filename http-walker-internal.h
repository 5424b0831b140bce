// The servers that a walk may ask, and what they have in packs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/tempfile.h"
#include "http.h"
#include "pack/pack.h"

namespace git {

class Repository;

// One objects directory behind HTTP: the repository's own, or an alternate of it.
class WalkSource {
 public:
  // `url` has no slash at its end.
  WalkSource(Repository& repo, HttpSession& session, std::string url, bool is_verbose);
  const std::string& url() const { return url_; }
  std::string loose_url(const ObjectId& oid) const;
  // Fetches the pack that holds `oid`, if there is one. False where there is none, or it can't be had.
  bool fetch_pack_with(const ObjectId& oid);
  // The alternates it names, each with the message or warning that belongs to it.
  std::vector<std::string> alternates();

 private:
  struct RemotePack {
    std::string name;  // "pack-<hash>"
    std::unique_ptr<PackIndex> index;
    Tempfile index_file;
    bool was_tried = false;
  };
  void read_pack_list();
  bool read_index(RemotePack& pack);
  bool fetch_pack(RemotePack& pack);
  std::optional<std::string> alternate_url(std::string_view line, bool is_http_list) const;
  bool is_alternate_allowed(const std::string& url) const;

  Repository& repo_;
  HttpSession& session_;
  std::string url_;
  bool is_verbose_;
  bool has_pack_list_ = false;
  std::vector<RemotePack> packs_;
};

// Downloads a pack to `partial` (going on where that ends) and gives it to `git <index_args>`, whose output goes where
// `out` says (ChildProcess). False after error().
bool fetch_and_index_pack(HttpSession& session, const std::string& url, const std::string& partial,
                          const std::vector<std::string>& index_args, int out);

}  // namespace git
