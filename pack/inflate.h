// zlib streams: whole ones in one call (libdeflate where it was built in), others in pieces.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace git {

// Inflates the stream at the front of `input`, which must give exactly `size` bytes. False where it does not.
// `consumed`, where given, gets the stream's length in `input`.
bool inflate_whole(std::string_view input, std::uint64_t size, std::string& output, std::size_t* consumed = nullptr);
bool inflate_into(std::string_view input, char* output, std::size_t size, std::size_t* consumed = nullptr);
// As inflate_whole(), but gives up without asking why: for a view that may not hold all of the stream.
bool inflate_whole_fast(std::string_view input, std::uint64_t size, std::string& output, std::size_t* consumed);
// The first bytes of a stream, at most `size`; -1 where it is broken.
ssize_t inflate_start(std::string_view input, char* output, std::size_t size);

// A stream inflated piece by piece.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  void reset();
  // Takes from `input` (which loses what was used) and fills `output`; the bytes made, -1 where the stream is broken.
  ssize_t inflate(std::string_view& input, char* output, std::size_t size);
  bool is_done() const { return done_; }

 private:
  z_stream stream_{};
  bool done_ = false;
};

// A deflated copy of `bytes` at a zlib level.
std::string deflate_bytes(std::string_view bytes, int level);

class Deflater {
 public:
  explicit Deflater(int level);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  // Appends what `bytes` deflate to; `finish` ends the stream.
  void deflate(std::string_view bytes, bool finish, std::string& output);

 private:
  z_stream stream_{};
};

}  // namespace git
