-- For weather.sh and ipv6.sh: what comes to a process of the lab that has to wait for a processor.
local embedded = require("nat64_address").embedded

local SEND = [[
use IO::Socket::IP;
my ($address, $packets, $size) = @ARGV;
my $socket = IO::Socket::IP->new(Proto => "udp", PeerAddr => $address, PeerPort => 9) or die;
$socket->send(sprintf "%-*d", $size, $_) for 1 .. $packets;
]]

-- To the one process of the lab that is in the network namespace of the cables.
local function signal(host, name)
	equal(host:run({ "sh", "-c", [[
		for p in /proc/[0-9]*; do
			[ /run/netns/cable -ef $p/ns/net ] && kill -]] .. name .. [[ ${p#/proc/}
		done; true]] }):exit_status(), 0)
end

-- So many datagrams, no two the same, of so many bytes each, while that process is stopped.
local function flood(host, address, packets, size)
	signal(host, "STOP")
	host:run({ "perl", "-e", SEND, address, tostring(packets), tostring(size) }):exit_status(100)
	signal(host, "CONT")
end

-- The port is open, so that no errors of ICMP come back: the kernel sends these, and answers to pings, by one socket of each
-- processor for all worlds, which has room for about 340. A flood of errors takes the answer from a ping in another world.
scenario("more than a cable holds", { timeout = 300 }, function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "fair" })
	server:udp(9)
	alice:udp(0)
	flood(alice, server:address(), 100000, 6)
	lab:count()
end)

local function translated(lab, packets)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	-- Who is next on the way is known then: for a neighbour that is not, the kernel keeps no more than ninety such packets.
	local at, from = server:udp(9), alice:udp(0, "::")
	from:send(embedded(server:address() .. ":9"), "opens the way")
	at:receive()
	flood(alice, embedded(server:address()), packets, 1400)
	return lab:count("server eth0", "udp and dst port 9 and greater 1000")
end

-- Fewer than the thousand that the kernel keeps for a processor, whosever they are.
scenario("as much as a translator holds", { jobs = 9 }, function(lab)
	equal(translated(lab, 500), 500, "what arrived")
end)

scenario("more than a translator holds", { jobs = 64, timeout = 100 }, function(lab)
	translated(lab, 20000)
end)
