// -O<orderfile>, --rotate-to and --skip-to: the order in which pairs are shown.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "diff/options.h"

namespace git {
namespace {

std::size_t order_of(const std::vector<std::string>& patterns, std::string_view path) {
  for (std::size_t i = 0; i < patterns.size(); i++)
    for (std::string_view part = path;;) {
      if (wildmatch(patterns[i], part, 0)) return i;
      const std::size_t slash = part.rfind('/');
      if (slash == std::string_view::npos) break;
      part = part.substr(0, slash);
    }
  return patterns.size();
}

}  // namespace

void diffcore_order(DiffOptions& options) {
  if (options.queue.empty()) return;
  auto text = read_file(options.orderfile);
  if (!text) die("could not read order file '%s': %s", options.orderfile, std::strerror(errno));
  std::vector<std::string> patterns;
  for (std::string_view line : split_lines(*text))
    if (!line.empty() && line[0] != '#') patterns.emplace_back(line);
  std::vector<std::pair<std::size_t, PairPtr>> keyed;
  for (PairPtr& pair : options.queue) {
    const std::string& path = pair->two->path;
    keyed.emplace_back(order_of(patterns, path), std::move(pair));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < keyed.size(); i++) options.queue[i] = std::move(keyed[i].second);
}

void diffcore_rotate(DiffOptions& options) {
  DiffQueue& queue = options.queue;
  if (queue.empty()) return;
  std::size_t at = 0;
  for (; at < queue.size(); at++) {
    const int order = compare_bytes(options.rotate_to, queue[at]->two->path);
    if (!order || (!options.rotate_to_strict && order < 0)) break;
  }
  if (at == queue.size()) {
    if (options.rotate_to_strict) die("No such path '%s' in the diff", options.rotate_to);
    return;
  }
  const auto middle = queue.begin() + static_cast<std::ptrdiff_t>(at);
  if (options.skip_instead_of_rotate)
    queue.erase(queue.begin(), middle);
  else
    std::rotate(queue.begin(), middle, queue.end());
}

}  // namespace git
