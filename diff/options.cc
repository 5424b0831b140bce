// The front end of the queue (what a comparison found, turned round and filtered as the options say), and the services that
// contents come from.
#include "diff/options.h"

#include "base/env.h"
#include "base/strings.h"
#include "config.h"
#include "diff/userdiff.h"
#include "index/convert.h"
#include "repository.h"

namespace git {

struct DiffOptions::Services {
  std::unique_ptr<UserdiffTable> userdiff;
  std::unique_ptr<Converter> converter;
};

DiffOptions::DiffOptions() : services_(std::make_unique<Services>()) {}
DiffOptions::~DiffOptions() = default;
DiffOptions::DiffOptions(DiffOptions&&) noexcept = default;
DiffOptions& DiffOptions::operator=(DiffOptions&&) noexcept = default;

UserdiffTable& DiffOptions::userdiff() {
  if (!services_->userdiff) services_->userdiff = std::make_unique<UserdiffTable>(repo, config, index);
  return *services_->userdiff;
}
Converter& DiffOptions::converter() {
  if (!services_->converter) services_->converter = std::make_unique<Converter>(*repo, index);
  return *services_->converter;
}
HashAlgo DiffOptions::algo() const { return repo ? repo->algo() : HashAlgo::sha1; }

bool DiffOptions::is_in_prefix(std::string_view path) const {
  return relative_prefix.empty() || starts_with(path, relative_prefix);
}

void DiffOptions::add_remove(char sign, std::uint32_t mode, const ObjectId& oid, bool oid_valid, std::string_view path,
                             unsigned dirty) {
  if (is_gitlink_mode(mode) && ignore_submodules && !override_submodule_config) return;
  if (reverse_diff) sign = sign == '+' ? '-' : '+';
  if (!is_in_prefix(path)) return;
  auto one = std::make_shared<DiffFilespec>(std::string(path)), two = std::make_shared<DiffFilespec>(std::string(path));
  if (sign != '+') one->fill(oid, oid_valid, mode);
  if (sign != '-') {
    two->fill(oid, oid_valid, mode);
    two->dirty_submodule = dirty;
  }
  queue_pair(queue, std::move(one), std::move(two));
  if (!diff_from_contents) has_changes = true;
}

void DiffOptions::change(std::uint32_t old_mode, std::uint32_t new_mode, const ObjectId& old_oid, const ObjectId& new_oid,
                         bool old_valid, bool new_valid, std::string_view path, unsigned old_dirty, unsigned new_dirty) {
  if (is_gitlink_mode(old_mode) && is_gitlink_mode(new_mode) && ignore_submodules) return;
  if (reverse_diff) {
    change_forward(new_mode, old_mode, new_oid, old_oid, new_valid, old_valid, path, new_dirty, old_dirty);
    return;
  }
  change_forward(old_mode, new_mode, old_oid, new_oid, old_valid, new_valid, path, old_dirty, new_dirty);
}

void DiffOptions::change_forward(std::uint32_t old_mode, std::uint32_t new_mode, const ObjectId& old_oid, const ObjectId& new_oid,
                                 bool old_valid, bool new_valid, std::string_view path, unsigned old_dirty, unsigned new_dirty) {
  if (!is_in_prefix(path)) return;
  auto one = std::make_shared<DiffFilespec>(std::string(path)), two = std::make_shared<DiffFilespec>(std::string(path));
  one->fill(old_oid, old_valid, old_mode);
  two->fill(new_oid, new_valid, new_mode);
  one->dirty_submodule = old_dirty;
  two->dirty_submodule = new_dirty;
  PairPtr pair = queue_pair(queue, std::move(one), std::move(two));
  if (diff_from_contents) return;
  if (quick && skip_stat_unmatch && !is_really_changed(*this, *pair)) return;
  has_changes = true;
}

PairPtr DiffOptions::unmerge(std::string_view path) {
  if (!is_in_prefix(path)) return nullptr;
  PairPtr pair =
      queue_pair(queue, std::make_shared<DiffFilespec>(std::string(path)), std::make_shared<DiffFilespec>(std::string(path)));
  pair->is_unmerged = true;
  has_changes = true;
  return pair;
}

bool DiffOptions::has_header_only_patches() const {
  // They count as unmerged; what is searched for is not in them.
  const bool is_searching = has_pickaxe || !find_objects.empty();
  return (output_format & kDiffPatch) && !extra_headers.empty() && !is_searching && (!filter || filter & filter_bit('U'));
}

bool DiffOptions::has_external_command() const {
  if (auto command = get_env("GIT_EXTERNAL_DIFF"); command && !command->empty()) return true;
  if (!config) return false;
  for (const ConfigEntry& entry : config->entries())
    if (entry.key == "diff.external" || (starts_with(entry.key, "diff.") && ends_with(entry.key, ".command"))) return true;
  return false;
}

unsigned filter_bit(char status) {
  constexpr std::string_view kLetters = "ADMRTUXBC*";
  std::size_t at = kLetters.find(status);
  return at == std::string_view::npos ? 0 : 1u << at;
}

}  // namespace git
