-- When and how the two sides of a punch begin: at once, one late, with the first probes lost.

local p2pchat = require "p2pchat"

-- Two clients, logged in, each behind a NAT of its own.
local function pair(lab, alice_nat, bob_nat)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = alice_nat }), lab:host("bob", { nat = bob_nat })
	local server = p2pchat.server(lab, server_host)
	return p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server), server
end

-- Pairs that open, one of each kind of difficulty: both boxes filter by port; one maps by destination.
local pairs_that_open = {
	{ "port-restricted", "port-restricted" },
	{ "restricted", "symmetric" },
	{ "full-cone", "port-restricted" },
}

for _, nats in ipairs(pairs_that_open) do
	local name = nats[1] .. " x " .. nats[2]

	scenario("both sides punch at once: " .. name, function(lab)
		local alice, bob = pair(lab, nats[1], nats[2])
		alice:punch(bob)
		bob:punch(alice)
		alice:punched(bob)
		bob:punched(alice)
		p2pchat.talk(lab, alice, bob)
	end)

	-- The server's word reaches bob 300 ms late: by then his box has seen many probes of alice's, and forgotten none.
	scenario("one side punches 300 ms late: " .. name, function(lab)
		local alice, bob, server = pair(lab, nats[1], nats[2])
		local late = "FORWARD -p udp -s " .. server.host:address() .. " -j DROP"
		bob.host:box():iptables("-I " .. late)
		local began = lab:now()
		alice:punch(bob)
		lab:wait_until(function()
			return lab:now() - began >= 0.3 and lab:count("nat-b wan", "udp and src host " .. alice.host:public_address()) > 0
		end, 40, "alice's probes reach bob's box before bob begins")
		bob.host:box():iptables("-D " .. late)
		alice:punched(bob)
		bob:punched(alice)
		p2pchat.talk(lab, alice, bob)
	end)

	-- A rule on alice's own box eats her first probes, as a slow or lossy access line would.
	scenario("a lossy start: " .. name, function(lab)
		local alice, bob = pair(lab, nats[1], nats[2])
		local lost = "FORWARD -p udp -d " .. bob.host:public_address() .. " -j DROP"
		local probes = "udp and dst host " .. bob.host:public_address()
		alice.host:box():iptables("-I " .. lost)
		alice:punch(bob)
		lab:wait_until(function()
			return lab:count("nat-a lan", probes) >= 3
		end, nil, "three probes of alice's have been sent")
		equal(lab:count("nat-a wan", probes .. " and src host " .. alice.host:public_address()), 0,
			"probes of alice's that left her box")
		alice.host:box():iptables("-D " .. lost)
		alice:punched(bob)
		bob:punched(alice)
		p2pchat.talk(lab, alice, bob)
	end)
end

scenario("a box that reboots after the punch: the path is found again", function(lab)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { arguments = { "--keepalive", "0.5" } })
	local bob = p2pchat.login(lab, bob_host, server, { arguments = { "--keepalive", "0.5" } })
	alice:punch(bob)
	alice:punched(bob)
	bob:punched(alice)
	expect(#alice_host:box():mappings() > 0, "alice's box holds mappings")
	alice_host:box():reboot()
	-- The keepalives of both sides open both doors anew; texts are retransmitted until then.
	p2pchat.talk(lab, alice, bob)
end)
