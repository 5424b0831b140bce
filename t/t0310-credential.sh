#!/bin/sh
test_description='credentials: configuration, helpers and the person, in that order, and no newline gets through'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh

PATH=$TRASH_DIRECTORY/bin:$PATH
mkdir bin

test_expect_success 'helpers and an askpass program' '
	write_script bin/git-credential-half <<-\SCRIPT &&
	cat >>half.log
	test "$1" = get && echo username=half
	SCRIPT
	write_script bin/git-credential-token <<-\SCRIPT &&
	cat >token.log
	echo "capability[]=authtype"
	echo authtype=Bearer
	echo credential=sesame
	SCRIPT
	write_script askpass <<-\SCRIPT &&
	echo "$1" >>asked
	echo answer
	SCRIPT
	GIT_ASKPASS=$TRASH_DIRECTORY/askpass && export GIT_ASKPASS
'

fill () {
	test_write_lines "$@" | git credential fill
}

test_expect_success 'what a helper leaves open is asked for' '
	git config --global credential.helper half &&
	fill url=https://example.com/x.git >actual &&
	test_write_lines protocol=https host=example.com username=half password=answer >expect &&
	test_cmp expect actual &&
	echo "Password for '\''https://half@example.com'\'': " >expect && test_cmp expect asked
'

test_expect_success 'a token is for those who understand it' '
	test_config_global credential.helper token &&
	fill "capability[]=authtype" protocol=https host=example.com >actual &&
	test_grep credential=sesame actual && test_grep "capability\[\]=authtype" token.log &&
	fill protocol=https host=example.com >actual && test_grep ! sesame actual
'

test_expect_success 'the longest match does not matter, the last one does' '
	git config --global credential.helper half &&
	test_config_global "credential.https://*.example.com.username" wide &&
	test_config_global credential.https://a.example.com/team.username narrow &&
	fill url=https://a.example.com/team/x.git >actual && test_grep username=half actual &&
	git config --global --unset credential.helper &&
	fill url=https://a.example.com/team/x.git >actual && test_grep username=narrow actual &&
	fill url=https://a.example.com/teamwork >actual && test_grep username=wide actual &&
	fill url=https://a.b.example.com/ >actual && test_grep username=answer actual
'

test_expect_success 'no URL smuggles in a line' '
	test_must_fail git credential fill 2>err <<-\INPUT &&
	url=https://example.com%0ahost=victim/
	INPUT
	test_grep "contains a newline in its host" err
'

test_expect_success 'credential-store: a file of URLs, rewritten as a whole' '
	git config --global credential.helper "store --file=store" &&
	test_write_lines "https://old:secret@one.example" "not a url" >store &&
	test_write_lines protocol=https host=two.example "username=me@home" "password=a:b/c" | git credential approve &&
	test_grep "https://me%40home:a%3Ab%2Fc@two.example" store && test_grep "not a url" store &&
	fill protocol=https host=two.example >actual && test_grep "password=a:b/c" actual &&
	test_write_lines protocol=https host=two.example | git credential reject &&
	test_grep ! two.example store && test_grep one.example store
'

test_expect_success 'credential-cache: remembers, forgets in time, and goes when told' '
	mkdir -m 700 sockets &&
	git config --global credential.helper "cache --timeout=1 --socket=\"$TRASH_DIRECTORY/sockets/s\"" &&
	test_write_lines protocol=https host=three.example username=u password=p | git credential approve &&
	fill protocol=https host=three.example >actual && test_grep password=p actual &&
	sleep 2 && fill protocol=https host=three.example >actual && test_grep password=answer actual &&
	git credential-cache --socket="$TRASH_DIRECTORY/sockets/s" exit && test_path_is_missing sockets/s
'

test_expect_success 'a socket that others may look at is refused' '
	mkdir -m 755 open && test_must_fail git credential-cache--daemon "$TRASH_DIRECTORY/open/s" 2>err &&
	test_grep "too loose" err
'

test_expect_success 'nobody to ask' '
	git config --global --unset credential.helper &&
	test_must_fail env GIT_ASKPASS= GIT_TERMINAL_PROMPT=0 git credential fill 2>err <<-\INPUT &&
	protocol=https
	host=example.com
	INPUT
	test_grep "could not read Username .*terminal prompts disabled" err
'

test_done
