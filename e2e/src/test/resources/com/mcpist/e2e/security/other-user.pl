# Another user of a pair's machine, who tries again and again to take the place of the pair's programs, to reach them and to read them.
# Usage: other-user.pl FOLDER PORT. The folder is the pair's data folder, the port is the edge's. A line is printed for each success,
# "GOT what", and for each argument of a process that was not seen before, "SEEN what". "ROUND" ends each round. It has no module that a
# minimal Debian lacks.
use strict;
use warnings;
use Socket;

$| = 1;
my ( $data, $port ) = @ARGV;
my %seen;

sub got { print "GOT @_\n" }

sub entries {
    my ($folder) = @_;
    opendir my $handle, $folder or return ();
    return grep { !/^\.\.?$/ } readdir $handle;
}

sub content {
    my ($path) = @_;
    open my $handle, '<', $path or return;
    local $/;
    return scalar <$handle>;
}

sub takes_port {
    my ($wanted) = @_;
    for my $address ( INADDR_LOOPBACK, INADDR_ANY ) {
        socket my $socket, PF_INET, SOCK_STREAM, 0 or die $!;
        setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, pack 'i', 1;
        if ( bind( $socket, pack_sockaddr_in( $wanted, $address ) ) && listen( $socket, 9 ) ) {
            got("port $wanted");
        }
    }
}

sub reaches {
    my ($path) = @_;
    socket my $socket, PF_UNIX, SOCK_STREAM, 0 or die $!;
    got("connection to $path") if connect $socket, pack_sockaddr_un($path);
    socket my $own, PF_UNIX, SOCK_STREAM, 0 or die $!;
    got("place of $path") if bind $own, pack_sockaddr_un($path);
}

sub watches {
    my ($pid) = @_;
    my $arguments = content("/proc/$pid/cmdline");
    print 'SEEN ', $arguments =~ s/[\0\n]/ /gr, "\n" if $arguments && !$seen{$arguments}++;
    return if !$arguments || $arguments !~ /\Q$data\E/ || ( stat "/proc/$pid" )[4] == $<;
    for my $file ( 'environ', 'mem', 'maps' ) {
        # A process that has just ended can be opened, and has nothing.
        got("/proc/$pid/$file") if length( content("/proc/$pid/$file") // '' );
    }
    got("signal to $pid") if kill 0, $pid;
}

while (1) {
    takes_port($port);
    reaches("$data/run/$_") for 'control.sock', 'origin-1.sock', 'origin-2.sock', '.s.PGSQL.5432';
    got("folder $data/$_") for grep { entries("$data/$_") } '', 'run', 'logs', 'postgres', 'releases';
    got("file in $data") if open my $handle, '>', "$data/run/stranger";
    watches($_) for grep { /^[0-9]+$/ && $_ != $$ } entries('/proc');
    print "ROUND\n";
}
