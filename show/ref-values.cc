// Each family of fields has its function; get() only sorts them out.
#include "show/ref-values.h"

#include <algorithm>

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "object-name.h"
#include "repository.h"
#include "walk/tracking.h"
#include "worktree.h"

namespace git {

// ---- messages ----
namespace {

// Where a signature begins in a message: at a line that opens one.
std::size_t signature_start(std::string_view text) {
  std::size_t found = text.size();
  for (std::size_t at = 0; at < text.size();) {
    std::string_view line = text.substr(at, text.find('\n', at) - at);
    for (std::string_view mark : {"-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
                                  "-----BEGIN SIGNED MESSAGE-----", "-----BEGIN SSH SIGNATURE-----"})
      if (starts_with(line, mark)) found = at;
    at += line.size() + 1;
  }
  return found;
}

std::string_view drop_newlines(std::string_view text) {
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  return text;
}

std::string_view skip_blank(std::string_view text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
  return text;
}

}  // namespace

MessageParts split_message(std::string_view object_bytes) {
  MessageParts parts;
  std::size_t header_end = object_bytes.find("\n\n");
  std::string_view text = header_end == std::string_view::npos ? std::string_view() : object_bytes.substr(header_end + 2);
  text = drop_newlines(text);
  parts.whole = text;
  std::size_t sig_at = signature_start(text);
  parts.signature = text.substr(sig_at);
  std::string_view unsigned_text = text.substr(0, sig_at);
  std::size_t end = 0;
  while (end < unsigned_text.size()) {
    std::size_t newline = unsigned_text.find('\n', end);
    std::string_view line = unsigned_text.substr(end, newline == std::string_view::npos ? newline : newline - end);
    if (line.empty() || line == "\r") break;
    end = newline == std::string_view::npos ? unsigned_text.size() : newline + 1;
  }
  std::size_t sub_end = std::min(end, unsigned_text.size());
  std::string_view subject = unsigned_text.substr(0, sub_end);
  while (!subject.empty() && (subject.back() == '\n' || subject.back() == '\r')) subject.remove_suffix(1);
  parts.subject = subject;
  parts.body_and_signature = skip_blank(text.substr(sub_end));
  std::size_t body_at = text.size() - parts.body_and_signature.size();
  parts.body = body_at < sig_at ? text.substr(body_at, sig_at - body_at) : std::string_view();
  return parts;
}

std::string sanitize_subject(std::string_view subject) {
  std::string result;
  bool pending = false;
  for (char c : subject) {
    if (!is_alnum(c) && c != '.' && c != '_') {
      pending = true;
      continue;
    }
    if (c == '.' && !result.empty() && result.back() == '.' && !pending) continue;
    if (pending && !result.empty()) result += '-';
    pending = false;
    result += c;
  }
  while (!result.empty() && (result.back() == '.' || result.back() == '-')) result.pop_back();
  return result;
}

std::string one_line(std::string_view subject) {
  std::string result;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (subject[i] == '\r' && i + 1 < subject.size() && subject[i + 1] == '\n') continue;
    result += subject[i] == '\n' ? ' ' : subject[i];
  }
  return result;
}

// ---- objects ----
RefValues::RefValues(Repository& repo) : repo_(repo) {}
RefValues::~RefValues() = default;

void RefValues::load(ItemObject& object, const std::string& refname, bool with_data) {
  if (!object.has_info) {
    std::optional<ObjectInfo> info = repo_.odb().info(object.oid);
    if (!info) die("missing object %s for %s", object.oid, refname);
    object.info = *info;
    object.has_info = true;
  }
  if (!with_data || object.has_data) return;
  Result<ObjectData> data = repo_.odb().read(object.oid);
  if (!data) die("missing object %s for %s", object.oid, refname);
  object.data = std::move(*data);
  object.has_data = true;
  bool parsed = true;
  if (object.data.type == ObjectType::tag) {
    Result<TagHeader> tag = parse_tag(object.data.data, repo_.algo());
    if ((parsed = tag.ok())) object.tag = *tag;
  } else if (object.data.type == ObjectType::commit) {
    Result<CommitHeader> commit = parse_commit(object.data.data, repo_.algo());
    if ((parsed = commit.ok())) object.commit = std::move(*commit);
  }
  if (!parsed) die("parse_object_buffer failed on %s for %s", object.oid, refname);
}

ItemObject& RefValues::object_of(const RefItem& item, bool deref, bool with_data) {
  if (!plain_ || current_ != item.ref.name || current_oid_ != item.ref.oid) {
    current_ = item.ref.name;
    current_oid_ = item.ref.oid;
    plain_.emplace();
    plain_->oid = item.ref.oid;
    if (item.known_info) {
      plain_->info = *item.known_info;
      plain_->has_info = true;
    }
    peeled_.reset();
    peeled_tried_ = false;
  }
  if (!deref) {
    load(*plain_, current_, with_data);
    return *plain_;
  }
  if (!peeled_tried_) {
    peeled_tried_ = true;
    load(*plain_, current_, true);
    ObjectId oid = plain_->oid;
    ObjectType wanted = ObjectType::tag;
    TagHeader tag = plain_->tag;
    ObjectData holder;
    bool is_tag = plain_->data.type == ObjectType::tag;
    while (is_tag) {
      oid = tag.object;
      wanted = tag.type;
      Result<ObjectData> next = repo_.odb().read(oid);
      if (!next) die("missing object %s for %s", oid, current_);
      if (next->type != wanted) {
        error("object %s is a %s, not a %s", oid, type_name(next->type), type_name(wanted));
        error("bad tag pointer to %s in %s", oid, plain_->oid);
        die("parse_object_buffer failed on %s for %s", oid, current_);
      }
      holder = std::move(*next);
      is_tag = holder.type == ObjectType::tag;
      if (is_tag) {
        Result<TagHeader> inner = parse_tag(holder.data, repo_.algo());
        if (!inner) die("parse_object_buffer failed on %s for %s", oid, current_);
        tag = *inner;
      }
    }
    if (plain_->data.type == ObjectType::tag) {
      peeled_.emplace();
      peeled_->oid = oid;
    }
  }
  if (!peeled_) {
    peeled_.emplace();
    peeled_->oid = ObjectId::null(repo_.algo());
    peeled_->has_info = peeled_->has_data = true;
    peeled_->info.type = ObjectType::none;
  } else if (!peeled_->oid.is_null()) {
    load(*peeled_, current_, with_data);
  }
  return *peeled_;
}

std::string RefValues::oid_text(const ObjectId& oid, const RefAtom& atom) {
  return atom.abbrev ? unique_abbrev(repo_, oid, *atom.abbrev) : oid.hex();
}

std::string_view RefValues::ident_of(const RefAtom& atom, const ItemObject& object) const {
  bool is_commit = object.data.type == ObjectType::commit;
  if (atom.field >= AtomField::author && atom.field <= AtomField::author_date)
    return is_commit ? object.commit.author : std::string_view();
  if (atom.field >= AtomField::committer && atom.field <= AtomField::committer_date)
    return is_commit ? object.commit.committer : std::string_view();
  if (atom.field >= AtomField::tagger && atom.field <= AtomField::tagger_date)
    return is_commit ? std::string_view() : object.tag.tagger;
  return is_commit ? object.commit.committer : object.tag.tagger;  // creator
}

namespace {

AtomValue number_value(std::uint64_t n) { return {std::to_string(n), n}; }

AtomValue date_value(const RefAtom& atom, std::string_view ident) {
  std::size_t mail_end = ident.find("> ");
  if (mail_end == std::string_view::npos) return {};
  std::string_view rest = ident.substr(mail_end + 2);
  std::size_t space = rest.find(' ');
  std::optional<std::uint64_t> time = parse_uint(rest.substr(0, space));
  if (!time || date_overflows(*time)) return {};
  std::optional<std::int64_t> tz = space == std::string_view::npos ? std::nullopt : parse_int(rtrim(rest.substr(space + 1)));
  if (!tz || *tz > 9999 || *tz < -9999) return {};
  return {show_date(*time, static_cast<int>(*tz), atom.date), *time};
}

std::string email_value(std::string_view mail, unsigned style) {
  if (!style || style == kEmailMailmap) return "<" + std::string(mail) + ">";
  if (style & kEmailLocalPart) mail = mail.substr(0, mail.find('@'));
  return std::string(mail);
}

}  // namespace

AtomValue RefValues::person_value(const RefAtom& atom, std::string_view ident) {
  switch (atom.field) {
    case AtomField::author_date:
    case AtomField::committer_date:
    case AtomField::tagger_date:
    case AtomField::creator_date:
      return date_value(atom, ident);
    case AtomField::author:
    case AtomField::committer:
    case AtomField::tagger:
    case AtomField::creator:
      return {std::string(ident), 0};
    default:
      break;
  }
  std::size_t open = ident.find('<'), close = ident.find('>', open == std::string_view::npos ? 0 : open);
  bool wants_name =
      atom.field == AtomField::author_name || atom.field == AtomField::committer_name || atom.field == AtomField::tagger_name;
  std::string name, mail;
  if (open == std::string_view::npos) return {};
  std::size_t name_end = ident.find(" <");
  if (name_end != std::string_view::npos) name = ident.substr(0, name_end);
  if (close == std::string_view::npos) return wants_name ? AtomValue{name, 0} : AtomValue{};
  mail = ident.substr(open + 1, close - open - 1);
  if (atom.mailmap || (atom.email & kEmailMailmap)) {
    if (!mailmap_) mailmap_ = Mailmap::read(repo_);
    mailmap_->map(name, mail);
  }
  return wants_name ? AtomValue{name, 0} : AtomValue{email_value(mail, atom.email), 0};
}

AtomValue RefValues::message_value(const RefAtom& atom, const ItemObject& object) {
  using Message = RefAtom::Message;
  if (object.data.type != ObjectType::commit && object.data.type != ObjectType::tag) return {};
  MessageParts parts = split_message(object.data.data);
  switch (atom.message) {
    case Message::whole:
      return {std::string(parts.whole), 0};
    case Message::body:
      return {std::string(parts.body), 0};
    case Message::body_and_signature:
      return {std::string(parts.body_and_signature), 0};
    case Message::signature:
      return {std::string(parts.signature), 0};
    case Message::subject:
      return {one_line(parts.subject), 0};
    case Message::sanitized_subject:
      return {sanitize_subject(parts.subject), 0};
    case Message::size:
      return number_value(parts.whole.size());
    case Message::trailers: {
      std::string_view unsigned_text = parts.whole.substr(0, parts.whole.size() - parts.signature.size());
      return {format_trailers(unsigned_text, atom.trailers, TrailerSettings::read(repo_.config())), 0};
    }
    case Message::lines:
      break;
  }
  std::string text;
  std::string_view rest = parts.whole.substr(0, parts.whole.size() - parts.signature.size());
  for (int i = 0; i < atom.lines && !rest.empty(); ++i) {
    if (i) text += "\n    ";
    std::size_t newline = rest.find('\n');
    text += rest.substr(0, newline);
    if (newline == std::string_view::npos) break;
    rest.remove_prefix(newline + 1);
  }
  return {text, 0};
}

std::string RefValues::describe(const RefAtom& atom, const ItemObject& object) {
  if (object.data.type != ObjectType::commit && object.data.type != ObjectType::tag) return "";
  ChildProcess child;
  child.git_command = true;
  child.args = {"describe"};
  child.args.insert(child.args.end(), atom.describe_args.begin(), atom.describe_args.end());
  child.args.push_back(object.oid.hex());
  CommandOutput output = pipe_command(child, "", true);
  if (output.code != 0) return "";
  return std::string(rtrim(output.out));
}

AtomValue RefValues::commit_value(const RefAtom& atom, const ItemObject& object) {
  if (object.data.type != ObjectType::commit) return {};
  const CommitHeader& commit = object.commit;
  if (atom.field == AtomField::tree) return {oid_text(commit.tree, atom), 0};
  if (atom.field == AtomField::numparent) return number_value(commit.parents.size());
  std::string text;
  for (const ObjectId& parent : commit.parents) text += (text.empty() ? "" : " ") + oid_text(parent, atom);
  return {text, 0};
}

AtomValue RefValues::object_value(const RefAtom& atom, const RefItem& item) {
  bool with_data = atom.reads_object() || atom.field == AtomField::describe || atom.field == AtomField::signature;
  if (atom.raw_size) with_data = false;
  if (item.ref.oid.is_null()) return {};
  const ItemObject& object = object_of(item, atom.deref, with_data);
  if (object.info.type == ObjectType::none) return {};
  switch (atom.field) {
    case AtomField::objecttype:
      return {std::string(type_name(object.info.type)), 0};
    case AtomField::objectsize:
      return number_value(atom.size_on_disk ? object.info.disk_size : object.info.size);
    case AtomField::objectname:
      return {oid_text(object.oid, atom), 0};
    case AtomField::deltabase:
      return {(object.info.delta_base.is_null() ? ObjectId::null(repo_.algo()) : object.info.delta_base).hex(), 0};
    case AtomField::tree:
    case AtomField::parent:
    case AtomField::numparent:
      return commit_value(atom, object);
    case AtomField::object:
      return {object.data.type == ObjectType::tag ? object.tag.object.hex() : "", 0};
    case AtomField::type:
      return {object.data.type == ObjectType::tag ? std::string(type_name(object.tag.type)) : "", 0};
    case AtomField::tag:
      return {object.data.type == ObjectType::tag ? std::string(object.tag.name) : "", 0};
    case AtomField::subject:
    case AtomField::body:
    case AtomField::trailers:
    case AtomField::contents:
      return message_value(atom, object);
    case AtomField::raw:
      return atom.raw_size ? number_value(object.info.size) : AtomValue{object.data.data, 0};
    case AtomField::describe:
      return {describe(atom, object), 0};
    case AtomField::signature:
      if (object.data.type != ObjectType::commit || !signature_reader_) return {};
      return {signature_reader_(object.data.data, atom.signature), 0};
    default:
      break;
  }
  bool has_people = object.data.type == ObjectType::commit || object.data.type == ObjectType::tag;
  return has_people ? person_value(atom, ident_of(atom, object)) : AtomValue{};
}

// ---- names ----
namespace {

std::string resolved_symref(Repository& repo, const Ref& ref) {
  std::optional<ResolvedRef> resolved = repo.refs().resolve(ref.name);
  return resolved ? resolved->name : ref.symref_target;
}

// Where the push refspecs of the branch's remote send it, "" where they don't say.
std::string branch_push_remote_ref(Repository& repo, const std::string& branch) {
  std::string full = "refs/heads/" + branch;
  for (const std::string& spec : repo.config().get_strings("remote." + branch_remote_name(repo, branch, true) + ".push")) {
    std::string_view from = spec;
    skip_prefix(from, "+");
    std::size_t colon = from.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view to = from.substr(colon + 1);
    from = from.substr(0, colon);
    std::size_t star = from.find('*'), to_star = to.find('*');
    if (star == std::string_view::npos) {
      if (from == full) return std::string(to);
      continue;
    }
    std::string_view before = from.substr(0, star), after = from.substr(star + 1);
    if (to_star == std::string_view::npos || full.size() < before.size() + after.size() || !starts_with(full, before) ||
        !ends_with(full, after))
      continue;
    std::string middle = full.substr(before.size(), full.size() - before.size() - after.size());
    return std::string(to.substr(0, to_star)) + middle + std::string(to.substr(to_star + 1));
  }
  return "";
}

std::map<std::string, std::string> worktree_paths_by_branch(Repository& repo) {
  std::map<std::string, std::string> result;
  for (const Worktree& worktree : list_worktrees(repo))
    if (!worktree.head_ref.empty()) result.emplace(worktree.head_ref, worktree.path);
  return result;
}

}  // namespace

const std::string& RefValues::head_ref() {
  if (!head_ref_) {
    std::optional<ResolvedRef> head = repo_.refs().resolve("HEAD");
    head_ref_ = head && head->is_symref ? head->name : "";
  }
  return *head_ref_;
}

const std::map<std::string, std::string>& RefValues::worktrees() {
  if (!worktrees_) worktrees_ = worktree_paths_by_branch(repo_);
  return *worktrees_;
}

std::string RefValues::name_of(const RefItem& item) const {
  return item.kind & kRefKindDetachedHead ? head_description_ : item.ref.name;
}

std::string RefValues::track_text(const RefAtom& atom, const std::string& tracking, const std::string& branch) {
  std::optional<ObjectId> theirs = repo_.refs().read_oid(tracking), ours = repo_.refs().read_oid("refs/heads/" + branch);
  bool is_short = atom.tracking == RefAtom::Tracking::track_short;
  if (!theirs) return is_short ? "" : atom.no_bracket ? "gone" : "[gone]";
  Commit* base = repo_.commits().peel_to_commit(*theirs);
  Commit* tip = ours ? repo_.commits().peel_to_commit(*ours) : nullptr;
  if (!base || !tip) return is_short ? "" : atom.no_bracket ? "gone" : "[gone]";
  AheadBehind counts{base, tip, 0, 0};
  ahead_behind(repo_.commits(), {&counts, 1});
  if (is_short) return counts.ahead ? (counts.behind ? "<>" : ">") : counts.behind ? "<" : "=";
  std::string text;
  if (counts.ahead) text = strf("ahead %d", counts.ahead);
  if (counts.behind) text += strf("%sbehind %d", text.empty() ? "" : ", ", counts.behind);
  return text.empty() || atom.no_bracket ? text : "[" + text + "]";
}

AtomValue RefValues::tracking_value(const RefAtom& atom, const RefItem& item) {
  using Tracking = RefAtom::Tracking;
  std::string_view branch_view = item.ref.name;
  if (!skip_prefix(branch_view, "refs/heads/")) return {};
  std::string branch(branch_view);
  bool push = atom.field == AtomField::push;
  if (atom.tracking == Tracking::remote_name) {
    bool configured = push || repo_.config().get_string("branch." + branch + ".remote");
    return {configured ? branch_remote_name(repo_, branch, push) : "", 0};
  }
  if (atom.tracking == Tracking::remote_ref) {
    if (push) return {branch_push_remote_ref(repo_, branch), 0};
    return {repo_.config().get_string_or("branch." + branch + ".merge", ""), 0};
  }
  Result<std::string> tracking = push ? branch_push_target(repo_, branch) : branch_upstream(repo_, branch);
  if (!tracking) return {};
  if (atom.tracking == Tracking::ref) return {show_refname(repo_, *tracking, atom.name), 0};
  return {track_text(atom, *tracking, branch), 0};
}

AtomValue RefValues::get(const RefAtom& atom, const RefItem& item) {
  switch (atom.field) {
    case AtomField::refname: {
      std::string name = item.kind & kRefKindDetachedHead ? head_description_ : show_refname(repo_, item.ref.name, atom.name);
      if (atom.deref) name += "^{}";
      return {name, 0};
    }
    case AtomField::symref:
      return {item.ref.symref_target.empty() ? "" : show_refname(repo_, resolved_symref(repo_, item.ref), atom.name), 0};
    case AtomField::upstream:
    case AtomField::push:
      return tracking_value(atom, item);
    case AtomField::flag: {
      std::string text;
      if (!item.ref.symref_target.empty()) text += ",symref";
      if (item.ref.is_packed) text += ",packed";
      return {text.empty() ? "" : text.substr(1), 0};
    }
    case AtomField::head:
      return {!head_ref().empty() && head_ref() == item.ref.name ? "*" : " ", 0};
    case AtomField::color:
      return {atom.color, 0};
    case AtomField::worktreepath: {
      auto found = worktrees().find(item.ref.name);
      return {found == worktrees().end() ? "" : found->second, 0};
    }
    case AtomField::rest:
      return {item.rest, 0};
    case AtomField::ahead_behind:
      if (atom.base_index >= item.counts.size() || !item.counts[atom.base_index].tip) return {};
      return {strf("%d %d", item.counts[atom.base_index].ahead, item.counts[atom.base_index].behind), 0};
    case AtomField::is_base:
      return {atom.base_index < item.is_base.size() && item.is_base[atom.base_index] ? "(" + atom.argument + ")" : "", 0};
    case AtomField::objectname:
      if (!atom.deref) return {oid_text(item.ref.oid, atom), 0};
      return object_value(atom, item);
    default:
      return atom.is_structural() ? AtomValue{} : object_value(atom, item);
  }
}

}  // namespace git
