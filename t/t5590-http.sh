#!/bin/sh
test_description='git over http: smart in every version, dumb, WebDAV, credentials'

TEST_NO_CREATE_REPO=t
. ./test-lib.sh
. "$TEST_DIRECTORY"/lib-httpd.sh
start_httpd

test_expect_success 'a repository behind the web server' '
	git init -q work && test_commit -C work one && test_commit -C work two && git -C work tag -m note note &&
	git clone -q --bare work "$HTTPD_ROOT/www/repo.git" &&
	git -C "$HTTPD_ROOT/www/repo.git" config http.receivepack true &&
	git -C "$HTTPD_ROOT/www/repo.git" update-server-info &&
	chmod -R a+rwX "$HTTPD_ROOT/www"
'

for version in 0 1 2
do
	test_expect_success "clone, fetch, push and delete in version $version" '
		git config --global protocol.version '$version' &&
		git clone -q "$HTTPD_URL/smart/repo.git" c'$version' && git -C c'$version' fsck --strict &&
		test_commit -C c'$version' "v'$version'" && git -C c'$version' push -q origin HEAD:refs/heads/v'$version' &&
		git -C work fetch -q "$HTTPD_URL/smart/repo.git" v'$version' &&
		test "$(git -C work rev-parse FETCH_HEAD)" = "$(git -C c'$version' rev-parse HEAD)" &&
		git -C c'$version' push -q origin :refs/heads/v'$version' &&
		git ls-remote "$HTTPD_URL/smart/repo.git" >refs && test_grep ! heads/v'$version' refs
	'
done

test_expect_success 'shallow, deepened, and without blobs until they are needed' '
	git -C "$HTTPD_ROOT/www/repo.git" config uploadpack.allowFilter true &&
	git clone -q --depth=1 "$HTTPD_URL/smart/repo.git" shallow &&
	test "$(git -C shallow rev-list --count HEAD)" = 1 && git -C shallow fetch -q --unshallow &&
	test "$(git -C shallow rev-list --count HEAD)" = 2 &&
	git clone -q --no-checkout --filter=blob:none "$HTTPD_URL/smart/repo.git" partial &&
	git -C partial cat-file blob HEAD:two.t >actual && test_cmp work/two.t actual
'

test_expect_success 'a request that is not small travels compressed, a large one in chunks' '
	git init -q many && (
		cd many &&
		for i in $(test_seq 100)
		do
			test_write_lines "commit refs/heads/b$i" "committer A <a@example.com> $i +0000" "data 0" ""
		done | git fast-import --quiet &&
		git config protocol.version 0 && git config fetch.negotiationAlgorithm consecutive &&
		GIT_TRACE_CURL=$PWD/trace git fetch -q "$HTTPD_URL/smart/repo.git" main && test_grep "Content-Encoding: gzip" trace &&
		test-tool genrandom seed 200000 >big && git add big && git commit -q -m big &&
		GIT_TRACE_CURL=$PWD/trace GIT_TRACE_CURL_NO_DATA=1 git -c http.postBuffer=1 push -q "$HTTPD_URL/smart/repo.git" HEAD:refs/heads/big &&
		test_grep "Transfer-Encoding: chunked" trace
	)
'

test_expect_success 'credentials: asked for once, shown to nobody' '
	write_script askpass <<-\SCRIPT &&
	echo "$1" >>"$TRASH_DIRECTORY/asked"
	case "$1" in Username*) echo user@host ;; *) echo pass@host ;; esac
	SCRIPT
	GIT_ASKPASS=$PWD/askpass && export GIT_ASKPASS TRASH_DIRECTORY &&
	git config --global protocol.version 2 &&
	GIT_TRACE_CURL=$PWD/trace git clone -q "$HTTPD_URL/auth/repo.git" auth && test_line_count = 2 asked &&
	test_grep "Authorization: Basic <redacted>" trace && test_grep ! "Authorization: Basic [A-Za-z0-9]" trace &&
	test_commit -C auth secret && git -C auth -c http.postBuffer=1 push -q origin HEAD:refs/heads/secret
'

test_expect_success 'what was refused is forgotten' '
	git config --global credential.helper "store --file=\"$PWD/store\"" &&
	echo "$HTTPD_URL" | sed "s,//,//user%40host:wrong@," >store &&
	test_must_fail git ls-remote "$HTTPD_URL/auth/repo.git" 2>err && test_grep "Authentication failed" err &&
	test_must_be_empty store && git ls-remote "$HTTPD_URL/auth/repo.git" && test_grep "user%40host:pass%40host@" store
'

test_expect_success 'a server of files: loose objects, packs, and what is not there' '
	git clone -q "$HTTPD_URL/dumb/repo.git" dumb && git -C dumb fsck && test_cmp work/two.t dumb/two.t &&
	git -C "$HTTPD_ROOT/www/repo.git" repack -q -a -d && git -C "$HTTPD_ROOT/www/repo.git" update-server-info &&
	chmod -R a+rwX "$HTTPD_ROOT/www" &&
	git clone -q "$HTTPD_URL/dumb/repo.git" packed && git -C packed fsck &&
	test_must_fail git clone -q "$HTTPD_URL/dumb/none.git" 2>err && test_grep "repository .* not found" err
'

test_expect_success 'push by WebDAV' '
	git init -q --bare "$HTTPD_ROOT/www/dav.git" && git -C "$HTTPD_ROOT/www/dav.git" update-server-info &&
	chmod -R a+rwX "$HTTPD_ROOT/www" &&
	git -C work push -q "$HTTPD_URL/dav/dav.git" HEAD:refs/heads/a/b note && git clone -q --bare "$HTTPD_URL/dav/dav.git" out &&
	git -C out fsck && test "$(git -C out rev-parse refs/heads/a/b)" = "$(git -C work rev-parse HEAD)" &&
	git -C work commit -q --amend -m other && test_must_fail git -C work push "$HTTPD_URL/dav/dav.git" HEAD:refs/heads/a/b 2>err &&
	test_grep rejected err && git -C work push -q "$HTTPD_URL/dav/dav.git" :refs/heads/a/b &&
	git ls-remote "$HTTPD_URL/dav/dav.git" >refs && test_grep ! heads refs
'

test_expect_success 'the program itself does not carry libcurl' '
	if command -v ldd >/dev/null
	then
		ldd "$GIT_BUILD_DIR/git" >libraries && test_grep ! curl libraries
	fi
'

test_done
