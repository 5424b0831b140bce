// Options of the log family that say how commits look and which messages are wanted (git-log(1), "Commit Formatting"
// and "Commit Limiting"), parsed beside those of the walk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "show/decorate.h"
#include "show/mailmap.h"
#include "show/message-filter.h"
#include "show/notes.h"
#include "show/pretty.h"

namespace git {

class Graph;
class RevWalk;

struct DisplayOptions {
  explicit DisplayOptions(RevWalk& walk);
  ~DisplayOptions();

  // How many arguments the option at `at` takes up, 0 where it is none of ours.
  int parse(const std::vector<std::string>& args, std::size_t at);
  // After all arguments: what follows from them. Fills `context`.
  void finish(bool use_color);

  RevWalk& walk;
  PrettyFormat format;
  bool verbose_header = false;  // a format was asked for
  bool format_given = false;    // by an option
  bool abbrev_commit = false, abbrev_commit_given = false;
  int abbrev = -1;
  bool abbrev_given = false;
  DateFormat date;
  bool date_given = false;
  std::string encoding;
  int expand_tabs = -1;  // -1: as the format wants
  bool show_log_size = false, show_signature = false;
  bool wants_graph = false;
  bool show_notes = false, show_notes_given = false;
  NotesDisplay notes_display;
  MessageFilter filter;
  bool use_mailmap = false;
  bool encoding_given = false;

  // made by finish()
  std::shared_ptr<NotesShown> notes;
  std::shared_ptr<Mailmap> mailmap;
  DecorationFilter decoration_filter;
  bool decorate_full = false;
  // Loaded when first asked.
  const Decorations& decorations();
  PrettyContext context;

 private:
  std::shared_ptr<Decorations> decorations_;
};

}  // namespace git
