// Prefixes are sorted and those inside of others dropped, so that each ref is met once and in order; each is one seek.
#include "ls-refs.h"

#include <algorithm>

#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "protocol/serve-v2.h"
#include "refs.h"
#include "refs/hidden-refs.h"
#include "repository.h"
#include "wire/refs-advertisement.h"

namespace git {
namespace {

constexpr std::size_t kMaxPrefixes = 65536;  // a client with more gets everything

}  // namespace

LsRefsCommand::LsRefsCommand(Repository& repo) : repo_(repo), unborn_(Unborn::advertise) {
  if (auto value = repo.config().get_string("lsrefs.unborn")) {
    if (*value == "advertise")
      unborn_ = Unborn::advertise;
    else if (*value == "allow")
      unborn_ = Unborn::allow;
    else if (*value == "ignore")
      unborn_ = Unborn::ignore;
    else
      die(_("invalid value for '%s': '%s'"), "lsrefs.unborn", *value);
  }
}

void LsRefsCommand::begin() {
  prefixes_.clear();
  too_many_prefixes_ = symrefs_ = peel_ = wants_unborn_ = false;
}

bool LsRefsCommand::argument(std::string_view line) {
  std::string_view rest;
  if (line == "peel") return peel_ = true;
  if (line == "symrefs") return symrefs_ = true;
  if (line == "unborn") {
    wants_unborn_ = unborn_ != Unborn::ignore;
    return true;
  }
  if (!skip_prefix(line, "ref-prefix ", &rest)) return false;
  if (prefixes_.size() >= kMaxPrefixes)
    too_many_prefixes_ = true;
  else
    prefixes_.emplace_back(rest);
  return true;
}

void LsRefsCommand::end(ServeV2& machine) {
  const std::string& space = repo_.ref_namespace();
  HiddenRefs hidden(repo_.config(), "uploadpack", space);
  RefStore& refs = repo_.refs();
  if (too_many_prefixes_) prefixes_.clear();
  auto is_asked_for = [&](std::string_view name) {
    if (prefixes_.empty()) return true;
    return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const std::string& p) { return starts_with(name, p); });
  };
  auto send = [&](const Ref& ref, std::string name) {
    AdvertisedRef line{std::move(name), ref.oid, std::nullopt, {}};
    if (symrefs_ && !ref.symref_target.empty()) {
      std::string_view target = ref.symref_target;
      skip_prefix(target, space);
      line.symref_target = target;
    }
    if (peel_ && !ref.oid.is_null()) {
      line.peeled = refs.peel(ref);
      if (line.peeled && *line.peeled == ref.oid) line.peeled.reset();
    }
    machine.respond(format_ls_refs_line(line));
  };
  if (is_asked_for("HEAD") && !hidden.is_hidden(space + "HEAD")) {
    auto head = refs.read(space + "HEAD");
    auto resolved = refs.resolve(space + "HEAD");
    if (head && resolved && !resolved->oid.is_null()) {
      head->oid = resolved->oid;
      head->peeled.reset();
      send(*head, "HEAD");
    } else if (head && wants_unborn_ && !head->symref_target.empty()) {
      head->oid = ObjectId::null(repo_.algo());
      head->symref_target = resolved ? resolved->name : head->symref_target;
      bool symrefs = std::exchange(symrefs_, true);
      send(*head, "HEAD");
      symrefs_ = symrefs;
    }
  }
  std::vector<std::string> seeks = prefixes_.empty() ? std::vector<std::string>{"refs/"} : prefixes_;
  for (std::string& prefix : seeks)
    if (prefix.size() < 5 && starts_with("refs/", prefix)) prefix = "refs/";
  std::sort(seeks.begin(), seeks.end());
  std::string last;
  bool any = false;
  for (const std::string& prefix : seeks) {
    if (!starts_with(prefix, "refs/") || (any && starts_with(prefix, last))) continue;
    any = true;
    last = prefix;
    refs.for_each(space + prefix, [&](const Ref& ref) {
      if (ref.oid.is_null() || ref.is_broken || hidden.is_hidden(ref.name)) return true;
      send(ref, ref.name.substr(space.size()));
      return true;
    });
  }
  machine.respond_flush();
}

}  // namespace git
