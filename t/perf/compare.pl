#!/usr/bin/perl
# usage: compare.pl LABEL LIMIT PREPARE A B
#
# Runs the shell commands A (ours) and B (stock) in turn, five times each after a warm-up, PREPARE before each (not
# timed), and prints the ratio A/B of the medians of wall time and, with /usr/bin/time, of peak memory.
# "ok" where both ratios are at most LIMIT.
use strict;
use warnings;
use Time::HiRes qw(time);

my ($label, $limit, $prepare, $ours, $stock) = @ARGV;
my $has_time = -x '/usr/bin/time';

sub run_once {
    my ($command) = @_;
    if ($prepare ne '') { system('/bin/sh', '-c', $prepare) == 0 or die "$label: cannot prepare\n" }
    my $out = "/tmp/parley-perf-rss.$$";
    my $start = time;
    my @call = $has_time ? ('/usr/bin/time', '-o', $out, '-f', '%M', '/bin/sh', '-c', "exec $command") : ('/bin/sh', '-c', "exec $command");
    open(my $saved, '>&', \*STDOUT);
    open(STDOUT, '>', '/dev/null');
    my $code = system(@call);
    open(STDOUT, '>&', $saved);
    my $wall = time - $start;
    die "$label: '$command' failed\n" if $code;
    my $rss = 0;
    if ($has_time && open(my $in, '<', $out)) { local $/; my $text = <$in>; $rss = $1 if $text =~ /(\d+)\s*$/; unlink $out }
    return ($wall, $rss);
}
sub median { my @s = sort { $a <=> $b } @_; return $s[$#s / 2] }

run_once($ours); run_once($stock);
my (@ta, @tb, @ma, @mb);
for (1 .. 5) {
    my ($t, $m) = run_once($ours); push @ta, $t; push @ma, $m;
    ($t, $m) = run_once($stock); push @tb, $t; push @mb, $m;
}
my $time = median(@ta) / median(@tb);
my $memory = median(@mb) ? median(@ma) / median(@mb) : 0;
printf "%-28s time %.3fs / %.3fs = %.2f   memory %d / %d KiB = %.2f   %s\n", $label, median(@ta), median(@tb), $time, median(@ma), median(@mb),
    $memory, $time <= $limit && $memory <= $limit ? 'ok' : 'over';
