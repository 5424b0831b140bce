// git name-rev: symbolic names for commits.
#include "walk/name-rev.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "object-name.h"
#include "refs.h"

GIT_BUILTIN("name-rev", cmd_name_rev, kSetup)

namespace git {
namespace {

constexpr std::uint64_t kSlop = 86400;

struct NameRevOptions {
  bool tags_only = false, name_only = false, undefined = true, always = false, all = false, annotate = false, old_stdin = false;
  bool peel_tag = false;
  std::vector<std::string> refs, exclude;
};

// Does the pattern match the ref, or its end from some '/' on? -1 no, else where.
int subpath_match(std::string_view path, const std::string& pattern) {
  std::size_t at = 0;
  for (;;) {
    if (wildmatch(pattern, path.substr(at))) return static_cast<int>(at);
    std::size_t slash = path.find('/', at);
    if (slash == std::string_view::npos) return -1;
    at = slash + 1;
  }
}

void add_tips(Repository& repo, RevNames& names, const NameRevOptions& o) {
  repo.refs().for_each("refs/", [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken) return true;
    if (o.tags_only && !starts_with(ref.name, "refs/tags/")) return true;
    for (const std::string& pattern : o.exclude)
      if (subpath_match(ref.name, pattern) >= 0) return true;
    bool shorten = o.tags_only && o.name_only;
    if (!o.refs.empty()) {
      bool matched = false;
      for (const std::string& pattern : o.refs) {
        int at = subpath_match(ref.name, pattern);
        if (at < 0) continue;
        matched = true;
        if (at > 0) shorten = true;
      }
      if (!matched) return true;
    }
    RevNames::Tip tip;
    tip.oid = ref.oid;
    ObjectId oid = ref.oid;
    for (;;) {
      ObjectType type = repo.odb().type_of(oid);
      if (type != ObjectType::tag) {
        if (type == ObjectType::commit) tip.commit = repo.commits().peel_to_commit(oid);
        break;
      }
      Result<ObjectData> data = repo.odb().read(oid);
      Result<TagHeader> tag = data ? parse_tag(data->data, repo.algo()) : Result<TagHeader>(data.error());
      if (!tag) break;
      tip.was_peeled = true;
      std::optional<IdentLine> tagger = split_ident_line(tag->tagger);
      tip.tagger_date = tagger ? ident_time(*tagger) : 0;
      oid = tag->object;
    }
    if (tip.commit) {
      tip.from_tag = starts_with(ref.name, "refs/tags/");
      if (tip.tagger_date == ~0ull) tip.tagger_date = tip.commit->date;
    }
    if (shorten) {
      tip.name = shorten_unambiguous_ref(repo, ref.name, false);
    } else {
      std::string_view name = ref.name;
      if (!skip_prefix(name, "refs/heads/")) skip_prefix(name, "refs/");
      tip.name = std::string(name);
    }
    names.add(std::move(tip));
    return true;
  });
}

std::string name_for(Repository& repo, RevNames& names, const ObjectId& oid) {
  Commit* c = repo.commits().find(oid);
  if (c && c->is_parsed) return names.name_of(c);
  ObjectType type = repo.odb().type_of(oid);
  if (type == ObjectType::commit) return names.name_of(repo.commits().peel_to_commit(oid));
  return names.exact_name(oid);
}

void annotate_line(Repository& repo, RevNames& names, const std::string& line, bool name_only) {
  const std::size_t full = hex_size(repo.algo());
  std::size_t shown = 0, run = 0;
  auto is_ident = [](char c) { return is_alnum(c) || c == '_'; };
  for (std::size_t i = 0; i < line.size(); i++) {
    char c = line[i];
    bool lower_hex = is_digit(c) || (c >= 'a' && c <= 'f');
    if (!lower_hex) {
      run = 0;
      continue;
    }
    run++;
    char after = i + 1 < line.size() ? line[i + 1] : '\0';
    if (run != full || (is_digit(after) || (after >= 'a' && after <= 'f'))) continue;
    run = 0;
    (void)is_ident;
    std::size_t start = i + 1 - full;
    std::optional<ObjectId> oid = ObjectId::from_hex(std::string_view(line).substr(start, full), repo.algo());
    if (!oid || repo.odb().type_of(*oid) == ObjectType::bad) continue;
    std::string name = name_for(repo, names, *oid);
    if (name.empty()) continue;
    if (name_only) {
      out(std::string_view(line).substr(shown, start - shown));
      out(name);
    } else {
      out(std::string_view(line).substr(shown, i + 1 - shown));
      outf(" (%s)", name);
    }
    shown = i + 1;
  }
  out(std::string_view(line).substr(shown));
  out("\n");
}

}  // namespace

int cmd_name_rev(Invocation& inv) {
  NameRevOptions o;
  Options options(
      {"git name-rev [<options>] <commit>...", "git name-rev [<options>] --all", "git name-rev [<options>] --annotate-stdin"});
  options.boolean(0, "name-only", &o.name_only, "print only ref-based names (no object names)");
  options.boolean(0, "tags", &o.tags_only, "only use tags to name the commits");
  options.strings(0, "refs", &o.refs, "pattern", "only use refs matching <pattern>");
  options.strings(0, "exclude", &o.exclude, "pattern", "ignore refs matching <pattern>");
  options.group("");
  options.boolean(0, "all", &o.all, "list all commits reachable from all refs");
  options.boolean(0, "stdin", &o.old_stdin, "deprecated: use --annotate-stdin instead", kOptHidden);
  options.boolean(0, "annotate-stdin", &o.annotate, "annotate text from stdin");
  options.boolean(0, "undefined", &o.undefined, "allow to print `undefined` names (default)");
  options.boolean(0, "always", &o.always, "show abbreviated commit object as fallback");
  options.boolean(0, "peel-tag", &o.peel_tag, "dereference tags in the input (internal use)", kOptHidden);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (o.old_stdin) {
    warning(
        "--stdin is deprecated. Please use --annotate-stdin instead, which is functionally equivalent.\n"
        "This option will be removed in a future release.");
    o.annotate = true;
  }
  if (static_cast<int>(o.all) + static_cast<int>(o.annotate) + static_cast<int>(!args.empty()) > 1) {
    error("Specify either a list, or --all, not both!");
    options.usage_with_options();
  }
  Repository& repo = inv.repo();
  std::uint64_t cutoff = o.all || o.annotate ? 0 : ~0ull;
  struct Wanted {
    ObjectId oid;
    std::string name;
  };
  std::vector<Wanted> wanted;
  for (const std::string& name : args) {
    std::optional<ObjectId> oid = get_oid(repo, name);
    if (!oid) {
      errf("Could not get sha1 for %s. Skipping.\n", name);
      continue;
    }
    Commit* c = repo.commits().peel_to_commit(*oid);
    if (!c && repo.odb().type_of(*oid) == ObjectType::bad) {
      errf("Could not get object for %s. Skipping.\n", name);
      continue;
    }
    if (c) cutoff = std::min(cutoff, c->date);
    if (o.peel_tag) {
      if (!c) {
        errf("Could not get commit for %s. Skipping.\n", name);
        continue;
      }
      oid = c->oid;
    }
    wanted.push_back({*oid, name});
  }
  if (cutoff && cutoff != ~0ull) cutoff = cutoff > kSlop ? cutoff - kSlop : 0;
  if (cutoff == ~0ull) cutoff = 0;
  RevNames names(repo.commits());
  add_tips(repo, names, o);
  names.spread(cutoff);
  auto show = [&](const ObjectId& oid, const std::string& caller) {
    if (!o.name_only) outf("%s ", caller.empty() ? oid.hex() : caller);
    std::string name = name_for(repo, names, oid);
    if (!name.empty())
      outf("%s\n", name);
    else if (o.always)
      outf("%s\n", unique_abbrev(repo, oid));
    else if (o.undefined)
      out("undefined\n");
    else
      die("cannot describe '%s'", oid);
  };
  if (o.annotate) {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) annotate_line(repo, names, line, o.name_only);
  } else if (o.all) {
    for (const Commit* c : names.named()) {
      if (o.always || !names.name_of(c).empty()) show(c->oid, {});
    }
  } else {
    for (const Wanted& w : wanted) show(w.oid, w.name);
  }
  return 0;
}

}  // namespace git
