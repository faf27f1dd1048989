-- A box that loses its power for a moment: whatever passes meanwhile, nothing of before comes back.

-- Sends without a pause from one port, and never listens.
local FLOOD = [[
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Proto => "udp", LocalPort => 4000, PeerAddr => $ARGV[0], PeerPort => 5000) or die;
$| = 1;
print "ready\n";
while (1) { $socket->send("x"); select(undef, undef, undef, 0.0003) }
]]
local ROUNDS = 6

-- The port the newest datagram came from, when all that waits has been read and one more has come.
local function newest_port(socket)
	local from
	repeat
		local text, endpoint = socket:receive(0)
		from = endpoint or from
	until not text
	for _ = 1, 3 do
		local _, endpoint = socket:receive(2)
		from = endpoint or from
	end
	return from
end

-- Ports are random, so that the same one again is the mapping of before. By chance it is one in 64,512.
for _, spec in ipairs { "port-restricted,ports=random", "full-cone,ports=random", "symmetric" } do
	scenario("a reboot under traffic forgets: " .. spec, function(lab)
		local server, alice = lab:host("server"), lab:host("alice", { nat = spec })
		local socket = server:udp(5000)
		alice:run({ "perl", "-e", FLOOD, server:address() }):wait("ready")
		local before, kept = newest_port(socket), 0
		for _ = 1, ROUNDS do
			alice:box():reboot()
			local now = newest_port(socket)
			if now == before then kept = kept + 1 end
			before = now
		end
		equal(kept, 0, ("of %d reboots those that left the port as it was"):format(ROUNDS))
	end)
end
