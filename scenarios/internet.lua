-- The internet itself as a place: programs and sockets on the router between all public addresses; and how far packets go there.

local PATIENCE = 30

-- Says whom each UDP packet is from and to. Not tcpdump, which cannot become another user in the world of an ordinary one.
local WATCHER = [[
import socket
seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
print("watching", flush=True)
while True:
    packet = seen.recv(2000)
    if packet[9] == socket.IPPROTO_UDP:
        print(socket.inet_ntoa(packet[12:16]), "to", socket.inet_ntoa(packet[16:20]), flush=True)
]]

scenario("the internet sees what crosses it", function(lab)
	local server, internet = lab:host("server"), lab:internet()
	local alice = lab:host("alice", { nat = "symmetric" })
	local watcher = internet:run { "/usr/bin/python3", "-c", WATCHER }

	watcher:wait("watching", PATIENCE)
	local at_server = server:udp(5000)
	alice:udp(4000):send(server:address() .. ":5000", "hello")
	equal(at_server:receive(), "hello", "what came")
	-- Translated already: nobody's inside address is seen there.
	watcher:wait("^" .. literal(alice:public_address() .. " to " .. server:address()) .. "$", PATIENCE)
	equal(internet:name(), "internet", "its name")
	expect(not watcher:seen(alice:address(), true), "no inside address was seen")
end)

scenario("the internet is a stranger to a box", function(lab)
	local server, internet = lab:host("server"), lab:internet()
	local alice = lab:host("alice", { nat = "full-cone" })
	local bob = lab:host("bob", { nat = "port-restricted" })
	local knocking = internet:udp()

	for host, lets_in in pairs { [alice] = true, [bob] = false } do
		local at_server, socket = server:udp(5000), host:udp(4000)
		socket:send(server:address() .. ":5000", "hello")
		local _, mapped = at_server:receive()
		knocking:send(mapped, "knock")
		local text, from = socket:receive(lets_in and PATIENCE or 1)
		equal(text, lets_in and "knock" or nil, tostring(host) .. " is knocked at")
		equal(from and from:match("^[%d.]+"), lets_in and internet:address() or nil, "who knocked")
		at_server:close()
	end
end)

scenario("a TTL says how far a packet goes", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "full-cone" })
	local at_server, socket = server:udp(5000), alice:udp(4000)
	local seen = "udp and dst port 5000"

	for ttl, there in pairs { [1] = { box = 0, server = 0 }, [2] = { box = 1, server = 0 }, [3] = { box = 1, server = 1 } } do
		local began = lab:now()
		socket:send(server:address() .. ":5000", "as far as " .. ttl, { ttl = ttl })
		equal(at_server:receive(there.server == 1 and PATIENCE or 1), there.server == 1 and "as far as " .. ttl or nil, "what came with TTL " .. ttl)
		equal(lab:count("nat-a wan", seen, began), there.box, "packets of TTL " .. ttl .. " that left the box")
		equal(lab:count("server eth0", seen, began), there.server, "packets of TTL " .. ttl .. " at the server")
	end
	expect(lab:count("alice eth0", "icmp[icmptype] = icmp-timxceed") == 2, "those that ended on the way came back as ICMP")
end)

scenario("DF says that nobody may cut a packet", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "full-cone" })
	local bob = lab:host("bob", { link = "mtu=1000" })
	local at_bob, socket = bob:udp(5000), alice:udp(4000)
	local text = ("x"):rep(1200)

	socket:send(bob:address() .. ":5000", text, { df = true })
	equal(at_bob:receive(1), nil, "a packet that does not fit")
	expect(lab:count("alice eth0", "icmp[icmptype] = icmp-unreach and icmp[icmpcode] = 4") == 1, "it was refused")
	socket:send(bob:address() .. ":5000", text)
	equal(at_bob:receive(), text, "the same, which may be cut")
	expect(lab:count("alice eth0", "udp and ip[6] & 0x40 != 0") == 1, "only the first had DF")
end)

scenario("what a scenario sends at once is sent and captured, all of it", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "full-cone" })
	local socket, large, count = alice:udp(4000), ("x"):rep(60000), 40

	for _ = 1, count do -- 41 packets each: more than the socket has room for, and all of them than a link's ring
		socket:send(server:address() .. ":9", large)
	end
	equal(lab:count("alice eth0", "udp and dst port 9"), count, "first fragments")
	equal(lab:count("alice eth0", "ip[6:2] & 0x1fff != 0 and src host " .. alice:address()), 40 * count, "the others")
end)

scenario("the internet is neither host nor box", function(lab)
	local internet = lab:internet()

	lab:host("alice")
	for _, call in ipairs { "reboot", "link", "nat", "box", "public_address" } do
		local ok, why = pcall(internet[call], internet)
		expect(not ok and tostring(why):find("a host or box is meant; the internet has run()", 1, true), call)
	end
	equal(internet:address(), "11.11.11.1", "the router's address")
end)
