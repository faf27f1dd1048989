-- Links with weather: what is late, lost, doubled or out of order on them, and that nothing else is.

local PORT = 5000

-- Sends so many numbered datagrams from alice to the server; returns the list of those that arrived, in their order.
local function send(lab, alice, server, count)
	local from, at = alice:udp(0), server:udp(PORT)
	for i = 1, count do from:send(server:address() .. ":" .. PORT, tostring(i)) end
	lab:count() -- nothing is under way any more
	local arrived = {}
	repeat
		local text = at:receive(0)
		arrived[#arrived + 1] = text
	until not text
	at:close()
	return arrived
end

local function lossy(lab, link)
	local server, alice = lab:host("server"), lab:host("alice", { link = link })
	return table.concat(send(lab, alice, server, 60), " ")
end

scenario("a weather is a table where a host is made, as link:set() has it", function(lab)
	local server = lab:host("server", { link = { delay = "1ms" } })
	local phone = lab:host("phone", { interfaces = { wifi = { link = { loss = "100%" } }, lte = { link = { delay = "1ms" } } } })
	local at, from = server:udp(PORT), phone:udp(0)
	phone:route("wifi")
	from:send(server:address() .. ":" .. PORT, "lost")
	lab:count()
	equal(at:receive(0), nil, "what comes by wifi")
	phone:route("lte")
	from:send(server:address() .. ":" .. PORT, "not lost")
	equal(at:receive(), "not lost")
	server:link():set { delay = "2ms" } -- it was made with some
	local ok, said = pcall(lab.host, lab, "other", { link = { delay = {} } })
	expect(not ok and said:find("a table of names and what they are set to", 1, true), said)
	ok, said = pcall(lab.host, lab, "other", { link = true })
	expect(not ok and said:find("link is a weather", 1, true), said)
end)

scenario("a delay is that long, both ways", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted", link = "delay=30ms" })
	local from, at = alice:udp(0), server:udp(PORT)
	local began = lab:now()
	from:send(server:address() .. ":" .. PORT, "there")
	local _, seen = at:receive()
	local half = lab:now()
	at:send(seen, "and back")
	equal(from:receive(), "and back")
	expect(half - began >= 0.03 and lab:now() - half >= 0.03, "each way takes 30 ms")
end)

scenario("what is lost depends on the link's name and the seed alone", function(lab)
	local first = lossy(lab, "loss=30%")
	expect(first ~= "" and #first < 170, "some are lost, not all: " .. first)
	lab:fact("arrived", first)
end)

scenario("exactly these packets, and no others", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted", link = "fair" })
	alice:link():drop("udp dst port " .. PORT, { from = 3, count = 2, direction = "up" })
	equal(table.concat(send(lab, alice, server, 6), " "), "1 2 5 6")
	alice:link():clear()
	equal(table.concat(send(lab, alice, server, 3), " "), "1 2 3")
	alice:link():delay_next(1, "udp")
	equal(table.concat(send(lab, alice, server, 3), " "), "2 3 1")
	alice:link():clear():drop("udp"):pass("udp dst port " .. PORT + 1)
	equal(#send(lab, alice, server, 3), 0)
end)

-- Who is a neighbour is set by IPv4, and asked for by IPv6, when kernels like and as often: no weather is theirs.
scenario("what neighbours and groups say is let alone, and not counted", function(lab)
	lab:world{ families = "6" }
	local server, alice = lab:host("server"), lab:host("alice", { link = "loss=100%" })
	local at, from, to = server:udp(PORT, "::"), alice:udp(4000, "::"), "[" .. server:ipv6_address() .. "]:" .. PORT
	alice:link():pass("udp")
	from:send(to, "who is there?")
	equal(at:receive(30), "who is there?", "what neighbours have to be found for")
	alice:link():clear():set("fair"):drop(nil, { from = 2, count = 1, direction = "up" })
	for i = 1, 3 do from:send(to, tostring(i)) end
	equal(at:receive(30), "1")
	equal(at:receive(30), "3", "what comes behind the second packet")
end)

scenario("a share comes twice, a share overtakes", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "duplicate=100%" })
	local bob = lab:host("bob", { link = "delay=50ms,reorder=30%" })
	equal(table.concat(send(lab, alice, server, 3), " "), "1 1 2 2 3 3")
	local arrived = send(lab, bob, server, 40)
	equal(#arrived, 40)
	expect(table.concat(arrived, " "):find("^1 2 3 4 5 6 7 8 9 10 11 12 13 14 15") == nil, "some overtake")
end)

scenario("a rate makes packets wait, a full queue drops them", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "up:rate=100kbit,up:queue=200ms" })
	local from, at = alice:udp(0), server:udp(PORT)
	local began = lab:now()
	for i = 1, 60 do from:send(server:address() .. ":" .. PORT, tostring(i) .. (" "):rep(958)) end -- 1000 bytes with headers: 80 ms
	local arrived = lab:count("server eth0", "udp")
	expect(arrived >= 3 and arrived < 60, arrived .. " of 60 packets arrived")
	expect(lab:now() - began >= 0.08 * arrived - 0.01, "they took their time")
end)

scenario("a cable is unplugged and plugged in again", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted", link = "fair" })
	equal(#send(lab, alice, server, 2), 2)
	alice:link():down()
	equal(#send(lab, alice, server, 2), 0)
	alice:link():up()
	lab:wait_until(function() return #send(lab, alice, server, 1) == 1 end, 30, "the link to carry again")
	alice:link():blackhole()
	equal(#send(lab, alice, server, 2), 0)
	alice:link():up()
	equal(#send(lab, alice, server, 2), 2)
	alice:link():set{ loss = "100%" }
	equal(#send(lab, alice, server, 2), 0)
end)

-- What a program is told by the kernel when it sends.
local PERL_SEND = [[
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => $ARGV[0], PeerPort => 5000);
print defined $socket && $socket->send("x") ? "sent\n" : "refused: $!\n";
]]

scenario("a link that is disabled is not one without a carrier: programs and routes see which", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "fair" })
	local function told() return alice:run { "perl", "-e", PERL_SEND, server:address() }:wait("^(.*)$") end
	local function routes()
		local ip = alice:run { "ip", "route" }
		equal(ip:exit_status(), 0)
		return ip:output()
	end
	local before = routes()
	equal(told(), "sent", "what a program is told before")

	alice:link():down()
	equal(told(), "sent", "what a program is told without a carrier")
	expect(routes():find("linkdown"), "its routes are there, and marked: " .. routes())
	alice:link():up()

	alice:link():disable()
	equal(told(), "refused: Network is unreachable", "what a program is told when its interface is down")
	equal(routes(), "", "its routes")
	server:udp(0):send(alice:address() .. ":4000", "nobody there")
	lab:wait_until(function() return lab:count("server eth0", "udp dst port 4000") == 1 end, 30, "it left the server")
	local text = table.concat(lab:why(server, alice).text, "\n"):gsub("%s+", " ")
	expect(text:find("lost on the link alice to the internet: its %d%a+ packet inward %(its interface was down%)"),
		"the trace says why: " .. text)

	alice:link():up()
	equal(routes(), before, "its routes, once it is up again")
	equal(told(), "sent", "what a program is told then")
	lab:count() -- what it sent is not under way any more, and comes to nobody
	equal(#send(lab, alice, server, 2), 2)
end)

scenario("who sends to an interface that a program has set down holds up nobody", function(lab)
	local server, alice, bob = lab:host("server"), lab:host("alice", { link = "fair" }), lab:host("bob", { link = "fair" })
	equal(alice:run({ "ip", "link", "set", "eth0", "down" }):exit_status(20), 0, "ip's exit status")
	server:udp(0):send(alice:address() .. ":" .. PORT, "nobody there")
	equal(#send(lab, bob, server, 2), 2, "datagrams of another link")
	local text = table.concat(lab:why(server, alice).text, "\n"):gsub("%s+", " ")
	expect(text:find("%(its interface was down%)"), "the trace says why: " .. text)
end)

scenario("packets cross several links with delay before a count", function(lab)
	local server = lab:host("server", { link = "delay=20ms" })
	local carrier = lab:box("carrier", "port-restricted", { link = "delay=20ms" })
	local home = lab:box("home", "port-restricted", { behind = carrier, link = "delay=20ms" })
	local alice = lab:host("alice", { behind = home, link = "delay=20ms" })
	alice:udp(0):send(server:address() .. ":" .. PORT, "x")
	equal(lab:count("server eth0", "udp"), 1, "datagrams that have come through four links")
end)

scenario("a link that was not declared changeable cannot be changed", function(lab)
	local alice = lab:host("alice")
	alice:udp(0)
	local link = alice:link()
	for option, says in pairs { count = "count is a whole number from 1", direction = "direction is one of up, down, both" } do
		local ok, message = pcall(link.drop, link, "udp", { [option] = 0 })
		expect(not ok and tostring(message):find(says, 1, true), option .. ": " .. tostring(message))
	end
	for name, argument in pairs { drop = "udp", pass = "udp", set = "lte", delay_next = 1, down = "", disable = "", blackhole = "", up = "", clear = "" } do
		local ok, message = pcall(link[name], link, argument ~= "" and argument or nil)
		expect(not ok and tostring(message):find('link="fair"', 1, true), name .. ": " .. tostring(message))
	end
end)

scenario("a smaller MTU is seen by who sends", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "mtu=1300" })
	local from, at = alice:udp(0), server:udp(PORT)
	from:send(server:address() .. ":" .. PORT, ("x"):rep(1400))
	equal(#(at:receive() or ""), 1400)
	equal(lab:count("alice eth0", "udp and src host " .. alice:address() .. " or (ip[6:2] & 0x1fff != 0)"), 2,
		"the datagram went in two fragments")
end)

scenario("weather: the trace tells which packet of which link was lost, and why", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "port-restricted" })
	alice:box():link():set("fair")
	local at_server, socket = server:udp(5000), alice:udp(4000)
	local function say(text)
		socket:send(server:address() .. ":5000", text)
	end
	say("first")
	equal(at_server:receive(), "first", "what arrives")
	alice:box():link():drop("udp", { direction = "up", from = 2, count = 1 })
	say("second")
	equal(at_server:receive(), "second", "what arrives")
	say("third")
	say("fourth")
	equal(at_server:receive(), "fourth", "what arrives after a loss")
	local text = table.concat(lab:why(alice, server).text, "\n"):gsub("%s+", " ")
	expect(text:find("lost on the link nat-a to the internet: its 3rd packet outward (the scenario asked for it)", 1, true),
		"the trace says which packet was lost: " .. text)
	alice:box():link():clear():set("up:loss=100%")
	say("fifth")
	lab:wait_until(function() return lab:count("nat-a wan", "udp") == 5 end, 30, "the fifth is out")
	text = table.concat(lab:why(alice, server).text, "\n"):gsub("%s+", " ")
	expect(text:find("its 5th packet outward (loss 100 %, seed 0)", 1, true), "the trace tells of the dice: " .. text)
end)

scenario("weather: the trace tells which packets were held up, came twice or overtook, and how long links take", function(lab)
	local server = lab:host("server", { link = "delay=20ms,jitter=5ms" })
	local alice = lab:host("alice", { nat = "port-restricted", link = "fair" })
	local bob = lab:host("bob", { link = "delay=30ms,up:reorder=100%,down:duplicate=100%" })
	local at_server = server:udp(5000)
	local function say(host, count)
		local socket = host:udp(4000)
		for i = 1, count do socket:send(server:address() .. ":5000", tostring(i)) end
		local _, from
		for _ = 1, count do _, from = at_server:receive() end
		at_server:send(from, "answer")
		equal(socket:receive(), "answer")
	end
	local function told(host)
		return (table.concat(lab:why(host, server).text, "\n"):gsub("%s+", " "))
	end
	alice:link():delay_next(0.15, "udp", { direction = "up" })
	say(alice, 2)
	say(bob, 2)
	local text = told(alice)
	expect(text:find("Of what alice sent: 1 was held up on the link alice to nat-a: its 1st packet outward (150 ms, as the " ..
		"scenario asked for). The link server to the internet takes 20 ms and up to 5 ms more inward.", 1, true), text)
	expect(text:find("Of what server sent: The link server to the internet takes 20 ms and up to 5 ms more outward.", 1, true), text)
	text = told(bob)
	expect(text:find("Of what bob sent: 2 overtook others on the link bob to the internet: the first its 1st packet outward " ..
		"(reorder 100 %, seed 0). The link bob to the internet takes 30 ms outward.", 1, true), text)
	expect(text:find("1 came twice by the link bob to the internet: its 1st packet inward (duplicate 100 %, seed 0).", 1, true), text)
end)
