// Advice: "hint: ..." lines that people can turn off one by one (git-config(1), "advice.*").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;

// `key` in camel case as the manual writes it: "nestedTag", "diverging". GIT_ADVICE=0 turns everything off.
bool advice_enabled(Config& config, std::string_view key);
// Shows the text where it is wanted, and how to turn it off.
void advise_if_enabled(Config& config, std::string_view key, std::string_view text);
// Shows the text whatever the configuration says.
void advise(std::string_view text, bool use_color = false);
// All keys, for listings.
const std::vector<std::string_view>& advice_keys();

}  // namespace git
