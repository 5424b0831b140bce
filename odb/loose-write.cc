// Writing loose objects.  The temporary file is in the directory where the object will be, so that publishing
// is one rename; somebody else's copy of the same object is as good as ours.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "base/tempfile.h"
#include "odb/odb-internal.h"

namespace git::odb {

std::string deflate_loose(int level, std::string_view header, std::string_view data) {
  z_stream stream{};
  if (deflateInit(&stream, level) != Z_OK) die("deflateInit failed");
  std::string out(deflateBound(&stream, header.size() + data.size()) + 64, '\0');
  std::size_t filled = 0;
  auto feed = [&](std::string_view bytes, bool last) {
    do {
      constexpr std::size_t kStep = 1u << 30;
      std::size_t in = std::min(bytes.size(), kStep);
      bool is_end = last && in == bytes.size();
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(in);
      int status;
      do {
        if (filled == out.size()) out.resize(out.size() * 2);
        std::size_t room = std::min(out.size() - filled, kStep);
        stream.next_out = reinterpret_cast<Bytef*>(out.data()) + filled;
        stream.avail_out = static_cast<uInt>(room);
        status = deflate(&stream, is_end ? Z_FINISH : Z_NO_FLUSH);
        filled += room - stream.avail_out;
      } while (is_end ? status != Z_STREAM_END : stream.avail_in > 0);
      bytes.remove_prefix(in);
    } while (!bytes.empty());
  };
  feed(header, false);
  feed(data, true);
  deflateEnd(&stream);
  out.resize(filled);
  return out;
}

namespace {

Error write_error(const std::string& dir) {
  if (errno == EACCES)
    return make_error(ErrorKind::io, "insufficient permission for adding an object to repository database %s", display_path(dir));
  return make_error(ErrorKind::io, "unable to create temporary file: %s", std::strerror(errno));
}

}  // namespace

Result<void> write_loose_file(const OdbOptions& options, const std::string& dir, const ObjectId& oid, std::string_view deflated,
                              std::int64_t mtime) {
  std::string target = path_join(dir, loose_name(oid));
  std::string sub(path_dirname(target));
  auto temp = Tempfile::from_pattern(sub + "/tmp_obj_XXXXXX", 0, 0444);
  if (!temp && errno == ENOENT) {
    if (!make_dirs(sub)) return write_error(dir);
    if (options.shared_repository) adjust_shared_perm(sub, options.shared_repository);
    temp = Tempfile::from_pattern(sub + "/tmp_obj_XXXXXX", 0, 0444);
  }
  if (!temp) return write_error(dir);
  bool sync = options.fsync_components & static_cast<unsigned>(FsyncComponent::loose_object);
  if (!temp->write(deflated) || (sync && !temp->sync()))
    return make_error(ErrorKind::io, "unable to write loose object file: %s", std::strerror(errno));
  if (mtime) {
    struct timespec times[2] = {{mtime, 0}, {mtime, 0}};
    if (::futimens(temp->fd(), times) < 0) warning_errno("failed utime() on %s", temp->path());
  }
  if (!temp->close()) return make_error(ErrorKind::io, "error when closing loose object file: %s", std::strerror(errno));
  if (options.shared_repository) adjust_shared_perm(temp->path(), options.shared_repository);
  if (!temp->rename_to(target)) {
    if (errno == EEXIST) return {};
    return make_error(ErrorKind::io, "unable to write file %s: %s", display_path(target), std::strerror(errno));
  }
  return {};
}

}  // namespace git::odb
