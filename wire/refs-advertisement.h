// One line of a ref advertisement: v0/v1 "<oid> <name>[\0<capabilities>]" (gitprotocol-pack(5), "Reference
// Discovery") and v2 ls-refs "<oid|unborn> <name>[ symref-target:<x>][ peeled:<oid>]" (gitprotocol-v2(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

// A ref as a peer advertised it. "x^{}" lines of v0 are folded into `peeled` by those who collect.
struct AdvertisedRef {
  std::string name;
  ObjectId oid;  // null: unborn (v2)
  std::optional<ObjectId> peeled;
  std::string symref_target;
};

struct AdvertisementLine {
  ObjectId oid;
  std::string_view name;
  std::optional<std::string_view> capabilities;  // present behind the NUL of the first line
};
// nullopt where the line doesn't start with a name and a space.
std::optional<AdvertisementLine> parse_advertisement_line(std::string_view line, HashAlgo algo);
// The algorithm is what the capabilities behind the NUL say, sha1 without.
HashAlgo object_format_of_first_line(std::string_view line);
void append_advertisement_line(std::string& out, const ObjectId& oid, std::string_view name,
                               std::optional<std::string_view> capabilities = std::nullopt);

std::optional<AdvertisedRef> parse_ls_refs_line(std::string_view line, HashAlgo algo);
std::string format_ls_refs_line(const AdvertisedRef& ref);  // with '\n'

}  // namespace git
