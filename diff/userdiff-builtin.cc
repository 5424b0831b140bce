// The drivers that need no config (gitattributes(5), "Defining a custom hunk-header"), by name. A pattern takes the line that
// starts a function, class or section of the language; lines in front with "!" take away what only looks like one.
#include "diff/userdiff.h"

namespace git {

// Every word pattern ends in this: any other visible byte, or a whole UTF-8 character.
#define ONE_CHAR "|[^[:space:]]|[\xc0-\xff][\x80-\xbf]+"

const std::vector<BuiltinDriver>& builtin_drivers() {
  static const std::vector<BuiltinDriver> drivers = {
      {"ada",
       "!^.*([ \t]|^)(renames|is[ \t]+(new|separate))([ \t;].*)?$\n"
       "!^[ \t]*with[ \t]\n"
       "^[ \t]*((procedure|function|package|protected|task)[ \t].*)$",
       "[a-zA-Z][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|=>|\\.\\.|\\*\\*|:=|/=|>=|<=|<<|>>|<>" ONE_CHAR, true},
      {"bash",
       "^[ \t]*((function[ \t]+[^ \t(){}]+([ \t]*\\([ \t]*\\))?|[a-zA-Z_][a-zA-Z0-9_]*[ \t]*\\([ \t]*\\))[ "
       "\t]*((\\{|\\(\\(?|\\[\\[).*)?)$",
       "(\\$|--?)?[a-zA-Z_][a-zA-Z0-9_]*|\\$?[0-9]+|\\$[@*#?!$_-]|[-+*/%&|^<>=!]=|&&|\\|\\||<<|>>|\\+\\+|--|;;" ONE_CHAR, false},
      {"bibtex", "(@[a-zA-Z]+[ \t]*\\{?[ \t]*[^ \t\\\"@',\\\\#}{~%]*)", "[={}\\\"]|[^={}\\\" \t]+" ONE_CHAR, false},
      {"cpp",
       "!^[ \t]*[A-Za-z_][A-Za-z_0-9]*:[ \t\r]*($|/[/*])\n"
       "^((::[ \t]*)?[A-Za-z_].*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|0[xXbB][0-9a-fA-F']+[lLuU]*|[0-9][0-9.']*([Ee][-+]?[0-9]+)?[fFlLuU]*|\\.[0-9][0-9]*([Ee][-+]?[0-9]"
       "+)?[fFlL]?|[-+*/<>%&^|=!]=|--|\\+\\+|<<=?|>>=?|&&|\\|\\||::|->\\*?|\\.\\*|<=>" ONE_CHAR,
       false},
      {"csharp",
       "!(^|[ \t]+)(do|while|for|foreach|if|else|new|default|return|switch|case|throw|catch|using|lock|fixed|await)([ \t(]|$)\n"
       "!^[^=(]*=[^>]\n"
       "^[ "
       "\t]*(((public|private|protected|internal|static|virtual|override|abstract|sealed|async|new|unsafe|readonly|partial|"
       "extern|ref|volatile)[ \t]+)*[][<>@.?,~A-Za-z0-9_]+([ \t]+[][<>@.?,~A-Za-z0-9_]+)*[ \t]*\\([^;]*\\)?[^;]*)$\n"
       "^[ \t]*(((public|private|protected|internal|static|virtual|override|abstract|sealed|new|unsafe|readonly|required)[ "
       "\t]+)+[][<>@.?,A-Za-z0-9_ ]+[^;=:,()]*(=>.*)?)$\n"
       "^[ \t]*(((public|private|protected|internal|static|abstract|sealed|partial|unsafe|new|file|readonly|ref)[ "
       "\t]+)*(class|enum|interface|struct|record)[ \t].*)$\n"
       "^[ \t]*(namespace[ \t].*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?[fFlL]?|0[xXbB]?[0-9a-fA-F]+[lL]?|[-+*/"
       "<>%&^|=!]=|--|\\+\\+|<<=?|>>=?|&&|\\|\\||::|->" ONE_CHAR,
       false},
      {"css",
       "![:;][ \t\r]*$\n"
       "^[:[@.#]?[_a-z0-9].*$",
       "-?[_a-zA-Z][-_a-zA-Z0-9]*|-?[0-9]+|#[0-9a-fA-F]+" ONE_CHAR, true},
      {"dts",
       "!;\n"
       "!=\n"
       "^[ \t]*((/[ \t]*\\{|&?[a-zA-Z_]).*)",
       "[a-zA-Z0-9,._+?#-]+|[-+*/%&^|!~]|>>|<<|&&|\\|\\|" ONE_CHAR, false},
      {"elixir", "^[ \t]*((def(macro|module|impl|protocol|delegate|guard|exception|struct)?p?|test|describe)[ \t].*)$",
       "[@:]?[a-zA-Z0-9@_?!]+|[-+]?0[xob][0-9a-fA-F]+|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|:?(\\+\\+|--|\\.\\.|~~~|<>|\\^\\^\\^|<?\\|>?"
       "|<<<?|>?>>|<<?~|~>?>|<~>|<=|>=|===?|!==?|=~|&&&?|\\|\\|\\|?|=>|<-|\\\\\\\\|->)|:?%[A-Za-z0-9_.]\\{\\}?" ONE_CHAR,
       false},
      {"fortran",
       "!^([C*]|[ \t]*!)\n"
       "!^[ \t]*module[ \t]+procedure[ \t]\n"
       "^[ \t]*((end[ \t]+)?(program|module|block[ \t]+data|([^!'\\\" \t]+[ \t]+)*(subroutine|function))[ \t]+[a-z].*)$",
       "[a-zA-Z][a-zA-Z0-9_]*|\\.([Ee][Qq]|[Nn][Ee]|[Gg][TtEe]|[Ll][TtEe]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Aa][Nn][Dd]|[Oo]"
       "[Rr]|[Nn]?[Ee][Qq][Vv]|[Nn][Oo][Tt])\\.|[-+]?[0-9.]+([AaIiDdEeFfLlTtXx][-+]?[0-9.]*)?(_[a-zA-Z0-9][a-zA-Z0-9_]*)?|//"
       "|\\*\\*|::|[/<>=]=" ONE_CHAR,
       true},
      {"fountain", "^((\\.[^.]|(int|ext|est|int\\.?/ext|i/e)[. ]).*)$", "[^ \t-]+" ONE_CHAR, true},
      {"golang",
       "^[ \t]*(func[ \t]*.*)\n"
       "^[ \t]*(type[ \t].*(struct|interface)[ \t]*(\\{.*)?)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?i?|0[xX]?[0-9a-fA-F]+i?|[-+*/"
       "<>%&^|=!:]=|--|\\+\\+|<<=?|>>=?|&\\^=?|&&|\\|\\||<-|\\.\\.\\." ONE_CHAR,
       false},
      {"html", "^[ \t]*(<[Hh][1-6]([ \t].*)?>.*)$", "[^<>= \t]+" ONE_CHAR, false},
      {"ini", "^[ \t]*\\[[^]]+\\]", "[^ \t]+" ONE_CHAR, false},
      {"java",
       "!^[ \t]*(catch|do|for|if|instanceof|new|return|switch|throw|while)([^A-Za-z0-9_]|$)\n"
       "^[ \t]*(([a-z-]+[ \t]+)*(class|enum|interface|record)[ \t].*)$\n"
       "^[ \t]*(((<[^(]*>|[A-Za-z_<>&][][?&<>.,A-Za-z_0-9]*)[ \t]+)+[A-Za-z_][A-Za-z_0-9]*[ \t]*\\([^;]*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?[fFlL]?|0[xXbB]?[0-9a-fA-F]+[lL]?|[-+*/"
       "<>%&^|=!]=|--|\\+\\+|<<=?|>>>?=?|&&|\\|\\|" ONE_CHAR,
       false},
      {"kotlin", "^[ \t]*(([a-z]+[ \t]+)*(fun|class|interface|object)[ \t].*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|0[xXbB][0-9a-fA-F_]+[lLuU]*|[0-9][0-9_]*([.][0-9_]*)?([Ee][-+]?[0-9]+)?[fFlLuU]*|\\.[0-9][0-9_]*(["
       "Ee][-+]?[0-9]+)?[fFlLuU]?|[-+*/<>%&^|=!]==?|--|\\+\\+|<<=?|>>=?|&&|\\|\\||->|\\.\\*|!!|[?:.][.:]" ONE_CHAR,
       false},
      {"markdown", "^ {0,3}#{1,6}([ \t].*)?$", "[^<>= \t]+" ONE_CHAR, false},
      {"matlab", "^[ \t]*((classdef|function)[ \t].*)$|^(%%%?|##)[ \t].*$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|[=~<>]=|\\.[*/\\^']|\\|\\||&&" ONE_CHAR, false},
      {"objc",
       "!^[ \t]*(do|for|if|else|return|switch|while)([^A-Za-z0-9_]|$)\n"
       "^[ \t]*([-+][ \t]*\\([ \t]*[A-Za-z_][A-Za-z_0-9* \t]*\\)[ \t]*[A-Za-z_].*)$\n"
       "^[ \t]*(([A-Za-z_][A-Za-z_0-9]*[ \t]+)+[A-Za-z_][A-Za-z_0-9]*[ \t]*\\([^;]*)$\n"
       "^(@(implementation|interface|protocol)[ \t].*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?[fFlL]?|0[xXbB]?[0-9a-fA-F]+[lL]?|[-+*/"
       "<>%&^|=!]=|--|\\+\\+|<<=?|>>=?|&&|\\|\\||::|->" ONE_CHAR,
       false},
      {"pascal",
       "^(((class[ \t]+)?(procedure|function)|constructor|destructor|interface|implementation|initialization|finalization)[ "
       "\t]*.*)$\n"
       "^(.*=[ \t]*(class|record).*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|0[xXbB]?[0-9a-fA-F]+|<>|<=|>=|:=|\\.\\." ONE_CHAR, false},
      {"perl",
       "^package .*\n"
       "^sub [A-Za-z0-9_':]+[ \t]*(\\([^)]*\\)[ \t]*)?(:[^;#]*)?(\\{[ \t]*)?(#.*)?$\n"
       "^(BEGIN|END|INIT|CHECK|UNITCHECK|AUTOLOAD|DESTROY)[ \t]*(\\{[ \t]*)?(#.*)?$\n"
       "^=head[0-9] .*",
       "[A-Za-z_][A-Za-z0-9_]*|0[xb]?[0-9a-fA-F_]*|[0-9a-fA-F_]+(\\.[0-9a-fA-F_]+)?([eE][-+]?[0-9_]+)?|=>|-["
       "rwxoRWXOezsfdlpSugkbctTBMAC>]|~~|::|&&=|\\|\\|=|//=|\\*\\*=|&&|\\|\\||//|\\+\\+|--|\\*\\*|\\.\\.\\.?|[-+*/"
       "%.^&<>=!|]=|=~|!~|<<|<>|<=>|>>" ONE_CHAR,
       false},
      {"php",
       "^[\t ]*(((public|protected|private|static|abstract|final)[\t ]+)*function.*)$\n"
       "^[\t ]*((((final|abstract)[\t ]+)?class|enum|interface|trait).*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|0[xXbB]?[0-9a-fA-F]+|[-+*/"
       "<>%&^|=!.]=|--|\\+\\+|<<=?|>>=?|===|&&|\\|\\||::|->" ONE_CHAR,
       false},
      {"python", "^[ \t]*((class|(async[ \t]+)?def)[ \t].*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?[jJlL]?|0[xX]?[0-9a-fA-F]+[lL]?|[-+*/<>%&^|=!]=|//"
       "=?|<<=?|>>=?|\\*\\*=?" ONE_CHAR,
       false},
      {"r", "^[ \t]*([a-zA-Z][a-zA-Z0-9_.]*[ \t]*(<-|=)[ \t]*function.*)$", "[^ \t]+" ONE_CHAR, false},
      {"ruby", "^[ \t]*((class|module|def)[ \t].*)$",
       "(@|@@|\\$)?[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|0[xXbB]?[0-9a-fA-F]+|\\?(\\\\C-)?(\\\\M-)?.|//=?|[-+*/"
       "<>%&^|=!]=|<<=?|>>=?|===|\\.{1,3}|::|[!=]~" ONE_CHAR,
       false},
      {"rust",
       "^[\t ]*((pub(\\([^)]+\\))?[\t ]+)?((async|const|unsafe|extern([\t ]+\\\"[^\\\"]+\\\")?)[\t "
       "]+)*(struct|enum|union|mod|trait|fn|impl|macro_rules!)[< \t]+[^;]*)$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[0-9][0-9_a-fA-Fiosuxz]*(\\.([0-9]*[eE][+-]?)?[0-9_fF]*)?|[-+*/"
       "<>%&^|!=:]=|<<=?|>>=?|&&|\\|\\||->|=>|\\.{2}=|\\.{3}|::" ONE_CHAR,
       false},
      {"scheme",
       "^[\t ]*(\\(((define|def(struct|syntax|class|method|rules|record|proto|alias)?)[-*/ \t]|(library|module|struct|class)[*+ "
       "\t]).*)$",
       "\\|([^\\\\]*)\\||[^][)(}{ \t]+" ONE_CHAR, false},
      {"swift",
       "^[ \t]*((@[a-zA-Z_]+(\\([^)]*\\))?[ \t]+)*(([a-z]+(\\([a-z]+\\))?)[ "
       "\t]+)*((func|class|struct|enum|protocol|extension|actor|subscript|init|deinit|macro|init[?!]?)([^a-zA-Z0-9_:.].*)?))$",
       "[a-zA-Z_][a-zA-Z0-9_]*|[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|0[xXbBoO][0-9a-fA-F_]+|[-+*/"
       "<>%&^|=!]=|<<=?|>>=?|&&|\\|\\||->|\\.\\.[.<]|\\?\\?" ONE_CHAR,
       false},
      {"tex", "^(\\\\((sub)*section|chapter|part)\\*?\\{.*)$", "\\\\[a-zA-Z@]+|\\\\.|([a-zA-Z0-9]|[^\x01-\x7f])+" ONE_CHAR,
       false},
  };
  return drivers;
}

}  // namespace git
