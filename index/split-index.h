// The shared part of a split index (gitformat-index(5), "Split index"), and what has to be put in
// order before an index is written or after it was read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index.h"
#include "index/index-format.h"

namespace git {

void read_link_extension(Index& index, std::string_view data);
std::string format_link_extension(Index& index);
void prepare_split_for_writing(Index& index);
std::vector<FormatEntry> entries_to_write(Index& index);
// Is there a shared file that what is written builds on?
bool is_split_for_writing(Index& index);
// Splits the index when it is next written, or makes it whole; `anew`: with a new shared file.
void set_split_index(Index& index, bool wanted, bool anew);

// Settings of the repository that change what was read: core.splitIndex, sparse checkout.
void finish_reading(Index& index);

// The whole file with its checksum. `shared` writes a sharedindex file's content.
std::string format_index(Index& index, const std::vector<FormatEntry>& entries, bool shared, bool strip_extensions,
                         ObjectId* checksum);

}  // namespace git
