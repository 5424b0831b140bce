# Our git against the stock git of this machine, both ways.  Sourced behind test-lib.sh; skips where there is none.
skip_all_unless STOCK_GIT 'no stock git on this machine'

# The functions `ours` and `stock` run that implementation.
stock () { (PATH=$(dirname "$stock_git"):/usr/bin:/bin; unset GIT_EXEC_PATH GIT_TEMPLATE_DIR; "$stock_git" "$@"); }
ours () { "$GIT_BUILD_DIR/bin-wrappers/git" "$@"; }
write_server_wrappers () {
	for service in upload-pack receive-pack
	do
		write_script "$TRASH_DIRECTORY/stock-$service" <<-WRAPPER &&
		PATH=$(dirname "$stock_git"):/usr/bin:/bin
		unset GIT_EXEC_PATH GIT_TEMPLATE_DIR
		exec "$stock_git" $service "\$@"
		WRAPPER
		write_script "$TRASH_DIRECTORY/ours-$service" <<-WRAPPER || return 1
		PATH=$GIT_BUILD_DIR/bin-wrappers:/usr/bin:/bin
		GIT_EXEC_PATH=$GIT_BUILD_DIR
		export GIT_EXEC_PATH
		exec "$GIT_BUILD_DIR/bin-wrappers/git" $service "\$@"
		WRAPPER
	done
}
# A history with branches, a merge, tags, a link and an executable.
make_history () {
	git init -q "$1" &&
	(
		cd "$1" &&
		test_commit one && test_commit two && git checkout -q -b side one && mkdir dir && test_commit three dir/three.t &&
		git checkout -q main && test_tick && git merge -q -m merge side && git tag -a -m annotated v1 &&
		ln -s one.t link && printf '#!/bin/sh\n' >run && chmod +x run && git add link run && test_tick && git commit -q -m modes
	)
}
