# What test scripts call; sourced by test-lib.sh.

# ---- running and counting ----
test_in_list_ () {
	test -z "$1" && return 0
	for range in $(echo "$1" | tr , ' ')
	do
		case $range in
		*-*)
			low=${range%-*} high=${range#*-}
			test "${low:-1}" -le "$2" && test "$2" -le "${high:-999999}" && return 0 ;;
		*) test "$range" = "$2" && return 0 ;;
		esac
	done
	return 1
}

# Runs the body in this shell, so that what it sets stays set.
test_eval_ () {
	eval </dev/null >&3 2>&4 "
		test_cleanup=:
		${trace:+set -x}
		$*
	"
	eval_ret=$?
	{ set +x; } 2>/dev/null
	eval "$test_cleanup" </dev/null >&3 2>&4
	cleanup_ret=$?
	test "$eval_ret" = 0 && eval_ret=$cleanup_ret
	return $eval_ret
}

test_start_ () {
	test_count=$((test_count + 1))
	missing_prereq=
	for prereq in $(echo "$1" | tr , ' ')
	do
		test_have_prereq "$prereq" || missing_prereq="$missing_prereq $prereq"
	done
	if test -n "$missing_prereq"
	then
		test_skipped=$((test_skipped + 1))
		echo "ok $test_count # skip $2 (missing$missing_prereq)" >&5
		return 1
	fi
	if ! test_in_list_ "$run_list" "$test_count"
	then
		test_skipped=$((test_skipped + 1))
		echo "ok $test_count # skip $2 (--run)" >&5
		return 1
	fi
	echo >&3 "expecting: $2"
}

test_expect_success () {
	prereqs=
	if test $# = 3; then prereqs=$1; shift; fi
	test $# = 2 || error "test_expect_success takes 2 or 3 arguments"
	title=$1 body=$2
	test "$body" = - && body=$(cat)
	test_start_ "$prereqs" "$title" || return 0
	if test_eval_ "$body"
	then
		echo "ok $test_count - $title" >&5
	else
		test_failure=$((test_failure + 1))
		echo "not ok $test_count - $title" >&5
		printf '%s\n' "$body" | sed 's/^/#	/' >&5
		test -z "$immediate" || { EXIT_OK=t; exit 1; }
	fi
	cd "$TRASH_DIRECTORY" || error "the trash directory is gone"
}

# A known breakage: counted apart, and told when it works after all.
test_expect_failure () {
	prereqs=
	if test $# = 3; then prereqs=$1; shift; fi
	title=$1 body=$2
	test_start_ "$prereqs" "$title" || return 0
	if test_eval_ "$body"
	then
		test_fixed=$((test_fixed + 1))
		echo "ok $test_count - $title # TODO known breakage vanished" >&5
	else
		test_broken=$((test_broken + 1))
		echo "not ok $test_count - $title # TODO known breakage" >&5
	fi
	cd "$TRASH_DIRECTORY" || error "the trash directory is gone"
}

test_done () {
	EXIT_OK=t
	test $test_fixed = 0 || say "$test_fixed known breakage(s) vanished"
	test $test_broken = 0 || say "still have $test_broken known breakage(s)"
	if test $test_failure = 0
	then
		test $test_count -gt 0 || say "no tests run"
		say "passed all $((test_count - test_broken)) test(s)"
	else
		say "failed $test_failure among $test_count test(s)"
	fi
	echo "1..$test_count" >&5
	cd "$TEST_DIRECTORY" || exit 1
	if test $test_failure = 0
	then
		test -n "$debug" || { chmod -R u+rwx "$TRASH_DIRECTORY" 2>/dev/null; rm -fr "$TRASH_DIRECTORY"; }
		exit 0
	fi
	exit 1
}

# ---- prerequisites ----
test_set_prereq () { satisfied_prereq="$satisfied_prereq$1 "; }
test_lazy_prereq () {
	lazy_prereqs="$lazy_prereqs$1 "
	eval "lazy_prereq_$1=\$2"
}
test_have_prereq () {
	case $1 in
	!*) if test_have_prereq "${1#!}"; then return 1; else return 0; fi ;;
	*,*) for one in $(echo "$1" | tr , ' '); do test_have_prereq "$one" || return 1; done; return 0 ;;
	esac
	case $satisfied_prereq in *" $1 "*) return 0 ;; esac
	case $lazy_prereqs in
	*" $1 "*)
		eval "lazy_body=\$lazy_prereq_$1"
		lazy_dir=$TRASH_DIRECTORY/prereq.$1
		mkdir -p "$lazy_dir"
		if (cd "$lazy_dir" && eval "$lazy_body") >/dev/null 2>&1
		then
			satisfied_prereq="$satisfied_prereq$1 "
		fi
		rm -fr "$lazy_dir"
		lazy_prereqs=$(echo "$lazy_prereqs" | sed "s/ $1 / /")
		case $satisfied_prereq in *" $1 "*) return 0 ;; esac ;;
	esac
	return 1
}
# The rest of the script needs this; where it is missing the script is skipped with a word.
skip_all_unless () {
	if ! test_have_prereq "$1"
	then
		EXIT_OK=t
		echo "1..0 # SKIP $2" >&5
		cd "$TEST_DIRECTORY" && rm -fr "$TRASH_DIRECTORY"
		exit 0
	fi
}

# ---- cleaning up ----
test_when_finished () {
	test_cleanup="{ $*
		} && (exit \"\$eval_ret\"); eval_ret=\$?; $test_cleanup"
}
test_config () {
	config_dir=.
	if test "$1" = -C; then config_dir=$2; shift 2; fi
	test_when_finished "test_unconfig -C '$config_dir' '$1'"
	git -C "$config_dir" config "$@"
}
test_config_global () {
	test_when_finished "test_unconfig --global '$1'"
	git config --global "$@"
}
test_unconfig () {
	config_dir=.
	if test "$1" = -C; then config_dir=$2; shift 2; fi
	git -C "$config_dir" config --unset-all "$@"
	case $? in 0 | 5) return 0 ;; *) return 1 ;; esac
}

# ---- expectations ----
test_must_fail () {
	must_ok=
	case $1 in ok=*) must_ok=${1#ok=}; shift ;; esac
	"$@" 2>&7
	exit_code=$?
	if test $exit_code = 0 && ! test_list_has_ "$must_ok" success
	then
		echo >&4 "test_must_fail: command succeeded: $*"
		return 1
	elif test $exit_code -gt 129 && test $exit_code -le 192 && ! { test $exit_code = 141 && test_list_has_ "$must_ok" sigpipe; }
	then
		echo >&4 "test_must_fail: died by signal $((exit_code - 128)): $*"
		return 1
	elif test $exit_code = 127 || test $exit_code = 126
	then
		echo >&4 "test_must_fail: not to be run: $*"
		return 1
	fi
	return 0
} 7>&2 2>&4
test_list_has_ () { case ",$1," in *",$2,"*) return 0 ;; esac; return 1; }
test_might_fail () { test_must_fail ok=success "$@" 2>&7; } 7>&2 2>&4
test_expect_code () {
	want_code=$1
	shift
	"$@" 2>&7
	exit_code=$?
	test $exit_code = "$want_code" && return 0
	echo >&4 "test_expect_code: exit code $exit_code, wanted $want_code: $*"
	return 1
} 7>&2 2>&4
test_cmp () { diff -u "$@"; }
test_cmp_bin () { cmp "$@"; }
test_cmp_rev () {
	op=''
	if test "$1" = '!'; then op=not; shift; fi
	rev1=$(git rev-parse --verify "$1") && rev2=$(git rev-parse --verify "$2") || return 1
	if test "$rev1" = "$rev2"; then test -z "$op"; else echo "$1 is $rev1, $2 is $rev2"; test -n "$op"; fi
}
test_cmp_config () {
	cmp_dir=.
	if test "$1" = -C; then cmp_dir=$2; shift 2; fi
	want=$1
	shift
	printf '%s\n' "$want" >expect.config && git -C "$cmp_dir" config "$@" >actual.config && test_cmp expect.config actual.config
}
test_grep () {
	negate=
	if test "$1" = '!'; then negate=t; shift; fi
	for last; do :; done
	test -f "$last" || { echo "test_grep: no file $last"; return 1; }
	if test -n "$negate"
	then
		if grep "$@"; then echo "test_grep: found where nothing should be: $*"; return 1; fi
	else
		grep "$@" || { echo "test_grep: not found: $*"; cat "$last"; return 1; }
	fi
}
test_line_count () {
	lines=$(wc -l <"$3")
	test "$lines" "$1" "$2" || { echo "$3 has $lines lines, wanted $1 $2"; cat "$3"; return 1; }
}
test_stdout_line_count () {
	count_op=$1 count_n=$2
	shift 2
	"$@" >"$TRASH_DIRECTORY/output.count" && test_line_count "$count_op" "$count_n" "$TRASH_DIRECTORY/output.count"
}
test_must_be_empty () {
	test_path_is_file "$1" || return 1
	if test -s "$1"; then echo "$1 is not empty:"; cat "$1"; return 1; fi
}
test_path_is_file () { test -f "$1" || { echo "$1 is no file"; return 1; }; }
test_path_is_dir () { test -d "$1" || { echo "$1 is no directory"; return 1; }; }
test_path_is_symlink () { test -h "$1" || { echo "$1 is no symbolic link"; return 1; }; }
test_path_is_executable () { test -x "$1" || { echo "$1 is not executable"; return 1; }; }
test_path_exists () { test -e "$1" || { echo "$1 is not there"; return 1; }; }
test_path_is_missing () { if test -e "$1"; then echo "$1 is there"; ls -ld "$1"; return 1; fi; }
test_dir_is_empty () { test_path_is_dir "$1" && test -z "$(ls -A "$1")"; }
test_file_size () { wc -c <"$1" | tr -d ' '; }
verbose () { "$@" || { echo "command failed: $*"; return 1; }; }

# ---- making things ----
test_tick () {
	test_tick=$((${test_tick:-1112911993 - 60} + 60))
	GIT_COMMITTER_DATE="$test_tick -0700"
	GIT_AUTHOR_DATE="$test_tick -0700"
	export GIT_COMMITTER_DATE GIT_AUTHOR_DATE
}
# test_commit [-C DIR] [--append] [--no-tag|--annotate] [--printf] MESSAGE [FILE [CONTENT [TAG]]]
test_commit () {
	commit_dir=. append= tag_how=light say_how='echo' no_tick= author=
	while test $# -gt 0
	do
		case $1 in
		-C) commit_dir=$2; shift ;;
		--append) append=t ;;
		--no-tag) tag_how=none ;;
		--annotate) tag_how=annotated ;;
		--printf) say_how=printf ;;
		--notick) no_tick=t ;;
		--author) author=$2; shift ;;
		*) break ;;
		esac
		shift
	done
	commit_file=${2:-$1.t}
	if test -n "$append"
	then
		$say_how "${3-$1}" >>"$commit_dir/$commit_file" || return 1
	else
		$say_how "${3-$1}" >"$commit_dir/$commit_file" || return 1
	fi
	git -C "$commit_dir" add -- "$commit_file" || return 1
	test -n "$no_tick" || test_tick
	git -C "$commit_dir" commit ${author:+--author "$author"} -m "$1" || return 1
	case $tag_how in
	light) git -C "$commit_dir" tag "${4:-$1}" ;;
	annotated) test_tick; git -C "$commit_dir" tag -a -m "$1" "${4:-$1}" ;;
	esac
}
test_merge () {
	merge_label=$1
	shift
	test_tick && git merge -m "$merge_label" "$@" && git tag "$merge_label"
}
test_create_repo () { mkdir -p "$1" && git -C "$1" -c init.defaultBranch=main init >&3; }
test_seq () {
	case $# in 1) seq 1 "$1" ;; 2) seq "$1" "$2" ;; esac
}
test_write_lines () { printf '%s\n' "$@"; }
write_script () {
	{ echo "#!${2:-$SHELL_PATH}" && cat; } >"$1" && chmod +x "$1"
}
test_hook () {
	hook_dir=.
	while test $# -gt 1
	do
		case $1 in -C) hook_dir=$2; shift ;; *) break ;; esac
		shift
	done
	hook_path=$(git -C "$hook_dir" rev-parse --absolute-git-dir)/hooks/$1
	mkdir -p "$(dirname "$hook_path")" && test_when_finished "rm -f '$hook_path'" && write_script "$hook_path"
}
test_set_editor () {
	FAKE_EDITOR=$1
	export FAKE_EDITOR
	EDITOR='"$FAKE_EDITOR"'
	export EDITOR
}
test_chmod () { chmod "$@" && git update-index --add "--chmod=$@"; }
test_env () (
	while test $# -gt 0
	do
		case $1 in
		*=*) eval "${1%%=*}=\${1#*=}"; eval "export ${1%%=*}"; shift ;;
		*) "$@" 2>&7; exit ;;
		esac
	done
) 7>&2 2>&4
sane_unset () { unset "$@"; return 0; }
lf_to_nul () { tr '\012' '\000'; }
nul_to_q () { tr '\000' Q; }
q_to_nul () { tr Q '\000'; }
q_to_tab () { tr Q '\011'; }
# A program that stands in for ssh: runs the command here, and notes how it was called in ssh-log.
make_fake_ssh () {
	write_script "$TRASH_DIRECTORY/fake-ssh" <<-\SSH
	while test $# -gt 0
	do
		case $1 in
		-o) if test -n "$2"; then case $2 in SendEnv=*) ;; *) echo "$2" >>"$SSH_LOG" ;; esac; fi; shift 2 ;;
		-p) shift 2 ;;
		-*) shift ;;
		*) break ;;
		esac
	done
	host=$1
	shift
	echo "ssh: $host $*" >>"$SSH_LOG"
	eval "$*"
	SSH
	SSH_LOG=$TRASH_DIRECTORY/ssh-log
	GIT_SSH_COMMAND="'$TRASH_DIRECTORY/fake-ssh'"
	GIT_SSH_VARIANT=ssh
	export SSH_LOG GIT_SSH_COMMAND GIT_SSH_VARIANT
}
