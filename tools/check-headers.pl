#!/usr/bin/perl
# Every header names the standard headers of what it uses, itself or through headers of ours that it includes.  The
# compiler alone would not tell: it is run with the standard library precompiled, so that the check takes seconds.
use strict;
use warnings;

my %home = (
    string => 'string', to_string => 'string', string_view => 'string_view', vector => 'vector', optional => 'optional', nullopt => 'optional',
    function => 'functional', map => 'map', set => 'set', unordered_map => 'unordered_map', unordered_set => 'unordered_set',
    unique_ptr => 'memory', shared_ptr => 'memory', make_unique => 'memory', make_shared => 'memory', weak_ptr => 'memory',
    array => 'array', span => 'span', deque => 'deque', variant => 'variant', pair => 'utility', move => 'utility', exchange => 'utility',
    mutex => 'mutex', atomic => 'atomic', thread => 'thread', initializer_list => 'initializer_list', exception => 'exception',
    uint8_t => 'cstdint', uint16_t => 'cstdint', uint32_t => 'cstdint', uint64_t => 'cstdint', int64_t => 'cstdint', int32_t => 'cstdint',
    size_t => 'cstddef', memcpy => 'cstring', memcmp => 'cstring', chrono => 'chrono', condition_variable => 'condition_variable',
);
# These come with the others.
my %also = (
    utility => [qw(map vector optional memory functional unordered_map variant array set string deque)],
    cstddef => [qw(string string_view vector cstring cstdint array span memory optional map functional cstdlib cstdio)],
    string_view => [qw(string)], initializer_list => [qw(string vector map set)], exception => [qw(memory)],
);
my %closure;
sub closure {
    my ($file) = @_;
    return $closure{$file} if $closure{$file};
    my %names;
    $closure{$file} = \%names;
    open my $in, '<', $file or return \%names;
    while (<$in>) {
        if (/^\s*#\s*include\s+<([^>]+)>/) { $names{$1} = 1 }
        elsif (/^\s*#\s*include\s+"([^"]+)"/) { $names{$_} = 1 for keys %{ closure($1) } }
    }
    return \%names;
}
my $bad = 0;
for my $file (@ARGV) {
    my $have = closure($file);
    open my $in, '<', $file or die "$file: $!";
    my %said;
    while (<$in>) {
        s{//.*}{};
        while (/\bstd::([a-z_0-9]+)/g) {
            my $want = $home{$1} or next;
            next if $have->{$want} || grep { $have->{$_} } @{ $also{$want} // [] };
            next if $said{$want}++;
            print "$file:$.: std::$1 without <$want>\n";
            $bad++;
        }
    }
}
exit($bad ? 1 : 0);
