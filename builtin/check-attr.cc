// git check-attr: the attributes of paths.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/attr.h"
#include "index/pathspec.h"
#include "object-name.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("check-attr", cmd_check_attr, kSetup)

namespace git {

int cmd_check_attr(Invocation& inv) {
  Repository& repo = inv.repo();
  bool all = false, cached = false, use_stdin = false, nul = false;
  std::optional<std::string> source;
  Options o({"git check-attr [--source <tree-ish>] [-a | --all | <attr>...] [--] <pathname>...",
             "git check-attr --stdin [-z] [--source <tree-ish>] [-a | --all | <attr>...]"});
  o.boolean('a', "all", &all, N_("report all attributes set on file"));
  o.boolean(0, "cached", &cached, N_("use .gitattributes only from the index"));
  o.boolean(0, "stdin", &use_stdin, N_("read file names from stdin"));
  o.boolean('z', "", &nul, N_("terminate input and output records by a NUL character"));
  o.string(0, "source", &source, "<tree-ish>", N_("which tree-ish to check attributes at"), kOptLiteralArgHelp);
  std::vector<std::string> args = o.parse(inv.args, inv.prefix_or_empty(), kKeepDashDash);
  auto usage_error = [&](const char* message) {
    error("%s", message);
    o.usage_with_options();
  };
  Index index = Index::read(repo);
  std::ptrdiff_t dash = -1;
  for (std::size_t i = 0; i < args.size() && dash < 0; ++i)
    if (args[i] == "--") dash = static_cast<std::ptrdiff_t>(i);
  std::size_t count = 0, first = 0;
  if (all) {
    if (dash >= 1) usage_error("Attributes and --all both specified");
    first = dash == 0 ? 1 : 0;
  } else if (dash == 0) {
    usage_error("No attribute specified");
  } else if (dash < 0) {
    if (args.empty()) usage_error("No attribute specified");
    if (use_stdin)
      count = first = args.size();
    else
      count = first = 1;
  } else {
    count = static_cast<std::size_t>(dash);
    first = count + 1;
  }
  if (use_stdin) {
    if (first < args.size()) usage_error("Can't specify files with --stdin");
  } else if (first >= args.size()) {
    usage_error("No file specified");
  }
  std::vector<std::string> names(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(count));
  for (const std::string& name : names)
    if (!is_valid_attr_name(name)) return error("%s: not a valid attribute name", name);
  AttributeReader reader(repo, &index, cached ? AttrDirection::index : AttrDirection::checkin);
  if (source) {
    std::optional<ObjectId> oid = get_oid(repo, *source, NameHint::treeish, true);
    std::optional<ObjectId> tree = oid ? peel_to_type(repo, *oid, ObjectType::tree, true) : std::nullopt;
    if (!tree) die("%s: not a valid tree-ish source", *source);
    reader.set_source(*tree);
  }
  bool quote_high = repo.config().get_bool_or("core.quotepath", true);
  auto show = [&](const std::string& path, const std::string& name, const AttrValue& value) {
    std::string text = value.is_set() ? "set" : value.is_unset() ? "unset" : value.has_value() ? value.value : "unspecified";
    if (nul) {
      for (const std::string& part : {path, name, text}) out(part), out(std::string_view("\0", 1));
    } else {
      outf("%s: %s: %s\n", quote_c_style(path, quote_high), name, text);
    }
  };
  auto check = [&](const std::string& path) {
    std::string full = prefix_path(repo, inv.prefix_or_empty(), path);
    if (all) {
      for (const auto& [name, value] : reader.all(full)) show(path, name, value);
      return;
    }
    std::vector<AttrValue> values = reader.get(full, names);
    for (std::size_t i = 0; i < names.size(); ++i) show(path, names[i], values[i]);
  };
  if (!use_stdin) {
    for (std::size_t i = first; i < args.size(); ++i) check(args[i]);
    return 0;
  }
  LineReader lines(0, nul ? '\0' : '\n');
  for (std::string line; lines.next(line);) {
    if (!nul && !line.empty() && line[0] == '"') {
      std::string_view rest = line;
      std::optional<std::string> plain = unquote_c_style(rest);
      if (!plain) die("line is badly quoted");
      line = std::move(*plain);
    }
    check(line);
    flush_out();
  }
  return 0;
}

}  // namespace git
