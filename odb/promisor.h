// What a promisor remote sent us, as opposed to what is merely promised (ObjectDatabase::is_promisor_object()).
#pragma once

#include "hash/object-id.h"

namespace git {

class ObjectDatabase;

bool is_in_promisor_pack(ObjectDatabase& odb, const ObjectId& oid);

}  // namespace git
