-- The ground the other scenarios stand on: who reaches whom in a world, by which way, and that nothing else is on a wire.

local PATIENCE = 30

-- A socket there answers once; returns where the question came from, as the one who was asked saw it.
local function ask(from, to, address)
	from:send(address, "question")
	local text, seen = to:receive(PATIENCE)
	equal(text, "question")
	to:send(seen, "answer")
	equal(from:receive(PATIENCE), "answer")
	return seen
end

local function address_of(endpoint)
	return endpoint:match("^(.*):%d+$")
end

scenario("two homes with the same private addresses behind one carrier", function(lab)
	local server_host = lab:host("server")
	local carrier = lab:box("carrier", "port-restricted")
	local one = lab:box("home-one", "port-restricted", { behind = carrier, lan = "192.168.1.0/24" })
	local two = lab:box("home-two", "port-restricted", { behind = carrier, lan = "192.168.1.0/24" })
	local ann, ben = lab:host("ann", { behind = one }), lab:host("ben", { behind = two })
	local server, ann_socket, ben_socket = server_host:udp(3478), ann:udp(5000), ben:udp(5000)

	equal(ann:address(), "192.168.1.2")
	equal(ben:address(), ann:address())
	local ann_seen = ask(ann_socket, server, server_host:address() .. ":3478")
	local ben_seen = ask(ben_socket, server, server_host:address() .. ":3478")
	equal(address_of(ann_seen), carrier:address())
	equal(address_of(ben_seen), carrier:address())
	expect(ann_seen ~= ben_seen, "the carrier tells the two homes apart")
	equal(one:address(), "100.64.1.2")

	-- A host candidate of the other home is the sender's own address.
	ann_socket:send(ben:address() .. ":5000", "to ben?")
	local text, from = ann_socket:receive(PATIENCE)
	equal(text, "to ben?")
	equal(from, "192.168.1.2:5000")
	equal(lab:count("ben eth0", "udp", 0), 2)
end)

scenario("behind a firewall hosts keep their public addresses", function(lab)
	local server_host, stranger_host = lab:host("server"), lab:host("stranger")
	local office = lab:box("office", "firewall")
	local ozzy, olga = lab:host("ozzy", { behind = office }), lab:host("olga", { behind = office })
	local server, stranger, socket = server_host:udp(3478), stranger_host:udp(6000), ozzy:udp(5000)

	equal(ask(socket, server, server_host:address() .. ":3478"), ozzy:address() .. ":5000")
	equal(ozzy:public_address(), ozzy:address())

	-- From outside only what was asked for; the second question shows that the stranger's packet is not just late.
	stranger:send(ozzy:address() .. ":5000", "let me in")
	ask(socket, server, server_host:address() .. ":3478")
	lab:wait_until(function()
		return lab:count("office wan", "udp and src port 6000") == 1
	end, PATIENCE, "the stranger's packet is at the firewall")
	equal(lab:count("ozzy eth0", "udp and src port 6000"), 0)

	-- Neighbours meet on their switch.
	equal(ask(olga:udp(5000), socket, ozzy:address() .. ":5000"), olga:address() .. ":5000")
	equal(lab:count("ozzy eth0", "udp and src host " .. olga:address() .. " and ip[8] = 64"), 1)
end)

scenario("a firewall behind a NAT: one set of addresses, two boxes to pass", function(lab)
	local server_host = lab:host("server")
	local home = lab:box("home", "full-cone")
	local wall = lab:box("wall", "firewall", { behind = home })
	local alice, ivan = lab:host("alice", { behind = home }), lab:host("ivan", { behind = wall })
	local server, ivan_socket, alice_socket = server_host:udp(3478), ivan:udp(5000), alice:udp(6000)

	equal(address_of(ask(ivan_socket, server, server_host:address() .. ":3478")), home:address())
	equal(ask(ivan_socket, alice_socket, alice:address() .. ":6000"), ivan:address() .. ":5000")
	equal(lab:count("wall wan", "udp"), 4)
	equal(lab:count("home lan", "udp"), 2)
end)

scenario("one hop between sites, one more for each box", function(lab)
	local server_host = lab:host("server")
	local carrier = lab:box("carrier", "port-restricted")
	local home = lab:box("home", "port-restricted", { behind = carrier })
	local hops = {
		[63] = lab:host("open"),
		[62] = lab:host("alice", { nat = "port-restricted" }),
		[61] = lab:host("ann", { behind = home }),
	}
	local server = server_host:udp(3478)

	for ttl, host in pairs(hops) do
		ask(host:udp(5000), server, server_host:address() .. ":3478")
		equal(lab:count("server eth0", "udp dst port 3478 and ip[8] = " .. ttl), 1)
	end
end)

scenario("a host has several addresses and answers from the one that was asked", function(lab)
	local server = lab:host("server", { addresses = 3 })
	local alice = lab:host("alice", { nat = "symmetric" }):udp(5000)

	for n = 1, 3 do
		local address = server:address(n)
		local socket = server:udp(3478, address)
		ask(alice, socket, address .. ":3478")
		equal(lab:count("alice eth0", "udp and src host " .. address), 1)
		socket:close()
	end
end)

scenario("many hosts behind one box, all from the same port", function(lab)
	local server_host = lab:host("server")
	local box = lab:box("box", "port-restricted")
	local hosts, seen = {}, {}

	for n = 1, 20 do
		hosts[n] = lab:host("host-" .. n, { behind = box })
	end
	local server = server_host:udp(3478)
	for _, host in ipairs(hosts) do
		local from = ask(host:udp(5000), server, server_host:address() .. ":3478")
		expect(not seen[from], from .. " is used by two hosts")
		seen[from] = true
	end
end)

scenario("a switch sends a frame to the one it is for, the first one too", function(lab)
	local box = lab:box("box", "port-restricted")
	local alice, bob = lab:host("alice", { behind = box }), lab:host("bob", { behind = box })
	lab:host("carol", { behind = box })

	ask(alice:udp(5000), bob:udp(5000), bob:address() .. ":5000")
	equal(lab:count("carol eth0"), 0)
	equal(lab:count("box wan"), 0)
end)

scenario("names of the world resolve, others fail at once, and nothing but the programs' packets is on a wire", function(lab)
	local server = lab:host("server", { addresses = 2 })
	local alice = lab:host("alice", { nat = "full-cone" })
	local names = alice:run { "getent", "hosts", "server", "server-2", "alice", alice:box():name() }

	equal(names:exit_status(PATIENCE), 0)
	for _, address in ipairs { server:address(1), server:address(2), alice:address(), alice:box():address() } do
		expect(names:output():find(address, 1, true), "no name leads to " .. address)
	end
	-- At once: an answer that is waited for would be waited for longer than this has patience.
	local unknown = alice:run { "getent", "hosts", "nowhere.example", env = { RES_OPTIONS = "timeout:30 attempts:5" } }
	expect(unknown:exit_status(PATIENCE) ~= 0, "nowhere.example must not resolve")
	equal(lab:count(), 0)
end)

scenario("an interface that goes down and up again has its routes back", function(lab)
	local server, bob = lab:host("server"), lab:host("bob")
	local home = lab:box("home", "port-restricted")
	local alice, ann = lab:host("alice", { behind = home }), lab:host("ann", { behind = home })
	local socket = server:udp(3478)
	local function flap(node, interface)
		for _, state in ipairs { "down", "up" } do
			equal(node:run({ "ip", "link", "set", interface, state }):exit_status(), 0)
		end
	end
	local routes = { "ip", "-4", "route", "show" }
	local function known(node)
		local list = {}
		for _, words in ipairs { routes, { "ip", "neigh", "show", "nud", "permanent" } } do
			local p = node:run(words)
			equal(p:exit_status(), 0)
			for _, line in ipairs(p:lines()) do list[#list + 1] = line end
		end
		table.sort(list)
		return table.concat(list, "\n")
	end
	for _, case in ipairs { { alice, "eth0" }, { home, "wan" }, { home, "lan" }, { bob, "eth0" } } do
		local before = known(case[1])
		flap(case[1], case[2])
		equal(known(case[1]), before, "what " .. case[1]:name() .. " knows of its network")
		ask(alice:udp(0), socket, server:address() .. ":3478")
		ask(bob:udp(0), socket, server:address() .. ":3478")
		ask(ann:udp(0), socket, server:address() .. ":3478")
	end
end)
