# Faults by count: a command is run again and again on a fresh copy of one repository, and each time the next write, rename,
# fsync ... is the one that goes wrong (t/helper/preload/fault.cc).  Whatever happens, the repository must be as it was or as
# it was to become.
#
# fault_each HOW COMMAND CHECK
#	HOW is kill, fail or full.  COMMAND and CHECK are evaluated in the copy of "base"; CHECK sees in $code how the command
#	ended, and FAULT_COUNT faults had to be survived when all is done.

fault_library=$GIT_BUILD_DIR/t/helper/fault.so
test -f "$fault_library" && LD_PRELOAD=$fault_library "$GIT_BUILD_DIR/git" version >/dev/null 2>&1 &&
	test -z "$(LD_PRELOAD=$fault_library "$GIT_BUILD_DIR/git" version 2>&1 >/dev/null)" && test_set_prereq FAULTS

# Eight bytes: nothing counted, and the number of the one to fail; below 4096.
fault_file () {
	printf '\000\000\000\000\%03o\%03o\000\000' $(($1 % 256)) $(($1 / 256))
}

fault_each () {
	how=$1 command=$2 check=$3 n=0
	while n=$((n + 1)) && test $n -lt 400
	do
		rm -rf work && cp -R base work || return 1
		fault_file $n >fault
		(
			cd work &&
			FAULT_FILE=$TRASH_DIRECTORY/fault FAULT_HOW=$how LD_PRELOAD=$fault_library
			export FAULT_FILE FAULT_HOW LD_PRELOAD
			eval "$command"
		) >out 2>err </dev/null
		code=$?
		counted=$(od -An -N4 -tu4 fault)
		(cd work && eval "$check") >check.out 2>&1 || {
			echo "fault $n ($how), exit code $code:"
			cat err check.out
			return 1
		}
		test $counted -ge $n || break
	done
	FAULT_COUNT=$((n - 1))
	test $code = 0 && test $FAULT_COUNT -gt 2
}

# The three ways, one test case each.
fault_cases () {
	for how in kill fail full
	do
		test_expect_success FAULTS "$1 ($how)" "fault_each $how '$2' '$3'"
	done
}
