// The rules are applied remote by remote; a remote is accepted under the name the server gave it, which may be another
// one here ("remote.<name>.advertisedAs").
#include "promisor-capability.h"

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "net/url.h"
#include "remote.h"
#include "repository.h"
#include "walk/object-filter.h"

namespace git {

namespace {

// Everything printable but what separates.
constexpr std::string_view kPlain = "!\"#$&'()*+-./:<=>?@[\\]^_`{|}~";

bool is_promisor(Config& config, const std::string& name) {
  return config.get_bool_or("remote." + name + ".promisor", false) || config.find("remote." + name + ".partialclonefilter");
}

bool has_field(const std::vector<std::string>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) { return iequals(field, name); });
}

// promisor.sendFields and its kin: names apart by commas or spaces; only two are known.
std::vector<std::string> field_list(Config& config, const std::string& key) {
  std::vector<std::string> fields;
  const std::string text = replace_all(config.get_string_or(key, ""), " ", ",");
  for (std::string_view part : split(text, ',')) {
    if (part.empty()) continue;
    if (iequals(part, "partialclonefilter") || iequals(part, "token"))
      fields.emplace_back(part);
    else
      warning(_("unsupported field '%s' in '%s' config"), part, key);
  }
  return fields;
}

std::vector<AdvertisedPromisor> own_promisors(Config& config, const std::vector<std::string>& fields) {
  std::vector<AdvertisedPromisor> list;
  for (const std::string& name : config.subsections("remote")) {
    std::string url = config.get_string_or("remote." + name + ".url", "");
    if (url.empty() || !is_promisor(config, name)) continue;
    AdvertisedPromisor one{name, url, {}, {}};
    if (has_field(fields, "partialclonefilter")) one.filter = config.get_string_or("remote." + name + ".partialclonefilter", "");
    if (has_field(fields, "token")) one.token = config.get_string_or("remote." + name + ".token", "");
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

std::vector<AdvertisedPromisor> parse_promisor_advertisement(std::string_view value) {
  std::vector<AdvertisedPromisor> list;
  for (std::string_view entry : split(value, ';')) {
    AdvertisedPromisor one;
    for (std::string_view pair : split(entry, ',')) {
      std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos) continue;
      std::string_view key = pair.substr(0, equals);
      std::string text = url_decode(pair.substr(equals + 1));
      if (key == "name")
        one.name = std::move(text);
      else if (key == "url")
        one.url = std::move(text);
      else if (iequals(key, "partialclonefilter"))
        one.filter = std::move(text);
      else if (iequals(key, "token"))
        one.token = std::move(text);
    }
    if (!one.name.empty() && !one.url.empty())
      list.push_back(std::move(one));
    else if (!entry.empty())
      warning(_("server advertised a promisor remote without a name or URL: '%s', ignoring this remote"), entry);
  }
  return list;
}

std::string promisor_advertisement(Config& config) {
  if (!config.get_bool_or("promisor.advertise", false)) return {};
  std::string value;
  for (const AdvertisedPromisor& one : own_promisors(config, field_list(config, "promisor.sendfields"))) {
    if (!value.empty()) value += ';';
    value += "name=" + url_encode(one.name, kPlain) + ",url=" + url_encode(one.url, kPlain);
    if (!one.filter.empty()) value += ",partialCloneFilter=" + url_encode(one.filter, kPlain);
    if (!one.token.empty()) value += ",token=" + url_encode(one.token, kPlain);
  }
  return value;
}

bool accepts_promisor(Config& config, std::string_view reply) {
  bool any = false;
  for (std::string_view word : split(reply, ';')) {
    std::string name = url_decode(word);
    if (name.empty()) continue;
    if (is_promisor(config, name))
      any = true;
    else
      warning(_("accepted promisor remote '%s' not found"), name);
  }
  return any;
}

namespace {

// What the client decides.
class PromisorChoice {
 public:
  explicit PromisorChoice(Repository& repo)
      : config_(repo.config()),
        file_(repo.common_dir() + "/config"),
        check_fields_(field_list(config_, "promisor.checkfields")),
        store_fields_(field_list(config_, "promisor.storefields")) {
    std::string rule = config_.get_string_or("promisor.acceptfromserver", "None");
    if (iequals(rule, "all"))
      rule_ = Rule::all;
    else if (iequals(rule, "knownname"))
      rule_ = Rule::known_name;
    else if (iequals(rule, "knownurl"))
      rule_ = Rule::known_url;
    else if (!rule.empty() && !iequals(rule, "none"))
      warning(_("unknown '%s' value for '%s' config option"), rule, "promisor.acceptfromserver");
    read_url_patterns();
  }

  PromisorReply answer(const std::vector<AdvertisedPromisor>& offered) {
    PromisorReply reply;
    ObjectFilter filter;
    for (const AdvertisedPromisor& one : offered) {
      std::string local = one.name;
      if (!accepts(one) && !accepts_url(one, local)) continue;
      if (!reply.value.empty()) reply.value += ';';
      reply.value += url_encode(one.name, kPlain);
      reply.accepted.push_back(local);
      store(one, local);
      if (!one.filter.empty())
        if (auto added = add_object_filter(filter, one.filter); !added) warning("%s", added.error().message);
    }
    if (filter.is_set()) reply.filter = expand_object_filter(filter);
    if (has_stored_) config_.reload();
    return reply;
  }

 private:
  enum class Rule { none, known_name, known_url, all };
  struct UrlPattern {
    std::string name;  // of the remote to make, "" for any
    std::string pattern;
  };

  // "[<name>=]<pattern>".
  void read_url_patterns() {
    for (const std::string& text : config_.get_strings("promisor.acceptfromserverurl")) {
      UrlPattern one;
      std::size_t equals = text.find('='), scheme = text.find("://");
      if (equals != std::string::npos && (scheme == std::string::npos || equals < scheme)) {
        one.name = text.substr(0, equals);
        if (!is_valid_remote_name(one.name) || one.name.find(' ') != std::string::npos) {
          warning(_("invalid remote name '%s' in '%s' config"), one.name, "promisor.acceptFromServerUrl");
          continue;
        }
        one.pattern = url_decode(text.substr(equals + 1));
      } else {
        one.pattern = url_decode(text);
      }
      url_patterns_.push_back(std::move(one));
    }
  }

  std::string configured(const std::string& name, const char* key) const {
    return config_.get_string_or("remote." + name + "." + key, "");
  }

  bool has_checked_fields(const AdvertisedPromisor& one) const {
    if (has_field(check_fields_, "partialclonefilter") && configured(one.name, "partialclonefilter") != one.filter) return false;
    return !has_field(check_fields_, "token") || configured(one.name, "token") == one.token;
  }

  bool accepts(const AdvertisedPromisor& one) const {
    if (rule_ == Rule::none) return false;
    if (rule_ == Rule::all) return has_checked_fields(one);
    if (!is_promisor(config_, one.name)) return false;
    if (configured(one.name, "url").empty()) return false;
    if (rule_ == Rule::known_url && configured(one.name, "url") != one.url) {
      warning(_("known remote named '%s' but with URL '%s' instead of '%s', ignoring this remote"), one.name,
              configured(one.name, "url"), one.url);
      return false;
    }
    return has_checked_fields(one);
  }

  // A URL the user trusts: the remote is made where there is none. `local` becomes its name here.
  bool accepts_url(const AdvertisedPromisor& one, std::string& local) {
    const UrlPattern* match = nullptr;
    for (const UrlPattern& each : url_patterns_)
      if (!match && wildmatch(each.pattern, one.url)) match = &each;
    if (!match) return false;
    if (is_promisor(config_, one.name)) {
      if (configured(one.name, "url") != one.url) return false;
      return has_checked_fields(one);
    }
    local = find_or_name_remote(one, match->name);
    return true;
  }

  // The remote that has this URL already, under the wanted name or that with a number; else a new one.
  std::string find_or_name_remote(const AdvertisedPromisor& one, const std::string& wanted) {
    std::string base = wanted;
    if (base.empty()) {
      base = "promisor-auto-";
      for (char c : one.url) base += is_alnum(c) ? to_lower(c) : '-';
    }
    std::string name = base;
    for (int n = 1; n < 1000; n++) {
      std::string url = configured(name, "url");
      if (url.empty() || url == one.url) break;
      name = strf("%s-%d", base, n);
    }
    if (configured(name, "url").empty()) set(name, "url", one.url);
    set(name, "promisor", "true");
    set(name, "advertisedAs", one.name);
    return name;
  }

  void set(const std::string& name, const char* key, const std::string& value) {
    config_set_in_file(file_, strf("remote.%s.%s", name, key), value);
    has_stored_ = true;
  }

  void store(const AdvertisedPromisor& one, const std::string& local) {
    if (!is_promisor(config_, local)) return;
    if (has_field(store_fields_, "partialclonefilter") && parse_object_filter(one.filter).ok())
      store_field(local, "filter", "partialCloneFilter", configured(local, "partialclonefilter"), one.filter);
    bool is_plain = std::all_of(one.token.begin(), one.token.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (has_field(store_fields_, "token") && is_plain)
      store_field(local, "token", "token", configured(local, "token"), one.token);
  }

  void store_field(const std::string& name, const char* what, const char* key, const std::string& before,
                   const std::string& now) {
    if (now.empty() || before == now) return;
    set(name, key, now);
    errf(_("Storing new %s from server for remote '%s'.\n    '%s' -> '%s'\n"), what, name, before, now);
  }

  Config& config_;
  std::string file_;
  Rule rule_ = Rule::none;
  std::vector<UrlPattern> url_patterns_;
  std::vector<std::string> check_fields_, store_fields_;
  bool has_stored_ = false;
};

}  // namespace

PromisorReply answer_promisor_advertisement(Repository& repo, std::string_view advertised) {
  return PromisorChoice(repo).answer(parse_promisor_advertisement(advertised));
}

}  // namespace git
