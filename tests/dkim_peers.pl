# Verify the message on standard input with Mail::DKIM; the DNS is the arguments, NAME VALUE NAME VALUE …
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my %records = @ARGV;
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
    my ($name) = @_;
    my $value = $records{$name} or return;
    return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [unpack('(A255)*', $value)]);
};
*Mail::DKIM::DNS::query_async = sub {
    my ($name, $type, %more) = @_;
    my @found = Mail::DKIM::DNS::query($name, $type);
    return sub { return $more{Callbacks}{Success} ? $more{Callbacks}{Success}->(@found) : @found };
};

my $verifier = Mail::DKIM::Verifier->new;
binmode STDIN;
$verifier->PRINT($_) while <STDIN>;
$verifier->CLOSE;
print $_->algorithm, ' ', $_->result_detail, "\n" for $verifier->signatures;
