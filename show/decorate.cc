// All refs are read once, tags followed through every tag object on the way.
#include "show/decorate.h"

#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "config/color.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

bool matches(const std::vector<std::string>& patterns, std::string_view name) {
  for (const std::string& written : patterns) {
    std::string pattern = written;
    if (!starts_with(pattern, "refs/") && pattern != "HEAD") pattern = "refs/" + pattern;
    bool glob = pattern.find_first_of("*?[") != std::string::npos;
    if (glob) {
      if (wildmatch(pattern, name)) return true;
      continue;
    }
    while (pattern.size() > 1 && pattern.back() == '/') pattern.pop_back();
    if (starts_with(name, pattern) && (name.size() == pattern.size() || name[pattern.size()] == '/')) return true;
  }
  return false;
}

bool wanted(const DecorationFilter& filter, std::string_view name) {
  if (matches(filter.exclude, name)) return false;
  if (!filter.include.empty()) return matches(filter.include, name);
  return !matches(filter.exclude_config, name);
}

}  // namespace

void read_decoration_config(Repository& repo, DecorationFilter& filter) {
  if (!filter.all_refs)
    for (std::string& pattern : repo.config().get_strings("log.excludedecoration")) filter.exclude_config.push_back(pattern);
  if (filter.all_refs || !filter.include.empty() || !filter.exclude.empty() || !filter.exclude_config.empty()) return;
  if (repo.config().get_string("log.initialdecorationset").value_or("") == "all") return;
  for (const char* name : {"refs/heads/", "refs/remotes/", "refs/tags/", "refs/stash", "HEAD"}) filter.include.push_back(name);
}

std::shared_ptr<Decorations> Decorations::load(Repository& repo, const DecorationFilter& filter, bool shorten) {
  auto d = std::make_shared<Decorations>();
  d->shorten_ = shorten;
  static constexpr std::string_view kSlots[] = {"", "branch", "remotebranch", "tag", "stash", "HEAD", "grafted", "symbol"};
  static constexpr std::string_view kFallback[] = {"\033[m",     "\033[1;32m", "\033[1;31m", "\033[1;33m",
                                                   "\033[1;35m", "\033[1;36m", "\033[1;34m", ""};
  for (std::size_t i = 0; i < 8; i++)
    d->colors_[i] = kSlots[i].empty() || kSlots[i] == "symbol"
                        ? std::string(kFallback[i])
                        : config_color(repo.config(), strf("color.decorate.%s", kSlots[i]), kFallback[i]);
  d->colors_[7] =
      config_color(repo.config(), "color.decorate.symbol", config_color(repo.config(), "color.diff.commit", "\033[33m"));
  ObjectDatabase& odb = repo.odb();
  auto add = [&](const ObjectId& oid, Kind kind, const std::string& name) {
    auto& list = d->items_[oid];
    list.insert(list.begin(), {kind, name});
  };
  auto add_ref = [&](const std::string& name, const ObjectId& start) {
    if (!wanted(filter, name)) return;
    if (starts_with(name, "refs/replace/")) {
      if (!repo.use_replace_refs) return;
      if (auto original = ObjectId::from_hex(std::string_view(name).substr(13), repo.algo()))
        if (odb.type_of(*original) != ObjectType::bad) add(*original, Kind::grafted, "replaced");
      return;
    }
    Kind kind = Kind::none;
    if (starts_with(name, "refs/heads/"))
      kind = Kind::local_branch;
    else if (starts_with(name, "refs/remotes/"))
      kind = Kind::remote_branch;
    else if (starts_with(name, "refs/tags/"))
      kind = Kind::tag;
    else if (name == "refs/stash")
      kind = Kind::stash;
    else if (name == "HEAD")
      kind = Kind::head;
    ObjectId oid = start;
    ObjectType type = ObjectType::none;
    if (Commit* known = repo.commits().find(oid); known && known->is_parsed)
      type = ObjectType::commit;
    else
      type = odb.type_of(oid);
    if (type == ObjectType::bad) return;
    add(oid, kind, name);
    while (type == ObjectType::tag) {
      Result<ObjectData> data = odb.read(oid);
      if (!data) break;
      Result<TagHeader> tag = parse_tag(data->data, repo.algo());
      if (!tag) break;
      oid = tag->object;
      type = odb.type_of(oid);
      if (type == ObjectType::bad) break;
      add(oid, Kind::tag, name);
    }
  };
  repo.refs().for_each("refs/", [&](const Ref& ref) {
    if (!ref.oid.is_null() && !ref.is_broken) add_ref(ref.name, ref.oid);
    return true;
  });
  if (auto head = repo.refs().resolve("HEAD"); head && head->exists && !head->oid.is_null()) {
    add_ref("HEAD", head->oid);
    if (head->is_symref && starts_with(head->name, "refs/heads/")) d->head_branch_ = head->name;
  }
  if (repo.is_shallow())
    for (const ObjectId& oid : repo.shallow_commits()) add(oid, Kind::grafted, "grafted");
  return d;
}

const std::vector<Decorations::Item>* Decorations::find(const ObjectId& oid) const {
  auto found = items_.find(oid);
  return found == items_.end() ? nullptr : &found->second;
}

std::string Decorations::format(const ObjectId& oid, const PrettyContext::DecorateOptions& options, bool color) const {
  const std::vector<Item>* list = find(oid);
  if (!list || list->empty()) return {};
  auto paint = [&](Kind kind) { return color ? std::string_view(colors_[static_cast<std::size_t>(kind)]) : std::string_view(); };
  std::string_view reset = color ? kColorReset : std::string_view();
  auto shown = [&](const Item& item) { return shorten_ ? std::string(prettify_refname(item.name)) : item.name; };
  // HEAD takes the branch it is on along.
  const Item* current = nullptr;
  bool has_head = false;
  for (const Item& item : *list) has_head = has_head || item.kind == Kind::head;
  if (has_head && !head_branch_.empty())
    for (const Item& item : *list)
      if (item.kind == Kind::local_branch && item.name == head_branch_) current = &item;
  std::string out;
  bool first = true;
  for (const Item& item : *list) {
    if (&item == current) continue;
    std::string_view before = first ? options.prefix : options.separator;
    if (!before.empty()) {
      out += paint(Kind::symbol);
      out += before;
      out += reset;
    }
    first = false;
    if (item.kind == Kind::tag && !options.tag.empty()) {
      out += paint(Kind::tag);
      out += options.tag;
      out += reset;
    }
    out += paint(item.kind);
    out += shown(item);
    out += reset;
    if (current && item.kind == Kind::head) {
      out += paint(Kind::symbol);
      out += options.pointer;
      out += reset;
      out += paint(current->kind);
      out += shown(*current);
      out += reset;
    }
  }
  if (!options.suffix.empty()) {
    out += paint(Kind::symbol);
    out += options.suffix;
    out += reset;
  }
  return out;
}

}  // namespace git
