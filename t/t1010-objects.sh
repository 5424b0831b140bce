#!/bin/sh
test_description='objects: names, bytes, and what happens to broken ones'

. ./test-lib.sh

test_expect_success SHA1 'known names' '
	printf "" | git hash-object --stdin >actual && echo $EMPTY_BLOB >expect && test_cmp expect actual &&
	git mktree </dev/null >actual && echo $EMPTY_TREE >expect && test_cmp expect actual
'

test_expect_success 'what is written is what is read' '
	test_seq 1 5000 >big && oid=$(git hash-object -w big) &&
	git cat-file blob $oid >actual && test_cmp big actual &&
	git cat-file -s $oid >size && test_file_size big >expect && test_cmp expect size
'

test_expect_success 'both algorithms, side by side' '
	git init -q --object-format=sha256 other &&
	oid=$(git -C other hash-object -w "$PWD/big") && test ${#oid} = 64 &&
	git -C other cat-file blob $oid >actual && test_cmp big actual
'

test_expect_success 'a truncated loose object is told, and nothing crashes' '
	oid=$(git hash-object -w big) && path=.git/objects/$(echo $oid | sed "s|^..|&/|") &&
	chmod u+w $path && cp $path saved && dd if=saved of=$path bs=100 count=1 2>/dev/null &&
	test_expect_code 128 git cat-file blob $oid 2>err &&
	test_grep "corrupt\|incorrect\|bad\|unable" err &&
	cp saved $path && git cat-file -e $oid
'

test_expect_success 'a corrupt pack is told by fsck and by readers' '
	test_commit one && git repack -q -a -d && pack=$(ls .git/objects/pack/*.pack) &&
	chmod u+w $pack && size=$(test_file_size $pack) &&
	printf "\377\377\377\377" | dd of=$pack bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null &&
	test_must_fail git fsck 2>err && test_must_fail git verify-pack $pack
'

shattered=$TEST_DIRECTORY/../../shared/data/shattered-1.pdf
if test -f "$shattered"; then test_set_prereq SHATTERED; fi
test_expect_success SHATTERED,SHA1 'a collision attack on SHA-1 is seen' '
	test_must_fail test-tool sha1 <"$shattered" 2>err &&
	test_grep "appears to be part of a collision attack: 38762cf7f55934b34d179ae6a4c80cadccbb7f0a" err
'

test_done
