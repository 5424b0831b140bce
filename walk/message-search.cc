// A plain date-ordered walk; the first match is the youngest.
#include "walk/message-search.h"

#include <regex.h>

#include "base/strings.h"
#include "object/object.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-queue.h"

namespace git {
namespace {

class Regex {
 public:
  explicit Regex(const std::string& pattern) : ok_(regcomp(&regex_, pattern.c_str(), REG_EXTENDED) == 0) {}
  ~Regex() {
    if (ok_) regfree(&regex_);
  }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  bool ok() const { return ok_; }
  bool matches(const std::string& text) const { return regexec(&regex_, text.c_str(), 0, nullptr, 0) == 0; }

 private:
  regex_t regex_{};
  bool ok_;
};

}  // namespace

std::vector<Commit*> all_ref_commits(Repository& repo) {
  std::vector<Commit*> commits;
  auto add = [&](const Ref& ref) {
    if (ref.is_broken || ref.oid.is_null()) return true;
    if (Commit* c = repo.commits().peel_to_commit(ref.oid)) commits.push_back(c);
    return true;
  };
  repo.refs().for_each("refs/", add);
  repo.refs().for_each_root_ref([&](const Ref& ref) { return ref.name != "HEAD" || add(ref); });
  return commits;
}

std::optional<ObjectId> find_commit_by_message(CommitPool& pool, std::string_view pattern, std::vector<Commit*> from) {
  bool negative = false;
  if (skip_prefix(pattern, "!")) {
    if (skip_prefix(pattern, "-"))
      negative = true;
    else if (!starts_with(pattern, "!"))
      return std::nullopt;
  }
  Regex regex{std::string(pattern)};
  if (!regex.ok()) return std::nullopt;
  CommitMarks<unsigned char> seen;
  DateQueue queue;
  auto push = [&](Commit* c) {
    if (seen[c] || !pool.parse_quietly(c)) return;
    seen[c] = 1;
    queue.push(c);
  };
  for (Commit* c : from) push(c);
  while (!queue.empty()) {
    Commit* c = queue.pop();
    Result<std::string> buffer = pool.read_buffer(c);
    if (!buffer) continue;
    std::size_t body = buffer->find("\n\n");
    bool hit = body != std::string::npos && regex.matches(buffer->substr(body + 2));
    if (hit != negative) return c->oid;
    for (Commit* p : c->parents) push(p);
  }
  return std::nullopt;
}

}  // namespace git
