// Names of the four kinds of object.
#include "object/object.h"

namespace git {

std::string_view type_name(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return "commit";
    case ObjectType::tree:
      return "tree";
    case ObjectType::blob:
      return "blob";
    case ObjectType::tag:
      return "tag";
    default:
      return "";
  }
}

ObjectType parse_type_name(std::string_view name) {
  for (ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
    if (name == type_name(type)) return type;
  return ObjectType::bad;
}

}  // namespace git
