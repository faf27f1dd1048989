-- What IPv6 has of its own, through each kind of box: flow labels, fragments, "packet too big", several addresses, ::1.

local embedded = require("nat64_address").embedded

local LABEL_BITS = 20

--- The flow label of the only packets that an interface saw of those: bit by bit, as a filter sees it.
local function flow_label(lab, interface, filter)
	local label = 0
	for bit = 0, LABEL_BITS - 1 do
		if lab:count(interface, ("(%s) and ip6[0:4] & %d != 0"):format(filter, 1 << bit)) > 0 then
			label = label | 1 << bit
		end
	end
	return label
end

for _, spec in ipairs { "open,ipv6=open", "port-restricted,ipv6=firewall", "symmetric,ipv6=nptv6", "symmetric,ipv6=nat66" } do
	scenario("a box leaves the flow label alone: " .. spec, function(lab)
		lab:world { families = "46" }
		local alice, server = lab:host("alice", { nat = spec }), lab:host("server")
		local a, s = alice:udp(4000, "::"), server:udp(3478, "::")
		a:send(("[%s]:3478"):format(server:ipv6_address()), "hello")
		local text, from = s:receive()
		equal(text, "hello", "what the server got")
		s:send(from, "hello back")
		equal(a:receive(), "hello back", "what alice got")
		for direction, filter in pairs { out = "udp and dst port 3478", ["in"] = "udp and src port 3478" } do
			local at_alice, at_server = flow_label(lab, "alice eth0", filter), flow_label(lab, "server eth0", filter)
			expect(at_alice ~= 0, direction .. ": the sender's kernel gives a label (RFC 6437)")
			equal(at_server, at_alice, direction .. ": the label at both ends")
		end
	end)
end

scenario("a NAT64 gives no flow label (RFC 7915 section 4.1)", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	local a, s = alice:udp(4000, "::"), server:udp(3478)
	a:send(embedded(server:address() .. ":3478"), "hello")
	s:send(select(2, s:receive()), "hello back")
	equal(a:receive(), "hello back", "what alice got")
	expect(flow_label(lab, "alice eth0", "udp and dst port 3478") ~= 0, "alice gives one")
	equal(flow_label(lab, "alice eth0", "udp and src port 3478"), 0, "that of what comes from IPv4")
end)

-- A router never cuts a packet of IPv6 up (RFC 8200 section 5), whatever else the box does to it.
for _, spec in ipairs { "open,ipv6=open", "port-restricted,ipv6=firewall", "symmetric,ipv6=nptv6", "symmetric,ipv6=nat66" } do
	scenario("only who sends cuts up, once told: " .. spec, function(lab)
		lab:world { families = "46" }
		local alice = lab:host("alice", { nat = spec })
		local bob = lab:host("bob", { nat = "open,ipv6=open", link = "mtu=1280" })
		local a, b = alice:udp(4000, "::"), bob:udp(5000, "::")
		local text, bob_at = ("x"):rep(1400), ("[%s]:5000"):format(bob:ipv6_address())
		a:send(bob_at, text)
		lab:wait_until(function()
			return lab:count("alice eth0", "icmp6 and ip6[40] == 2 and ip6[44:4] == 1280") == 1
		end, 30, "alice heard 'packet too big', and that 1280 is the most")
		equal(lab:count("bob eth0", "ip6[6] == 44 or udp"), 0, "what was on bob's link of the first, whole or in pieces")
		a:send(bob_at, text)
		equal(b:receive(), text, "the second, whole")
		for _, interface in ipairs { "alice eth0", "nat-a lan", "nat-a wan", "bob eth0" } do
			equal(lab:count(interface, "ip6[6] == 44"), 2, "fragments at " .. interface)
		end
		equal(lab:count("bob eth0", "ip6 and greater 1295"), 0, "frames on bob's link that are longer than it takes")
		local way = lab:why(alice, bob).directions[1]
		equal(way.from, "alice", "of whom the trace tells first")
		equal(("%d of %d"):format(way.delivered, way.sent), "1 of 2", "of her datagrams, as the trace has it")
	end)
end

scenario("what is exactly 1280 bytes long passes a link of 1280", function(lab)
	lab:world { families = "46" }
	local alice = lab:host("alice", { nat = "port-restricted,ipv6=firewall" })
	local bob = lab:host("bob", { nat = "open,ipv6=open", link = "mtu=1280" })
	local a, b = alice:udp(4000, "::"), bob:udp(5000, "::")
	local text = ("x"):rep(1280 - 40 - 8)
	a:send(("[%s]:5000"):format(bob:ipv6_address()), text)
	equal(b:receive(), text, "what bob got")
	equal(lab:count("bob eth0", "ip6[6] == 44"), 0, "fragments")
	equal(lab:count("alice eth0", "icmp6 and ip6[40] == 2"), 0, "'packet too big'")
end)

scenario("a host has several IPv6 addresses on one interface, and each is its own", function(lab)
	lab:world { families = "46" }
	local server, alice = lab:host("server", { addresses = 3 }), lab:host("alice", { nat = "symmetric,ipv6=firewall" })
	local a, s = alice:udp(4000, "::"), {}
	for i = 1, 3 do
		s[i] = server:udp(3478, server:ipv6_address(i))
	end
	for i = 1, 3 do
		a:send(("[%s]:3478"):format(server:ipv6_address(i)), "number " .. i)
		local text, from = s[i]:receive()
		equal(text, "number " .. i, "what came to the address")
		s[i]:send(from, "from number " .. i)
		local answer, source = a:receive()
		equal(answer, "from number " .. i, "what alice got")
		equal(source, ("[%s]:3478"):format(server:ipv6_address(i)), "from where")
	end
end)

scenario("::1 is there, each host's own", function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice", { nat = "symmetric,ipv6=open" }), lab:host("bob", { families = "6" })
	for _, host in ipairs { alice, bob } do
		local a, b = host:udp(0, "::1"), host:udp(5000, "::1")
		a:send("[::1]:5000", "to " .. host:name())
		local text, from = b:receive()
		equal(text, "to " .. host:name(), "what came")
		equal(from, ("[::1]:%d"):format(a:port()), "from where")
	end
end)
