// From a filled queue to output.
#pragma once

namespace git {

struct DiffOptions;

// Breaks, renames, pickaxe, order, statuses, filter.
void diffcore_std(DiffOptions& options);
// Writes through options.write, and empties the queue.
void diff_flush(DiffOptions& options);

}  // namespace git
