// git hash-object: the name that content would have, and on request the object.
#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "builtin.h"
#include "config.h"
#include "config/fsck-config.h"
#include "hash/hasher.h"
#include "index/convert.h"
#include "odb.h"
#include "odb/bulk-checkin.h"
#include "setup.h"

GIT_BUILTIN("hash-object", cmd_hash_object, kSetupGently)

namespace git {
namespace {

struct HashObject {
  Repository* repo = nullptr;
  std::string type = "blob";
  bool write = false, literally = false, no_filters = false;
  HashAlgo algo = HashAlgo::sha1;
  std::unique_ptr<Converter> converter;

  void check(ObjectType object_type, std::string_view bytes) const;
  ObjectId hash_bytes(ObjectType object_type, std::string_view bytes) const;
  ObjectId hash_stream(ObjectType object_type, int fd, std::uint64_t size) const;
  void hash_fd(int fd, const std::optional<std::string>& path);
  void hash_file(const std::string& name, const std::string& path);
};

void HashObject::check(ObjectType object_type, std::string_view bytes) const {
  if (object_type == ObjectType::tree) {
    TreeReader reader(bytes, algo);
    TreeEntry entry;
    while (reader.next(entry)) {
    }
    if (reader.has_error()) error("%s", reader.error());
  }
  FsckOptions options = default_fsck_options();
  options.is_strict = true;
  FsckState state;
  auto report = [](const FsckFinding& finding) {
    error("object fails fsck: %s", finding.text);
    return true;
  };
  if (fsck_object(ObjectId::null(algo), object_type, bytes, options, state, report)) die("refusing to create malformed object");
}

ObjectId HashObject::hash_bytes(ObjectType object_type, std::string_view bytes) const {
  if (!literally && object_type != ObjectType::blob) check(object_type, bytes);
  if (!write) return hash_object(algo, type_name(object_type), bytes);
  auto written = repo->odb().write(object_type, bytes);
  if (!written) error("%s", written.error().message);
  if (!written) die("Unable to add object to database");
  return *written;
}

ObjectId HashObject::hash_stream(ObjectType object_type, int fd, std::uint64_t size) const {
  auto reader = [fd](void* buffer, std::size_t n) { return xread(fd, buffer, n); };
  if (write) {
    BulkCheckin bulk(repo->odb(), BulkLimits{0, repo->config().get_bool_or("pack.writereverseindex", true)});
    if (bulk.takes(size)) {
      ObjectId oid = bulk.add_blob(size, reader).take_or_die();
      bulk.finish();
      return oid;
    }
  }
  if (write) return repo->odb().write_stream(object_type, size, reader).take_or_die();
  Hasher hasher(algo);
  std::string header = strf("%s %u", type_name(object_type), size), buffer(1u << 17, '\0');
  header.push_back('\0');
  hasher.update(header);
  for (std::uint64_t left = size; left;) {
    ssize_t n = reader(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size())));
    if (n <= 0) die("short read while hashing");
    hasher.update(buffer.data(), static_cast<std::size_t>(n));
    left -= static_cast<std::uint64_t>(n);
  }
  return hasher.finish();
}

void HashObject::hash_fd(int fd, const std::optional<std::string>& path) {
  ObjectType object_type = parse_type_name(type);
  if (object_type == ObjectType::bad) die("invalid object type \"%s\"", type);
  bool filter = path && repo && object_type == ObjectType::blob;
  if (filter && !converter) converter = std::make_unique<Converter>(*repo);
  struct stat st;
  if (::fstat(fd, &st) < 0) die_errno("Unable to hash %s", path ? *path : "<stdin>");
  std::uint64_t size = static_cast<std::uint64_t>(st.st_size);
  constexpr std::uint64_t kStreamed = 8u << 20;
  bool is_big = size > kStreamed || (repo && size > repo->odb().options().big_file_threshold);
  if (S_ISREG(st.st_mode) && is_big && object_type == ObjectType::blob && (!filter || !converter->would_convert_to_git(*path))) {
    outf("%s\n", hash_stream(object_type, fd, size));
    return;
  }
  std::string bytes = read_fd(fd).take_or_die();
  if (filter) {
    unsigned flags = write ? kConvertWriteObject | converter->safecrlf_flags() : 0;
    if (auto converted = converter->to_git(*path, bytes, flags)) bytes = std::move(*converted);
  }
  outf("%s\n", hash_bytes(object_type, bytes));
}

void HashObject::hash_file(const std::string& name, const std::string& path) {
  UniqueFd fd = open_fd(name, O_RDONLY);
  if (!fd) die_errno("could not open '%s' for reading", name);
  hash_fd(fd.get(), no_filters ? std::nullopt : std::optional(path));
}

void hash_stdin_paths(HashObject& command, std::string_view prefix) {
  LineReader reader(0);
  std::string line;
  while (reader.next(line)) {
    if (!line.empty() && line[0] == '"') {
      std::string_view rest = line;
      auto unquoted = unquote_c_style(rest);
      if (!unquoted) die("line is badly quoted");
      line = *unquoted;
    }
    std::string name = prefix_filename(prefix, line);
    command.hash_file(name, name);
    flush_out();
  }
}

}  // namespace

int cmd_hash_object(Invocation& inv) {
  HashObject command;
  int stdin_count = 0;
  bool stdin_paths = false;
  std::optional<std::string> path;
  Options options(
      {"git hash-object [-t <type>] [-w] [--path=<file> | --no-filters]\n"
       "                [--stdin [--literally]] [--] <file>...",
       "git hash-object [-t <type>] [-w] --stdin-paths [--no-filters]"});
  options.string('t', "", &command.type, "type", "object type");
  options.boolean('w', "", &command.write, "write the object into the object database");
  options.count_up(0, "stdin", &stdin_count, "read the object from stdin");
  options.boolean(0, "stdin-paths", &stdin_paths, "read file names from stdin");
  options.boolean(0, "no-filters", &command.no_filters, "store file as is without filters");
  options.boolean(0, "literally", &command.literally, "just hash any random garbage to create corrupt objects for debugging Git");
  options.string(0, "path", &path, "file", "process file as it were from this path");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  command.repo = inv.repository.get();
  if (command.write && !command.repo) die("not a git repository (or any of the parent directories): .git");
  if (command.repo) command.algo = command.repo->algo();
  if (path && inv.prefix) path = prefix_filename(*inv.prefix, *path);
  const char* message = nullptr;
  if (stdin_paths) {
    if (stdin_count)
      message = "Can't use --stdin-paths with --stdin";
    else if (!args.empty())
      message = "Can't specify files with --stdin-paths";
    else if (path)
      message = "Can't use --stdin-paths with --path";
  } else {
    if (stdin_count > 1) message = "Multiple --stdin arguments are not supported";
    if (path && command.no_filters) message = "Can't use --path with --no-filters";
  }
  if (message) {
    error("%s", message);
    options.usage_with_options();
  }
  if (stdin_count) command.hash_fd(0, path);
  for (const std::string& arg : args) {
    std::string name = prefix_filename(inv.prefix_or_empty(), arg);
    command.hash_file(name, path ? *path : name);
  }
  if (stdin_paths) hash_stdin_paths(command, inv.prefix_or_empty());
  return 0;
}

}  // namespace git
