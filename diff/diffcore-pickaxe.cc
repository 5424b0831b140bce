// Keeps the pairs in which a text came or went (-S), was touched by a changed line (-G), or that have one of some objects
// (--find-object).
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "diff/external.h"
#include "diff/options.h"
#include "diff/userdiff.h"
#include "diff/xdl-emit.h"

namespace git {
namespace {

struct LineSearch : HunkSink {
  explicit LineSearch(const Regex& r) : regex(r) {}
  void hunk(long, long, long, long, std::string_view) override {}
  void line(char kind, std::string_view bytes) override {
    if (kind != ' ' && !hit) hit = regex.matches(bytes);
  }
  const Regex& regex;
  bool hit = false;
};

class Pickaxe {
 public:
  explicit Pickaxe(DiffOptions& options) : options_(options) {
    const unsigned opts = options.pickaxe_opts;
    if (!(opts & (kPickaxeRegex | kPickaxeKindG)) && !(opts & kPickaxeIgnoreCase)) return;
    if (opts & kPickaxeKindObject) return;
    std::string pattern = options.pickaxe;
    if (!(opts & (kPickaxeRegex | kPickaxeKindG))) {
      pattern.clear();
      for (char c : options.pickaxe) {
        if (std::string_view(".[]()*+?{}|^$\\").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
      }
    }
    auto regex =
        Regex::compile(pattern, Regex::kExtended | Regex::kNewline | (opts & kPickaxeIgnoreCase ? Regex::kIgnoreCase : 0u));
    if (!regex) die("invalid regex: %s", regex.error().message);
    regex_ = std::make_unique<Regex>(std::move(*regex));
  }

  bool matches(DiffPair& pair) {
    DiffFilespec &one = *pair.one, &two = *pair.two;
    if (!one.is_valid() && !two.is_valid()) return false;
    if (options_.pickaxe_opts & kPickaxeKindObject) return is_wanted(one) || is_wanted(two);
    const UserdiffDriver* old_conv = textconv_driver(options_, one);
    const UserdiffDriver* new_conv = textconv_driver(options_, two);
    if (old_conv == new_conv && is_pair_unmodified(pair)) return false;
    const bool by_lines = options_.pickaxe_opts & kPickaxeKindG;
    if (by_lines && !options_.text &&
        ((!old_conv && is_binary_spec(options_, one)) || (!new_conv && is_binary_spec(options_, two))))
      return false;
    const std::string before = old_conv ? run_textconv(options_, *old_conv, one) : load(options_, one);
    const std::string after = new_conv ? run_textconv(options_, *new_conv, two) : load(options_, two);
    const bool hit = by_lines ? touches(one, two, before, after) : count(one, before) != count(two, after);
    unload(one);
    unload(two);
    return hit;
  }

 private:
  bool is_wanted(const DiffFilespec& spec) const {
    return spec.is_valid() &&
           std::find(options_.find_objects.begin(), options_.find_objects.end(), spec.oid) != options_.find_objects.end();
  }
  bool touches(const DiffFilespec& one, const DiffFilespec& two, std::string_view before, std::string_view after) const {
    if (!one.is_valid()) return regex_->matches(after);
    if (!two.is_valid()) return regex_->matches(before);
    XdiffParams params;
    params.flags = options_.xdl_opts;
    params.anchors = options_.anchors;
    LineSearch search(*regex_);
    HunkConfig config;
    config.context = options_.context;
    config.with_function_names = false;
    emit_hunks(compare_lines(before, after, params), config, search);
    return search.hit;
  }
  std::size_t count(const DiffFilespec& spec, std::string_view text) const {
    if (!spec.is_valid()) return 0;
    std::size_t n = 0;
    if (regex_) {
      std::vector<Regex::Match> match(1);
      for (bool not_bol = false; !text.empty() && regex_->search(text, match, not_bol); not_bol = true) {
        text.remove_prefix(static_cast<std::size_t>(match[0].end));
        if (!text.empty() && match[0].start == match[0].end) text.remove_prefix(1);
        n++;
      }
      return n;
    }
    for (std::size_t at = 0; (at = text.find(options_.pickaxe, at)) != std::string_view::npos; at += options_.pickaxe.size()) n++;
    return n;
  }

  DiffOptions& options_;
  std::unique_ptr<Regex> regex_;
};

}  // namespace

void diffcore_pickaxe(DiffOptions& options) {
  Pickaxe pickaxe(options);
  if (options.pickaxe_opts & kPickaxeAll) {
    if (std::none_of(options.queue.begin(), options.queue.end(), [&](const PairPtr& p) { return pickaxe.matches(*p); }))
      options.queue.clear();
    return;
  }
  std::erase_if(options.queue, [&](const PairPtr& p) { return !pickaxe.matches(*p); });
}

}  // namespace git
