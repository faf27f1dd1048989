-- Boxes behind boxes, and many hosts behind one: what a carrier's NAT (RFC 6888) makes of homes.

local p2pchat = require "p2pchat"

-- alice at home behind a carrier; bob behind a box of his own.
local function double_nat(lab, home, carrier, bob_nat, options)
	local server_host = lab:host("server")
	local carrier_box = lab:box("carrier", carrier)
	local home_box = lab:box("home", home, { behind = carrier_box })
	local alice_host, bob_host = lab:host("alice", { behind = home_box }), lab:host("bob", { nat = bob_nat })
	local server = p2pchat.server(lab, server_host)
	return p2pchat.login(lab, alice_host, server, options), p2pchat.login(lab, bob_host, server, options), carrier_box
end

scenario("a home behind a carrier, both cones: opens", function(lab)
	local alice, bob, carrier = double_nat(lab, "port-restricted", "full-cone", "port-restricted")
	equal(alice.address:match("^[%d.]+"), carrier:address(), "the server sees the carrier's address")
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	p2pchat.talk(lab, alice, bob)
end)

-- The mapping is as bad as the worst of the chain, wherever in it that is.
for _, chain in ipairs { { "full-cone", "symmetric" }, { "symmetric", "full-cone" } } do
	scenario("a " .. chain[1] .. " home behind a " .. chain[2] .. " carrier, and a port-restricted peer: stays shut", function(lab)
		local alice, bob = double_nat(lab, chain[1], chain[2], "port-restricted", { punch_timeout = 2 })
		alice:punch(bob)
		expect(not p2pchat.both_know(lab, alice, bob), "the punch stays shut")
		p2pchat.nothing_came_through(lab, alice, bob)
	end)
end

-- Two homes with the very same private addresses behind one carrier: they know each other by the carrier's address.
local function neighbours(lab, carrier, options)
	local server_host, carrier_box = lab:host("server"), lab:box("carrier", carrier)
	local hosts, peers = {}, {}
	for i, name in ipairs { "alice", "bob" } do
		local home = lab:box("home-" .. name:sub(1, 1), "port-restricted", { behind = carrier_box, lan = "192.168.1.0/24" })
		hosts[i] = lab:host(name, { behind = home })
	end
	equal(hosts[1]:address(), hosts[2]:address(), "their private addresses")
	local server = p2pchat.server(lab, server_host)
	for i, host in ipairs(hosts) do
		peers[i] = p2pchat.login(lab, host, server, options)
	end
	equal(hosts[1]:public_address(), hosts[2]:public_address(), "their public addresses")
	expect(peers[1].address ~= peers[2].address, "the carrier gives each a port of its own")
	return peers[1], peers[2]
end

scenario("two homes behind one carrier that hairpins: opens", function(lab)
	local alice, bob = neighbours(lab, "full-cone,hairpin", {})
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	p2pchat.talk(lab, alice, bob)
end)

scenario("two homes behind one carrier that does not hairpin: stays shut", function(lab)
	local alice, bob = neighbours(lab, "full-cone", { punch_timeout = 2 })
	alice:punch(bob)
	expect(not p2pchat.both_know(lab, alice, bob), "the punch stays shut")
	p2pchat.nothing_came_through(lab, alice, bob)
end)

for _, nat in ipairs { "full-cone", "port-restricted", "symmetric" } do
	scenario("three hosts with one source port behind one " .. nat .. " all reach a peer outside", function(lab)
		local server_host, box, peer_host = lab:host("server"), lab:box("home", nat), lab:host("peer")
		local hosts, clients, ports = {}, {}, {}
		for i = 1, 3 do
			hosts[i] = lab:host("host-" .. i, { behind = box })
		end
		local server = p2pchat.server(lab, server_host)
		local peer = p2pchat.login(lab, peer_host, server)
		for i, host in ipairs(hosts) do
			clients[i] = p2pchat.login(lab, host, server)
			local port = clients[i].address:match(":(%d+)$")
			expect(not ports[port], "host " .. i .. " has a port of its own")
			ports[port] = true
		end
		for _, client in ipairs(clients) do
			client:punch(peer)
			expect(p2pchat.both_know(lab, client, peer), "the punch opens")
			p2pchat.talk(lab, client, peer)
		end
	end)
end
