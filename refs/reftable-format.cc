// Reading tables in place.  An index, where there is one, is descended block by block; without one the few blocks of a section
// are walked.  Within a block the restart table is searched.
#include "refs/reftable-format.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/strings.h"
#include "hash/hasher.h"

namespace git::reftable {

// ---- numbers ----
void put_varint(std::string& out, std::uint64_t value) {
  char buffer[10];
  std::size_t at = sizeof buffer;
  buffer[--at] = static_cast<char>(value & 127);
  while (value >>= 7) {
    --value;
    buffer[--at] = static_cast<char>(128 | (value & 127));
  }
  out.append(buffer + at, sizeof buffer - at);
}

bool take_varint(std::string_view& in, std::uint64_t* value) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
    auto byte = static_cast<unsigned char>(in[i]);
    result = i ? ((result + 1) << 7) | (byte & 127) : byte & 127;
    if (byte & 128) continue;
    in.remove_prefix(i + 1);
    *value = result;
    return true;
  }
  return false;
}

namespace {
void put_uint(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}
}  // namespace

void put_u16(std::string& out, std::uint64_t value) { put_uint(out, value, 2); }
void put_u24(std::string& out, std::uint64_t value) { put_uint(out, value, 3); }
void put_u32(std::string& out, std::uint64_t value) { put_uint(out, value, 4); }
void put_u64(std::string& out, std::uint64_t value) { put_uint(out, value, 8); }

std::uint64_t get_uint(std::string_view bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string LogRecord::key() const {
  std::string result = name;
  result += '\0';
  put_u64(result, ~update_index);
  return result;
}

// ---- header ----
std::string format_header(const TableHeader& header) {
  std::string out = "REFT";
  out += static_cast<char>(header.version);
  put_u24(out, header.block_size);
  put_u64(out, header.min_update_index);
  put_u64(out, header.max_update_index);
  if (header.version == 2) put_u32(out, hash_format_id(header.algo));
  return out;
}

std::optional<TableHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < 24 || bytes.substr(0, 4) != "REFT") return std::nullopt;
  TableHeader header;
  header.version = bytes[4];
  if (header.version != 1 && header.version != 2) return std::nullopt;
  if (bytes.size() < header.size()) return std::nullopt;
  header.block_size = get_uint(bytes.substr(5), 3);
  header.min_update_index = get_uint(bytes.substr(8), 8);
  header.max_update_index = get_uint(bytes.substr(16), 8);
  if (header.version == 2) {
    auto id = static_cast<std::uint32_t>(get_uint(bytes.substr(24), 4));
    if (id == hash_format_id(HashAlgo::sha256))
      header.algo = HashAlgo::sha256;
    else if (id != hash_format_id(HashAlgo::sha1))
      return std::nullopt;
  }
  return header;
}

// ---- blocks ----
std::string_view Block::records() const { return bytes_.substr(header_, bytes_.size() - 2 - 3 * restarts_ - header_); }

std::size_t Block::restart(std::size_t i) const {
  return static_cast<std::size_t>(get_uint(bytes_.substr(bytes_.size() - 2 - 3 * restarts_ + 3 * i), 3));
}

bool Block::Cursor::read_key(std::string_view* in, std::string* key, unsigned* value_type) const {
  std::uint64_t prefix = 0, suffix = 0;
  if (!take_varint(*in, &prefix) || !take_varint(*in, &suffix)) return false;
  *value_type = static_cast<unsigned>(suffix & 7);
  suffix >>= 3;
  if (prefix > key->size() || suffix > in->size()) return false;
  key->resize(static_cast<std::size_t>(prefix));
  key->append(in->substr(0, static_cast<std::size_t>(suffix)));
  in->remove_prefix(static_cast<std::size_t>(suffix));
  return true;
}

bool Block::Cursor::next() {
  if (!started_) {
    started_ = true;
    rest_ = block_->records();
  }
  if (rest_.empty() || bad_) return false;
  bad_ = !read_key(&rest_, &key_, &value_type_);
  return !bad_;
}

void Block::Cursor::seek(std::string_view key) {
  std::string_view all = block_->records();
  std::size_t low = 0, high = block_->restarts_;
  while (low < high) {
    std::size_t middle = low + (high - low) / 2, at = block_->restart(middle);
    if (at < block_->header_ || at - block_->header_ > all.size()) {
      bad_ = true;
      return;
    }
    std::string_view in = all.substr(at - block_->header_);
    std::string found;
    unsigned type = 0;
    if (!read_key(&in, &found, &type)) {
      bad_ = true;
      return;
    }
    if (found <= key)
      low = middle + 1;
    else
      high = middle;
  }
  started_ = true;
  rest_ = low == 0 ? all : all.substr(block_->restart(low - 1) - block_->header_);
}

// ---- tables ----
void Table::die_corrupt() const { die("reftable: corrupt table '%s'", name_); }

Result<std::shared_ptr<Table>> Table::open(const std::string& path, const std::string& name) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  auto table = std::make_shared<Table>();
  table->file_ = std::move(*file);
  table->name_ = name;
  std::string_view bytes = table->file_.bytes();
  auto corrupt = [&](const char* what) { return make_error(ErrorKind::corrupt, "reftable '%s' is corrupt: %s", name, what); };
  std::optional<TableHeader> header = parse_header(bytes);
  if (!header) return corrupt("bad header");
  table->header_ = *header;
  if (bytes.size() < header->size() + header->footer_size()) return corrupt("too short");
  table->end_ = bytes.size() - header->footer_size();
  std::string_view footer = bytes.substr(static_cast<std::size_t>(table->end_));
  if (footer.substr(0, header->size()) != bytes.substr(0, header->size())) return corrupt("footer differs from header");
  if (crc32_of(0, footer.substr(0, footer.size() - 4)) != get_uint(footer.substr(footer.size() - 4), 4))
    return corrupt("footer checksum mismatch");
  std::string_view fields = footer.substr(header->size());
  table->ref_index_ = get_uint(fields, 8);
  table->obj_start_ = get_uint(fields.substr(8), 8) >> 5;
  table->log_start_ = get_uint(fields.substr(24), 8);
  table->log_index_ = get_uint(fields.substr(32), 8);
  char first = table->end_ > header->size() ? bytes[header->size()] : '\0';
  table->has_refs_ = first == 'r';
  if (first == 'g') table->log_start_ = 0;
  if (!table->log_start_ && first != 'g') table->log_start_ = ~0ull;
  return table;
}

std::shared_ptr<Block> Table::read_block(std::uint64_t offset, char type) const {
  if (offset >= end_) return nullptr;
  std::string_view bytes = file_.bytes().substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(end_ - offset));
  std::size_t skip = offset == 0 ? header_.size() : 0;
  if (bytes.size() < skip + 4) return nullptr;
  auto block = std::make_shared<Block>();
  block->type = bytes[skip];
  if (block->type != type) return nullptr;
  auto length = static_cast<std::size_t>(get_uint(bytes.substr(skip + 1), 3));
  block->header_ = skip + 4;
  if (length < block->header_ + 2) die_corrupt();
  if (type == 'g') {
    block->inflated_.assign(bytes.substr(0, block->header_));
    block->inflated_.resize(length);
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) die("unable to inflate a reftable");
    std::string_view packed = bytes.substr(block->header_);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(packed.size(), UINT32_MAX));
    stream.next_out = reinterpret_cast<Bytef*>(block->inflated_.data() + block->header_);
    stream.avail_out = static_cast<uInt>(length - block->header_);
    int status = inflate(&stream, Z_FINISH);
    std::size_t used = stream.total_in;
    bool whole = status == Z_STREAM_END && stream.total_out == length - block->header_;
    inflateEnd(&stream);
    if (!whole) die_corrupt();
    block->full_size = block->header_ + used;
    block->bytes_ = block->inflated_;
  } else {
    if (length > bytes.size()) die_corrupt();
    block->bytes_ = bytes.substr(0, length);
    auto full = static_cast<std::size_t>(header_.block_size);
    if (full == 0)
      full = length;
    else if (length < full && length < bytes.size() && bytes[length] != '\0')
      full = length;  // unaligned
    block->full_size = std::max(full, length);
  }
  block->restarts_ = static_cast<std::size_t>(get_uint(block->bytes_.substr(length - 2), 2));
  if (block->header_ + 3 * block->restarts_ + 2 > length) die_corrupt();
  return block;
}

std::uint64_t Table::find_block(char type, std::uint64_t start, std::uint64_t index, std::string_view key) const {
  if (index) {
    std::uint64_t offset = index;
    for (int depth = 0; depth < 16; ++depth) {
      std::shared_ptr<Block> block = read_block(offset, 'i');
      if (!block) return depth ? offset : end_;
      // The first entry whose last key is not below the wanted one.
      bool found = false;
      std::uint64_t at = offset;
      for (std::shared_ptr<Block> level = block; level && !found; level = read_block(at += level->full_size, 'i')) {
        Block::Cursor cursor = level->begin();
        while (cursor.next()) {
          std::uint64_t target = 0;
          if (!take_varint(cursor.rest(), &target)) die_corrupt();
          if (cursor.key() < key) continue;
          offset = target;
          found = true;
          break;
        }
        if (cursor.is_bad()) die_corrupt();
      }
      if (!found) return end_;
    }
    die_corrupt();
  }
  // Walk: the last block whose first key is not above the wanted one.
  std::uint64_t best = start;
  for (std::uint64_t offset = start;;) {
    std::shared_ptr<Block> block = read_block(offset, type);
    if (!block) return best;
    Block::Cursor cursor = block->begin();
    if (!cursor.next()) die_corrupt();
    if (cursor.key() > key && offset != start) return best;
    best = offset;
    offset += block->full_size;
  }
}

bool Table::decode_ref(Block::Cursor& at, RefRecord& record) const {
  std::string_view& in = at.rest();
  std::uint64_t delta = 0, length = 0;
  const std::size_t size = raw_size(header_.algo);
  if (!take_varint(in, &delta)) return false;
  record.name = at.key();
  record.update_index = header_.min_update_index + delta;
  record.target.clear();
  record.type = static_cast<RefType>(at.value_type());
  switch (record.type) {
    case RefType::deletion:
      return true;
    case RefType::value:
    case RefType::tag: {
      std::size_t need = record.type == RefType::tag ? 2 * size : size;
      if (in.size() < need) return false;
      record.oid = ObjectId::from_raw(in, header_.algo);
      if (record.type == RefType::tag) record.peeled = ObjectId::from_raw(in.substr(size), header_.algo);
      in.remove_prefix(need);
      return true;
    }
    case RefType::symref:
      if (!take_varint(in, &length) || length > in.size()) return false;
      record.target = in.substr(0, static_cast<std::size_t>(length));
      in.remove_prefix(static_cast<std::size_t>(length));
      return true;
  }
  return false;
}

bool Table::decode_log(Block::Cursor& at, LogRecord& record) const {
  std::string_view& in = at.rest();
  const std::string& key = at.key();
  const std::size_t size = raw_size(header_.algo);
  if (key.size() < 9 || key[key.size() - 9] != '\0') return false;
  record.name = key.substr(0, key.size() - 9);
  record.update_index = ~get_uint(std::string_view(key).substr(key.size() - 8), 8);
  record.is_deletion = at.value_type() == 0;
  if (record.is_deletion) return true;
  if (at.value_type() != 1 || in.size() < 2 * size) return false;
  record.old_oid = ObjectId::from_raw(in, header_.algo);
  record.new_oid = ObjectId::from_raw(in.substr(size), header_.algo);
  in.remove_prefix(2 * size);
  auto text = [&](std::string& out) {
    std::uint64_t length = 0;
    if (!take_varint(in, &length) || length > in.size()) return false;
    out = in.substr(0, static_cast<std::size_t>(length));
    in.remove_prefix(static_cast<std::size_t>(length));
    return true;
  };
  if (!text(record.who) || !text(record.mail) || !take_varint(in, &record.time) || in.size() < 2) return false;
  record.tz = static_cast<std::int16_t>(get_uint(in, 2));
  in.remove_prefix(2);
  return text(record.message);
}

Table::RefCursor Table::seek_ref(std::shared_ptr<const Table> table, std::string_view name) {
  RefCursor cursor(table);
  cursor.start_ = name;
  cursor.offset_ = table->has_refs_ ? table->find_block('r', 0, table->ref_index_, name) : table->end_;
  cursor.block_ = table->read_block(cursor.offset_, 'r');
  if (cursor.block_) {
    cursor.at_.emplace(cursor.block_->begin());
    cursor.at_->seek(name);
  }
  return cursor;
}

bool Table::RefCursor::next(RefRecord& record) {
  while (block_) {
    while (at_->next()) {
      if (!table_->decode_ref(*at_, record)) table_->die_corrupt();
      if (skipping_ && record.name < start_) continue;
      skipping_ = false;
      return true;
    }
    if (at_->is_bad()) table_->die_corrupt();
    offset_ += block_->full_size;
    block_ = table_->read_block(offset_, 'r');
    if (block_) at_.emplace(block_->begin());
  }
  return false;
}

Table::LogCursor Table::seek_log(std::shared_ptr<const Table> table, std::string_view key) {
  LogCursor cursor(table);
  cursor.start_ = key;
  if (table->log_start_ == ~0ull) return cursor;
  cursor.offset_ = table->find_block('g', table->log_start_, table->log_index_, key);
  cursor.block_ = table->read_block(cursor.offset_, 'g');
  if (cursor.block_) {
    cursor.at_.emplace(cursor.block_->begin());
    cursor.at_->seek(key);
  }
  return cursor;
}

bool Table::LogCursor::next(LogRecord& record) {
  while (block_) {
    while (at_->next()) {
      if (!table_->decode_log(*at_, record)) table_->die_corrupt();
      if (skipping_ && at_->key() < start_) continue;
      skipping_ = false;
      return true;
    }
    if (at_->is_bad()) table_->die_corrupt();
    offset_ += block_->full_size;
    block_ = table_->read_block(offset_, 'g');
    if (block_) at_.emplace(block_->begin());
  }
  return false;
}

}  // namespace git::reftable
