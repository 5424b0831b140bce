// What happens to a file's bytes between worktree and object database (gitattributes(5), "Effects"):
// end-of-line conversion, ident, working-tree-encoding and filter drivers, one-shot or long-running.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class AttributeReader;
class Index;
class Repository;

enum class CrlfAction : std::uint8_t { undefined, binary, text, text_input, text_crlf, auto_detect, auto_input, auto_crlf };

struct FilterDriver {
  std::string name;
  std::optional<std::string> clean, smudge, process;
  bool required = false;
};

struct ConvertAttributes {
  CrlfAction attr_action = CrlfAction::undefined;  // what the attributes say
  CrlfAction crlf_action = CrlfAction::undefined;  // with core.eol and core.autocrlf applied
  bool ident = false;
  const FilterDriver* driver = nullptr;  // lives in the Converter
  std::string working_tree_encoding;     // "" for UTF-8 (none)
};

enum ConvertFlag : unsigned {
  kConvertWriteObject = 1u << 0,  // the result is going to be stored: safecrlf warns, round trips are checked
  kConvertSafeCrlfDie = 1u << 1,
  kConvertSafeCrlfWarn = 1u << 2,
  kConvertRenormalize = 1u << 3,
  kConvertKeepCrlf = 1u << 4,
};

// Context given to filters as metadata ("ref=", "treeish=", "blob=").
struct CheckoutMetadata {
  std::string refname;
  ObjectId treeish;
  ObjectId blob;
};

// Holds the filter drivers and their running processes; one for each command.
class Converter {
 public:
  explicit Converter(Repository& repo, Index* index = nullptr);
  ~Converter();
  Converter(Converter&&) noexcept;

  ConvertAttributes attributes(std::string_view path);
  AttributeReader& attribute_reader();

  // Worktree -> object. nullopt where the bytes stay as they are. `index` (where known) keeps CRLF of auto files that were
  // committed with them. Dies where a required filter fails.
  std::optional<std::string> to_git(std::string_view path, std::string_view bytes, unsigned flags = 0);
  // Object -> worktree. nullopt where unchanged.
  std::optional<std::string> to_working_tree(std::string_view path, std::string_view bytes,
                                             const CheckoutMetadata* metadata = nullptr);
  // Both ways, as merge.renormalize wants it.
  std::optional<std::string> renormalize(std::string_view path, std::string_view bytes);
  bool would_convert_to_git(std::string_view path);
  // Can a filter answer later (long-running process with "delay")? See Delayed.
  enum class Smudged : std::uint8_t { unchanged, converted, delayed, failed };
  Smudged to_working_tree_delayable(std::string_view path, std::string_view bytes, const CheckoutMetadata* metadata,
                                    bool can_delay, std::string& result);
  // The paths that became available, per call one list of each filter still owing some; empty result and no filter left: done.
  bool has_delayed_filters() const;
  std::vector<std::string> available_blobs();
  const std::vector<std::string>& delayed_paths() const;
  void forget_delayed(std::string_view path);

  unsigned safecrlf_flags();  // from core.safecrlf
  void set_conversion_to_index(Index* index);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// ls-files --eol: "lf", "crlf", "mixed", "none", "-text"
std::string describe_eol(std::string_view bytes);
// "text=auto eol=crlf" and the like; "" where no attribute says anything.
std::string describe_eol_attributes(const ConvertAttributes& attributes);

}  // namespace git
