// Frames are pushed and popped as a walk goes down and up, so that each .gitignore is read once.  What stands in an ignored
// directory can't be brought back: its own .gitignore is not even read.
#include "index/exclude-stack.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "index/index-state.h"
#include "odb.h"
#include "repository.h"

namespace git {

ExcludeStack::ExcludeStack(Index& index) : index_(index) {}

void ExcludeStack::push(std::string base) {
  auto frame = std::make_unique<Frame>();
  frame->base = std::move(base);
  if (!frames_.empty()) frame->excluded = frames_.back()->excluded;
  if (!frame->excluded && !frame->base.empty()) {
    std::string_view directory = std::string_view(frame->base).substr(0, frame->base.size() - 1);
    const IgnorePattern* pattern = match(directory, DT_DIR);
    if (pattern && !(pattern->flags & kPatternNegative)) frame->excluded = pattern;
  }
  if (!frame->excluded && !per_directory.empty()) {
    std::string path = frame->base + per_directory;
    frame->list.source = path;
    UniqueFd fd = open_fd(path, O_RDONLY | O_NOFOLLOW);
    std::optional<std::string> text;
    if (fd) {
      if (Result<std::string> bytes = read_fd(fd.get())) text = std::move(*bytes);
    } else if (errno == ELOOP) {
      warning_errno("unable to access '%s'", path);
    } else if (IndexEntry* entry = index_.find(path); entry && entry->skip_worktree) {
      if (Result<ObjectData> data = index_.repo().odb().read(entry->oid)) text = std::move(data->data);
    }
    if (text) {
      frame->oid = index_.repo().odb().hash(ObjectType::blob, *text);
      add_patterns_from_buffer(frame->list, *text, frame->base);
    }
  }
  frames_.push_back(std::move(frame));
}

void ExcludeStack::enter(std::string_view directory) {
  icase = index_.internals().settings.ignore_case;
  while (!frames_.empty() && !starts_with(directory, frames_.back()->base)) frames_.pop_back();
  if (frames_.empty()) push("");
  for (std::size_t at = directory.find('/', frames_.back()->base.size()); at != std::string_view::npos;
       at = directory.find('/', at + 1))
    push(std::string(directory.substr(0, at + 1)));
}

const IgnorePattern* ExcludeStack::match(std::string_view path, unsigned char type) {
  for (auto it = command_line.rbegin(); it != command_line.rend(); ++it)
    if (const IgnorePattern* p = last_matching_pattern(**it, path, type, icase)) return p;
  for (auto it = frames_.rbegin(); it != frames_.rend(); ++it)
    if (const IgnorePattern* p = last_matching_pattern((*it)->list, path, type, icase)) return p;
  for (auto it = files.rbegin(); it != files.rend(); ++it)
    if (const IgnorePattern* p = last_matching_pattern(**it, path, type, icase)) return p;
  return nullptr;
}

const IgnorePattern* ExcludeStack::last_matching(std::string_view path, unsigned char type) {
  enter(path.substr(0, path.rfind('/') + 1));
  if (frames_.back()->excluded) return frames_.back()->excluded;
  return match(path, type);
}

ObjectId ExcludeStack::per_directory_oid(std::string_view directory) {
  enter(directory);
  return frames_.back()->base == directory ? frames_.back()->oid : ObjectId();
}

}  // namespace git
