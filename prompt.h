// Asking the person at the terminal for one line, or an askpass program in their stead (gitcredentials(7),
// "REQUESTING CREDENTIALS").
#pragma once

#include <string>

namespace git {

class Config;

enum PromptFlag : unsigned {
  kPromptAskpass = 1u << 0,  // GIT_ASKPASS, core.askPass and SSH_ASKPASS go before the terminal
  kPromptEcho = 1u << 1,     // what is typed may be seen
};
// Dies "could not read <prompt>: ..." where nobody can be asked.
std::string git_prompt(const Config& config, const std::string& prompt, unsigned flags);

}  // namespace git
