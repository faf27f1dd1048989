-- Every advice of `trace --why` is tried in the trouble that brings it, both ways: see lib/advice.lua.

local advice = require "advice"
local found = require("verdict_check").found
local helps, does_not_help = advice.helps, advice.does_not_help
local seen = require("verdict_check").seen

-- True once the socket was sent these words; others are passed over.
local function hears(socket, words, patience)
	local text
	repeat
		text = socket:receive(patience)
	until text == words or text == nil
	return text == words
end

local function login(socket, at, server)
	socket:send(server:address() .. ":" .. at:port(), "who am I?")
	local _, from = at:receive()
	at:send(from, "seen")
	hears(socket, "seen")
	return from
end

-- alice and bob, each with a socket, and where a server sees them.
local function two(lab, alice_nat, bob_nat)
	local p = { lab = lab, server = lab:host("server") }
	p.alice, p.bob = lab:host("alice", { nat = alice_nat }), lab:host("bob", { nat = bob_nat })
	p.at, p.a, p.b = p.server:udp(7000), p.alice:udp(4000), p.bob:udp(5000)
	p.at_a, p.at_b = login(p.a, p.at, p.server), login(p.b, p.at, p.server)
	return p
end

-- alice behind a box, and a server that answers where it listens.
local function client_and_server(lab, spec)
	local p = { lab = lab, server = lab:host("server"), alice = lab:host("alice", { nat = spec }) }
	p.at, p.a, p.to = p.server:udp(5000), p.alice:udp(4000), p.server:address() .. ":5000"
	return p
end

local function dies_at_alices(p, count)
	seen(p.lab, "nat-a wan", "udp and src host " .. p.bob:public_address(), count)
end

-- Both send to where the other is now, until bob hears alice; what he sent is at her box, or with her.
local function meet(p, at_a)
	p.b:send(at_a, "opens")
	p.a:send(p.at_b, "hello")
	hears(p.b, "hello")
end

local function why(p)
	return p.lab:why(p.alice, p.bob)
end

-- --- the way was not opened, or not where it was expected ---------------------------------------------------

local function bob_alone(lab, tried, patience)
	local p = two(lab, "port-restricted", "port-restricted")
	p.b:send(p.at_a, "knock")
	dies_at_alices(p, 1)
	local verdict = why(p)
	if tried then
		p.a:send(p.at_b, "come in")
		hears(p.b, "come in")
	end
	p.b:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end
helps("both-send", "filtered-address", "bob alone is kept out", bob_alone)

helps("both-send", "filtered-address + fragment", "a datagram in pieces", function(lab, tried, patience)
	local p = two(lab, "port-restricted", "full-cone")
	p.b:send(p.at_a, ("x"):rep(3000))
	dies_at_alices(p, 3)
	local verdict = why(p)
	if tried then
		p.a:send(p.at_b, "come in")
		hears(p.b, "come in")
	end
	p.b:send(p.at_a, ("y"):rep(3000))
	return verdict, hears(p.a, ("y"):rep(3000), patience)
end)

helps("retry", "too-early", "bob's probe comes before alice's", function(lab, tried, patience)
	local p = two(lab, "port-restricted", "port-restricted")
	p.b:send(p.at_a, "early")
	dies_at_alices(p, 1)
	p.a:send(p.at_b, "opens")
	hears(p.b, "opens")
	local verdict = why(p)
	if tried then
		p.b:send(p.at_a, "once more")
	end
	return verdict, hears(p.a, "once more", patience)
end)

helps("retry", "filtered-address", "too early for a filter by address; the port does not matter",
	function(lab, tried, patience)
		local p = two(lab, "restricted", "symmetric")
		p.b:send(p.at_a, "early")
		dies_at_alices(p, 1)
		p.a:send(p.bob:public_address() .. ":9", "opens for that address")
		seen(lab, "nat-a wan", "udp and dst port 9", 1)
		local verdict = why(p)
		if tried then
			p.b:send(p.at_a, "once more")
		end
		return verdict, hears(p.a, "once more", patience)
	end)

helps("learn", "mapped-elsewhere", "bob's packets come from a port of their own", function(lab, tried, patience)
	local p = two(lab, "restricted", "symmetric")
	p.a:send(p.at_b, "to where the server saw him")
	p.b:send(p.at_a, "from elsewhere")
	local _, from = p.a:receive()
	p.a:send(p.at_b, "there again")
	seen(lab, "nat-b wan", "udp and src host " .. p.alice:public_address(), 2)
	local verdict = why(p)
	p.a:send(tried and from or p.at_b, "and now")
	return verdict, hears(p.b, "and now", patience)
end)

-- Both try, and bob's box takes another port for it.
local function symmetric_bob(lab, bob_nat)
	local p = two(lab, "port-restricted", bob_nat)
	p.bob:udp(5100):send(p.server:address() .. ":9", "another flow") -- two ports alone are a sequence by chance, once in 2,000
	p.a:send(p.at_b, "to the port that the server saw")
	p.b:send(p.at_a, "from another one")
	dies_at_alices(p, 1)
	return p, why(p)
end

local function guess_the_next(lab, bob_nat, tried, patience)
	local p, verdict = symmetric_bob(lab, bob_nat)
	local host, port = p.at_b:match("^(.*):(%d+)$")
	for step = 1, tried and 4 or 0 do
		p.a:send(host .. ":" .. (tonumber(port) + step), "guess")
	end
	p.b:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end
helps("prediction", "filtered-port", "ports go in steps", function(lab, tried, patience)
	return guess_the_next(lab, "symmetric-sequential", tried, patience)
end)
does_not_help("prediction", "ports are random", function(lab, tried, patience)
	return guess_the_next(lab, "symmetric", tried, patience)
end)

helps("fresh-socket", "filtered-port", "the port is kept for the first destination", function(lab, tried, patience)
	local p, verdict = symmetric_bob(lab, "symmetric-preserving")
	local socket = p.b
	if tried then
		socket = p.bob:udp(5555)
		p.a:send(p.bob:public_address() .. ":5555", "to the port that was announced")
		seen(lab, "nat-b wan", "udp and dst port 5555", 1)
	end
	socket:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end)
does_not_help("fresh-socket", "the port is random for a first destination, too", function(lab, _, patience)
	local p, verdict = symmetric_bob(lab, "symmetric")
	local socket = p.bob:udp(5555)
	p.a:send(p.bob:public_address() .. ":5555", "to the port that was announced")
	seen(lab, "nat-b wan", "udp and dst port 5555", 1)
	socket:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

-- bob opens `many` ports of 512, and alice tries 64 of them. Where hers stays the same and he opens 128, that none fits is a
-- chance of one in a hundred million; where hers is another one each time, that one fits is one of one in a thousand.
local function by_birthday(lab, alice_nat, many, patience)
	local p = two(lab, alice_nat, "symmetric,range=20000-20511")
	p.a:send(p.at_b, "to the port that the server saw")
	p.b:send(p.at_a, "from another one")
	dies_at_alices(p, 1)
	local verdict, sockets = why(p), { p.b }
	for i = 2, many do
		sockets[i] = p.bob:udp(6000 + i)
	end
	for _, socket in ipairs(sockets) do
		socket:send(p.at_a, "opens")
	end
	dies_at_alices(p, 1 + #sockets)
	for i = 1, many > 1 and 64 or 0 do
		p.a:send(p.bob:public_address() .. ":" .. 20000 + i * 7, "guess")
	end
	for _, socket in ipairs(sockets) do
		socket:send(p.at_a, "once more")
	end
	return verdict, hears(p.a, "once more", patience)
end
helps("birthday", "filtered-port", "bob opens many ports, alice tries many", function(lab, tried, patience)
	return by_birthday(lab, "port-restricted", tried and 128 or 1, patience)
end)
does_not_help("birthday", "alice's box is symmetric, too", function(lab, _, patience)
	return by_birthday(lab, "symmetric", 16, patience)
end)

local function by_relay(lab, alice_nat, bob_nat, tried, patience)
	local p = two(lab, alice_nat, bob_nat)
	p.a:send(p.at_b, "no")
	p.b:send(p.at_a, "no")
	dies_at_alices(p, 1)
	local verdict = why(p)
	if tried then
		local from
		p.b:send(p.server:address() .. ":7000", "once more")
		repeat
			local text
			text, from = p.at:receive()
		until text == "once more"
		p.at:send(p.at_a, "once more")
	else
		p.b:send(p.at_a, "once more")
	end
	return verdict, hears(p.a, "once more", patience)
end
helps("relay", "mapped-elsewhere", "two symmetric boxes", function(lab, tried, patience)
	return by_relay(lab, "symmetric", "symmetric", tried, patience)
end)
helps("relay", "filtered-port", "a symmetric and a port-restricted box", function(lab, tried, patience)
	return by_relay(lab, "port-restricted", "symmetric", tried, patience)
end)

helps("same-source", "filtered-address", "the answer comes from another address than was asked",
	function(lab, tried, patience)
		local server = lab:host("server", { addresses = 2 })
		local alice = lab:host("alice", { nat = "port-restricted" })
		local asked, other, a = server:udp(5000, server:address(2)), server:udp(5000, server:address(1)), alice:udp(4000)
		a:send(server:address(2) .. ":5000", "question")
		local _, from = asked:receive()
		other:send(from, "answer")
		seen(lab, "nat-a wan", "udp and src host " .. server:address(1), 1)
		local verdict = lab:why(alice, server);
		(tried and asked or other):send(from, "once more")
		return verdict, hears(a, "once more", patience)
	end)

helps("punch-again", "no-mapping", "bob knows a port that nobody uses", function(lab, tried, patience)
	local p = two(lab, "port-restricted", "port-restricted")
	local at_a = p.alice:public_address() .. ":4444"
	p.b:send(at_a, "anybody?")
	dies_at_alices(p, 1)
	local verdict = why(p)
	if tried then
		at_a = login(p.a, p.at, p.server)
		meet(p, at_a)
	end
	p.b:send(at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

-- --- several outside addresses, and parity (RFC 4787 REQ-2, REQ-4) ------------------------------------------------

-- alice's box has two outside addresses; somebody whom she has sent to, or a stranger, knows the one that she has not.
local function sent_to_the_other_address(lab, filtering, by_stranger, tried, patience)
	local home, server = lab:box("home", filtering .. ",addresses=2"), lab:host("server")
	local alice = lab:host("alice", { behind = home })
	local bob = by_stranger and lab:host("bob") or server
	local at, a = server:udp(7000), alice:udp(5000)
	local from = by_stranger and bob:udp(7000) or at
	a:send(server:address() .. ":7000", "hello")
	local _, seen_at = at:receive()
	local other = home:address(2) .. ":5000"
	equal(seen_at, home:address(1) .. ":5000")
	from:send(other, "knock")
	seen(lab, "home wan", "udp and dst host " .. home:address(2), 1)
	local verdict = lab:why(alice, bob)
	if tried and by_stranger and filtering == "port-restricted" then
		a:send(bob:address() .. ":7000", "come in")
		hears(from, "come in")
	end
	from:send(tried and seen_at or other, "once more")
	return verdict, hears(a, "once more", patience)
end
for what, case in pairs {
	["by the server itself"] = { "port-restricted" },
	["by a stranger"] = { "port-restricted", true },
	["by a stranger whom the box would let in"] = { "full-cone", true },
} do
	helps("seen-address", "other-address", "another address than the server saw, " .. what, function(lab, tried, patience)
		return sent_to_the_other_address(lab, case[1], case[2], tried, patience)
	end)
end

-- bob's box gives each of his flows any of its addresses: the next ports are to be tried at all of them.
helps("prediction", "filtered-port", "ports go in steps, and addresses are any", function(lab, tried, patience)
	local home = lab:box("home", "symmetric-sequential,addresses=2,pooling=arbitrary")
	local p = { lab = lab, server = lab:host("server"), alice = lab:host("alice", { nat = "port-restricted" }) }
	p.bob = lab:host("bob", { behind = home })
	p.at, p.a, p.b = p.server:udp(7000), p.alice:udp(4000), p.bob:udp(5000)
	p.at_a, p.at_b = login(p.a, p.at, p.server), login(p.b, p.at, p.server)
	p.a:send(p.at_b, "to the port that the server saw")
	p.b:send(p.at_a, "from another one")
	seen(lab, "nat-a wan", "udp and dst port 4000 and src port not 7000", 1)
	local verdict = why(p)
	found(verdict, { says = { "any of its 2 outside addresses (pooling=arbitrary; RFC 4787 REQ-2",
		"at each of its 2 outside addresses" } })
	for step = 1, tried and 4 or 0 do
		for i = 1, 2 do
			p.a:send(home:address(i) .. ":" .. p.at_b:match("%d+$") + step, "guess")
		end
	end
	p.b:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

-- bob's socket has an even port, so a guess at an odd one is in vain.
helps("same-parity", "other-parity", "the ports that are tried are odd ones", function(lab, tried, patience)
	local p = two(lab, "port-restricted", "symmetric,parity,range=40000-40511")
	local host = p.at_b:match("^(.*):%d+$")
	p.b = p.bob:udp(5002)
	p.at_b = login(p.b, p.at, p.server)
	p.b:send(p.at_a, "from another one")
	dies_at_alices(p, 1)
	p.a:send(host .. ":40001", "guess")
	seen(lab, "nat-b wan", "udp and dst port 40001", 1)
	local verdict = why(p)
	for port = tried and 40000 or 40001, 40511, 2 do
		p.a:send(host .. ":" .. port, "once more")
	end
	return verdict, hears(p.b, "once more", patience)
end)

-- Two hosts with one inside port behind plain Linux, known by the same address; the first has the peer already.
helps("other-port", "filtered-port", "another host has the port behind the same box", function(lab, tried, patience)
	local one, other = lab:host("server-a"), lab:host("server-b")
	local home = lab:box("home", "port-restricted,ports=overload")
	local first, second = lab:host("first", { behind = home }), lab:host("second", { behind = home })
	local peer = lab:host("peer", { nat = "port-restricted" })
	local at_one, at_other = one:udp(3478), other:udp(3478)
	local f, s, p = first:udp(9993), second:udp(9993), peer:udp(9993)
	local at_f, at_s, at_p = login(f, at_one, one), login(s, at_other, other), login(p, at_one, one)
	f:send(at_p, "ping")
	p:send(at_f, "pong")
	s:send(at_p, "ping")
	p:send(at_s, "pong")
	seen(lab, "nat-p wan", "udp and dst port 9993 and src host " .. home:address(), 2)
	local verdict = lab:why(second, peer)
	if tried then
		s = second:udp(9994)
		at_s = login(s, at_other, other)
	end
	p:send(at_s, "opens")
	s:send(at_p, "once more")
	return verdict, hears(p, "once more", patience)
end)

-- --- the box that takes packets for its own ------------------------------------------------------------------

-- bob is first: his packet comes to alice's box before she sends; unless she is told to be.
local function trapped(lab, bob_nat, remedy, patience)
	local p = two(lab, "linux-router", bob_nat)
	local first, first_to, second, second_to = p.b, p.at_a, p.a, p.at_b
	if remedy == "input-drop" then
		p.alice:box():iptables("-A INPUT -i wan -m conntrack --ctstate NEW -j DROP")
	elseif remedy == "trapped-first" then
		first, first_to, second, second_to = second, second_to, first, first_to
	elseif remedy == "low-ttl" then
		p.b:send(p.at_a, "dies on the internet", { ttl = 2 })
		seen(lab, "bob eth0", "icmp[0] == 11", 1)
		first, first_to, second, second_to = second, second_to, first, first_to
	end
	for _ = 1, 3 do
		first:send(first_to, "ping")
		lab:count() -- it has come as far as it comes
		second:send(second_to, "ping")
		lab:count() -- it has come as far as it comes
	end
	return why(p), hears(p.a, "ping", patience) and hears(p.b, "ping", patience)
end
for _, remedy in ipairs { "input-drop", "trapped-first", "low-ttl" } do
	helps(remedy, "swallowed", "bob's packet comes before alice's", function(lab, tried, patience)
		return trapped(lab, "port-restricted", tried and remedy, patience)
	end)
	does_not_help(remedy, "the trap, and a symmetric box on the other side", function(lab, _, patience)
		return trapped(lab, "symmetric", remedy, patience)
	end)
end

helps("input-drop", "swallowed + port-held", "the box's own entry has the only port", function(lab, tried, patience)
	local p = two(lab, "linux-router", "port-restricted")
	p.alice:box():iptables("-t nat -I POSTROUTING -o wan -p udp --sport 4000 -j SNAT --to-source " ..
		p.alice:public_address() .. ":4000")
	if tried then
		p.alice:box():iptables("-A INPUT -i wan -m conntrack --ctstate NEW -j DROP")
	end
	for _ = 1, 3 do
		p.b:send(p.at_a, "ping")
		lab:count() -- it has come as far as it comes
		p.a:send(p.at_b, "ping")
		lab:count() -- it has come as far as it comes
	end
	return why(p), hears(p.b, "ping", patience)
end)

-- --- one box in front of both ----------------------------------------------------------------------------------

local function behind_one_box(lab, spec, by_inside_address, patience)
	local server, home = lab:host("server"), lab:box("home", spec)
	local one, other = lab:host("one", { behind = home }), lab:host("other", { behind = home })
	local at, a, b = server:udp(7000), one:udp(4000), other:udp(5000)
	local at_a, at_b = login(a, at, server), login(b, at, server)
	a:send(at_b, "round the corner")
	b:send(at_a, "round the corner")
	seen(lab, "home lan", "udp and dst host " .. home:address(), 2)
	local verdict = lab:why(one, other)
	a:send(by_inside_address and other:address() .. ":5000" or at_b, "once more")
	return verdict, hears(b, "once more", patience)
end
helps("hairpin", "no-hairpin", "two hosts behind one box", function(lab, tried, patience)
	return behind_one_box(lab, tried and "port-restricted,hairpin" or "port-restricted", false, patience)
end)
helps("host-candidate", "no-hairpin", "two hosts in one lan", function(lab, tried, patience)
	return behind_one_box(lab, "port-restricted", tried, patience)
end)
does_not_help("host-candidate", "two homes behind one carrier that does not hairpin", function(lab, _, patience)
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted")
	local one = lab:host("one", { behind = lab:box("home-a", "port-restricted", { behind = carrier }) })
	local other = lab:host("other", { behind = lab:box("home-b", "port-restricted", { behind = carrier }) })
	local at, a, b = server:udp(7000), one:udp(4000), other:udp(5000)
	local at_a, at_b = login(a, at, server), login(b, at, server)
	a:send(at_b, "round the corner")
	b:send(at_a, "round the corner")
	seen(lab, "carrier lan", "udp and dst host " .. carrier:address(), 2)
	a:send(other:address() .. ":5000", "straight")
	return lab:why(one, other), hears(b, "straight", patience)
end)

-- --- a way that is gone -------------------------------------------------------------------------------------------

local function left_alone(lab, keepalive, again, patience)
	local p = two(lab, "port-restricted,timeout=2,stream-timeout=2", "port-restricted")
	meet(p, p.at_a)
	p.b:send(p.at_a, "hello")
	hears(p.a, "hello")
	for _ = 1, 12 do -- for longer than the box keeps it, and each time for much less
		lab:sleep(0.25)
		if keepalive then
			p.a:send(p.at_b, "still here")
			hears(p.b, "still here")
		end
	end
	p.b:send(p.at_a, "news")
	local got_it = keepalive and hears(p.a, "news", patience)
	dies_at_alices(p, 3)
	local verdict = why(p)
	if again then
		local now = login(p.a, p.at, p.server)
		meet(p, now)
		p.b:send(now, "once more")
	end
	return verdict, got_it or hears(p.a, "once more", patience)
end
helps("keepalive", "mapping-expired", "the way idles for longer than the box keeps it", function(lab, tried, patience)
	return left_alone(lab, tried, false, patience)
end)
helps("punch-again", "mapping-expired", "the way idles for longer than the box keeps it", function(lab, tried, patience)
	return left_alone(lab, false, tried, patience)
end)

-- However often a keepalive comes: the box ends each mapping at that age.
local function grows_too_old(lab, again, patience)
	local p = two(lab, "port-restricted,ports=random,lifetime=2", "port-restricted")
	local began = lab:now()
	meet(p, p.at_a)
	p.b:send(p.at_a, "hello")
	hears(p.a, "hello")
	repeat -- the box is late where the machine is busy
		lab:sleep(0.25)
		p.b:send(p.at_a, "still here")
		lab:count() -- it has come as far as it comes
		expect(lab:now() - began < 30, "it ends")
	until not hears(p.a, "still here", 0)
	local verdict, now = why(p), p.at_a
	if again then
		now = login(p.a, p.at, p.server)
		meet(p, now)
	end
	p.b:send(now, "once more")
	return verdict, hears(p.a, "once more", patience)
end
helps("punch-again", "mapping-too-old", "the box ends what is in use", grows_too_old)
does_not_help("keepalive", "the box ends what is in use", function(lab, _, patience)
	return grows_too_old(lab, false, patience)
end)

helps("punch-again", "mapping-deleted", "the box reboots", function(lab, tried, patience)
	local p = two(lab, "port-restricted,ports=random", "port-restricted")
	meet(p, p.at_a)
	p.b:send(p.at_a, "hello")
	hears(p.a, "hello")
	p.alice:box():reboot()
	p.b:send(p.at_a, "still there?")
	dies_at_alices(p, 3)
	local verdict, now = why(p), p.at_a
	if tried then
		now = login(p.a, p.at, p.server)
		meet(p, now)
	end
	p.b:send(now, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

helps("punch-again", "mapping-too-old", "the box ends a mapping that is in use", function(lab, tried, patience)
	local p = two(lab, "port-restricted,ports=random,lifetime=3", "full-cone")
	p.a:send(p.at_b, "hello")
	hears(p.b, "hello")
	p.b:send(p.at_a, "hello")
	hears(p.a, "hello")
	for _ = 1, 4 do
		lab:sleep(0.25)
		p.a:send(p.at_b, "still here")
		hears(p.b, "still here")
	end
	lab:wait_until(function() return #p.alice:box():mappings() == 0 end, 30, "the box has ended all")
	p.b:send(p.at_a, "still there?")
	dies_at_alices(p, 2)
	local verdict, now = why(p), p.at_a
	if tried then
		now = login(p.a, p.at, p.server)
		p.a:send(p.at_b, "here again")
		hears(p.b, "here again")
	end
	p.b:send(now, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

helps("new-flow", "answers-forgotten", "the box loses what answers old flows", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	login(p.a, p.at, p.server)
	p.alice:box():forget()
	p.a:send(p.to, "question")
	local _, from = p.at:receive()
	p.at:send(from, "answer")
	seen(lab, "nat-a wan", "udp and src port 5000", 2)
	local verdict = lab:why(p.alice, p.server)
	local socket = tried and p.alice:udp(4001) or p.a
	socket:send(p.to, "once more")
	_, from = p.at:receive()
	p.at:send(from, "answer")
	return verdict, hears(socket, "answer", patience)
end)

helps("punch-again", "had-left", "a phone is plugged in elsewhere", function(lab, tried, patience)
	local p = { lab = lab, server = lab:host("server") }
	p.alice, p.bob = lab:host("alice", { interfaces = { wifi = {} } }), lab:host("bob", { nat = "port-restricted" })
	local cafe = lab:box("cafe", "port-restricted")
	p.at, p.a, p.b = p.server:udp(7000), p.alice:udp(4000), p.bob:udp(5000)
	p.at_a, p.at_b = login(p.a, p.at, p.server), login(p.b, p.at, p.server)
	p.b:send(p.at_a, "hello")
	hears(p.a, "hello")
	p.alice:plug("wifi", cafe)
	p.b:send(p.at_a, "still there?")
	seen(lab, "nat-b wan", "udp and dst port 4000", 2)
	local verdict, now = why(p), p.at_a
	if tried then
		now = login(p.a, p.at, p.server)
		meet(p, now)
	end
	p.b:send(now, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

-- --- what a box has to give ------------------------------------------------------------------------------------

-- Sends from so many sockets; one more must get its packet through.
local function from_many(lab, spec, count, filter)
	local p = client_and_server(lab, spec)
	for i = 0, count - 1 do
		p.alice:udp(20000 + i):send(p.to, "mine")
	end
	p.last = p.alice:udp(30000)
	p.last:send(p.to, "me too")
	seen(lab, "nat-a lan", filter, count + 1)
	return p
end

local function count_through(p, patience)
	p.last:send(p.to, "once more")
	return hears(p.at, "once more", patience)
end
helps("pool", "pool-empty", "a range of 64 ports; then a larger one", function(lab, tried, patience)
	local p = from_many(lab, "port-restricted,range=20000-" .. (tried and 20127 or 20063), 64, "udp")
	return lab:why(p.alice, p.server), count_through(p, patience)
end)
helps("pool", "pool-empty", "a range of 64 ports; then fewer sockets", function(lab, tried, patience)
	local p = from_many(lab, "port-restricted,range=20000-20063", tried and 20 or 64, "udp")
	return lab:why(p.alice, p.server), count_through(p, patience)
end)
helps("limit", "limit-reached", "so many mappings and no more; then fewer sockets", function(lab, tried, patience)
	local p = from_many(lab, "port-restricted,limit=8", tried and 4 or 12, "udp")
	return lab:why(p.alice, p.server), count_through(p, patience)
end)

-- 40 packets, so many at a time, of which one passes; such a pause after them.
local function through_a_limit(lab, at_once, pause, patience)
	local p = client_and_server(lab, "port-restricted")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -j DROP")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -m limit --limit 10/second --limit-burst 1 -j ACCEPT")
	for i = 1, 40 do
		p.a:send(p.to, "packet " .. i)
		if i % at_once == 0 then
			lab:count("nat-a lan") -- they have come to the limit: the pause is between them there
			lab:sleep(pause)
		end
	end
	seen(lab, "nat-a lan", "udp", 40)
	local arrived, text = 0, nil
	repeat
		text = p.at:receive(patience < 1 and patience or 1)
		arrived = arrived + (text and 1 or 0)
	until text == nil or arrived == 40
	return lab:why(p.alice, p.server), arrived == 40
end
helps("slower", "rate-limited", "ten a second pass", function(lab, tried, patience)
	return through_a_limit(lab, tried and 1 or 5, 0.2, patience)
end)
does_not_help("retry", "at the same pace a limit on the rate drops as many", function(lab, _, patience)
	return through_a_limit(lab, 5, 0.2, patience)
end)

-- --- lengths ------------------------------------------------------------------------------------------------

-- alice's datagrams of `size` bytes, after some that pass: what the last one comes to.
local function of_size(lab, spec, size, patience, prepare)
	local p = client_and_server(lab, spec)
	if prepare then
		prepare(p)
	end
	p.a:send(p.to, "small")
	hears(p.at, "small")
	for i = 1, 3 do
		p.a:send(p.to, ("x"):rep(size - 1) .. i)
	end
	seen(lab, "nat-a lan", "udp and src port 4000", 4)
	return p, hears(p.at, ("x"):rep(size - 1) .. "3", patience)
end

local function narrow(p)
	equal(p.alice:box():run({ "ip", "link", "set", "wan", "mtu", "1300" }):exit_status(), 0, "a narrow link")
end

local function black_hole(p)
	narrow(p)
	p.alice:box():iptables("-I OUTPUT -p icmp -j DROP")
end
helps("smaller", "lost-by-size", "a path MTU black hole", function(lab, tried, patience)
	local p, through = of_size(lab, "port-restricted", tried and 1200 or 1400, patience, black_hole)
	return lab:why(p.alice, p.server), through
end)
does_not_help("listen", "a program does listen in a path MTU black hole", function(lab, _, patience)
	local p, through = of_size(lab, "port-restricted", 1400, patience, black_hole)
	return lab:why(p.alice, p.server), through
end)
helps("smaller", "no-fragments", "a box that lets no fragments through", function(lab, tried, patience)
	local p, through = of_size(lab, "port-restricted,fragments=drop", tried and 1400 or 3000, patience)
	return lab:why(p.alice, p.server), through
end)
helps("smaller", "too-big", "a narrow link, and a box that says so", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	narrow(p)
	local text = ("x"):rep(tried and 1272 or 1400)
	p.a:send(p.to, text, { df = true })
	if not tried then
		seen(lab, "alice eth0", "icmp[0] == 3 and icmp[1] == 4", 1)
	end
	return lab:why(p.alice, p.server), hears(p.at, text, patience)
end)

-- --- rules -----------------------------------------------------------------------------------------------------

local function ruled_out(lab, changed, patience)
	local p = client_and_server(lab, "port-restricted")
	local other, rule = p.server:udp(6000), "FORWARD -i lan -p udp --dport 5000 -j DROP"
	p.a:send(p.server:address() .. ":6000", "this passes")
	hears(other, "this passes")
	p.alice:box():iptables("-I " .. rule)
	for i = 1, 3 do
		p.a:send(p.to, "try " .. i)
	end
	seen(lab, "nat-a lan", "udp and dst port 5000", 3)
	local verdict = lab:why(p.alice, p.server)
	if changed then
		p.alice:box():iptables("-D " .. rule)
	end
	p.a:send(p.to, "once more")
	return verdict, hears(p.at, "once more", patience)
end
helps("rule", "rule-out", "a rule against one port", ruled_out)
does_not_help("retry", "a rule against one port", function(lab, _, patience)
	return ruled_out(lab, false, patience)
end)

local function kept_out_by_a_rule(lab, changed, patience)
	local p = two(lab, "port-restricted", "port-restricted")
	local rule = "FORWARD -i wan -p udp -s " .. p.bob:public_address() .. " -j DROP"
	p.alice:box():iptables("-I " .. rule)
	p.a:send(p.at_b, "opens")
	p.b:send(p.at_a, "knock")
	dies_at_alices(p, 1)
	local verdict = why(p)
	if changed then
		p.alice:box():iptables("-D " .. rule)
	end
	p.b:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end
helps("rule", "rule-in", "a rule against one sender", kept_out_by_a_rule)
does_not_help("both-send", "a rule against one sender, to whom alice did send", function(lab, _, patience)
	return kept_out_by_a_rule(lab, false, patience)
end)

-- Every second one is dropped: sending again is all that is needed.
helps("retry", "rule-out", "a box that loses some", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -m statistic --mode nth --every 2 --packet 1 -j DROP")
	p.a:send(p.to, "this passes")
	p.a:send(p.to, "this is lost")
	p.a:send(p.to, "this passes too")
	hears(p.at, "this passes too")
	local verdict = lab:why(p.alice, p.server)
	for _ = 1, tried and 2 or 0 do
		p.a:send(p.to, "this is lost")
	end
	return verdict, hears(p.at, "this is lost", patience)
end)

helps("retry", "link-down", "the cable of a box is pulled, and in again", function(lab, tried, patience)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local link, to = alice:box():link(), server:address() .. ":7000"
	link:set("fair")
	local at, socket = server:udp(7000), alice:udp(4000)
	socket:send(to, "before")
	equal(at:receive(), "before", "what came before")
	link:down()
	socket:send(to, "into the outage")
	seen(lab, "nat-a lan", "udp and dst port 7000", 2)
	local verdict = lab:why(alice, server)
	if tried then link:up() end
	local through, deadline = false, lab:now() + patience
	repeat
		socket:send(to, "once more")
		through = at:receive(0.2) == "once more"
	until through or lab:now() > deadline
	return verdict, through
end)

local function ping(host, to, seconds)
	return host:run({ "ping", "-c", "1", "-W", seconds, to }):exit_status(60) == 0
end
helps("rule", "no-icmp", "a box that lets no ICMP through", function(lab, tried)
	local p = client_and_server(lab, "port-restricted" .. (tried and "" or ",icmp=blocked"))
	local through = ping(p.alice, p.server:address(), tried and "30" or "1")
	return lab:why(p.alice, p.server, "icmp"), through
end)

helps("tcp", "blocked", "no UDP gets out, TCP does", function(lab, tried, patience)
	local p = client_and_server(lab, "udp-blocked")
	p.a:send(p.to, "no")
	seen(lab, "nat-a lan", "udp", 1)
	local verdict = lab:why(p.alice, p.server)
	if tried then
		local tcp = p.alice:run { "/bin/bash", "-c", "exec 3<>/dev/tcp/" .. p.server:address() .. "/9" }
		tcp:exit_status()
		return verdict, lab:count("alice eth0", "tcp[tcpflags] & tcp-rst != 0") == 1 -- an answer came, though nobody listens
	end
	p.a:send(p.to, "once more")
	return verdict, hears(p.at, "once more", patience)
end)

-- --- the other end ------------------------------------------------------------------------------------------------

helps("listen", "refused", "nobody listens, and then somebody does", function(lab, tried, patience)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local a, to = alice:udp(4000), server:address() .. ":5000"
	a:send(to, "anybody there?")
	seen(lab, "alice eth0", "icmp", 1)
	local verdict = lab:why(alice, server)
	local at = tried and server:udp(5000)
	a:send(to, "and now?")
	return verdict, tried and hears(at, "and now?", patience)
end)

-- Who asks whether the host's own firewall may be it: what the programs say, that packets came, and that none went.
helps("listen", "none", "the host's own firewall drops what came in", function(lab, tried, patience)
	local p = two(lab, "port-restricted", "port-restricted")
	local rule = "INPUT -p udp -s " .. p.alice:public_address() .. " -j DROP"
	equal(p.bob:run({ "sh", "-c", "iptables -I " .. rule }):exit_status(), 0, "bob's firewall")
	p.b:send(p.at_a, "opens") -- it is lost, and alice's way is not open yet
	dies_at_alices(p, 1)
	p.a:send(p.at_b, "hello")
	seen(lab, "bob eth0", "udp and dst port 5000 and src host " .. p.alice:public_address(), 1)
	if tried then
		equal(p.bob:run({ "sh", "-c", "iptables -D " .. rule }):exit_status(), 0, "no firewall")
	end
	p.a:send(p.at_b, "once more")
	local through = hears(p.b, "once more", patience)
	p.b:send(p.at_a, "a keepalive")
	hears(p.a, "a keepalive")
	p.alice:run({ "/bin/echo", "timed out" }):exit_status()
	p.bob:run({ "/bin/echo", "timed out" }):exit_status()
	return why(p), through
end)

helps("address", "no-route", "an inside address, and then the one that the server saw", function(lab, tried, patience)
	local p = two(lab, "full-cone", "port-restricted")
	p.b:send(p.alice:address() .. ":4000", "to her inside address")
	seen(lab, "nat-b wan", "udp and dst port 4000", 1)
	local verdict = why(p)
	p.b:send(tried and p.at_a or p.alice:address() .. ":4000", "once more")
	return verdict, hears(p.a, "once more", patience)
end)

-- bob's address is right; alice's box sends what is for it elsewhere, or nowhere.
local function led_astray(lab, wrong, mend, arrives, patience)
	local home = lab:box("home", "port-restricted")
	local one, other = lab:host("one", { behind = home }), lab:host("other", { behind = home })
	local bob = lab:host("bob")
	local a, b = one:udp(4000), bob:udp(5000)
	local function ip(words)
		local command = { "ip", "route" }
		for word in words:gsub("OTHER", other:address()):gsub("BOB", bob:address()):gmatch("%S+") do
			command[#command + 1] = word
		end
		equal(home:run(command):exit_status(), 0, words)
	end
	home:iptables("-I FORWARD -i lan -o lan -j ACCEPT")
	ip(wrong)
	a:send(bob:address() .. ":5000", "hello")
	seen(lab, arrives, "udp or icmp", 1)
	local verdict = lab:why(one, bob)
	if mend then
		ip(mend)
	end
	a:send(bob:address() .. ":5000", "once more")
	return verdict, hears(b, "once more", patience)
end
helps("route", "not-for-host", "a box leads to a host that is another one", function(lab, tried, patience)
	return led_astray(lab, "add BOB via OTHER", tried and "del BOB", "other eth0", patience)
end)
helps("route", "no-route", "a box says that it has no way there", function(lab, tried, patience)
	return led_astray(lab, "add unreachable BOB", tried and "del BOB", "one eth0", patience)
end)

-- bob hears, and what he answers does not leave his box.
helps("route", "no-route", "no way back", function(lab, tried, patience)
	local p = two(lab, "full-cone", "full-cone")
	local function route(verb)
		equal(p.bob:box():run({ "ip", "route", verb, "unreachable", p.alice:public_address() }):exit_status(), 0, verb)
	end
	route("add")
	p.a:send(p.at_b, "ping")
	hears(p.b, "ping")
	p.b:send(p.at_a, "pong")
	seen(lab, "bob eth0", "icmp", 1)
	local verdict = why(p)
	if tried then
		route("del")
	end
	p.b:send(p.at_a, "once more")
	return verdict, hears(p.a, "once more", patience)
end)

helps("listen", "none", "a host without a route back", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	local function route(verb)
		local to = p.alice:public_address()
		equal(p.server:run({ "ip", "route", verb, "blackhole", to }):exit_status(), 0, verb)
	end
	route("add")
	p.a:send(p.to, "question")
	local _, from = p.at:receive()
	pcall(p.at.send, p.at, from, "answer") -- nothing leaves the host
	local verdict = lab:why(p.alice, p.server)
	equal(verdict.outcome, "unanswered")
	if tried then
		route("del")
		p.at:send(from, "once more")
	end
	return verdict, hears(p.a, "once more", patience)
end)

helps("ttl", "ttl", "two hops are not enough", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	p.a:send(p.to, "not far enough", { ttl = 2 })
	seen(lab, "alice eth0", "icmp[0] == 11", 1)
	local verdict = lab:why(p.alice, p.server)
	p.a:send(p.to, "once more", { ttl = tried and 64 or 2 })
	return verdict, hears(p.at, "once more", patience)
end)

-- --- links ---------------------------------------------------------------------------------------------------------

helps("retry", "lost-on-link", "a link loses one", function(lab, tried, patience)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted", link = "fair" })
	local at, a, to = server:udp(5000), alice:udp(4000), server:address() .. ":5000"
	alice:link():drop("udp", { count = 1 })
	a:send(to, "this is lost")
	seen(lab, "alice eth0", "udp", 1)
	local verdict
	lab:wait_until(function()
		verdict = lab:why(alice, server)
		return verdict.cause == "lost-on-link"
	end, nil, "the link tells what it lost")
	if tried then
		a:send(to, "once more")
	end
	return verdict, hears(at, "once more", patience)
end)

helps("retry", "lost-on-wire", "an interface is down for a while", function(lab, tried, patience)
	local p = client_and_server(lab, "port-restricted")
	login(p.a, p.at, p.server)
	local function link(state)
		equal(p.server:run({ "ip", "link", "set", "eth0", state }):exit_status(), 0, state)
	end
	link("down")
	p.a:send(p.to, "this is lost")
	seen(lab, "nat-a wan", "udp and dst port 5000", 2)
	link("up") -- its other end takes up to a second to notice, in which what is sent is lost too
	local verdict = lab:why(p.alice, p.server)
	for _ = 1, tried and 20 or 0 do
		p.a:send(p.to, "once more")
		if hears(p.at, "once more", patience / 20) then
			return verdict, true
		end
	end
	return verdict, hears(p.at, "once more", patience)
end)

-- --- TCP --------------------------------------------------------------------------------------------------------------

-- Says what is typed to whoever came last; says what it hears.
local SERVER = [[use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die;
$| = 1; print "ready\n"; my $c; while (1) { my $r = ''; vec($r, fileno($l), 1) = 1; vec($r, 0, 1) = 1; select($r, undef, undef, undef);
if (vec($r, fileno($l), 1)) { $c = $l->accept; $c->autoflush(1); print "accepted\n"; }
if (vec($r, 0, 1)) { sysread(STDIN, my $line, 4096) or last; print $c $line; } }]]
local CLIENT = [[use IO::Socket::INET; $| = 1; my $c = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => $ARGV[2]);
print $c ? "connected\n" : "no way\n"; if ($c) { print "heard $_" while <$c>; }]]

local function serve(host, port)
	local program = host:run { "perl", "-e", SERVER, port }
	program:wait("ready")
	return program
end

local function connect(host, to, port, patience)
	return host:run { "perl", "-e", CLIENT, to, port, patience or 10 }
end

local function forgotten_connection(lab, reconnect, login_again, patience)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local at, a = server:udp(7000), alice:udp(4000)
	local program, client = serve(server, "80"), connect(alice, server:address(), "80")
	client:wait("connected")
	program:wait("accepted")
	program:type("hello")
	client:wait("heard hello")
	alice:box():reboot()
	program:type("still there?")
	seen(lab, "nat-a wan", "tcp and src port 80 and tcp[tcpflags] & tcp-push != 0", 2)
	local verdict = lab:why(alice, server, "tcp")
	if login_again then
		login(a, at, server)
	end
	if reconnect then
		client = connect(alice, server:address(), "80")
		client:wait("connected")
		program:wait("accepted")
	end
	program:type("once more")
	return verdict, client:try_wait("heard once more", patience) ~= nil
end
helps("reconnect", "mapping-deleted", "the box of a TCP connection reboots", function(lab, tried, patience)
	return forgotten_connection(lab, tried, false, patience)
end)
does_not_help("punch-again", "a TCP connection that the box forgot is not brought back by UDP", function(lab, _, patience)
	return forgotten_connection(lab, false, true, patience)
end)

helps("from-inside", "no-mapping", "TCP gets in only in answer to TCP from inside", function(lab, tried)
	local alice, bob = lab:host("alice", { nat = "port-restricted" }), lab:host("bob")
	local program = serve(tried and bob or alice, "80")
	local from_outside = connect(bob, alice:public_address(), "80", 1)
	from_outside:wait("no way", 20)
	local verdict = lab:why(alice, bob, "tcp")
	if not tried then
		return verdict, program:seen("accepted")
	end
	connect(alice, bob:address(), "80"):wait("connected")
	return verdict, program:wait("accepted")
end)

helps("listen", "reset", "nobody listens for TCP, and then somebody does", function(lab, tried)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	connect(alice, server:address(), "80"):wait("no way")
	local verdict = lab:why(alice, server, "tcp")
	if tried then
		serve(server, "80")
	end
	return verdict, connect(alice, server:address(), "80"):try_wait("connected", tried and 10 or 1) ~= nil
end)

-- alice's way to bob is open until carol, behind the same box, sends from the same inside port.
helps("other-port", "mapping-taken-over", "two hosts behind a box that goes by the port alone", function(lab, tried, patience)
	local home = lab:box("nat-a", "port-restricted,mapping=port")
	local bob, server = lab:host("bob"), lab:host("server")
	local alice, carol = lab:host("alice", { behind = home }), lab:host("carol", { behind = home })
	local b, at = bob:udp(5000), server:udp(7000)
	local a, c = alice:udp(4000), carol:udp(4000)
	a:send(bob:address() .. ":5000", "hello")
	local _, a_seen = b:receive()
	login(c, at, server)
	b:send(a_seen, "answer")
	seen(lab, "nat-a wan", "udp and src host " .. bob:address() .. " and src port 5000", 1)
	local verdict = lab:why(alice, bob)
	if tried then
		a = alice:udp(4001)
		a:send(bob:address() .. ":5000", "hello again")
		_, a_seen = b:receive()
	end
	b:send(a_seen, "once more")
	return verdict, hears(a, "once more", patience)
end)

-- --- TCP that is punched -------------------------------------------------------------------------------------------

-- alice first, and bob when hers has come and gone; neither again.
local ALICE_FIRST = { peer_late = 2, redial = false, timeout = 5 }

local function two_by_tcp(lab, alice_nat, bob_nat)
	local function behind(name, spec)
		return lab:host(name, { behind = lab:box("nat-" .. name:sub(1, 1), spec, { link = "delay=50ms" }) })
	end
	local p = { lab = lab, server = lab:host("server") }
	p.alice, p.bob = behind("alice", alice_nat), behind("bob", bob_nat)
	return p
end

local function why_tcp(p)
	return p.lab:why(p.alice, p.bob, "tcp")
end

local function alice_too_early(alice_nat, bob_nat)
	return function(lab, tried)
		local p = two_by_tcp(lab, alice_nat, bob_nat)
		p.alice:tcp_punch(p.bob, p.server, ALICE_FIRST)
		local verdict = why_tcp(p)
		return verdict, p.alice:tcp_punch(p.bob, p.server, tried and {} or ALICE_FIRST).opened
	end
end

local RESETS = "port-restricted,tcp.unsolicited=reset"
helps("crossing", "reset-by-box", "each box resets the SYN that comes first", alice_too_early(RESETS, RESETS))
helps("crossing", "reset-by-box + mapping-reset", "the peer calls back when the way was reset",
	alice_too_early("port-restricted", RESETS))

helps("relay", "no-simultaneous-open", "neither box takes a SYN for an answer", function(lab, tried, patience)
	local p = two_by_tcp(lab, "port-restricted,tcp.simultaneous=no", "port-restricted,tcp.simultaneous=no")
	local at = p.server:tcp_listen(7000)
	local function calls(host)
		local connection = host:tcp_connect(p.server:address() .. ":7000")
		return connection, at:accept()
	end
	local punch = p.alice:tcp_punch(p.bob, p.server, { timeout = 1.5 })
	local verdict = why_tcp(p)
	if not tried then
		return verdict, punch.opened or p.alice:tcp_punch(p.bob, p.server, { timeout = 1.5 }).opened
	end
	local a, from_a = calls(p.alice)
	local b, to_b = calls(p.bob)
	a:send("by the server")
	to_b:send(from_a:receive())
	return verdict, b:receive(patience) == "by the server"
end)
