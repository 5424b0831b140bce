// The grammar of config files (git-config(1), "Syntax"), as a stream of events that know where in the text they stand;
// the writer needs the places, everybody else only the entries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git::config {

enum class EventKind { section, entry, comment, whitespace, end, error };

struct Event {
  EventKind kind = EventKind::end;
  std::size_t begin = 0, end = 0;    // bytes [begin, end) of the text; an entry's newline belongs to it
  int line = 1;                      // of an entry's last line, or of the error
  std::string key;                   // section: "core", "remote.Origin"; entry: with the variable's name
  std::optional<std::string> value;  // of an entry
};

class Reader {
 public:
  explicit Reader(std::string_view text);
  Event next();

 private:
  int get();  // -1 at the end; "\r\n" reads as '\n'
  int peek() const;
  Event fail(Event event);
  bool read_section(Event& event);
  bool read_subsection();
  bool read_value(std::string& value);

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool last_was_newline_ = false;
  std::string section_;
};

}  // namespace git::config
