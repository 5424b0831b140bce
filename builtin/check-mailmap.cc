// git check-mailmap: the proper names and addresses of people.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "show/mailmap.h"

GIT_BUILTIN("check-mailmap", cmd_check_mailmap, kSetup)

namespace git {

int cmd_check_mailmap(Invocation& inv) {
  bool from_stdin = false;
  std::optional<std::string> file, blob;
  Options options({"git check-mailmap [<options>] <contact>..."});
  options.boolean(0, "stdin", &from_stdin, "also read contacts from stdin");
  options.filename(0, "mailmap-file", &file, "read additional mailmap entries from file");
  options.string(0, "mailmap-blob", &blob, "blob", "read additional mailmap entries from blob");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.empty() && !from_stdin) die("no contacts specified");
  Repository& repo = inv.repo();
  Mailmap map = Mailmap::read(repo);
  if (blob) {
    std::optional<ObjectId> oid = get_oid(repo, *blob, NameHint::none, true);
    Result<ObjectData> data = oid ? repo.odb().read(*oid) : Result<ObjectData>(make_error(ErrorKind::missing, "missing"));
    if (data && data->type == ObjectType::blob)
      map.add_text(data->data);
    else if (data)
      error("mailmap is not a blob: %s", *blob);
    else if (oid)
      error("unable to read mailmap object at %s", *blob);
  }
  if (file) {
    if (Result<std::string> text = read_file(*file))
      map.add_text(*text);
    else
      error("unable to open mailmap at %s: %s", *file, "No such file or directory");
  }
  auto check = [&](const std::string& contact) {
    std::string name, mail;
    std::size_t open = contact.find('<'), close = contact.rfind('>');
    if (open != std::string::npos && close != std::string::npos && close > open) {
      name = std::string(trim(std::string_view(contact).substr(0, open)));
      mail = contact.substr(open + 1, close - open - 1);
    } else {
      mail = contact;
    }
    map.map(name, mail);
    if (!name.empty()) outf("%s ", name);
    outf("<%s>\n", mail);
  };
  for (const std::string& contact : args) check(contact);
  if (from_stdin) {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) {
      check(line);
      flush_out();
    }
  }
  return 0;
}

}  // namespace git
