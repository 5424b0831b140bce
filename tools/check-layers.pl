#!/usr/bin/perl
# Who includes whom: every #include "..." of the tree against the order of the floors, the purity of the
# pure rooms, cycles between units, and doors to rooms' insides.  Prints each offence; exit 1 on any.
use strict;
use warnings;

my @floors = (
    [qw(compat base)], [qw(hash)], [qw(object config)], [qw(wire)], [qw(pack)], [qw(odb)], [qw(refs)], [qw(walk)],
    [qw(index)], [qw(diff)], [qw(merge show)], [qw(negotiator protocol)], [qw(net)], [qw(door)], [qw(builtin)], [qw(main)],
);
# Within a floor the right may use the left, never the other way round.
my (%floor, %place);
for my $i (0 .. $#floors) {
    my $n = 0;
    for (@{ $floors[$i] }) { $floor{$_} = $i; $place{$_} = $n++ }
}
# A store's door stands on the floor of its room.
my %door_floor = (
    config => 'config', packfile => 'pack', odb => 'odb', refs => 'refs',
    repository => 'walk', hook => 'walk', editor => 'walk', advice => 'walk', worktree => 'walk', setup => 'walk', 'object-name' => 'walk', environment => 'walk',
    index => 'index', diff => 'diff', git => 'main',
);
my %may_know_each_other = map { $_ => 1 } qw(door walk index diff builtin);

my @files = grep { !m{^(?:t|oss-fuzz|contrib|tools|Documentation)/} } split /\n/, `git ls-files '*.h' '*.cc'`;
my %known = map { $_ => 1 } @files;
my $bad = 0;
sub offence { print "$_[0]\n"; $bad++ }

sub room {
    my ($file) = @_;
    return $1 if $file =~ m{^([a-z-]+)/};
    my ($stem) = $file =~ m{^(.*)\.(?:h|cc)$};
    return $door_floor{$stem} // 'door';
}
# x.h, x.cc and x-internal.h are one unit.
sub unit { my $u = $_[0]; $u =~ s/\.(?:h|cc)$//; $u =~ s/-internal$//; return $u }

my %uses;    # unit -> { unit -> file:line }
for my $file (@files) {
    open my $in, '<', $file or die "$file: $!";
    my $room = room($file);
    while (<$in>) {
        if (/^\s*#\s*include\s+<(unistd\.h|fcntl\.h|sys\/socket\.h|sys\/stat\.h|poll\.h|fstream|iostream|ctime|chrono|thread|time\.h)>/
            && $room =~ /^(?:object|wire|negotiator|protocol)$/)
        {
            offence("$file:$.: a pure room includes <$1>");
        }
        next unless /^\s*#\s*include\s+"([^"]+)"/;
        my $target = $1;
        next unless $known{$target};
        my $to = room($target);
        if (!defined $floor{$room} || !defined $floor{$to}) { offence("$file:$.: no floor for $room or $to"); next }
        if ($floor{$to} > $floor{$room}) { offence("$file:$.: $room includes upwards: $target") }
        elsif ($floor{$to} == $floor{$room} && $place{$to} > $place{$room}) { offence("$file:$.: $room includes its neighbour $target") }
        if ($room =~ /^(?:object|wire|negotiator|protocol)$/ && $target =~ m{^base/(?:fd|files|env|tempfile|lockfile|mapped-file|run-command|trace2?|progress)\.h$}) {
            offence("$file:$.: a pure room includes $target");
        }
        if ($target =~ m{-internal\.h$} && $target =~ m{/}) {
            my ($dir) = $target =~ m{^(.*)/};
            offence("$file:$.: opens the inside of $dir: $target") unless $file =~ m{^\Q$dir\E/} || unit_of_room($file, $dir);
        }
        offence("$file:$.: a builtin includes a builtin: $target") if $room eq 'builtin' && $target =~ m{^builtin/};
        offence("$file:$.: client and server machines share wire/ only: $target")
            if ($file =~ m{^protocol/serve} && $target =~ m{^protocol/(?!serve)} && $target !~ m{^protocol/(?:machine|events)\.h$})
            || ($file =~ m{^protocol/(?!serve)} && $target =~ m{^protocol/serve});
        my ($from_unit, $to_unit) = (unit($file), unit($target));
        $uses{$from_unit}{$to_unit} //= "$file:$." if $from_unit ne $to_unit;
    }
    close $in;
}
# odb.cc may open odb/odb-internal.h: the door of the room.
sub unit_of_room { my ($file, $dir) = @_; return unit($file) eq $dir }

# Cycles: depth first, without recursion.
my %state;
for my $root (sort keys %uses) {
    next if $state{$root};
    my @stack = ([$root, sort keys %{ $uses{$root} }]);
    $state{$root} = 1;
    while (@stack) {
        my $top = $stack[-1];
        if (@$top == 1) { $state{ $top->[0] } = 2; pop @stack; next }
        my $next = splice @$top, 1, 1;
        if (($state{$next} // 0) == 1) {
            my @path = map { $_->[0] } @stack;
            shift @path while $path[0] ne $next;
            offence("cycle between units: " . join(' -> ', @path, $next) . " ($uses{$top->[0]}{$next})");
        }
        elsif (!$state{$next}) {
            $state{$next} = 1;
            push @stack, [$next, sort keys %{ $uses{$next} // {} }];
        }
    }
}
exit($bad ? 1 : 0);
