// Lines of FETCH_HEAD are gathered by where they come from, so that "branches 'a' and 'b' of x" is said once:
//
//   Merge branches 'a' and 'b' of ../x, tag 'v1' into topic
#include "show/fmt-merge-msg.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "config/ident.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "show/commit-message.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

namespace git {
namespace {

struct Source {
  std::string name;  // "." or a URL
  std::vector<std::string> branches, tags, remote_branches, generic;
  bool has_head = false;  // the remote's HEAD itself
};

struct Origin {
  std::string name;  // of its paragraph in the shortlog
  ObjectId oid;
  bool is_local_branch = false;
};

struct Gathered {
  std::vector<Source> sources;
  std::vector<Origin> origins;

  Source& source(const std::string& name) {
    for (Source& s : sources)
      if (s.name == name) return s;
    sources.push_back({});
    sources.back().name = name;
    return sources.back();
  }
};

bool gather_line(Repository& repo, Gathered& all, std::string_view line) {
  auto oid = ObjectId::parse_prefix(line, repo.algo());
  if (!oid || line.empty() || line[0] != '\t') return false;
  line.remove_prefix(1);
  if (starts_with(line, "not-for-merge")) return true;
  if (line.empty() || line[0] != '\t') return false;
  line.remove_prefix(1);
  std::string_view what = line;
  std::string from = ".";
  bool pulling_head = false;
  if (std::size_t of = line.rfind(" of "); of != std::string_view::npos) {
    from = std::string(line.substr(of + 4));
    what = line.substr(0, of);
  } else if (!starts_with(line, "branch ") && !starts_with(line, "tag ") && !starts_with(line, "remote-tracking branch ") &&
             !starts_with(line, "'") && !starts_with(line, "commit ")) {
    from = std::string(line);
    pulling_head = true;
  }
  Source& source = all.source(from);
  auto unquoted = [](std::string_view name) {
    if (name.size() >= 2 && name.front() == '\'' && name.back() == '\'') return std::string(name.substr(1, name.size() - 2));
    return std::string(name);
  };
  Origin origin{std::string(what), *oid, false};
  std::string_view rest;
  if (pulling_head) {
    source.has_head = true;
    origin.name = from;
  } else if (skip_prefix(what, "branch ", &rest)) {
    source.branches.emplace_back(rest);
    origin.name = unquoted(rest);
    origin.is_local_branch = from == ".";
  } else if (skip_prefix(what, "tag ", &rest)) {
    source.tags.emplace_back(rest);
  } else if (skip_prefix(what, "remote-tracking branch ", &rest)) {
    source.remote_branches.emplace_back(rest);
    origin.name = unquoted(rest);
  } else if (what == "HEAD") {
    source.has_head = true;
  } else {
    skip_prefix(what, "commit ", &rest);
    source.generic.emplace_back(rest.empty() ? std::string_view(what) : rest);
    origin.name = unquoted(what);
  }
  if (from != "." && !pulling_head) origin.name = origin.name + " of " + from;
  all.origins.push_back(std::move(origin));
  return true;
}

void append_joined(std::string& out, const char* singular, const char* plural, const std::vector<std::string>& list) {
  if (list.empty()) return;
  if (list.size() == 1) {
    out.append(singular).append(list[0]);
    return;
  }
  out += plural;
  for (std::size_t i = 0; i + 1 < list.size(); i++) out.append(i ? ", " : "").append(list[i]);
  out.append(" and ").append(list.back());
}

bool suppresses_destination(Repository& repo, std::string_view branch) {
  std::vector<std::string> patterns{"main", "master"};
  bool first = true;
  for (const ConfigEntry* entry : repo.config().find_all("merge.suppressdest")) {
    if (first) patterns.clear();
    first = false;
    if (!entry->value || entry->value->empty())
      patterns.clear();
    else
      patterns.push_back(*entry->value);
  }
  for (const std::string& pattern : patterns)
    if (wildmatch(pattern, branch, kWildPathname)) return true;
  return false;
}

std::string make_title(Repository& repo, const std::vector<Source>& sources, const std::string& branch) {
  std::string title = "Merge ";
  const char* between = "";
  for (const Source& source : sources) {
    title += between;
    between = "; ";
    std::string part;
    const char* comma = "";
    if (source.has_head) {
      if (source.branches.empty() && source.tags.empty() && source.remote_branches.empty() && source.generic.empty()) {
        title += source.name;
        continue;
      }
      part += "HEAD";
      comma = ", ";
    }
    auto add = [&](const char* singular, const char* plural, const std::vector<std::string>& list) {
      if (list.empty()) return;
      part += comma;
      comma = ", ";
      append_joined(part, singular, plural, list);
    };
    add("branch ", "branches ", source.branches);
    add("remote-tracking branch ", "remote-tracking branches ", source.remote_branches);
    add("tag ", "tags ", source.tags);
    add("commit ", "commits ", source.generic);
    title += part;
    if (source.name != ".") title += " of " + source.name;
  }
  if (!suppresses_destination(repo, branch)) title += " into " + branch;
  return title + "\n";
}

std::string title_of(std::string_view message) {
  message = ltrim(message);
  std::string title;
  while (auto line = next_part(message, '\n')) {
    if (trim(*line).empty()) break;
    if (!title.empty()) title += ' ';
    title += rtrim(*line);
  }
  return title;
}

// "By A (2) and others" in front of a branch's titles.
void append_people(std::string& out, const std::string& label, const std::map<std::string, int>& people, const std::string& me) {
  std::vector<std::pair<int, std::string>> list;
  for (const auto& [name, n] : people) list.emplace_back(-n, name);
  std::sort(list.begin(), list.end());
  if (list.empty() || (list.size() == 1 && list[0].second == me)) return;
  auto counted = [&](std::size_t i) { return strf("%s (%d)", list[i].second, -list[i].first); };
  out += label;
  if (list.size() == 1)
    out += list[0].second;
  else if (list.size() == 2)
    out += counted(0) + " and " + counted(1);
  else
    out += counted(0) + " and others";
}

std::string name_of(std::string_view ident) {
  auto parts = split_ident_line(ident);
  return parts ? std::string(parts->name) : std::string();
}

void append_shortlog(Repository& repo, std::string& out, const Origin& origin, Commit* head, const FmtMergeMsgOptions& options) {
  CommitPool& pool = repo.commits();
  Commit* tip = pool.peel_to_commit(origin.oid);
  if (!tip) return;
  RevWalk walk(repo);
  walk.max_parents = -1;
  walk.pending.push_back({tip->oid, ObjectType::commit, {}, {}, 0, 0});
  if (head) walk.pending.push_back({head->oid, ObjectType::commit, {}, {}, 0, kRevUninteresting});
  walk.limited = true;
  walk.prepare();
  std::vector<std::string> titles;
  std::map<std::string, int> authors, committers;
  int count = 0;
  while (Commit* commit = walk.next()) {
    Result<std::string> bytes = pool.read_buffer(commit);
    if (!bytes) continue;
    Result<CommitHeader> header = parse_commit(*bytes, repo.algo());
    if (!header) continue;
    if (commit->parents.size() > 1) {
      if (options.credit_people) committers[name_of(header->committer)]++;
      continue;
    }
    if (options.credit_people) {
      // Whoever committed the tip (or merged) passed the rest on.
      if (!count) committers[name_of(header->committer)]++;
      authors[name_of(header->author)]++;
    }
    count++;
    if (static_cast<int>(titles.size()) > options.shortlog_length) continue;
    std::string title = title_of(header->message);
    titles.push_back(title.empty() ? commit->oid.hex() : title);
  }
  if (options.credit_people) {
    std::string people;
    const std::string comment = comment_prefix_of(repo.config());
    append_people(people, "\n" + comment + " By ", authors, name_of(author_ident(repo.config(), kIdentNoDate)));
    append_people(people, "\n" + comment + " Via ", committers, name_of(committer_ident(repo.config(), kIdentNoDate)));
    out += people;
  }
  if (count > options.shortlog_length)
    out += strf("\n* %s: (%d commits)\n", origin.name, count);
  else
    out += strf("\n* %s:\n", origin.name);
  if (origin.is_local_branch) {
    if (auto description = repo.config().get_string("branch." + origin.name + ".description")) {
      std::string_view text = *description;
      while (auto line = next_part(text, '\n')) out.append("  : ").append(*line).append("\n");
    }
  }
  for (std::size_t i = 0; i < titles.size(); i++) {
    if (static_cast<int>(i) >= options.shortlog_length)
      out += "  ...\n";
    else
      out += "  " + titles[i] + "\n";
  }
}

// A merged tag's own message, as the beginning of the merge's.
void append_tag_messages(Repository& repo, std::string& out, const std::vector<Origin>& origins) {
  std::vector<std::string> names;
  for (const Origin& origin : origins) {
    if (repo.odb().type_of(origin.oid) != ObjectType::tag) continue;
    Result<ObjectData> data = repo.odb().read(origin.oid);
    if (!data) continue;
    Result<TagHeader> tag = parse_tag(data->data, repo.algo());
    if (!tag) continue;
    std::string_view message = tag->message;
    std::size_t signature = message.find("-----BEGIN ");
    while (signature != std::string_view::npos && signature != 0 && message[signature - 1] != '\n')
      signature = message.find("-----BEGIN ", signature + 1);
    std::string_view text = message.substr(0, signature);
    if (!names.empty()) {
      if (names.size() == 1) out += "\n# " + names[0] + "\n";
      out += "\n# " + origin.name + "\n";
    }
    names.push_back(origin.name);
    out += "\n";
    out.append(text);
    if (!out.empty() && out.back() != '\n') out += '\n';
  }
}

}  // namespace

std::string fmt_merge_msg(Repository& repo, std::string_view input, const FmtMergeMsgOptions& options) {
  std::string branch;
  auto head = repo.refs().resolve("HEAD");
  if (!head) die("No current branch");
  if (options.into_name)
    branch = *options.into_name;
  else if (std::string_view name; skip_prefix(std::string_view(head->name), "refs/heads/", &name))
    branch = name;
  else
    branch = head->name;
  Gathered all;
  int number = 0;
  for (std::string_view line : split_lines(input)) {
    number++;
    if (!gather_line(repo, all, line)) die("error in line %d: %s", number, line);
  }
  std::string out;
  if (options.add_title && !all.sources.empty()) out = make_title(repo, all.sources, branch);
  if (!all.origins.empty()) append_tag_messages(repo, out, all.origins);
  if (options.shortlog_length) {
    Commit* tip = head->oid.is_null() ? nullptr : repo.commits().peel_to_commit(head->oid);
    if (!out.empty() && out.back() != '\n') out += '\n';
    for (const Origin& origin : all.origins) append_shortlog(repo, out, origin, tip, options);
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

int merge_log_config(Repository& repo) {
  int length = 0;
  for (const char* key : {"merge.summary", "merge.log"}) {
    bool is_bool = false;
    auto value = repo.config().get_bool_or_int(key, &is_bool);
    if (!value) continue;
    if (!is_bool && *value < 0) die("%s: negative length %s", key, *repo.config().get_string(key));
    length = is_bool && *value ? 20 : *value;
  }
  return length;
}

}  // namespace git
