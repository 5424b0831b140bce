// Parsing filter specifications, and the small state machines that decide about each object of a traversal.
#include "walk/object-filter.h"

#include "base/error.h"
#include "base/strings.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

Error bad(std::string message) { return Error{ErrorKind::invalid, std::move(message)}; }

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t unit = 1;
  if (!text.empty()) switch (to_lower(text.back())) {
      case 'k':
        unit = 1ull << 10;
        break;
      case 'm':
        unit = 1ull << 20;
        break;
      case 'g':
        unit = 1ull << 30;
        break;
      default:
        break;
    }
  if (unit > 1) text.remove_suffix(1);
  std::optional<std::uint64_t> n = parse_uint(text);
  if (!n || *n > ~0ull / unit) return std::nullopt;
  return *n * unit;
}

constexpr std::string_view kReserved = "~`!@#$^&*()[]{}\\;'\",<>?";

std::string url_encode(std::string_view s) {
  std::string out;
  for (char c : s) {
    unsigned char u = static_cast<unsigned char>(c);
    if (u <= ' ' || u == '%' || u == '+' || u == 0x7f || kReserved.find(c) != std::string_view::npos)
      out += strf("%%%02x", u);
    else
      out += c;
  }
  return out;
}
std::string url_decode(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); i++) {
    if (s[i] == '%' && i + 2 < s.size() && hex_value(s[i + 1]) >= 0 && hex_value(s[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(s[i + 1]) * 16 + hex_value(s[i + 2]));
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

Result<ObjectFilter> parse_combine(std::string_view spec) {
  ObjectFilter filter;
  filter.kind = ObjectFilter::Kind::combine;
  if (spec.empty()) return bad("expected something after combine:");
  for (std::string_view part : split(spec, '+')) {
    if (part.empty()) continue;
    for (char c : part)
      if (static_cast<unsigned char>(c) <= ' ' || kReserved.find(c) != std::string_view::npos)
        return bad(strf("must escape char in sub-filter-spec: '%c'", c));
    Result<ObjectFilter> sub = parse_object_filter(url_decode(part));
    if (!sub) return sub;
    filter.parts.push_back(std::move(*sub));
  }
  if (filter.parts.empty()) return bad("expected something after combine:");
  if (filter.parts.size() == 1) return std::move(filter.parts[0]);
  return filter;
}

}  // namespace

Result<ObjectFilter> parse_object_filter(std::string_view spec) {
  ObjectFilter filter;
  filter.spec = std::string(spec);
  std::string_view value;
  if (spec == "blob:none") {
    filter.kind = ObjectFilter::Kind::blob_none;
    return filter;
  }
  if (skip_prefix(spec, "blob:limit=", &value)) {
    if (auto n = parse_size(value)) {
      filter.kind = ObjectFilter::Kind::blob_limit;
      filter.blob_limit = *n;
      return filter;
    }
  } else if (skip_prefix(spec, "tree:", &value)) {
    std::optional<std::uint64_t> n = parse_size(value);
    if (!n) return bad("expected 'tree:<depth>'");
    filter.kind = ObjectFilter::Kind::tree_depth;
    filter.tree_depth = *n;
    return filter;
  } else if (skip_prefix(spec, "sparse:oid=", &value)) {
    filter.kind = ObjectFilter::Kind::sparse_oid;
    filter.sparse_oid = std::string(value);
    return filter;
  } else if (starts_with(spec, "sparse:path=")) {
    return bad("sparse:path filters support has been dropped");
  } else if (skip_prefix(spec, "object:type=", &value)) {
    filter.type = parse_type_name(value);
    if (filter.type == ObjectType::bad) return bad(strf("'%s' for 'object:type=<type>' is not a valid object type", value));
    filter.kind = ObjectFilter::Kind::object_type;
    return filter;
  } else if (skip_prefix(spec, "combine:", &value)) {
    Result<ObjectFilter> combined = parse_combine(value);
    if (combined) combined->spec = std::string(spec);
    return combined;
  }
  return bad(strf("invalid filter-spec '%s'", spec));
}

Result<void> add_object_filter(ObjectFilter& filter, std::string_view spec) {
  Result<ObjectFilter> parsed = parse_object_filter(spec);
  if (!parsed) return parsed.error();
  if (!filter.is_set()) {
    filter = std::move(*parsed);
    return {};
  }
  if (filter.kind != ObjectFilter::Kind::combine) {
    ObjectFilter first = std::move(filter);
    filter = {};
    filter.kind = ObjectFilter::Kind::combine;
    filter.parts.push_back(std::move(first));
  }
  filter.parts.push_back(std::move(*parsed));
  filter.spec = "combine:";
  for (std::size_t i = 0; i < filter.parts.size(); i++) filter.spec += (i ? "+" : "") + url_encode(filter.parts[i].spec);
  return {};
}

std::string expand_object_filter(const ObjectFilter& filter) {
  if (filter.kind == ObjectFilter::Kind::blob_limit) return strf("blob:limit=%u", filter.blob_limit);
  return filter.spec;
}

std::string object_filter_config_name(ObjectFilter::Kind kind) {
  switch (kind) {
    case ObjectFilter::Kind::none:
      return "disabled";
    case ObjectFilter::Kind::blob_none:
      return "blob:none";
    case ObjectFilter::Kind::blob_limit:
      return "blob:limit";
    case ObjectFilter::Kind::tree_depth:
      return "tree";
    case ObjectFilter::Kind::sparse_oid:
      return "sparse:oid";
    case ObjectFilter::Kind::object_type:
      return "object:type";
    case ObjectFilter::Kind::combine:
      return "combine";
  }
  return "";
}

// ---- decisions ----
namespace {

class BlobNone : public FilterRun {
 public:
  unsigned decide(Situation situation, const ObjectId& oid, std::string_view, std::string_view) override {
    if (situation == Situation::end_tree) return kNothing;
    if (situation != Situation::blob) return kMarkSeen | kDoShow;
    if (collect_omitted) omitted.insert(oid);
    return kMarkSeen;
  }
};

class BlobLimit : public FilterRun {
 public:
  BlobLimit(ObjectDatabase& odb, std::uint64_t limit) : odb_(odb), limit_(limit) {}
  unsigned decide(Situation situation, const ObjectId& oid, std::string_view, std::string_view) override {
    if (situation == Situation::end_tree) return kNothing;
    if (situation != Situation::blob) return kMarkSeen | kDoShow;
    std::optional<ObjectInfo> info = odb_.info(oid, kLookupNoFetch);
    if (info && info->type == ObjectType::blob && info->size >= limit_) {
      if (collect_omitted) omitted.insert(oid);
      return kMarkSeen;
    }
    omitted.erase(oid);
    return kMarkSeen | kDoShow;
  }

 private:
  ObjectDatabase& odb_;
  std::uint64_t limit_;
};

class TreeDepth : public FilterRun {
 public:
  explicit TreeDepth(std::uint64_t limit) : limit_(limit) {}
  unsigned decide(Situation situation, const ObjectId& oid, std::string_view, std::string_view) override {
    const bool include = depth_ < limit_;
    switch (situation) {
      case Situation::commit:
      case Situation::tag:
        return kMarkSeen | kDoShow;
      case Situation::end_tree:
        depth_--;
        return kNothing;
      case Situation::blob:
        note(oid, include);
        return include ? kMarkSeen | kDoShow : 0u;
      case Situation::begin_tree:
        break;
    }
    unsigned answer;
    auto [seen, is_new] = seen_.try_emplace(oid, depth_);
    if (!is_new && depth_ >= seen->second) {
      answer = kSkipTree;
    } else {
      bool was_omitted = note(oid, include);
      seen->second = depth_;
      answer = include ? kDoShow : collect_omitted && !was_omitted ? kNothing : kSkipTree;
    }
    depth_++;
    return answer;
  }

 private:
  // Records the object as (not) omitted; whether it was before.
  bool note(const ObjectId& oid, bool include) {
    if (!collect_omitted) return false;
    return include ? omitted.erase(oid) != 0 : !omitted.insert(oid).second;
  }
  std::uint64_t limit_, depth_ = 0;
  std::unordered_map<ObjectId, std::uint64_t, ObjectIdHash> seen_;
};

class SparseOid : public FilterRun {
 public:
  explicit SparseOid(SparseMatcher matcher) : matcher_(std::move(matcher)) { frames_.push_back({false, false}); }
  unsigned decide(Situation situation, const ObjectId& oid, std::string_view path, std::string_view) override {
    switch (situation) {
      case Situation::commit:
      case Situation::tag:
        return kMarkSeen | kDoShow;
      case Situation::begin_tree: {
        int match = path.empty() ? -1 : matcher_(path, true);
        frames_.push_back({match < 0 ? frames_.back().is_in : match == 1, false});
        return shown_.insert(oid).second ? kDoShow : kNothing;
      }
      case Situation::end_tree: {
        bool omitted_below = frames_.back().has_omitted;
        frames_.pop_back();
        frames_.back().has_omitted |= omitted_below;
        return omitted_below ? kNothing : kMarkSeen;
      }
      case Situation::blob:
        break;
    }
    int match = matcher_(path, false);
    if (match < 0 ? frames_.back().is_in : match == 1) {
      omitted.erase(oid);
      return kMarkSeen | kDoShow;
    }
    if (collect_omitted) omitted.insert(oid);
    frames_.back().has_omitted = true;
    return kNothing;
  }

 private:
  struct Frame {
    bool is_in, has_omitted;
  };
  SparseMatcher matcher_;
  std::vector<Frame> frames_;
  std::unordered_set<ObjectId, ObjectIdHash> shown_;
};

class OnlyType : public FilterRun {
 public:
  explicit OnlyType(ObjectType type) : type_(type) {}
  unsigned decide(Situation situation, const ObjectId&, std::string_view, std::string_view) override {
    auto show = [&](ObjectType t) { return type_ == t ? kMarkSeen | kDoShow : static_cast<unsigned>(kMarkSeen); };
    switch (situation) {
      case Situation::commit:
        return show(ObjectType::commit);
      case Situation::tag:
        return show(ObjectType::tag);
      case Situation::blob:
        return show(ObjectType::blob);
      case Situation::end_tree:
        return kNothing;
      case Situation::begin_tree:
        break;
    }
    if (type_ == ObjectType::commit || type_ == ObjectType::tag) return kMarkSeen | kSkipTree;
    return show(ObjectType::tree);
  }

 private:
  ObjectType type_;
};

class Combined : public FilterRun {
 public:
  void add(std::unique_ptr<FilterRun> run) { parts_.push_back({std::move(run), {}, false, {}}); }
  unsigned decide(Situation situation, const ObjectId& oid, std::string_view path, std::string_view name) override {
    unsigned combined = kMarkSeen | kDoShow | kSkipTree;
    for (Part& part : parts_) {
      unsigned answer = ask(part, situation, oid, path, name);
      if (!(answer & kDoShow)) combined &= ~static_cast<unsigned>(kDoShow);
      if (!(answer & kMarkSeen)) combined &= ~static_cast<unsigned>(kMarkSeen);
      if (!part.is_skipping) combined &= ~static_cast<unsigned>(kSkipTree);
    }
    if (collect_omitted)
      for (Part& part : parts_) omitted.insert(part.run->omitted.begin(), part.run->omitted.end());
    return combined;
  }

 private:
  struct Part {
    std::unique_ptr<FilterRun> run;
    std::unordered_set<ObjectId, ObjectIdHash> seen;
    bool is_skipping;
    ObjectId skipped;
  };
  static unsigned ask(Part& part, Situation situation, const ObjectId& oid, std::string_view path, std::string_view name) {
    if (part.is_skipping) {
      if (situation != Situation::end_tree || oid != part.skipped) return kNothing;
      part.is_skipping = false;
    }
    if (part.seen.count(oid)) return kNothing;
    unsigned answer = part.run->decide(situation, oid, path, name);
    if (answer & kMarkSeen) part.seen.insert(oid);
    if (answer & kSkipTree) {
      part.is_skipping = true;
      part.skipped = oid;
    }
    return answer;
  }
  std::vector<Part> parts_;
};

}  // namespace

std::unique_ptr<FilterRun> start_filter(Repository& repo, const ObjectFilter& filter, bool collect_omitted,
                                        const SparseMatcherFactory& sparse) {
  std::unique_ptr<FilterRun> run;
  switch (filter.kind) {
    case ObjectFilter::Kind::none:
      return nullptr;
    case ObjectFilter::Kind::blob_none:
      run = std::make_unique<BlobNone>();
      break;
    case ObjectFilter::Kind::blob_limit:
      run = std::make_unique<BlobLimit>(repo.odb(), filter.blob_limit);
      break;
    case ObjectFilter::Kind::tree_depth:
      run = std::make_unique<TreeDepth>(filter.tree_depth);
      break;
    case ObjectFilter::Kind::object_type:
      run = std::make_unique<OnlyType>(filter.type);
      break;
    case ObjectFilter::Kind::sparse_oid: {
      std::optional<ObjectId> oid = get_oid(repo, filter.sparse_oid, NameHint::blob);
      if (!oid) die("unable to access sparse blob in '%s'", filter.sparse_oid);
      Result<ObjectData> blob = repo.odb().read(*oid);
      if (!blob || blob->type != ObjectType::blob) die("unable to parse sparse filter data in %s", *oid);
      if (!sparse) die("unable to parse sparse filter data in %s", *oid);
      run = std::make_unique<SparseOid>(sparse(blob->data));
      break;
    }
    case ObjectFilter::Kind::combine: {
      auto combined = std::make_unique<Combined>();
      for (const ObjectFilter& part : filter.parts) combined->add(start_filter(repo, part, collect_omitted, sparse));
      run = std::move(combined);
      break;
    }
  }
  run->collect_omitted = collect_omitted;
  return run;
}

}  // namespace git
