// Searching a text file in place.  A record is a line and, for tags, a second line that begins with '^'; the binary
// search lands anywhere, walks back to the start of its record and compares names there.  The alternative, reading
// everything into a sorted cache, costs half a second with a million refs before the first answer.
#include "refs/packed-refs.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/files.h"
#include "base/mapped-file.h"
#include "base/strings.h"
#include "refs.h"

namespace git {
namespace {

constexpr std::string_view kHeaderStart = "# pack-refs with:";

std::string_view line_at(std::string_view text, std::size_t at) {
  std::size_t end = text.find('\n', at);
  return text.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at);
}

}  // namespace

PackedSnapshot::PackedSnapshot(std::string_view text, std::shared_ptr<void> owner, std::string path, HashAlgo algo)
    : body_(text), owner_(std::move(owner)), path_(std::move(path)), algo_(algo) {
  if (!body_.empty() && body_.back() != '\n') {
    std::size_t last = body_.rfind('\n');
    die("unterminated line in %s: %s", path_, body_.substr(last == std::string_view::npos ? 0 : last + 1));
  }
  parse_header();
  if (!sorted_) sort_body();
}

void PackedSnapshot::parse_header() {
  if (body_.empty() || body_[0] != '#') return;
  std::string_view line = line_at(body_, 0);
  std::string_view traits = line;
  if (!skip_prefix(traits, kHeaderStart)) die("invalid line in %s: %s", path_, line);
  for (std::string_view word : split(traits, ' ')) {
    if (word == "peeled") peeled_ = true;
    if (word == "fully-peeled") peeled_ = fully_peeled_ = true;
    if (word == "sorted") sorted_ = true;
  }
  body_.remove_prefix(line.size() + 1);
}

// Files of old writers may be in any order; they are put in order once per snapshot.
void PackedSnapshot::sort_body() {
  struct Record {
    std::string_view name, text;
  };
  std::vector<Record> records;
  const std::size_t name_at = hex_size(algo_) + 1;
  bool in_order = true;
  for (std::size_t at = 0; at < body_.size();) {
    std::size_t start = at;
    std::string_view line = line_at(body_, at);
    if (line.size() <= name_at) die_bad_line(body_.substr(start));
    at += line.size() + 1;
    while (at < body_.size() && body_[at] == '^') at += line_at(body_, at).size() + 1;
    records.push_back({line.substr(name_at), body_.substr(start, at - start)});
    if (records.size() > 1 && records[records.size() - 2].name >= records.back().name) in_order = false;
  }
  if (in_order) return;
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.name < b.name; });
  auto sorted = std::make_shared<std::string>();
  sorted->reserve(body_.size());
  for (const Record& record : records) sorted->append(record.text);
  body_ = *sorted;
  owner_ = std::move(sorted);
}

void PackedSnapshot::die_bad_line(std::string_view from) const { die("unexpected line in %s: %s", path_, line_at(from, 0)); }

std::size_t PackedSnapshot::lower_bound(std::string_view name) const {
  const std::size_t name_at = hex_size(algo_) + 1;
  std::size_t low = 0, high = body_.size();  // both at starts of records
  while (low < high) {
    std::size_t middle = low + (high - low) / 2;
    for (;;) {  // back to the start of the record
      std::size_t newline = middle > low ? body_.rfind('\n', middle - 1) : std::string_view::npos;
      middle = newline == std::string_view::npos || newline < low ? low : newline + 1;
      if (middle == low || body_[middle] != '^') break;
      --middle;
    }
    std::string_view line = line_at(body_, middle);
    if (line.size() <= name_at) die_bad_line(body_.substr(middle));
    if (line.substr(name_at) < name) {
      low = middle + line.size() + 1;
      while (low < high && body_[low] == '^') low += line_at(body_, low).size() + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

PackedEntry PackedSnapshot::entry_at(std::size_t* at) const {
  std::string_view line = line_at(body_, *at);
  std::string_view rest = line;
  PackedEntry entry;
  auto oid = ObjectId::parse_prefix(rest, algo_);
  if (!oid || rest.size() < 2 || !is_space(rest[0])) die_bad_line(body_.substr(*at));
  entry.oid = *oid;
  entry.name = rest.substr(1);
  *at += line.size() + 1;
  entry.peel_known = fully_peeled_ || (peeled_ && starts_with(entry.name, "refs/tags/"));
  if (*at < body_.size() && body_[*at] == '^') {
    std::string_view peel_line = line_at(body_, *at);
    auto peeled = ObjectId::from_hex(peel_line.substr(1), algo_);
    if (!peeled) die_bad_line(body_.substr(*at));
    entry.peeled = *peeled;
    entry.peel_known = true;
    *at += peel_line.size() + 1;
  }
  return entry;
}

std::optional<PackedEntry> PackedSnapshot::find(std::string_view name) const {
  std::size_t at = lower_bound(name);
  if (at >= body_.size()) return std::nullopt;
  PackedEntry entry = entry_at(&at);
  if (entry.name != name) return std::nullopt;
  return entry;
}

namespace {

// The first hex digits of a line as one number: nearly always enough to tell that it isn't the one.
std::uint64_t leading_digits(const char* hex) {
  std::uint64_t digits;
  std::memcpy(&digits, hex, sizeof digits);
  return digits;
}

}  // namespace

std::size_t PackedSnapshot::find_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                                             const std::function<bool(const PackedEntry&)>& fn) const {
  if (oids.empty()) return 0;
  // One digit pair picks the numbers to compare with, of which there is rarely more than one.
  std::vector<std::uint64_t> buckets[256];
  auto bucket_of = [&](const char* hex) -> std::vector<std::uint64_t>& {
    return buckets[static_cast<unsigned char>(hex[0] * 31 + hex[1] * 7 + hex[2])];
  };
  for (const ObjectId& oid : oids) {
    std::string hex = oid.hex();
    bucket_of(hex.data()).push_back(leading_digits(hex.data()));
  }
  const std::size_t name_at = hex_size(algo_) + 1;
  std::size_t count = 0, entry = 0;
  for (std::size_t at = lower_bound(prefix); at < body_.size();) {
    const char* line = body_.data() + at;
    const void* newline = std::memchr(line, '\n', body_.size() - at);
    std::size_t size = static_cast<std::size_t>(static_cast<const char*>(newline) - line);
    bool is_peeled = line[0] == '^';
    if (size < (is_peeled ? name_at : name_at + 1)) die_bad_line(body_.substr(at));
    if (!is_peeled) {
      if (std::string_view(line + name_at, size - name_at).substr(0, prefix.size()) != prefix) break;
      entry = at;
      ++count;
    }
    at += size + 1;
    const char* hex = line + (is_peeled ? 1 : 0);
    const auto& bucket = bucket_of(hex);
    if (bucket.empty() || std::find(bucket.begin(), bucket.end(), leading_digits(hex)) == bucket.end()) continue;
    std::size_t end = entry;
    PackedEntry found = entry_at(&end);
    bool matches = std::any_of(oids.begin(), oids.end(),
                               [&](const ObjectId& oid) { return is_peeled ? found.peeled == oid : found.oid == oid; });
    if (matches && !fn(found)) break;
  }
  return count;
}

bool PackedSnapshot::Cursor::next(PackedEntry& entry) {
  if (at_ >= snapshot_->body_.size()) return false;
  entry = snapshot_->entry_at(&at_);
  return true;
}

void PackedSnapshot::Cursor::seek(std::string_view start) { at_ = snapshot_->lower_bound(start); }

PackedRefsFile::Stamp PackedRefsFile::stamp_of(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) < 0 || S_ISDIR(st.st_mode)) return {};
  auto ns = [](const timespec& t) { return t.tv_sec * 1000000000LL + t.tv_nsec; };
  return {ns(st.st_mtim), ns(st.st_ctim), static_cast<std::uint64_t>(st.st_size), static_cast<std::uint64_t>(st.st_ino), true};
}

std::shared_ptr<const PackedSnapshot> PackedRefsFile::snapshot() {
  Stamp now = stamp_of(path_);
  if (snapshot_ && now == stamp_) return snapshot_;
  stamp_ = now;
  auto map = std::make_shared<MappedFile>();
  if (now.exists) {
    Result<MappedFile> opened = MappedFile::open(path_);
    if (opened)
      *map = std::move(*opened);
    else if (opened.error().kind != ErrorKind::missing)
      die("couldn't read %s: %s", path_, opened.error().message);
  }
  std::string_view text = map->bytes();
  // As people see it from where they are.
  std::optional<std::string_view> below = path_below(path_, current_dir());
  snapshot_ = std::make_shared<PackedSnapshot>(text, std::move(map), below ? std::string(*below) : path_, algo_);
  return snapshot_;
}

std::string packed_refs_header() { return "# pack-refs with: peeled fully-peeled sorted \n"; }

void append_packed_entry(std::string& out, std::string_view name, const ObjectId& oid, const std::optional<ObjectId>& peeled) {
  out.append(oid.hex()).append(" ").append(name).append("\n");
  if (peeled) out.append("^").append(peeled->hex()).append("\n");
}

}  // namespace git
