// git mktag: a tag object from standard input, checked more strictly than fsck does.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "config.h"
#include "config/fsck-config.h"
#include "odb.h"

GIT_BUILTIN("mktag", cmd_mktag, kSetup)

namespace git {

int cmd_mktag(Invocation& inv) {
  bool strict = true;
  Options parser({"git mktag"});
  parser.boolean(0, "strict", &strict, "enable more strict checking");
  parser.parse(inv.args, inv.prefix_or_empty());

  std::string bytes = read_fd(0).take_or_die();
  Repository& repo = inv.repo();
  FsckOptions options = fsck_options_from_config(repo.config(), "fsck", repo.algo());
  options.is_strict = strict;
  if (!options.severities.count(FsckMessage::extra_header_entry))
    options.severities[FsckMessage::extra_header_entry] = FsckSeverity::warn;
  auto report = [&](const FsckFinding& finding) {
    if (finding.severity == FsckSeverity::warn && !strict) {
      errf("warning: tag input does not pass fsck: %s\n", finding.text);
      return false;
    }
    errf("error: tag input does not pass fsck: %s\n", finding.text);
    return true;
  };
  ObjectId tagged;
  ObjectType tagged_type = ObjectType::bad;
  if (fsck_tag(ObjectId::null(repo.algo()), bytes, repo.algo(), options, report, &tagged, &tagged_type))
    die("tag on stdin did not pass our strict fsck check");

  ObjectDatabase& odb = repo.odb();
  auto object = odb.read(tagged, 0);
  if (!object) die("could not read tagged object '%s'", tagged);
  if (object->type != tagged_type)
    die("object '%s' tagged as '%s', but is a '%s' type", tagged, type_name(tagged_type), type_name(object->type));
  auto written = odb.write(ObjectType::tag, bytes);
  if (!written) {
    error("%s", written.error().message);
    die("unable to write tag file");
  }
  outf("%s\n", *written);
  return 0;
}

}  // namespace git
