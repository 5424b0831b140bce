// What every backend shares: following symrefs, leaving out what is broken, and the one-update transactions.
#include "refs.h"

#include <unordered_set>

#include "base/strings.h"

namespace git {
namespace {
constexpr int kMaxSymrefDepth = 5;
}

std::optional<ResolvedRef> RefStore::resolve(std::string_view name) {
  ResolvedRef result;
  result.name = name;
  for (int depth = 0; depth <= kMaxSymrefDepth; ++depth) {
    if (!check_refname_format(result.name, kRefnameAllowOneLevel)) return std::nullopt;
    std::optional<Ref> ref = read(result.name);
    if (!ref) {
      if (depth == 0) return std::nullopt;
      result.oid = ObjectId::null(options_.algo);
      return result;
    }
    if (ref->is_broken) return std::nullopt;
    if (ref->symref_target.empty()) {
      result.oid = ref->oid;
      result.exists = true;
      return result;
    }
    result.is_symref = true;
    result.name = std::move(ref->symref_target);
  }
  return std::nullopt;
}

std::optional<ObjectId> RefStore::read_oid(std::string_view name) {
  std::optional<ResolvedRef> resolved = resolve(name);
  if (!resolved || !resolved->exists) return std::nullopt;
  return resolved->oid;
}

void RefStore::for_each(std::string_view prefix, const std::function<bool(const Ref&)>& fn,
                        const std::vector<std::string>& exclude) {
  for_each_raw(
      prefix,
      [&](const Ref& ref) {
        if (ref.is_broken || ref.oid.is_null()) return true;
        if (options_.object_exists && !options_.object_exists(ref.oid)) {
          error("%s does not point to a valid object!", ref.name);
          return true;
        }
        return fn(ref);
      },
      exclude);
}

std::size_t RefStore::for_each_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                                           const std::function<bool(const Ref&)>& fn) {
  std::unordered_set<ObjectId, ObjectIdHash> wanted(oids.begin(), oids.end());
  std::size_t count = 0;
  for_each_raw(prefix, [&](const Ref& ref) {
    ++count;
    if (ref.is_broken || !(wanted.count(ref.oid) || (ref.peeled && wanted.count(*ref.peeled)))) return true;
    return fn(ref);
  });
  return count;
}

std::optional<ObjectId> RefStore::peel(const Ref& ref) {
  if (ref.peeled) return ref.peeled;
  if (ref.peel_known || !options_.peel) return std::nullopt;
  return options_.peel(ref.oid);
}

Result<void> RefStore::update(RefUpdate update) {
  std::unique_ptr<RefTransaction> transaction = begin();
  Result<void> added = transaction->add(std::move(update));
  if (!added) return added;
  return transaction->commit();
}

Result<void> RefStore::remove(std::string_view name, std::optional<ObjectId> old_oid, std::string message, unsigned flags) {
  RefUpdate update;
  update.name = name;
  update.new_oid = ObjectId::null(options_.algo);
  if (old_oid && !old_oid->is_null()) update.old_oid = old_oid;
  update.flags = flags;
  update.message = std::move(message);
  return this->update(std::move(update));
}

Result<void> RefStore::create_symref(std::string_view name, std::string_view target, std::string message) {
  RefUpdate update;
  update.name = name;
  update.new_target = std::string(target);
  update.flags = kRefNoDeref;
  update.message = std::move(message);
  return this->update(std::move(update));
}

}  // namespace git
