// The fields of %(...) formats (git-for-each-ref(1), "FIELD NAMES"): their names and arguments, parsed once per format.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/result.h"
#include "show/trailers.h"

namespace git {

class Repository;
struct Commit;

enum class AtomField : std::uint8_t {
  refname,
  objecttype,
  objectsize,
  objectname,
  deltabase,
  tree,
  parent,
  numparent,
  object,
  type,
  tag,
  author,
  author_name,
  author_email,
  author_date,
  committer,
  committer_name,
  committer_email,
  committer_date,
  tagger,
  tagger_name,
  tagger_email,
  tagger_date,
  creator,
  creator_date,
  describe,
  subject,
  body,
  trailers,
  contents,
  signature,
  raw,
  upstream,
  push,
  symref,
  flag,
  head,
  color,
  worktreepath,
  align,
  end,
  if_,
  then,
  else_,
  rest,
  ahead_behind,
  is_base
};

// "refname:lstrip=2" and the like, also for symref, upstream and push.
struct RefNameStyle {
  enum class Kind : std::uint8_t { full, shortened, lstrip, rstrip } kind = Kind::full;
  int count = 0;
};

enum EmailStyle : unsigned { kEmailTrim = 1, kEmailLocalPart = 2, kEmailMailmap = 4 };

struct RefAtom {
  AtomField field = AtomField::refname;
  bool deref = false;  // "*": of the object a tag points at
  std::string text;    // as written, '*' included
  std::string argument;

  RefNameStyle name;
  std::optional<int> abbrev;  // objectname:short, -1 for the default length
  bool size_on_disk = false;  // objectsize:disk
  DateFormat date;
  bool has_date_format = false;
  unsigned email = 0;  // EmailStyle
  bool mailmap = false;
  enum class Message : std::uint8_t {
    whole,
    body,
    body_and_signature,
    lines,
    signature,
    subject,
    sanitized_subject,
    size,
    trailers
  };
  Message message = Message::whole;
  int lines = 0;
  TrailerFormat trailers;
  bool raw_size = false;
  enum class Tracking : std::uint8_t { ref, track, track_short, remote_name, remote_ref } tracking = Tracking::ref;
  bool no_bracket = false;
  enum class Side : std::uint8_t { left, right, middle } side = Side::left;
  int width = 0;
  enum class Test : std::uint8_t { non_empty, equals, differs } test = Test::non_empty;
  std::string test_text;
  std::string color;  // the escape, "" where colours are off
  std::vector<std::string> describe_args;
  enum class Signature : std::uint8_t { bare, grade, signer, key, fingerprint, primary_fingerprint, trust_level };
  Signature signature = Signature::bare;
  Commit* base = nullptr;  // ahead-behind, is-base
  std::size_t base_index = 0;

  bool is_number() const;      // sorted by value
  bool reads_object() const;   // needs the object's bytes
  bool is_structural() const;  // align, if, then, else, end
};

struct AtomSettings {
  bool use_color = false;
  bool allow_rest = false;
};

// `text` is what stands between "%(" and ")". `repo` may be nullptr (ls-remote outside of a repository).
Result<RefAtom> parse_ref_atom(Repository* repo, std::string_view text, const AtomSettings& settings);

// The name in the style asked for.
std::string show_refname(Repository& repo, const std::string& full, const RefNameStyle& style);

}  // namespace git
