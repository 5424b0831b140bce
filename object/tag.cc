// Annotated tags: object, type, tag, tagger (missing in very old ones), an empty line, the message.
#include "base/strings.h"
#include "object/object.h"

namespace git {

Result<TagHeader> parse_tag(std::string_view bytes, HashAlgo algo) {
  const Error bad{ErrorKind::corrupt, "bad tag object"};
  TagHeader tag;
  std::string_view rest = bytes;
  auto line_behind = [&](std::string_view key, std::string_view& value) {
    std::string_view at = rest;
    if (!skip_prefix(at, key)) return false;
    std::size_t end = at.find('\n');
    if (end == std::string_view::npos) return false;
    value = at.substr(0, end);
    rest = at.substr(end + 1);
    return true;
  };
  std::string_view object, type;
  if (!line_behind("object ", object)) return bad;
  auto oid = ObjectId::from_hex(object, algo);
  if (!oid || !line_behind("type ", type)) return bad;
  tag.object = *oid;
  tag.type = parse_type_name(type);
  if (tag.type == ObjectType::bad) return make_error(ErrorKind::corrupt, "unknown tag type '%s'", type);
  if (!line_behind("tag ", tag.name)) return bad;
  line_behind("tagger ", tag.tagger);
  tag.message = commit_message(bytes);
  return tag;
}

}  // namespace git
