# An origin's place on a host: it listens on HOST and PORT and answers every request by MOOD: `well` 200, `sick` 503; `crash` ends at once,
# `slow` takes its time to stop.
# No module: only what the program itself has.
$| = 1;
my $mood = $ENV{MOOD} // 'well';
exit 3 if $mood eq 'crash';
$SIG{TERM} = sub { print "told to stop\n"; sleep 3 if $mood eq 'slow'; exit 0 };
my $address = pack('S n C4 x8', 2, $ENV{PORT}, split /\./, $ENV{HOST});
socket(my $server, 2, 1, 0) or die "socket: $!";
setsockopt($server, 1, 2, pack('l', 1));
bind($server, $address) or die "bind: $!";
listen($server, 50);
print "listening as $ENV{RELEASE}\n";
my $status = $mood eq 'sick' ? '503 Unavailable' : '200 OK';
my $told = $mood eq 'sick' ? 'unhealthy' : 'ok';
my $body = qq({"status":"$told","release":"$ENV{RELEASE}","digest":"$ENV{IMAGE_DIGEST}"});
while (1) {
  accept(my $client, $server) or next;
  while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
  print $client "HTTP/1.1 $status\r\nConnection: close\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
  close $client;
}
