-- ping and traceroute by IPv6: what answers on the way, through firewalls, and what is said of those that nobody reaches.

local commands = require("commands")
local has_program = commands.has_program

local FIREWALL = { nat = "open,ipv6=firewall" }
local NO_ROUTE, NO_ADDRESS = 0, 3 -- codes of ICMPv6's "destination unreachable" (RFC 4443)

local function need_both(host)
	if not has_program(host, "ping") or not has_program(host, "traceroute") then
		skip("needs ping and traceroute (tools/deps interop)")
	end
end

-- What one ping says, and its exit status.
local function ping(host, to)
	local program = host:run { "ping", "-6", "-n", "-c", "1", "-W", "20", to }
	local status = program:exit_status(40)
	return program:output("both"), status
end

local function expect_answer(host, to)
	local said, status = ping(host, to)
	equal(status, 0, "the exit status of a ping from " .. host:name() .. " to " .. to .. ": " .. said)
end

local function expect_hops(seen, ...)
	equal(table.concat(seen, ", "), table.concat({ ... }, ", "), "the hops")
end

scenario("ping and traceroute go by IPv6", function(lab)
	lab:world { families = "46" }
	local home = { nat = "symmetric,ipv6=open" }
	local alice, bob = lab:host("alice", home), lab:host("bob", home)
	need_both(alice)
	expect_answer(alice, "bob")
	expect_hops(commands.hops(alice, "bob"), "2444:0:2::1", "2111::1", bob:box():ipv6_address(), bob:ipv6_address())
end)

scenario("ping goes through IPv6 firewalls, and traceroute only where it pings", { timeout = 120 }, function(lab)
	lab:world { families = "46" }
	local alice, bob, server = lab:host("alice", FIREWALL), lab:host("bob", FIREWALL), lab:host("server")
	need_both(alice)
	expect_answer(alice, "bob")
	expect_answer(bob, "alice")
	expect_hops(commands.hops(alice, "server"), "2444:0:2::1", "2111::1", server:ipv6_address())
	expect_hops(commands.hops(alice, "bob", 20, "-I"), "2444:0:2::1", "2111::1", bob:box():ipv6_address(), bob:ipv6_address())

	local began = lab:now()
	expect_hops(commands.hops(alice, "bob", 8, "-m", "5"), "2444:0:2::1", "2111::1", bob:box():ipv6_address(), "*", "*")
	equal(lab:count("nat-b lan", "ip6 and udp", began), 0, "datagrams of traceroute's that his firewall let in")
	local why = lab:why(alice, bob)
	equal(why.outcome, "shut", "the two by UDP: " .. table.concat(why.text, " "))
	equal(why.box, "nat-b", "who dropped them")
end)

-- A router says it of whom it has no route to; of a neighbour that does not answer after three seconds. That comes back
-- through the asker's firewall, as RFC 4890 has it.
for _, case in ipairs {
	{ "in nobody's network", "2999::1", NO_ROUTE, "No route", "2111::1", { "2444:0:2::1", "2111::1 !N" } },
	{ "in bob's network, which nobody has", "2444:0:4::99", NO_ADDRESS, "Address unreachable", "2333::4",
		{ "2444:0:2::1", "2111::1", "2333::4", "2333::4 !H" } },
} do
	local where, address, code, words, router, hops = table.unpack(case)
	scenario("ping and traceroute are told of an IPv6 address " .. where, { timeout = 120 }, function(lab)
		lab:world { families = "46" }
		local alice, bob = lab:host("alice", FIREWALL), lab:host("bob", { nat = "open,ipv6=open" })
		need_both(alice)
		equal(bob:box():ipv6_address(), "2333::4", "bob's box")
		local said, status = ping(alice, address)
		equal(status, 1, "ping's exit status")
		expect(said:find("From " .. router .. " icmp_seq=1 Destination unreachable: " .. words, 1, true), "who says what: " .. said)
		expect(lab:count("alice eth0", "icmp6 and ip6[40] == 1 and ip6[41] == " .. code) > 0, "it came through her firewall")
		expect_hops(commands.hops(alice, address), table.unpack(hops))
	end)
end

-- The box's own error quotes the packet as it stood behind the box; the kernel changes no prefix in a quotation.
scenario("a hop limit that runs out where prefixes change is told as that", { timeout = 120 }, function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice", { nat = "open,ipv6=nptv6" }), lab:host("bob")
	need_both(bob)
	local b = bob:udp(9, "::")
	alice:udp(4000, "::"):send(("[%s]:9"):format(bob:ipv6_address()), "where I am")
	local outside = select(2, b:receive()):match("%[(.-)%]")
	expect_hops(commands.hops(bob, outside, 8), "2111::1", "*", outside)
	local said = table.concat(lab:why(bob, alice).text, " ")
	expect(said:find("1 died at nat-a (open,ipv6=nptv6): its hop limit (TTL) ran out there", 1, true), said)
	expect(not said:find("nobody behind it", 1, true), said)
end)
