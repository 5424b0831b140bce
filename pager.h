// Long output goes through a pager where it goes to a terminal (git(1) "GIT_PAGER", git-config(1) "core.pager",
// "pager.<cmd>").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Config;

// GIT_PAGER, core.pager, PAGER, less; nullopt where that is "cat" or nothing.
std::optional<std::string> pager_program(const Config& config, bool stdout_is_tty);
// Starts it, where stdout is a terminal, and points stdout (and stderr, where that is one too) at it. `program` is what
// pager.<cmd> names, "" the usual one. It is waited for at the end of the program.
void setup_pager(const Config& config, const std::string& program = {});
bool is_pager_in_use();
// pager.<cmd>: -1 unset, 0 no, 1 yes; a text is a program, stored in `program`.
int configured_pager(const Config& config, std::string_view command, std::string* program);
// For commands that decide late (kDelayPagerConfig): `choice` (Invocation::pager_choice) where it is known, else
// pager.<cmd>, else `fallback`; then acts on it.
void setup_auto_pager(int& choice, const Config& config, std::string_view command, bool fallback);

int term_columns();  // $COLUMNS, the terminal's width, 80

}  // namespace git
