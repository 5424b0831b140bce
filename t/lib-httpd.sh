# A web server (apache2) in front of repositories, on a free port of 127.0.0.1.  Sourced behind test-lib.sh; a script that
# cannot have the server is skipped with a word, except where CI is set: there it fails.
#
#   $HTTPD_ROOT/www          repositories lie here; everything under it is the web server's to read and write
#   $HTTPD_URL/smart/NAME    our http-backend, for anyone
#   $HTTPD_URL/auth/NAME     the same, for user@host with the password pass@host
#   $HTTPD_URL/stock/NAME    the stock git's http-backend, where there is one
#   $HTTPD_URL/dumb/NAME     the files
#   $HTTPD_URL/dav/NAME      the files, to be written by WebDAV
#   $HTTPD_ROOT/access.log   what was asked, and the answer's status
#
# start_httpd starts it; it ends with the script.

HTTPD_ROOT=$TRASH_DIRECTORY/httpd

find_httpd () {
	for httpd_program in apache2 httpd /usr/sbin/apache2 /usr/sbin/httpd
	do
		command -v "$httpd_program" >/dev/null 2>&1 && break
		httpd_program=
	done
	for httpd_modules in /usr/lib/apache2/modules /usr/lib64/httpd/modules /usr/libexec/apache2 /usr/lib/httpd/modules
	do
		test -d "$httpd_modules" && break
		httpd_modules=
	done
	test -n "$httpd_program" && test -n "$httpd_modules"
}

test_lazy_prereq HTTPD '
	find_httpd && test_have_prereq CURL && test -x "$GIT_BUILD_DIR/git-remote-http"
'

write_httpd_cgi () {
	write_script "$HTTPD_ROOT/ours.cgi" <<-CGI &&
	GIT_EXEC_PATH=$GIT_BUILD_DIR GIT_TEMPLATE_DIR=$GIT_BUILD_DIR/templates/blt
	PATH=$GIT_BUILD_DIR/bin-wrappers:/usr/bin:/bin
	export GIT_EXEC_PATH GIT_TEMPLATE_DIR PATH
	exec git http-backend
	CGI
	write_script "$HTTPD_ROOT/stock.cgi" <<-CGI
	unset GIT_EXEC_PATH GIT_TEMPLATE_DIR
	PATH=$(dirname "${stock_git:-/usr/bin/git}"):/usr/bin:/bin
	export PATH
	exec "${stock_git:-git}" http-backend
	CGI
}

# Apache won't serve as root: there the repositories belong to everyone, and git is told that this is meant.
write_httpd_config () {
	{
		echo "ServerRoot \"$HTTPD_ROOT\""
		echo "ServerName 127.0.0.1"
		echo "Listen 127.0.0.1:$1"
		echo "PidFile \"$HTTPD_ROOT/pid\""
		echo "ErrorLog \"$HTTPD_ROOT/error.log\""
		for module in mpm_prefork unixd alias env setenvif cgi auth_basic authn_core authn_file authz_core authz_user dav dav_fs log_config
		do
			test ! -f "$httpd_modules/mod_$module.so" || echo "LoadModule ${module}_module \"$httpd_modules/mod_$module.so\""
		done
		if test "$(id -u)" = 0
		then
			echo "User $(id -un nobody)"
			echo "Group $(id -gn nobody)"
			echo 'SetEnv GIT_CONFIG_COUNT 1'
			echo 'SetEnv GIT_CONFIG_KEY_0 safe.directory'
			echo 'SetEnv GIT_CONFIG_VALUE_0 *'
		fi
		cat <<-CONFIG
		LogFormat "%m %U%q %>s" asked
		CustomLog "$HTTPD_ROOT/access.log" asked
		DavLockDB "$HTTPD_ROOT/dav-lock"
		DocumentRoot "$HTTPD_ROOT/www"
		SetEnv GIT_PROJECT_ROOT "$HTTPD_ROOT/www"
		SetEnv GIT_HTTP_EXPORT_ALL 1
		SetEnv HOME "$HTTPD_ROOT"
		SetEnv GIT_CONFIG_NOSYSTEM 1
		SetEnv GIT_COMMITTER_NAME "Web Server"
		SetEnv GIT_COMMITTER_EMAIL web@example.com
		SetEnvIf Git-Protocol ".*" GIT_PROTOCOL=\$0
		ScriptAlias /smart/ "$HTTPD_ROOT/ours.cgi/"
		ScriptAlias /auth/ "$HTTPD_ROOT/ours.cgi/"
		ScriptAlias /stock/ "$HTTPD_ROOT/stock.cgi/"
		Alias /dumb/ "$HTTPD_ROOT/www/"
		Alias /dav/ "$HTTPD_ROOT/www/"
		<Directory "$HTTPD_ROOT">
			Options +ExecCGI +FollowSymLinks
			Require all granted
		</Directory>
		<Location /dav/>
			Dav on
		</Location>
		<Location /auth/>
			AuthType Basic
			AuthName git
			AuthUserFile "$HTTPD_ROOT/passwd"
			Require valid-user
		</Location>
		CONFIG
	} >"$HTTPD_ROOT/httpd.conf"
}

start_httpd () {
	if ! test_have_prereq HTTPD
	then
		test -z "$CI" || error 'no apache2 here, which CI must have (make deps-test)'
		skip_all_unless HTTPD 'no apache2 here, or no libcurl'
	fi
	find_httpd
	mkdir -p "$HTTPD_ROOT/www" && write_httpd_cgi || error 'cannot prepare the web server'
	# user@host:pass@host, by crypt(3)
	echo 'user@host:xb4E8pqD81KQs' >"$HTTPD_ROOT/passwd"
	chmod -R a+rwX "$HTTPD_ROOT"
	tries=0
	while test $tries -lt 5
	do
		tries=$((tries + 1))
		port=$("$PERL_PATH" -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
		write_httpd_config "$port" && "$httpd_program" -f "$HTTPD_ROOT/httpd.conf" -k start >&3 2>&4 && break
		test $tries -lt 5 || error 'the web server does not start'
	done
	waited=0
	while ! test -s "$HTTPD_ROOT/pid" && test $waited -lt 50
	do
		waited=$((waited + 1))
		sleep 0.1
	done
	httpd_pid=$(cat "$HTTPD_ROOT/pid") || error 'the web server does not say who it is'
	trap 'stop_httpd; die' EXIT
	HTTPD_URL=http://127.0.0.1:$port
}

# By its process id: the configuration may be gone with the trash already.
stop_httpd () {
	kill "$httpd_pid" 2>/dev/null
	waited=0
	while kill -0 "$httpd_pid" 2>/dev/null && test $waited -lt 50
	do
		waited=$((waited + 1))
		sleep 0.1
	done
}
