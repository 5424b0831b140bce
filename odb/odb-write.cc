// Writing objects.  What is here already is not written again, but touched, so that a prune that runs meanwhile
// sees that somebody wants it.
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "base/tempfile.h"
#include "hash/hasher.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

bool touch(const std::string& path) { return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0; }

// Is the object here, and could it be made young?
bool freshen(OdbState& state, const ObjectId& oid) {
  const OdbSnapshot& snapshot = state.snapshot();
  if (auto place = state.find_packed_in(snapshot, oid)) {
    if (!place->pack->is_cruft() && touch(place->pack->path())) return true;
  }
  for (const auto& source : snapshot.sources)
    if (touch(path_join(source.path, odb::loose_name(oid)))) return true;
  return false;
}

std::string header_of(ObjectType type, std::uint64_t size) {
  std::string header = strf("%s %u", type_name(type), size);
  header.push_back('\0');
  return header;
}

void note_written(OdbState& state, const ObjectId& oid) {
  std::lock_guard lock(state.mutex);
  if (auto& names = state.loose_names[oid.data()[0]]) names->insert(oid);
}

}  // namespace

ObjectId ObjectDatabase::hash(ObjectType type, std::string_view data) const { return hash_object(algo(), type_name(type), data); }

Result<ObjectId> ObjectDatabase::write(ObjectType type, std::string_view data) {
  ObjectId oid = hash(type, data);
  if (freshen(*state_, oid)) return oid;
  std::string deflated = odb::deflate_loose(state_->options.loose_compression, header_of(type, data.size()), data);
  auto written = odb::write_loose_file(state_->options, state_->write_dir(), oid, deflated);
  if (!written) return written.error();
  note_written(*state_, oid);
  return oid;
}

Result<ObjectId> ObjectDatabase::write_loose(ObjectType type, std::string_view data, std::int64_t mtime) {
  ObjectId oid = hash(type, data);
  std::string deflated = odb::deflate_loose(state_->options.loose_compression, header_of(type, data.size()), data);
  auto written = odb::write_loose_file(state_->options, state_->write_dir(), oid, deflated, mtime);
  if (!written) return written.error();
  note_written(*state_, oid);
  return oid;
}

Result<ObjectId> ObjectDatabase::write_stream(ObjectType type, std::uint64_t size,
                                              const std::function<ssize_t(void*, std::size_t)>& reader) {
  if (size <= (1u << 20)) {
    std::string data(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < data.size()) {
      ssize_t n = reader(data.data() + have, data.size() - have);
      if (n < 0) return make_error(ErrorKind::io, "read error: %s", std::strerror(errno));
      if (n == 0) return make_error(ErrorKind::io, "short read");
      have += static_cast<std::size_t>(n);
    }
    return write(type, data);
  }
  // The name is known only at the end, so the file starts where any object could be.
  const std::string dir = state_->write_dir();
  auto temp = Tempfile::from_pattern(dir + "/tmp_obj_XXXXXX", 0, 0444);
  if (!temp) {
    if (errno == EACCES)
      return make_error(ErrorKind::io, "insufficient permission for adding an object to repository database %s",
                        display_path(dir));
    return make_error(ErrorKind::io, "unable to create temporary file: %s", std::strerror(errno));
  }
  z_stream stream{};
  if (deflateInit(&stream, state_->options.loose_compression) != Z_OK) die("deflateInit failed");
  struct EndDeflate {
    z_stream& stream;
    ~EndDeflate() { deflateEnd(&stream); }
  } end{stream};
  Hasher hasher(algo());
  std::string in = header_of(type, size), out(1u << 16, '\0');
  std::uint64_t left = size;
  for (;;) {
    hasher.update(in);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    int status;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      status = deflate(&stream, left ? Z_NO_FLUSH : Z_FINISH);
      if (!temp->write(std::string_view(out).substr(0, out.size() - stream.avail_out)))
        return make_error(ErrorKind::io, "unable to write loose object file: %s", std::strerror(errno));
    } while (left ? stream.avail_in > 0 : status != Z_STREAM_END);
    if (!left) break;
    in.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, 1u << 16)));
    ssize_t n = reader(in.data(), in.size());
    if (n < 0) return make_error(ErrorKind::io, "read error: %s", std::strerror(errno));
    if (n == 0) return make_error(ErrorKind::io, "short read");
    in.resize(static_cast<std::size_t>(n));
    left -= static_cast<std::uint64_t>(n);
  }
  ObjectId oid = hasher.finish();
  if (freshen(*state_, oid)) return oid;
  bool sync = state_->options.fsync_components & static_cast<unsigned>(FsyncComponent::loose_object);
  if ((sync && !temp->sync()) || !temp->close())
    return make_error(ErrorKind::io, "error when closing loose object file: %s", std::strerror(errno));
  std::string target = path_join(dir, odb::loose_name(oid));
  if (!make_leading_dirs(target)) return make_error(ErrorKind::io, "unable to create directory: %s", std::strerror(errno));
  if (int shared = state_->options.shared_repository) {
    adjust_shared_perm(std::string(path_dirname(target)), shared);
    adjust_shared_perm(temp->path(), shared);
  }
  if (!temp->rename_to(target))
    return make_error(ErrorKind::io, "unable to write file %s: %s", display_path(target), std::strerror(errno));
  note_written(*state_, oid);
  return oid;
}

void ObjectDatabase::pretend(const ObjectId& oid, ObjectData data) {
  std::lock_guard lock(state_->mutex);
  state_->pretended.emplace(oid, std::move(data));
  state_->has_pretended.store(true, std::memory_order_release);
}

}  // namespace git
