# An MCP server on standard input and output whose one tool tries to get at what it should not reach. The tool's arguments name processes
# by their number on the machine, paths, sockets and the database's port. Its answer begins with "tried N", and names each success as
# "GOT what". It has no module that a minimal Debian lacks.
use strict;
use warnings;
use POSIX ();
use Socket;

$| = 1;
while ( my $line = <STDIN> ) {
    my ($id) = $line =~ /"id":("[^"]*"|[0-9]+)/ or next;
    my $result = '{}';
    if ( $line =~ /"method":"initialize"/ ) {
        $result =
            '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"spy","version":"1"}}';
    }
    elsif ( $line =~ /"method":"tools\/list"/ ) {
        $result = '{"tools":[{"name":"spy","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}]}';
    }
    elsif ( $line =~ /"method":"tools\/call"/ ) {
        my $text = spy($line);
        $text =~ s/["\\[:cntrl:]]/ /g;
        $result = "{\"content\":[{\"type\":\"text\",\"text\":\"$text\"}]}";
    }
    print "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":$result}\n";
}

my ( $tried, @got );

sub try {
    my ( $what, $success ) = @_;
    $tried++;
    push @got, "GOT $what" if $success;
}

sub list {
    my ( $line, $name ) = @_;
    my ($list) = $line =~ /"$name":\[([^\]]*)\]/;
    return map { s/^"|"$//gr } split /,/, $list // '';
}

sub spy {
    my ($line) = @_;
    ( $tried, @got ) = (0);
    my @seen = grep { /^[0-9]+$/ && $_ != $$ && !mine($_) } entries('/proc');
    my %pids = map { $_ => 1 } @seen, list( $line, 'pids' );
    process($_) for sort { $a <=> $b } keys %pids;
    trace($_)   for list( $line, 'pids' );
    signals($_) for list( $line, 'pids' );
    folder($_) for list( $line, 'folders' );
    file($_)   for list( $line, 'files' );
    socketAt($_) for list( $line, 'sockets' );
    database($_) for list( $line, 'ports' );
    machine();
    return "tried $tried, sees " . @seen . ' others, is ' . "$< " . join ', ', @got;
}

# The shell that began the namespace has what this program has.
sub mine {
    my ($pid) = @_;
    my $its = readlink "/proc/$pid/ns/pid" // '';
    return $its && $its eq ( readlink '/proc/self/ns/pid' // '' );
}

sub entries {
    my ($folder) = @_;
    opendir my $handle, $folder or return ();
    return grep { !/^\.\.?$/ } readdir $handle;
}

sub opens {
    my ( $how, $path ) = @_;
    return open( my $handle, $how, $path );
}

sub reads {
    my ($path) = @_;
    open my $handle, '<', $path or return 0;
    return sysread $handle, my $bytes, 1;
}

sub process {
    my ($pid) = @_;
    try( "/proc/$pid/$_", reads("/proc/$pid/$_") ) for 'environ', 'maps', 'auxv', 'io', 'stack', 'syscall';
    try( "/proc/$pid/mem", opens( '<', "/proc/$pid/mem" ) );
    try( "/proc/$pid/$_", entries("/proc/$pid/$_") ) for 'cwd/', 'root/', 'map_files';
    try( "/proc/$pid/fd/$_", defined readlink "/proc/$pid/fd/$_" ) for 0 .. 20;
    try( "/proc/$pid/exe", defined readlink "/proc/$pid/exe" );
}

# Only of processes that the test names: it attaches to them.
sub trace {
    my ($pid) = @_;
    my %calls = (
        x86_64  => { ptrace => 101, process_vm_readv => 310 },
        aarch64 => { ptrace => 117, process_vm_readv => 270 },
    );
    my $call = $calls{ ( POSIX::uname() )[4] } or return;
    # 16 attaches, 0x4206 seizes, 17 lets go.
    try( "ptrace $pid", syscall( $call->{ptrace}, $_, $pid, 0, 0 ) == 0 ) for 16, 0x4206;
    syscall $call->{ptrace}, 17, $pid, 0, 0;
    # Of an address that is not mapped: who may read gets another error than who may not.
    my $buffer = ' ' x 8;
    my $local  = pack 'QQ', unpack( 'Q', pack 'p', $buffer ), 8;
    my $remote = pack 'QQ', 4096, 8;
    my $read   = syscall $call->{process_vm_readv}, $pid, $local, 1, $remote, 1, 0;
    try( "process_vm_readv $pid", $read >= 0 || $! == POSIX::EFAULT() );
}

# Without harm: the kernel allows signal 0, and 18, which lets a process go on, to whom it allows the others.
sub signals {
    my ($pid) = @_;
    try( "signal $_ to $pid", kill $_, $pid ) for 0, 18;
}

sub folder {
    my ($path) = @_;
    try( "folder $path",                entries($path) );
    try( "folder $path by root",        entries("/proc/1/root$path") );
    try( "folder $path without mounts", `unshare -Urm sh -c 'umount -l "$path" && ls -A "$path"' 2>/dev/null` =~ /\S/ );
}

sub file {
    my ($path) = @_;
    try( "file $path",         reads($path) );
    try( "file $path by root", reads("/proc/1/root$path") );
}

sub socketAt {
    my ($path) = @_;
    socket my $socket, PF_UNIX, SOCK_STREAM, 0 or return;
    try( "socket $path", connect $socket, pack_sockaddr_un($path) );
}

# PostgreSQL's answer to a login is R; 0 is no question for a password.
sub database {
    my ($port) = @_;
    for my $user ( 'postgres', 'mcpist' ) {
        socket my $socket, PF_INET, SOCK_STREAM, 0 or return;
        connect $socket, pack_sockaddr_in( $port, inet_aton('127.0.0.1') ) or next;
        my $message = pack( 'N', 196608 ) . "user\0$user\0database\0postgres\0\0";
        syswrite $socket, pack( 'N', 4 + length $message ) . $message;
        sysread $socket, my $answer, 9;
        my ( $kind, undef, $code ) = unpack 'aNN', $answer;
        try( "database as $user", $kind eq 'R' && $code == 0 );
    }
}

sub machine {
    try( 'shared memory',           grep { $_ ne 'mcpist' } entries('/dev/shm') );
    try( "writes $_",               -f $_ && opens( '>>', $_ ) ) for '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', glob '/sys/fs/cgroup/{,*/}cgroup.procs';
    try( "disk $_",                 -b $_ && reads($_) ) for glob '/dev/*';
    try( 'kernel memory',           reads('/proc/kcore') );
    try( 'a mount',                 system("mount -t tmpfs none /mnt 2>/dev/null") == 0 );
    try( 'another namespace',       system("nsenter --target 1 --mount --pid true 2>/dev/null") == 0 );
}
