-- Losses that are no shut door: each built in, named, and told apart from its neighbour in the same world. That what the
-- trace advises helps is tried in why_advice.lua. `punchlab run --audit` proves beside this that no loss of any scenario is
-- unsaid.

local verdict_check = require "verdict_check"
local found, text_of, seen = verdict_check.found, verdict_check.text_of, verdict_check.seen

-- alice behind a box, a server that listens; and where it sees her.
local function client_and_server(lab, spec)
	local p = { lab = lab, server = lab:host("server"), alice = lab:host("alice", { nat = spec }) }
	p.at, p.a = p.server:udp(5000), p.alice:udp(4000)
	p.to = p.server:address() .. ":5000"
	p.a:send(p.to, "hello")
	_, p.seen = p.at:receive()
	p.at:send(p.seen, "hello back")
	p.a:receive()
	return p
end

-- --- after the way was open ------------------------------------------------------------------------------

local function idle_in_mid_stream(lab, spec, keepalive)
	local p = client_and_server(lab, spec)
	for _ = 1, 12 do -- for longer than the box keeps it, and each time for much less
		lab:sleep(0.25)
		if keepalive then
			p.a:send(p.to, "still here")
			p.at:receive()
		end
	end
	for i = 1, 3 do
		p.at:send(p.seen, "news " .. i)
	end
	seen(lab, "nat-a wan", "udp and src port 5000", 4)
	p.a:send(p.to, "anything new?")
	_, p.seen = p.at:receive()
	p.at:send(p.seen, "yes")
	seen(lab, "alice eth0", "udp and src port 5000", keepalive and 5 or 2)
	return lab:why(p.alice, p.server)
end

scenario("why news was lost though the pair is open: the mapping ran out in mid-stream", function(lab)
	found(idle_in_mid_stream(lab, "restricted,timeout=2,stream-timeout=2", false), { outcome = "open",
		cause = "mapping-expired", box = "nat-a", help = { "keepalive" },
		says = { "Of those that server sent later were lost: 3.", "the box keeps it for 2 s" } })
end)

scenario("with the keepalive that was advised nothing is lost", function(lab)
	local verdict = idle_in_mid_stream(lab, "restricted,timeout=2,stream-timeout=2", true)
	found(verdict, { outcome = "open", says_not = { "lost" } })
	equal(#verdict.help, 0, "advice where nothing failed")
end)

-- --- a limit on the rate, and one on the size ---------------------------------------------------------------

-- Five at a time, of which one passes, however late they are.
local function through_a_limit(lab)
	local p = client_and_server(lab, "port-restricted")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -j DROP")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -m limit --limit 10/second --limit-burst 1 -j ACCEPT")
	for i = 1, 40 do
		p.a:send(p.to, "packet " .. i)
		if i % 5 == 0 then
			lab:sleep(0.2)
		end
	end
	seen(lab, "nat-a lan", "udp and src port 4000", 41)
	return lab:why(p.alice, p.server)
end

scenario("why most packets of a stream die: a limit on the rate", function(lab)
	found(through_a_limit(lab), { cause = "rate-limited", box = "nat-a", help = { "slower" },
		no_help = { "retry", "listen" }, says = { "a second" } })
end)

local function through_a_narrow_link(lab, size)
	local p = client_and_server(lab, "port-restricted")
	equal(p.alice:box():run({ "ip", "link", "set", "wan", "mtu", "1300" }):exit_status(), 0, "a narrow link")
	p.alice:box():iptables("-I OUTPUT -p icmp -j DROP") -- nobody is told
	for i = 1, 3 do
		p.a:send(p.to, ("x"):rep(size))
		p.a:send(p.to, "small " .. i)
	end
	seen(lab, "nat-a lan", "udp and src port 4000", 7)
	seen(lab, "server eth0", "udp and src port 4000", 4)
	return lab:why(p.alice, p.server)
end

scenario("why only the large ones die: a path MTU black hole", function(lab)
	found(through_a_narrow_link(lab, 1400), { cause = "lost-by-size", box = "nat-a", help = { "smaller" },
		no_help = { "listen" }, says = { "1400 bytes and more died, up to 7 bytes passed" } })
end)

-- --- ports ---------------------------------------------------------------------------------------------

local function greedy_and_late(lab, spec)
	local server, home = lab:host("server"), lab:box("home", spec)
	local greedy, late = lab:host("greedy", { behind = home }), lab:host("late", { behind = home })
	local at = server:udp(5000)
	for i = 0, 63 do
		greedy:udp(20000 + i):send(server:address() .. ":5000", "mine")
		expect(at:receive(), "port " .. i)
	end
	greedy:udp(30000):send(server:address() .. ":5000", "one more")
	late:udp(20000):send(server:address() .. ":5000", "and me?")
	seen(lab, "home lan", "udp", 66)
	return lab:why(late, server), lab:why(greedy, server)
end

scenario("why a host's first packet dies: the box has no port left, which is no box that blocks UDP", function(lab)
	local late, greedy = greedy_and_late(lab, "port-restricted,range=20000-20063")
	found(late, { outcome = "shut", cause = "pool-empty", box = "home", help = { "pool" }, no_help = { "tcp" },
		says = { "when 64 of the 64 ports of its range were mapped" } })
	found(greedy, { cause = "pool-empty", box = "home", help = { "pool" } })
end)

-- Two hosts with one inside port behind plain Linux, known by the same address; the first has the peer already.
local function two_on_one_port(lab, second_port)
	local one, other = lab:host("server-a"), lab:host("server-b")
	local home = lab:box("home", "port-restricted,ports=overload")
	local first, second = lab:host("first", { behind = home }), lab:host("second", { behind = home })
	local peer = lab:host("peer", { nat = "port-restricted" })
	local at_one, at_other = one:udp(3478), other:udp(3478)
	local f, s, p = first:udp(9993), second:udp(second_port), peer:udp(9993)
	local function known(socket, at, server)
		socket:send(server:address() .. ":3478", "who am I?")
		local _, from = at:receive()
		at:send(from, from)
		socket:receive()
		return from
	end
	local at_f, at_s, at_p = known(f, at_one, one), known(s, at_other, other), known(p, at_one, one)
	for _ = 1, 2 do
		f:send(at_p, "ping")
		p:send(at_f, "pong")
		lab:count() -- it has come as far as it comes
	end
	for _ = 1, 3 do
		s:send(at_p, "ping")
		p:send(at_s, "pong")
		lab:count() -- it has come as far as it comes
	end
	return lab:why(second, peer)
end

scenario("why the second host on one port stays shut: another host has the port, the box does not map by destination",
	function(lab)
		found(two_on_one_port(lab, 9993), { outcome = "shut", cause = "filtered-port", because = "port-taken",
			because_of = "home", box = "home", help = { "other-port" }, no_help = { "birthday", "relay" },
			says = { "because first had" } })
	end)

-- --- the trap, and what gets round it ---------------------------------------------------------------------

local function trapped(lab, alice_spec, bob_spec)
	local server, alice = lab:host("server"), lab:host("alice", { nat = alice_spec })
	local bob = lab:host("bob", { nat = bob_spec })
	local at, p = server:udp(7000), { lab = lab, server = server, alice = alice, bob = bob, a = alice:udp(4000), b = bob:udp(5000) }
	p.a:send(server:address() .. ":7000", "alice")
	_, p.at_a = at:receive()
	at:send(p.at_a, "seen")
	p.b:send(server:address() .. ":7000", "bob")
	_, p.at_b = at:receive()
	at:send(p.at_b, "seen")
	p.a:receive()
	p.b:receive()
	return p
end

local function volleys(p, first, first_to, second, second_to)
	for _ = 1, 3 do
		first:send(first_to, "ping")
		p.lab:count()
		second:send(second_to, "pong")
		p.lab:count()
	end
end

scenario("the trap: three remedies are named", function(lab)
	local p = trapped(lab, "linux-router", "port-restricted")
	volleys(p, p.b, p.at_a, p.a, p.at_b)
	found(lab:why(p.alice, p.bob), { outcome = "shut", cause = "swallowed", box = "nat-a",
		help = { "input-drop", "trapped-first", "low-ttl" } })
end)

scenario("the trap beside a symmetric box: dropping unsolicited packets is not advised, and would not help", function(lab)
	local p = trapped(lab, "linux-router", "symmetric")
	volleys(p, p.b, p.at_a, p.a, p.at_b)
	found(lab:why(p.alice, p.bob), { outcome = "shut", help = { "relay" }, no_help = { "input-drop", "trapped-first" } })
end)

scenario("why a socket's own packets vanish in its box: the box's entry for an early packet has the only port", function(lab)
	local p = trapped(lab, "linux-router", "port-restricted")
	p.alice:box():iptables("-t nat -I POSTROUTING -o wan -p udp --sport 4000 -j SNAT --to-source " ..
		p.alice:public_address() .. ":4000")
	volleys(p, p.b, p.at_a, p.a, p.at_b)
	found(lab:why(p.alice, p.bob), { outcome = "shut", cause = "swallowed", box = "nat-a", says_not = { "a rule" },
		says = { "There was no port for them" } })
end)

-- --- by protocol ------------------------------------------------------------------------------------------

scenario("a refused TCP connection opens no UDP path", function(lab)
	local other = lab:host("other")
	local p = client_and_server(lab, "port-restricted")
	local silent = other:udp(6000)
	p.a:send(other:address() .. ":6000", "anybody?")
	silent:receive()
	local tcp = p.alice:run { "/bin/bash", "-c", "exec 3<>/dev/tcp/" .. other:address() .. "/9" }
	expect(tcp:exit_status() ~= 0, "the connection is refused")
	found(lab:why(p.alice, other), { outcome = "unanswered" })
	found(lab:why(p.alice, other, "tcp"), { outcome = "shut", cause = "reset", box = "other", help = { "listen" },
		says = { "TCP RST" } })
end)

scenario("what is said to somebody who has hung up is told, and asks for no advice", function(lab)
	local p = client_and_server(lab, "port-restricted")
	p.at:close()
	p.a:send(p.to, "are you still there?")
	seen(lab, "alice eth0", "icmp", 1)
	local verdict = lab:why(p.alice, p.server)
	found(verdict, { outcome = "open", says = { "1 arrived at server and was refused (ICMP)" }, says_not = { "What would help" } })
	equal(#verdict.help, 0, "advice")
end)

-- --- whom a packet was for ---------------------------------------------------------------------------------

scenario("what goes to an address that nobody has is told of", function(lab)
	local p = client_and_server(lab, "port-restricted")
	p.a:send(p.server:address():gsub("%d+$", "77") .. ":7000", "anybody?")
	seen(lab, "alice eth0", "icmp", 1)
	equal(lab:why(p.alice, p.server).outcome, "open", "the other pair")
end)

scenario("what goes to a neighbour by IPv6 that nobody is is told of", function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice"), lab:host("bob", { nat = "open,ipv6=open" })
	alice:udp(4000, "::"):send("[" .. bob:ipv6_address():gsub("%x+$", "99") .. "]:5000", "anybody?")
	seen(lab, "alice eth0", "icmp6 and ip6[40] == 1", 1) -- after three seconds
	equal(lab:why(alice, bob).outcome, "untried", "the other pair")
end)

scenario("who stands behind a router of IPv6 and never answers has got what came", function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice"), lab:host("bob", { nat = "open,ipv6=open" })
	local a, b = alice:udp(4000, "::"), bob:udp(5000, "::")
	for _, text in ipairs { "bob?", "are you there?", "hello?" } do
		a:send(("[%s]:5000"):format(bob:ipv6_address()), text)
		equal(b:receive(), text, "what bob got")
	end
	found(lab:why(alice, bob), { outcome = "unanswered" })
end)

scenario("a packet for the gateway is none for a neighbour, and the box's own program gets its own answers", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted")
	local one, two = lab:host("one", { behind = home }), lab:host("two", { behind = home })
	local at, r = server:udp(5000), home:udp(4000)
	one:udp(4000):send(one:address():gsub("%d+$", "1") .. ":5351", "\0\0")
	r:send(server:address() .. ":5000", "the box asks")
	local _, from = at:receive()
	at:send(from, "and hears")
	equal(r:receive(), "and hears", "the box's program")
	found(lab:why(one, two), { outcome = "untried" })
	found(lab:why(server, one), { outcome = "untried" })
	found(lab:why(server, home), { outcome = "open" })
end)

scenario("an answer from the server's other address: the two addresses are told apart", function(lab)
	local server = lab:host("server", { addresses = 2 })
	local alice = lab:host("alice", { nat = "port-restricted" })
	local asked, other, a = server:udp(5000, server:address(2)), server:udp(5000, server:address(1)), alice:udp(4000)
	a:send(server:address(2) .. ":5000", "question")
	local _, from = asked:receive()
	other:send(from, "answer")
	seen(lab, "nat-a wan", "udp and src host " .. server:address(1), 1)
	found(lab:why(alice, server), { outcome = "one-way", cause = "filtered-address", box = "nat-a",
		help = { "same-source" }, says = { "open for server-2:5000 only", "this one came from server:5000" } })
end)

-- --- before and after ---------------------------------------------------------------------------------------

scenario("what is said of a loss does not change by what happens after it", function(lab)
	local server, bob = lab:host("server"), lab:host("bob")
	local alice = lab:host("alice", { nat = "port-restricted,ports=random" })
	local at, a, b = server:udp(3478), alice:udp(4000), bob:udp(4000)
	a:send(server:address() .. ":3478", "who am I?")
	local _, at_a = at:receive()
	b:send(at_a, "too early")
	seen(lab, "nat-a wan", "udp and src host " .. bob:address(), 1)
	a:send(bob:address() .. ":4000", "opens")
	b:receive()
	b:send(at_a, "in time")
	a:receive()
	local function first_loss()
		for _, d in ipairs(lab:why(bob, alice).directions) do
			if d.from == "bob" then
				return d.losses[1].cause
			end
		end
	end
	equal(first_loss(), "too-early", "before")
	alice:box():reboot()
	a:send(bob:address() .. ":4000", "opens anew")
	b:receive()
	equal(first_loss(), "too-early", "after the reboot")
end)

scenario("too early for a filter by address: one more probe is enough, from whatever port", function(lab)
	local p = trapped(lab, "restricted", "symmetric")
	p.b:send(p.at_a, "early")
	seen(lab, "nat-a wan", "udp and src host " .. p.bob:public_address(), 1)
	p.a:send(p.bob:public_address() .. ":9", "opens for that address")
	seen(lab, "nat-a wan", "udp and dst port 9", 1)
	found(lab:why(p.alice, p.bob), { outcome = "shut", cause = "filtered-address", box = "nat-a", help = { "retry" } })
	p.b:send(p.at_a, "once more")
	equal(p.a:receive(), "once more", "what was advised")
	local verdict = lab:why(p.alice, p.bob)
	for _, d in ipairs(verdict.directions) do
		if d.from == "bob" then
			equal(d.losses[1].cause, "too-early", "what is said of the first: " .. text_of(verdict))
		end
	end
end)

scenario("a port forward that is taken away: nobody is said to have sent there", function(lab)
	local x, z, home = lab:host("x"), lab:host("z"), lab:box("home", "port-restricted")
	local y = lab:host("y", { behind = home })
	local px, pz, py = x:udp(9), z:udp(9), y:udp(4000)
	local forward = "PREROUTING -i wan -p udp --dport 4000 -j DNAT --to-destination " .. y:address()
	home:iptables("-I FORWARD -i wan -m conntrack --ctstate DNAT -j ACCEPT")
	home:iptables("-t nat -I " .. forward)
	px:send(home:address() .. ":4000", "through the forward")
	equal(py:receive(), "through the forward", "y hears")
	home:iptables("-t nat -D " .. forward)
	pz:send(home:address() .. ":4000", "too late")
	seen(lab, "home wan", "udp and src host " .. z:address(), 1)
	found(lab:why(z, y), { outcome = "shut", box = "home", says_not = { "y had sent there" }, says = { "a port forward" } })
end)

scenario("a port forward: open because a rule says so, told apart from a full cone and from a filter by address", function(lab)
	local x, home = lab:host("x"), lab:box("home", "port-restricted")
	local y, cone = lab:host("y", { behind = home }), lab:host("cone", { nat = "full-cone" })
	local by_address = lab:host("by-address", { nat = "restricted" })
	local px, px2, py, pc, pa = x:udp(9), x:udp(10), y:udp(4000), cone:udp(4000), by_address:udp(4000)
	home:iptables("-I FORWARD -i wan -m conntrack --ctstate DNAT -j ACCEPT")
	home:iptables("-t nat -I PREROUTING -i wan -p udp --dport 4000 -j DNAT --to-destination " .. y:address())
	px:send(home:address() .. ":4000", "through the forward")
	local _, from = py:receive()
	py:send(from, "back")
	equal(px:receive(), "back", "the answer")
	found(lab:why(x, y), { outcome = "open", says = { "home let x's first in because a rule says so (a port forward)" } })

	pc:send(x:address() .. ":77", "opens")
	pa:send(x:address() .. ":77", "opens")
	seen(lab, "x eth0", "udp and dst port 77", 2)
	for _, p in ipairs { { cone, pc }, { by_address, pa } } do
		px2:send(p[1]:public_address() .. ":4000", "knock")
		equal(p[2]:receive(), "knock", "it is let in")
		local verdict = lab:why(x, p[1])
		found(verdict, { says_not = { "a rule says so" } })
		for _, d in ipairs(verdict.directions) do
			equal(d.let_in, d.from == "x" and "address" or nil, "how it got in: " .. d.from)
		end
	end
end)

scenario("what a full cone lets in of somebody who was not sent to", function(lab)
	local p = trapped(lab, "full-cone", "full-cone")
	p.b:send(p.at_a, "knock")
	equal(p.a:receive(), "knock", "alice hears")
	found(lab:why(p.alice, p.bob), { outcome = "unanswered",
		says = { "nat-a let bob's first in though alice had sent to others only, to server:7000 for one" } })
end)

scenario("a host that tries its own outer address is told of hairpinning alone", function(lab)
	local p = trapped(lab, "port-restricted", "open")
	p.alice:udp(4001):send(p.at_a, "myself?")
	seen(lab, "nat-a lan", "udp and dst host " .. p.alice:public_address(), 1)
	local verdict = lab:why(p.alice, p.alice)
	found(verdict, { outcome = "shut", cause = "no-hairpin", box = "nat-a", no_help = { "host-candidate", "relay" } })
	equal(#verdict.help, 1, "advice")
end)

-- --- through somebody -----------------------------------------------------------------------------------------

-- bob to alice by the server, which passes on what it gets, in a wrapping or bare.
local function relayed(lab, wrap, unwrap)
	local p = trapped(lab, "symmetric", "symmetric")
	p.a:send(p.at_b, "no")
	p.b:send(p.at_a, "no")
	local at = p.server:udp(7001)
	p.a:send(p.server:address() .. ":7001", "alice is here")
	local _, a = at:receive()
	p.b:send(p.server:address() .. ":7001", "bob is here")
	local _, b = at:receive()
	for i = 1, 3 do
		p.b:send(p.server:address() .. ":7001", wrap("for alice " .. i))
		at:send(a, unwrap(at:receive()))
		expect(p.a:receive(), "alice hears")
		p.a:send(p.server:address() .. ":7001", wrap("for bob " .. i))
		at:send(b, unwrap(at:receive()))
		expect(p.b:receive(), "bob hears")
	end
	return lab:why(p.alice, p.bob)
end

local TALK = "They talk through server: it passed 3 of alice's packets on to bob, and 3 of bob's to alice."

scenario("a relay's packets: the two talk through it, which opens nothing", function(lab)
	local verdict = relayed(lab, function(text) return text end, function(text) return text end)
	found(verdict, { outcome = "shut", no_help = { "relay" }, says = { TALK } })
	equal(verdict.relay, "server", "the relay")
end)

scenario("a relay that unwraps what it passes on is one", function(lab)
	local function wrap(text) return "\x40\x01\x00" .. string.char(#text) .. text end
	found(relayed(lab, wrap, function(text) return text:sub(5) end), { outcome = "shut", says = { TALK } })
end)

scenario("a server that says something of its own to both is none", function(lab)
	local p = trapped(lab, "symmetric", "symmetric")
	p.a:send(p.at_b, "no")
	p.b:send(p.at_a, "no")
	local at = p.server:udp(7001)
	for i = 1, 3 do
		p.a:send(p.server:address() .. ":7001", "alice asks " .. i)
		local _, a = at:receive()
		p.b:send(p.server:address() .. ":7001", "bob asks " .. i)
		local _, b = at:receive()
		at:send(a, "the same answer")
		at:send(b, "the same answer")
	end
	local verdict = lab:why(p.alice, p.bob)
	found(verdict, { outcome = "shut", says_not = { "talk through" }, help = { "relay" } })
	equal(verdict.relay, nil, "a relay")
end)

scenario("two that never tried to reach each other, and talk through a relay", function(lab)
	local p = trapped(lab, "symmetric", "symmetric")
	local at = p.server:udp(7001)
	p.a:send(p.server:address() .. ":7001", "alice is here")
	local _, a = at:receive()
	for i = 1, 3 do
		p.b:send(p.server:address() .. ":7001", "for alice " .. i)
		at:send(a, (at:receive()))
		expect(p.a:receive(), "alice hears")
	end
	found(lab:why(p.alice, p.bob), { outcome = "untried",
		says = { "it passed 0 of alice's packets on to bob, and 3 of bob's to alice" } })
end)

-- --- the host itself -------------------------------------------------------------------------------------------

scenario("a host's own firewall that refuses is told from one that is silent", function(lab)
	local p = trapped(lab, "full-cone", "full-cone")
	local function firewall(words)
		equal(p.bob:run({ "sh", "-c", "iptables -I INPUT -p udp -s " .. p.alice:public_address() .. " " .. words })
			:exit_status(), 0, words)
	end
	firewall("-j DROP")
	p.a:send(p.at_b, "hello")
	seen(lab, "bob eth0", "udp and src host " .. p.alice:public_address(), 1)
	found(lab:why(p.alice, p.bob), { outcome = "unanswered", help = { "listen" }, says = { "and a route back" } })
	firewall("-j REJECT")
	p.a:send(p.at_b, "hello?")
	seen(lab, "alice eth0", "icmp", 1)
	found(lab:why(p.alice, p.bob), { cause = "refused", box = "bob", help = { "listen" },
		says = { "or a firewall there says no" }, says_not = { "and a route back" } })
end)

-- --- what the programs said ----------------------------------------------------------------------------------

local function two_programs(lab, words)
	local p = trapped(lab, "port-restricted", "port-restricted")
	for _ = 1, 2 do
		p.a:send(p.at_b, "ping")
		p.b:send(p.at_a, "pong")
	end
	p.a:receive()
	p.b:receive()
	equal(p.alice:run({ "/bin/echo", words }):exit_status(), 0, "alice's word")
	equal(p.bob:run({ "/bin/echo", words }):exit_status(), 0, "bob's word")
	return lab:why(p.alice, p.bob)
end

scenario("both programs say that they failed: the text says so, and looks further than the interfaces", function(lab)
	found(two_programs(lab, "no luck: timed out"), { outcome = "open", help = { "listen" },
		says = { "as far as the interfaces show", "both programs said that they failed", "a firewall of a host itself" } })
end)

scenario("programs that are content raise no doubt", function(lab)
	found(two_programs(lab, "hello, friend"), { outcome = "open", says_not = { "as far as", "programs" } })
end)
