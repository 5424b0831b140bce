// What a fetch tells about each ref (git-fetch(1), "OUTPUT"): a table for people, or one line per ref for scripts.
#pragma once

#include <string>
#include <string_view>

#include "remote-refs.h"

namespace git {

class Repository;

enum class FetchFormat : unsigned char { full, compact, porcelain };

class FetchReport {
 public:
  // `verbosity` below 0 shows nothing; above, up-to-date refs too.
  FetchReport(Repository& repo, std::string url, int verbosity, FetchFormat format);
  // Column widths; to be called with everything that may be shown.
  void measure(const RemoteRefs& refs);
  // `code`: ' ' '+' '-' 't' '*' '!' '='. `summary`: "abc..def", "[new tag]". `note` shows in brackets behind.
  void line(char code, std::string_view summary, std::string_view note, std::string_view remote_name, std::string_view local_name,
            const ObjectId& old_oid, const ObjectId& new_oid);
  // As it shows in "From ...".
  const std::string& shown_url() const { return shown_url_; }
  int verbosity() const { return verbosity_; }
  FetchFormat format() const { return format_; }
  void header();  // "From ...", once
  std::size_t summary_width() const { return summary_width_; }

 private:
  std::string names(std::string_view remote_name, std::string_view local_name) const;
  Repository& repo_;
  std::string shown_url_;
  int verbosity_;
  FetchFormat format_;
  std::size_t name_width_ = 10;
  std::size_t summary_width_ = 17;
  bool has_header_ = false;
};

}  // namespace git
