-- A box that loses its power for a moment: whatever passes meanwhile, nothing of before comes back.

-- Sends without a pause from one port, and never listens.
local FLOOD = [[
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Proto => "udp", LocalPort => 4000, PeerAddr => $ARGV[0], PeerPort => 5000) or die;
$| = 1;
print "ready\n";
while (1) { $socket->send("x"); select(undef, undef, undef, 0.0003) }
]]
local ROUNDS, PATIENCE = 6, 40

-- The port that a datagram comes from which was sent after this was called.
local function newest_port(lab, socket)
	lab:count("server eth0") -- none is under way that was sent before
	while socket:receive(0) do end
	local text, from = socket:receive(PATIENCE)
	return expect(text and from, "the flood goes on")
end

-- Ports are random, so that the same one again is the mapping of before. By chance it is one in 64,512.
for _, spec in ipairs { "port-restricted,ports=random", "full-cone,ports=random", "symmetric" } do
	scenario("a reboot under traffic forgets: " .. spec, function(lab)
		local server, alice = lab:host("server"), lab:host("alice", { nat = spec })
		local socket = server:udp(5000)
		alice:run({ "perl", "-e", FLOOD, server:address() }):wait("ready")
		local before, kept = newest_port(lab, socket), 0
		for _ = 1, ROUNDS do
			alice:box():reboot()
			local now = newest_port(lab, socket)
			if now == before then kept = kept + 1 end
			before = now
		end
		equal(kept, 0, ("of %d reboots those that left the port as it was"):format(ROUNDS))
	end)
end
