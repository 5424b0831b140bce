// Extra Parameters as anybody may send them: what is kept is bounded, and fit to be sent again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/push-base-keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    PushBaseKeys keys = parse_push_base_keys(text, algo);
    if (keys.bases.size() > kMaxPushBases || keys.refs.size() > kMaxPushBaseRefs) std::abort();
    std::size_t total = 0;
    for (const std::string& word : format_push_base_keys(keys)) total += word.size() + 1;
    if (total >= kPushBaseKeysLimit) std::abort();
  }
  return 0;
}
