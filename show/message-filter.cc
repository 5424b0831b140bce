// Header patterns see the name and address of one header line, body patterns see each line of the message.
#include "show/message-filter.h"

#ifdef HAVE_LIBPCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "object/object.h"
#include "repository.h"
#include "show/encoding.h"
#include "show/mailmap.h"
#include "walk/commit-pool.h"
#include "walk/reflog-walk.h"

namespace git {

struct MessageFilter::Matcher {
  virtual ~Matcher() = default;
  virtual bool matches(std::string_view line) const = 0;
};

namespace {

template <class Base>
struct FixedMatcher : Base {
  std::string text;
  bool fold = false;
  bool matches(std::string_view line) const override {
    if (!fold) return line.find(text) != std::string_view::npos;
    return lowercase(line).find(lowercase(text)) != std::string::npos;
  }
};
template <class Base>
struct RegexMatcher : Base {
  explicit RegexMatcher(Regex r) : regex(std::move(r)) {}
  Regex regex;
  bool matches(std::string_view line) const override { return regex.matches(line); }
};
#ifdef HAVE_LIBPCRE2
template <class Base>
struct PerlMatcher : Base {
  pcre2_code* code = nullptr;
  ~PerlMatcher() override { pcre2_code_free(code); }
  bool matches(std::string_view line) const override {
    pcre2_match_data* data = pcre2_match_data_create_from_pattern(code, nullptr);
    int n = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(line.data()), line.size(), 0, PCRE2_NO_UTF_CHECK, data, nullptr);
    pcre2_match_data_free(data);
    return n >= 0;
  }
};
#endif

}  // namespace

void MessageFilter::read_config(Config& config) {
  if (auto type = config.get_string("grep.patterntype")) {
    if (*type == "extended") {
      syntax = Syntax::extended;
      return;
    }
    if (*type == "fixed") {
      syntax = Syntax::fixed;
      return;
    }
    if (*type == "perl") {
      syntax = Syntax::perl;
      return;
    }
    if (*type == "basic") return;
    if (*type != "default") die("bad grep.patternType argument: %s", *type);
  }
  if (config.get_bool("grep.extendedregexp").value_or(false)) syntax = Syntax::extended;
}

MessageFilter::List MessageFilter::compile_list(const std::vector<std::string>& patterns) const {
  List list;
  for (const std::string& text : patterns)
    for (std::string_view pattern : split(text, '\n')) {
      bool special = pattern.find_first_of("\\^$.[*+?{()|") != std::string_view::npos;
      if (syntax == Syntax::fixed || (!special && !pattern.empty() && !ignore_case)) {
        auto m = std::make_shared<FixedMatcher<Matcher>>();
        m->text = std::string(pattern);
        m->fold = ignore_case;
        list.push_back(std::move(m));
        continue;
      }
      if (syntax == Syntax::perl) {
#ifdef HAVE_LIBPCRE2
        auto m = std::make_shared<PerlMatcher<Matcher>>();
        int code = 0;
        PCRE2_SIZE at = 0;
        std::uint32_t options = PCRE2_MULTILINE | (ignore_case ? PCRE2_CASELESS : 0);
        if (is_utf8_name(output_encoding)) options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
        m->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &code, &at, nullptr);
        if (!m->code) {
          PCRE2_UCHAR message[256];
          pcre2_get_error_message(code, message, sizeof message);
          die("command line, '%s': %s", pattern, reinterpret_cast<const char*>(message));
        }
        list.push_back(std::move(m));
        continue;
#else
        die("cannot use Perl-compatible regexes when not compiled with USE_LIBPCRE");
#endif
      }
      unsigned flags =
          (syntax == Syntax::extended ? Regex::kExtended : 0u) | (ignore_case ? Regex::kIgnoreCase : 0u) | Regex::kNewline;
      Result<Regex> regex = Regex::compile(std::string(pattern), flags);
      if (!regex) die("command line, '%s': %s", pattern, regex.error().message);
      list.push_back(std::make_shared<RegexMatcher<Matcher>>(std::move(*regex)));
    }
  return list;
}

void MessageFilter::compile() {
  body_matchers_ = compile_list(body_);
  author_matchers_ = compile_list(author_);
  committer_matchers_ = compile_list(committer_);
  reflog_matchers_ = compile_list(reflog_);
}

bool MessageFilter::matches(Repository& repo, const Commit* commit) const {
  Result<std::string> raw = repo.commits().read_buffer(commit);
  if (!raw) return false;
  std::string buffer = reencode_commit(*raw, output_encoding);
  Result<CommitHeader> header = parse_commit(buffer, repo.algo());
  if (!header) return false;
  auto any = [](const auto& matchers, std::string_view line) {
    for (const auto& m : matchers)
      if (m->matches(line)) return true;
    return false;
  };
  auto person = [&](const auto& matchers, std::string_view line) {
    std::optional<IdentLine> ident = split_ident_line(line);
    if (!ident) return any(matchers, line);
    std::string name(ident->name), mail(ident->mail);
    if (mailmap) mailmap->map(name, mail);
    return any(matchers, strf("%s <%s>", name, mail));
  };
  bool ok = true;
  if (!author_matchers_.empty()) ok = ok && person(author_matchers_, header->author);
  if (!committer_matchers_.empty()) ok = ok && person(committer_matchers_, header->committer);
  if (!reflog_matchers_.empty()) ok = ok && reflog && reflog->has_current() && any(reflog_matchers_, reflog->message());
  if (ok && !body_matchers_.empty()) {
    std::string text(header->message);
    if (notes) text += notes(commit);
    std::vector<std::string_view> lines = split_lines(text);
    if (all_match) {
      for (const auto& m : body_matchers_) {
        bool hit = false;
        for (std::string_view line : lines) hit = hit || m->matches(line);
        ok = ok && hit;
      }
    } else {
      bool hit = false;
      for (std::string_view line : lines)
        if (any(body_matchers_, line)) {
          hit = true;
          break;
        }
      ok = hit;
    }
  }
  return ok != invert;
}

}  // namespace git
