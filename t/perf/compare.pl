#!/usr/bin/perl
# usage: compare.pl LABEL LIMIT PREPARE A B
#
# Runs the shell commands A (ours) and B (stock) in turn, five times each after a warm-up, PREPARE before each (not
# timed), and prints the ratio A/B of the medians of time and of the largest process's peak memory.  Exits 1 where
# one of the two is above LIMIT.
#
# Time is wall time; PERF_TIME=cpu takes that of the processors (user and system, children included), which is the one
# to trust on a machine that does other things too.
# PERF_ONCE=1 is for commands that can't be repeated without PREPARE, and whose time alone is judged.
use strict;
use warnings;
use Time::HiRes qw(time);

my ($label, $limit, $prepare, $ours, $stock) = @ARGV;
my $by_cpu = ($ENV{PERF_TIME} || 'wall') eq 'cpu';
my $once = $ENV{PERF_ONCE};
my $has_time = -x '/usr/bin/time';

sub children_cpu { my (undef, undef, $user, $system) = times; return $user + $system }

# Seconds and KiB of one run.
sub run_once {
    my ($command) = @_;
    if ($prepare ne '') { system('/bin/sh', '-c', $prepare) == 0 or die "$label: cannot prepare\n" }
    my $out = "/tmp/parley-perf-rss.$$";
    my @call = ('/bin/sh', '-c', "exec $command");
    unshift @call, '/usr/bin/time', '-o', $out, '-f', '%M' if $has_time;
    open(my $saved, '>&', \*STDOUT);
    open(STDOUT, '>', '/dev/null');
    my ($wall, $cpu) = (time, children_cpu());
    my $code = system(@call);
    ($wall, $cpu) = (time - $wall, children_cpu() - $cpu);
    open(STDOUT, '>&', $saved);
    die "$label: '$command' failed\n" if $code;
    my $rss = 0;
    if ($has_time && open(my $in, '<', $out)) { local $/; my $text = <$in>; $rss = $1 if $text =~ /(\d+)\s*$/; unlink $out }
    return ($by_cpu ? $cpu : $wall, $rss);
}
sub median { my @s = sort { $a <=> $b } @_; return $s[$#s / 2] }

# What takes a millisecond is run many times over.
my ($first) = run_once($ours);
run_once($stock);
if ($first < 0.05 && !$once) { $_ = "/bin/sh -c 'for i in \$(seq 200); do " . quote_inner($_) . " || exit; done'" for $ours, $stock }
sub quote_inner { my ($text) = @_; $text =~ s/'/'\\''/g; return $text }

my (@ta, @tb, @ma, @mb);
for (1 .. 5) {
    my ($t, $m) = run_once($ours); push @ta, $t; push @ma, $m;
    ($t, $m) = run_once($stock); push @tb, $t; push @mb, $m;
}
my $time = median(@tb) ? median(@ta) / median(@tb) : 0;
my $memory = median(@mb) ? median(@ma) / median(@mb) : 0;
my $is_ok = $time <= $limit && ($once || $memory <= $limit);
printf "%-28s time %.3fs / %.3fs = %.3f   memory %d / %d KiB = %.2f   %s\n", $label, median(@ta), median(@tb), $time, median(@ma), median(@mb),
    $memory, $is_ok ? 'ok' : 'over';
exit($is_ok ? 0 : 1);
