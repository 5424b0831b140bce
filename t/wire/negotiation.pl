#!/usr/bin/perl
# Transcripts of negotiations: which commits a client offers, in which order, in which rounds.
#
#	negotiation.pl generate DIR                   write the histories (deterministic)
#	negotiation.pl import FILE                    a history as a stream for fast-import
#	negotiation.pl record GIT FILE WORKDIR        run GIT over a history, append its haves
#	negotiation.pl replay GIT FILE WORKDIR        run GIT and compare with what was recorded
#
# A transcript is a text:
#
#	commit N DATE PARENT...     or   chain FIRST LAST DATE STEP   (each the child of the one before)
#	client REF N                or   clients PREFIX FIRST LAST STEP
#	server REF N
#	depth D                     the client is a clone of what the server was, that deep
#	haves ALGORITHM VERSION: N N N | N N ...      as recorded; "|" ends a round
#
# The oracle is whatever GIT recorded: it is never edited to fit.
use strict;
use warnings;

my ($mode, @args) = @ARGV;
# Nothing here is worth waiting for a disk.
@ENV{qw(GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0)} = (1, 'core.fsync', 'none');
my $seed = 1;
sub rnd { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return ($seed >> 8) % $_[0]; }

sub run { system(@_) == 0 or die "failed: @_\n"; }

sub expand {
	my ($file) = @_;
	my %h = (commits => [], client => [], server => [], haves => {}, depth => 0);
	open my $in, '<', $file or die "$file: $!";
	while (<$in>) {
		chomp;
		my @w = split / /;
		next if !@w || $w[0] eq '#';
		if ($w[0] eq 'commit') { push @{$h{commits}}, [@w[1 .. $#w]]; }
		elsif ($w[0] eq 'chain') {
			for my $n ($w[1] .. $w[2]) {
				push @{$h{commits}}, [$n, $w[3] + ($n - $w[1]) * $w[4], $n > $w[1] ? ($n - 1) : ()];
			}
		}
		elsif ($w[0] eq 'client' || $w[0] eq 'server') { push @{$h{$w[0]}}, [$w[1], $w[2]]; }
		elsif ($w[0] eq 'clients') {
			for (my $n = $w[2]; $n <= $w[3]; $n += $w[4]) { push @{$h{client}}, ["$w[1]$n", $n]; }
		}
		elsif ($w[0] eq 'depth') { $h{depth} = $w[1]; }
		elsif (/^haves (\S+ \S+): ?(.*)$/) { $h{haves}{$1} = $2; }
	}
	return \%h;
}

sub import_stream {
	my ($h) = @_;
	my $out = '';
	for my $c (@{$h->{commits}}) {
		my ($n, $date, @parents) = @$c;
		$out .= "commit refs/all/$n\nmark :$n\ncommitter C <c\@example.com> $date +0000\ndata " . length($n) . "\n$n\n";
		$out .= ($_ == $parents[0] ? 'from' : 'merge') . " :$_\n" for @parents;
		$out .= "\n";
	}
	return $out;
}

# all.git with every commit; server.git and client.git with theirs. Returns name -> number.
sub build {
	my ($git, $h, $dir) = @_;
	run('rm', '-rf', $dir);
	mkdir $dir;
	run($git, 'init', '-q', '--bare', "$dir/all.git");
	open my $imp, '|-', $git, '-C', "$dir/all.git", 'fast-import', '--quiet', '--export-marks=marks' or die;
	print $imp import_stream($h);
	close $imp or die "fast-import failed";
	my (%number, %name);
	open my $marks, '<', "$dir/all.git/marks" or die;
	while (<$marks>) { /^:(\d+) (\S+)/ and $number{$2} = $1, $name{$1} = $2; }
	for my $side ('server', 'client') {
		run($git, 'init', '-q', '--bare', "$dir/$side.git");
		next if $side eq 'client' && $h->{depth};
		my %wanted = map { $_->[1] => 1 } @{$h->{$side}};
		open my $refs, '|-', $git, '-C', "$dir/all.git", 'update-ref', '--stdin' or die;
		print $refs "create refs/$side/$_ $name{$_}\n" for sort { $a <=> $b } keys %wanted;
		close $refs or die;
		run("$git -C $dir/all.git for-each-ref --format='%(objectname)' refs/$side | $git -C $dir/all.git pack-objects -q --revs --delta-base-offset $dir/$side.git/objects/pack/pack >/dev/null");
		write_refs("$dir/$side.git", $h->{$side}, \%name);
	}
	if ($h->{depth}) {
		write_refs("$dir/server.git", $h->{client}, \%name);
		run($git, '-C', "$dir/client.git", 'fetch', '-q', "--depth=$h->{depth}", "file://$dir/server.git", '+refs/heads/*:refs/heads/*');
		write_refs("$dir/server.git", $h->{server}, \%name);
	}
	return \%number;
}

sub write_refs {
	my ($repo, $refs, $name) = @_;
	open my $out, '>', "$repo/packed-refs" or die;
	print $out "# pack-refs with: sorted\n";
	print $out "$name->{$_->[1]} $_->[0]\n" for sort { $a->[0] cmp $b->[0] } @$refs;
	close $out;
}

sub haves {
	my ($git, $h, $dir, $algorithm, $version, $number) = @_;
	run('rm', '-rf', "$dir/copy.git", "$dir/trace");
	run('cp', '-r', "$dir/client.git", "$dir/copy.git");
	local $ENV{GIT_TRACE_PACKET} = "$dir/trace";
	run($git, '-C', "$dir/copy.git", '-c', "fetch.negotiationAlgorithm=$algorithm", '-c', "protocol.version=" . substr($version, 1),
		'-c', 'maintenance.auto=false', 'fetch', '-q', '--no-tags', '--upload-pack', 'unset GIT_TRACE_PACKET; ' . upload_pack($git),
		"file://$dir/server.git", '+refs/heads/new:refs/new');
	my ($line, $count) = ('', 0);
	open my $in, '<', "$dir/trace" or die;
	while (<$in>) {
		if (/fetch> have ([0-9a-f]+)/) { $line .= ' ' . ($number->{$1} // '?'); $count++; }
		elsif (/fetch> (?:0000|flush)/ && $count) { $line .= ' |'; $count = 0; }
	}
	$line =~ s/^ //;
	return $line;
}

# v2 repeats in each round what was acknowledged before, git in the order of a hash table: here it is sorted.
sub canonical {
	my ($line) = @_;
	my (%seen, @rounds);
	for my $round (split /\|/, $line, -1) {
		my @all = split ' ', $round;
		my @again = sort { $a <=> $b } grep { $seen{$_} } @all;
		my @new = grep { !$seen{$_} } @all;
		$seen{$_} = 1 for @new;
		push @rounds, join(' ', @again, @new);
	}
	return join('|', @rounds);
}

sub upload_pack { my ($git) = @_; return $git =~ m{/} ? "$git upload-pack" : 'git upload-pack'; }

sub generate {
	my ($dir) = @_;
	my $file = 0;
	my $emit = sub {
		my ($name, $text) = @_;
		open my $out, '>', sprintf('%s/%02d-%s.txt', $dir, ++$file, $name) or die;
		print $out $text;
		close $out;
	};
	# One line of commits; the server went on from somewhere on it, or from nowhere.
	for my $case ([20, 15, 'short'], [300, 290, 'near'], [300, 40, 'far'], [700, 0, 'unrelated']) {
		my ($n, $base, $name) = @$case;
		my $new = $n + 1;
		$emit->("linear-$name", "chain 1 $n 1000000 60\ncommit $new 2000000" . ($base ? " $base" : '') . "\nclient refs/heads/main $n\nserver refs/heads/new $new\n");
	}
	# Two branches that are merged into each other over and over.
	for my $step (1, 0, 90) {
		my ($text, $n, $a, $b) = ('', 2, 1, 2);
		$text .= "commit 1 1000000\ncommit 2 1000010 1\n";
		for my $i (1 .. 60) {
			my ($x, $y) = ($n + 1, $n + 2);
			$n += 2;
			$text .= "commit $x " . (1000020 + $i * $step) . " $a $b\ncommit $y " . (1000020 + $i * $step) . " $b $a\n";
			($a, $b) = ($x, $y);
		}
		my $new = $n + 1;
		$emit->("criss-cross-$step", $text . "commit $new 3000000 " . ($n - 50) . "\nclient refs/heads/a $a\nclient refs/heads/b $b\nserver refs/heads/new $new\n");
	}
	# Random merges: normal clocks, equal dates, clocks that run backwards now and then, many roots.
	for my $kind (qw(merges merges-many equal-dates skew roots roots-unrelated tags wide)) {
		$seed = length($kind) * 7919 + ord($kind) * 31;
		my ($text, $total) = ('', $kind eq 'merges-many' ? 900 : 250);
		for my $n (1 .. $total) {
			my $date = $kind eq 'equal-dates' ? 1000000 + int($n / 40) * 100 : 1000000 + $n * 30;
			$date -= rnd(5000) if $kind eq 'skew' && rnd(4) == 0;
			my @parents;
			if ($n > 1 && !($kind =~ /roots/ && rnd(12) == 0)) {
				my $reach = $kind eq 'wide' ? 60 : 12;
				my %p;
				$p{$n - 1 - rnd($n - 1 < $reach ? $n - 1 : $reach)} = 1 for 0 .. (rnd(4) == 0 ? 1 + rnd(2) : 0);
				@parents = sort { $b <=> $a } keys %p;
			}
			$text .= join(' ', 'commit', $n, $date, @parents) . "\n";
		}
		my ($base, $new) = ($kind eq 'roots-unrelated' ? 0 : $total - 60 - rnd(100), $total + 1);
		$text .= "commit $new 2500000" . ($base ? " $base" : '') . "\n";
		for my $i (0 .. ($kind eq 'tags' ? 80 : 8)) { $text .= sprintf("client refs/%s/%03d %d\n", $kind eq 'tags' ? 'tags' : 'heads', $i, $total - rnd($total)); }
		$text .= "client refs/heads/main $total\nserver refs/heads/new $new\n";
		# The server has some of the client's refs as well.
		$text .= sprintf("server refs/heads/s%d %d\n", $_, 1 + rnd($base)) for $base ? 0 .. 3 : ();
		$emit->($kind, $text);
	}
	# What the server advertises is here.
	for my $refs (1, 30) {
		my $text = "chain 1 200 1000000 60\ncommit 201 2000000 150\ncommit 202 1005000 50\nclient refs/heads/main 200\nclient refs/heads/side 202\nserver refs/heads/new 201\n";
		$text .= "server refs/heads/x$_ " . (5 * $_) . "\n" for 1 .. $refs;
		$emit->("advertised-$refs", $text);
	}
	# Branches of equal length, only one of which the server has.
	{
		my ($text, $n) = ('', 0);
		for my $branch (1 .. 8) {
			for my $i (1 .. 20) {
				$n++;
				$text .= "commit $n " . (1000000 + $i * 100 + $branch) . ($i > 1 ? ' ' . ($n - 1) : '') . "\n";
			}
			$text .= "client refs/heads/b$branch $n\n";
		}
		$emit->('branches', $text . "commit 161 2000000 20\nserver refs/heads/new 161\n");
	}
	# Histories that end at a boundary.
	for my $depth (3, 40) {
		$emit->("shallow-$depth", "chain 1 100 1000000 60\ncommit 101 2000000 100\ncommit 102 2000060 101\nclient refs/heads/main 100\nserver refs/heads/new 102\ndepth $depth\n");
	}
	# 10,000 refs, each on a commit of its own.
	$emit->('refs-10000-near', "chain 1 10000 1000000 10\ncommit 10001 2000000 9990\nclients refs/heads/b 1 10000 1\nserver refs/heads/new 10001\n");
	$emit->('refs-10000-far', "chain 1 10000 1000000 10\ncommit 10001 2000000 9000\nclients refs/tags/t 1 10000 1\nserver refs/heads/new 10001\n");
}

if ($mode eq 'generate') { generate($args[0]); }
elsif ($mode eq 'import') { print import_stream(expand($args[0])); }
elsif ($mode eq 'record' || $mode eq 'replay') {
	my ($git, $file, $dir) = @args;
	my $h = expand($file);
	my $number = build($git, $h, $dir);
	my $failed = 0;
	for my $algorithm ('consecutive', 'skipping') {
		for my $version ('v0', 'v2') {
			my $line = haves($git, $h, $dir, $algorithm, $version, $number);
			if ($mode eq 'record') {
				open my $out, '>>', $file or die;
				print $out "haves $algorithm $version: $line\n";
			} elsif (canonical($line) ne canonical($h->{haves}{"$algorithm $version"} // 'nothing')) {
				print STDERR "$file: $algorithm $version\n  recorded: $h->{haves}{\"$algorithm $version\"}\n  now:      $line\n";
				$failed = 1;
			}
		}
	}
	exit $failed;
}
else { die "usage: see the head of this file\n"; }
