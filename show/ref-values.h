// The values of %(...) fields for one ref at a time.  Objects are read only when a field needs their bytes, and no longer
// kept than the ref is being looked at.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "show/mailmap.h"
#include "show/ref-atom.h"
#include "walk/commit-reach.h"

namespace git {

class Repository;

enum RefKind : unsigned {
  kRefKindTags = 1,
  kRefKindBranches = 2,
  kRefKindRemotes = 4,
  kRefKindOthers = 8,
  kRefKindDetachedHead = 16,
  kRefKindRoot = 32,
  kRefKindRegular = 15,
};

// An object as the fields see it.
struct ItemObject {
  ObjectId oid;
  ObjectInfo info;
  bool has_info = false, has_data = false;
  ObjectData data;
  TagHeader tag;
  CommitHeader commit;
};

struct AtomValue {
  std::string text;
  std::uint64_t number = 0;
};

struct RefItem {
  Ref ref;
  unsigned kind = kRefKindOthers;
  Commit* commit = nullptr;              // where the filter looked at history
  std::vector<AtomValue> sort_values;    // one for each key
  std::vector<AheadBehind> counts;       // one for each ahead-behind atom
  std::vector<bool> is_base;             // one for each is-base atom
  std::string rest;                      // of cat-file's input line
  std::optional<ObjectInfo> known_info;  // where the caller has it already
};

// The parts of a message: everything borrows from the text given.
struct MessageParts {
  std::string_view subject, body, body_and_signature, signature, whole;
};
MessageParts split_message(std::string_view object_bytes);
std::string sanitize_subject(std::string_view subject);
std::string one_line(std::string_view subject);

class RefValues {
 public:
  explicit RefValues(Repository& repo);
  ~RefValues();
  // Dies with git's "missing object %s for %s".
  AtomValue get(const RefAtom& atom, const RefItem& item);
  // What %(signature:...) is of a commit's bytes; the programs that tell are above this room.
  using SignatureReader = std::function<std::string(std::string_view commit, RefAtom::Signature what)>;
  void set_signature_reader(SignatureReader reader) { signature_reader_ = std::move(reader); }
  // The description of a detached HEAD goes where a name would.
  void set_head_description(std::string text) { head_description_ = std::move(text); }

 private:
  ItemObject& object_of(const RefItem& item, bool deref, bool with_data);
  void load(ItemObject& object, const std::string& refname, bool with_data);
  AtomValue object_value(const RefAtom& atom, const RefItem& item);
  AtomValue commit_value(const RefAtom& atom, const ItemObject& object);
  AtomValue person_value(const RefAtom& atom, std::string_view ident);
  AtomValue message_value(const RefAtom& atom, const ItemObject& object);
  std::string_view ident_of(const RefAtom& atom, const ItemObject& object) const;
  AtomValue tracking_value(const RefAtom& atom, const RefItem& item);
  std::string track_text(const RefAtom& atom, const std::string& tracking, const std::string& branch);
  std::string name_of(const RefItem& item) const;
  std::string oid_text(const ObjectId& oid, const RefAtom& atom);
  std::string describe(const RefAtom& atom, const ItemObject& object);
  const std::string& head_ref();
  const std::map<std::string, std::string>& worktrees();

  Repository& repo_;
  std::string current_;  // the ref that `plain_` and `peeled_` belong to
  ObjectId current_oid_;
  std::optional<ItemObject> plain_, peeled_;
  bool peeled_tried_ = false;
  std::optional<std::string> head_ref_;
  std::optional<std::map<std::string, std::string>> worktrees_;
  std::string head_description_;
  SignatureReader signature_reader_;
  std::optional<Mailmap> mailmap_;
};

}  // namespace git
