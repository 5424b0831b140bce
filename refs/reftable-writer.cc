// Blocks are filled to the block size and padded to it, so that a reader finds the next one without looking; log blocks are
// deflated and follow one another.  A section of more than a few blocks gets an index, which gets one itself, until a level is
// small.
#include "refs/reftable-writer.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "hash/hasher.h"

namespace git::reftable {
namespace {

constexpr std::size_t kMaxUnindexedBlocks = 3;
constexpr std::size_t kMaxRestarts = 65535;

std::string deflate_bytes(std::string_view text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                static_cast<uLong>(text.size()), 9) != Z_OK)
    die("unable to deflate a reftable");
  out.resize(size);
  return out;
}

}  // namespace

Writer::Writer(TableHeader header, const WriteOptions& options) : header_(header), options_(options) {
  header_.version = header.algo == HashAlgo::sha256 ? 2 : 1;
  header_.block_size = options.block_size;
  out_ = format_header(header_);
}

void Writer::open_block(char type) {
  block_ = {};
  block_.type = type;
  bool is_first = out_.size() == header_.size() && index_.empty() && section_ == type;
  block_.header = is_first ? header_.size() : 0;
}

bool Writer::append(const std::string& key, unsigned value_type, const std::string& value, bool force) {
  bool restart = block_.entries % options_.restart_interval == 0 && block_.restarts.size() < kMaxRestarts;
  std::size_t prefix = 0;
  if (!restart)
    while (prefix < key.size() && prefix < block_.last_key.size() && key[prefix] == block_.last_key[prefix]) ++prefix;
  if (prefix == 0) restart = block_.restarts.size() < kMaxRestarts;
  std::string record;
  put_varint(record, prefix);
  put_varint(record, static_cast<std::uint64_t>(key.size() - prefix) << 3 | value_type);
  record.append(key, prefix);
  record += value;
  if (!force && block_.entries && block_.size() + record.size() + (restart ? 3 : 0) > options_.block_size) return false;
  if (restart) block_.restarts.push_back(block_.header + 4 + block_.bytes.size());
  block_.bytes += record;
  block_.last_key = key;
  ++block_.entries;
  return true;
}

void Writer::add(char type, const std::string& key, unsigned value_type, const std::string& value) {
  if (section_ != type) {
    if (section_) finish_section(section_);
    section_ = type;
    open_block(type);
    if (type == 'g') log_start_ = block_.header ? 0 : out_.size() + pending_padding_;
    if (type == 'g') pending_padding_ = 0;
  }
  ++records_;
  if (append(key, value_type, value, false)) return;
  flush_block();
  open_block(type);
  append(key, value_type, value, true);
}

void Writer::flush_block() {
  if (!block_.entries) return;
  out_.append(pending_padding_, '\0');
  pending_padding_ = 0;
  std::uint64_t offset = block_.header ? 0 : out_.size();
  std::string tail;
  for (std::size_t restart : block_.restarts) put_u24(tail, restart);
  put_u16(tail, block_.restarts.size());
  std::size_t length = block_.size();
  if (length >= 1u << 24) die("reftable: record too large");
  out_ += block_.type;
  put_u24(out_, length);
  if (block_.type == 'g') {
    out_ += deflate_bytes(block_.bytes + tail);
  } else {
    out_ += block_.bytes + tail;
    // A block that outgrew its size stands alone: what comes next follows at once.
    if (length < options_.block_size) pending_padding_ = static_cast<std::size_t>(options_.block_size) - length;
  }
  index_.push_back({block_.last_key, offset});
  block_.entries = 0;
}

// Index levels until one is small; the position of the last.
std::uint64_t Writer::write_index() {
  std::uint64_t start = 0;
  while (index_.size() > kMaxUnindexedBlocks) {
    std::vector<IndexEntry> entries = std::move(index_);
    index_.clear();
    out_.append(pending_padding_, '\0');
    pending_padding_ = 0;
    start = out_.size();
    section_ = 'i';
    block_ = {};
    block_.type = 'i';
    for (const IndexEntry& entry : entries) {
      std::string value;
      put_varint(value, entry.offset);
      if (append(entry.last_key, 0, value, false)) continue;
      flush_block();
      block_ = {};
      block_.type = 'i';
      append(entry.last_key, 0, value, true);
    }
    flush_block();
  }
  index_.clear();
  return start;
}

void Writer::finish_section(char type) {
  flush_block();
  std::uint64_t position = write_index();
  if (type == 'r')
    ref_index_ = position;
  else
    log_index_ = position;
  // Logs follow without padding.
  pending_padding_ = 0;
}

void Writer::add_ref(const RefRecord& record) {
  std::string value;
  put_varint(value, record.update_index - header_.min_update_index);
  if (record.type == RefType::value || record.type == RefType::tag) value += record.oid.raw();
  if (record.type == RefType::tag) value += record.peeled.raw();
  if (record.type == RefType::symref) {
    put_varint(value, record.target.size());
    value += record.target;
  }
  add('r', record.name, static_cast<unsigned>(record.type), value);
}

void Writer::add_log(const LogRecord& record) {
  std::string value;
  if (!record.is_deletion) {
    value += record.old_oid.raw();
    value += record.new_oid.raw();
    for (const std::string* text : {&record.who, &record.mail}) {
      put_varint(value, text->size());
      value += *text;
    }
    put_varint(value, record.time);
    put_u16(value, static_cast<std::uint16_t>(record.tz));
    put_varint(value, record.message.size());
    value += record.message;
  }
  add('g', record.key(), record.is_deletion ? 0 : 1, value);
}

std::string Writer::finish() {
  if (section_) finish_section(section_);
  std::string footer = format_header(header_);
  put_u64(footer, ref_index_);
  put_u64(footer, 0);  // no object section
  put_u64(footer, 0);
  put_u64(footer, log_start_);
  put_u64(footer, log_index_);
  put_u32(footer, crc32_of(0, footer));
  return out_ + footer;
}

}  // namespace git::reftable
