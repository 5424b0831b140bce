// Replays corpora where there is no libFuzzer: each file as it is, every prefix of small ones (a prefix of a
// few for large ones), and each with single bytes changed, so that a replay also looks around the corpus.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) {
  // An exact-size copy, so that a read behind the end is seen by the sanitizers.
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

void run_around(std::string bytes) {
  run(bytes);
  std::size_t step = bytes.size() / 256 + 1;
  for (std::size_t cut = 0; cut < bytes.size(); cut += step) run(bytes.substr(0, cut));
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    char old = bytes[at];
    for (int flip : {0x01, 0x80, 0xff}) {
      bytes[at] = static_cast<char>(static_cast<unsigned char>(old) ^ flip);
      run(bytes);
    }
    bytes[at] = old;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; i++) {
    std::string path = argv[i];
    std::vector<std::string> names = git::is_directory(path) ? git::list_dir(path) : std::vector<std::string>{""};
    for (const std::string& name : names) {
      git::Result<std::string> bytes = git::read_file(name.empty() ? path : git::path_join(path, name));
      if (!bytes) return 1;
      run_around(*bytes);
      files++;
    }
  }
  std::printf("%d files\n", files);
  return files ? 0 : 1;
}
