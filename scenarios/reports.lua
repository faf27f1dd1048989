-- What people report of their networks, each made of what the lab can do, and told by the trace.

local p2pchat = require "p2pchat"

local KEEPALIVE = { "--keepalive", "1" }

local function told(lab, a, b)
	return (table.concat(lab:why(a, b).text, "\n"):gsub("%s+", " "))
end

local function expect_told(lab, a, b, words)
	local text = told(lab, a, b)
	expect(text:find(words, 1, true), "the trace says '" .. words .. "': " .. text)
end

-- A datagram there, and its answer. Returns where it came from.
local function exchange(from, at, to)
	from:send(to, "question")
	local text, seen = at:receive()
	equal(text, "question", "what arrived")
	at:send(seen, "answer")
	equal(from:receive(), "answer", "the answer")
	return seen
end

-- Two clients that can move, with an open path.
local function chatting(lab, alice_host, bob_host, options)
	local server = p2pchat.server(lab, lab:host("server"), { arguments = options.server })
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob, 40), "the punch opens")
	return alice, bob
end

-- Texts each way, whatever addresses the two have by now.
local function both_hear(alice, bob, word)
	for _, way in ipairs { { alice, bob }, { bob, alice } } do
		local from, to = way[1], way[2]
		local text = word .. " of " .. from.host:name()
		from.program:type("send " .. to.address .. " " .. text)
		from.address = to.program:wait("^from (%S+): " .. literal(text) .. "$", 60)
	end
end

-- tailscale 15014
scenario("reports: a server answers from its other address, and a box that filters by address lets none in", function(lab)
	local server, alice = lab:host("server", { addresses = 2 }), lab:host("alice", { nat = "restricted" })
	local asked, other = server:udp(3478, server:address(1)), server:udp(3478, server:address(2))
	local socket = alice:udp(4000)
	socket:send(server:address(1) .. ":3478", "question")
	local _, seen = asked:receive()
	other:send(seen, "from the wrong address")
	lab:wait_until(function() return lab:count("nat-a wan", "src host " .. server:address(2)) == 1 end, 30, "the answer is at the box")
	equal(lab:count("alice eth0", "src host " .. server:address(2)), 0, "answers that alice had")
	local v = lab:why(alice, server)
	equal(v.outcome, "one-way")
	equal(v.cause, "filtered-address")
	asked:send(seen, "from the right one")
	equal(socket:receive(), "from the right one")
end)

-- kubo 3320
scenario("reports: a table that is full: old flows go on, new ones of any host do not", function(lab)
	local server = lab:host("server")
	local home = lab:box("home", "port-restricted,limit=20")
	local dht, victim = lab:host("dht", { behind = home }), lab:host("victim", { behind = home })
	local at, to = server:udp(5000), server:address() .. ":5000"
	local old = victim:udp(4000)
	local seen = exchange(old, at, to)
	for i = 1, 30 do dht:udp(10000 + i):send(to, "peer") end
	victim:udp(4001):send(to, "too late")
	equal(lab:count("server eth0", "udp dst port 5000"), 20, "what came through")
	at:send(seen, "an old flow")
	equal(old:receive(), "an old flow")
	equal(lab:why(dht, server).cause, "limit-reached")
	equal(lab:count("home wan", "udp src port 4001"), 0, "the victim's new flow")
end)

-- opnsense 4094
scenario("reports: a small link beyond two boxes is told to the sender inside, in a packet it knows as its own", function(lab)
	local server = lab:host("server")
	local carrier = lab:box("carrier", "full-cone", { link = "mtu=1420" })
	local home = lab:box("home", "port-restricted", { behind = carrier })
	local alice = lab:host("alice", { behind = home })
	local at, socket, to = server:udp(5000), alice:udp(4000), server:address() .. ":5000"
	socket:send(to, ("x"):rep(1440), { df = true })
	lab:wait_until(function() return lab:count("alice eth0", "icmp[0] = 3 and icmp[1] = 4 and icmp[6:2] = 1420") == 1 end, 30,
		"the error is at alice's, and names 1420")
	equal(lab:count("alice eth0", "icmp and icmp[20:4] = " .. ("0x%02x%02x%02x%02x"):format(alice:address():match("(%d+)%.(%d+)%.(%d+)%.(%d+)"))), 1,
		"errors about a packet from alice's inside address")
	socket:send(to, "small", { df = true })
	equal(at:receive(), "small")
	equal(lab:why(alice, server).directions[1].losses[1].cause, "too-big")
end)

-- iroh 2481
scenario("reports: a tenth to a third of all packets is lost, and the punch opens all the same", { timeout = 120 }, function(lab)
	local alice = lab:host("alice", { nat = "port-restricted", link = "delay=30ms,loss=30%" })
	local bob = lab:host("bob", { nat = "restricted", link = "delay=80ms,loss=10%,burst=3" })
	local a, b = chatting(lab, alice, bob, {})
	both_hear(a, b, "through the loss")
	expect_told(lab, alice, bob, "on the link alice to nat-a")
end)

scenario("reports: nine of ten that come in are lost, and the trace says on which link, which way", function(lab)
	local server = lab:host("server")
	local home = lab:box("home", "port-restricted", { link = "down:loss=90%" })
	local alice = lab:host("alice", { behind = home })
	local at, socket = server:udp(5000), alice:udp(4000)
	socket:send(server:address() .. ":5000", "first")
	local _, seen = at:receive()
	for i = 1, 40 do at:send(seen, "pong " .. i) end
	local came = lab:count("alice eth0", "udp dst port 4000")
	expect(came > 0 and came < 20, came .. " of 40 came in")
	local lost = 0
	for n in told(lab, alice, server):gmatch("(%d+) w%a+ lost on the link home to the internet: [%a ]-%d+%a+ packet inward %(loss 90 %%") do
		lost = lost + tonumber(n)
	end
	equal(lost, 40 - came, "losses that the trace tells of, before the first that came and after it")
end)

-- kubernetes 136213
scenario("reports: programs go on sending while the uplink is out, and all is well when it is back", function(lab)
	local server = lab:host("server")
	local home = lab:box("home", "port-restricted", { link = "fair" })
	local alice = lab:host("alice", { behind = home })
	local at, socket, to = server:udp(5000), alice:udp(4000), server:address() .. ":5000"
	local before = exchange(socket, at, to)
	for _, outage in ipairs { "down", "disable", "blackhole" } do
		home:link()[outage](home:link())
		for _ = 1, 2 do -- more unreachables than a few the kernel does not send at once
			pcall(socket.send, socket, to, "into the outage: " .. outage)
			pcall(alice:udp(0).send, alice:udp(0), to, "a new flow")
		end
		lab:count()
		equal(at:receive(0), nil, "what came through: " .. outage)
		home:link():up()
		lab:wait_until(function()
			socket:send(to, "question")
			local _, seen = at:receive(0.2)
			return seen == before
		end, 30, "the old flow goes on where it was, after " .. outage)
		lab:count() -- of the questions none is under way
		while at:receive(0) do end
		exchange(alice:udp(0), at, to)
	end
	expect_told(lab, alice, server, "a black hole")
end)

-- What was sent is heard, or its sender is told that it was not.
local function none_is_lost_silently(lab, alice, bob, word)
	for _, way in ipairs { { alice, bob }, { bob, alice } } do
		local from, to = way[1], way[2]
		local text = word .. " of " .. from.host:name()
		from.program:type("send " .. to.address .. " " .. text)
	end
	for _, way in ipairs { { alice, bob }, { bob, alice } } do
		local from, to = way[1], way[2]
		local text = literal(word .. " of " .. from.host:name())
		local fate = from.program:wait("^(n?o?t? ?delivered) .*: " .. text .. "$", 90)
		lab:wait_until(function() -- what is sent goes first, what is shown behind it
			return fate ~= "delivered" or to.program:seen("^from %S+: " .. text .. "$")
		end, 30, "what counts as delivered was heard")
	end
end

-- iroh 4424
scenario("reports: a carrier ends mappings at an age in spite of traffic, and no text is lost", { timeout = 120 }, function(lab)
	local carrier = lab:box("carrier", "port-restricted,ports=random,lifetime=3")
	local phone = lab:host("phone", { behind = carrier })
	local bob = lab:host("bob", { nat = "port-restricted" })
	local a, b = chatting(lab, phone, bob, { strategy = "auto", arguments = { "--keepalive", "0.5" } })
	local began = lab:now()
	local round = 0
	while lab:now() - began < 7 do
		round = round + 1
		both_hear(a, b, "text " .. round)
		lab:sleep(0.3)
	end
	equal(a.program:seen("^not delivered"), nil, "texts of alice's that were given up")
	equal(b.program:seen("^not delivered"), nil, "texts of bob's that were given up")
end)

-- opnsense 3052, nebula 889. The client keeps its socket, and so keeps the dead flow alive: the path does not come back
-- before the box forgets it; but nobody believes that a text has arrived that has not.
scenario("reports: the outer address changes under a path that is kept alive, which goes on to the dead address", { timeout = 120 },
	function(lab)
	local home = lab:box("home", "port-restricted")
	local alice, bob = lab:host("alice", { behind = home }), lab:host("bob", { nat = "port-restricted" })
	local a, b = chatting(lab, alice, bob, { strategy = "auto", arguments = KEEPALIVE })
	both_hear(a, b, "before")
	home:renumber { keep_flows = true }
	none_is_lost_silently(lab, a, b, "after")
	expect_told(lab, bob, alice, "no longer had that address")
end)

-- tailscale 18328
scenario("reports: after a reconnect the provider loses the answers of old flows", { timeout = 120 }, function(lab)
	local carrier = lab:box("carrier", "full-cone,stream-timeout=4,timeout=4")
	local home = lab:box("home", "port-restricted", { behind = carrier })
	local alice, bob = lab:host("alice", { behind = home }), lab:host("bob", { nat = "port-restricted" })
	local a, b = chatting(lab, alice, bob, { strategy = "auto", arguments = KEEPALIVE })
	both_hear(a, b, "before")
	carrier:forget()
	none_is_lost_silently(lab, a, b, "after")
	expect_told(lab, bob, alice, "loses what answers")
end)

scenario("reports: two homes behind one carrier that filters by address", { timeout = 90 }, function(lab)
	local carrier = lab:box("carrier", "restricted,hairpin")
	local ah, bh = lab:box("home-a", "port-restricted", { behind = carrier }), lab:box("home-b", "port-restricted", { behind = carrier })
	local alice, bob = lab:host("alice", { behind = ah }), lab:host("bob", { behind = bh })
	local carol = lab:host("carol", { nat = "symmetric" })
	local a, b = chatting(lab, alice, bob, {})
	both_hear(a, b, "by the carrier's hairpin")
	local c = p2pchat.login(lab, carol, a.server)
	c:punch(a)
	expect(p2pchat.both_know(lab, c, a, 40) == false, "the home filters by port, and a symmetric peer stays out")
	equal(lab:count("alice eth0", "src host " .. carol:public_address()), 0, "what came in of carol's")
end)

-- netbird 730
scenario("reports: the address of a VPN is announced, and the path does not stand or fall with it", { timeout = 120 }, function(lab)
	local office = lab:box("office", "port-restricted", { lan = "10.8.0.0/24" })
	local home_a, home_b = lab:box("home-a", "port-restricted"), lab:box("home-b", "port-restricted")
	local alice = lab:host("alice", { interfaces = { eth0 = { behind = home_a }, tun0 = { behind = office } } })
	local bob = lab:host("bob", { interfaces = { eth0 = { behind = home_b }, tun0 = { behind = office } } })
	local a, b = chatting(lab, alice, bob, { strategy = "auto", arguments = KEEPALIVE })
	both_hear(a, b, "with the VPN")
	bob:unplug("tun0")
	both_hear(a, b, "when it is gone")
	equal(a.program:seen("^not delivered"), nil, "texts of alice's that were given up")
end)
