-- The lab's own TCP sockets by IPv6, through whatever a box does with it, and across a NAT64: texts, ends, resets, refusals, and
-- which punches open.

local embedded = require("nat64_address").embedded
local found = require("verdict_check").found

local AWAY = 0.3 -- seconds in which nothing comes
local SHUT = 2.5 -- the same of a punch: a SYN is repeated after a second

local function at(host, port)
	return ("[%s]:%d"):format(host:ipv6_address(), port)
end

local function passes(from, to, text)
	from:send(text)
	equal(to:receive(), text, "what came")
end

local function comes_to_an_end(connection, why)
	local text, seen = connection:receive()
	equal(text, nil, "nothing more")
	equal(seen, why, "why")
end

local function why_not(host, to, timeout)
	return select(2, host:tcp_connect(to, { timeout = timeout }))
end

-- Both ends and what becomes of them. `seen`: where the server must see alice; the pattern of it, where the port is not kept.
local function talk(alice, listener, to, seen)
	local client = alice:tcp_connect(to, { from = 4000 })
	local served = listener:accept()
	expect(served:peer():match("^" .. seen .. "$"), "where alice is seen: " .. served:peer())
	passes(client, served, "hello")
	passes(served, client, "hello back")
	client:finish()
	comes_to_an_end(served, "ended")
	passes(served, client, "after the other's own end")
	served:close()
	comes_to_an_end(client, "ended")
	client, served = alice:tcp_connect(to), listener:accept()
	passes(client, served, "once more")
	served:reset()
	comes_to_an_end(client, "reset")
	equal(select(2, client:send("two")), "reset", "what is sent then")
end

-- What a box does with IPv6; whether alice is seen at her own address, and port.
for _, case in ipairs {
	{ "open", address = true, port = true },
	{ "firewall", address = true, port = true },
	{ "firewall,ipv6.filtering=ad", address = true, port = true },
	{ "firewall,ipv6.filtering=ei", address = true, port = true },
	{ "nptv6", port = true },
	{ "nat66", port = true },
	{ "nat66,ipv6.mapping=apd,ipv6.filtering=ei" },
} do
	scenario("TCP over IPv6: texts, an end and a reset, ipv6=" .. case[1], function(lab)
		lab:world { families = "46" }
		local server, alice = lab:host("server"), lab:host("alice", { nat = "symmetric,ipv6=" .. case[1] })
		local seen = literal(("[%s]"):format(case.address and alice:ipv6_address() or "2"))
		local listener = server:tcp_listen(7000)
		if not case.address then
			seen = "%[2[%x:]+%]" -- a global one; alice's own begins with fd
		end
		talk(alice, listener, at(server, 7000), seen .. (case.port and ":4000" or ":%d+"))
	end)
end

scenario("TCP across a NAT64: texts, an end and a reset; what ICMP says there", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local far = lab:box("far", "firewall")
	local alice, bob = lab:host("alice", { behind = home, families = "6" }), lab:host("bob", { behind = far })
	local listener = server:tcp_listen(7000)
	talk(alice, listener, embedded(server:address() .. ":7000"), literal(home:address() .. ":4000"))
	equal(why_not(alice, embedded(server:address() .. ":81")), "refused", "where nobody listens")
	equal(why_not(alice, embedded(bob:address() .. ":81"), AWAY), "timed out", "where it is dropped")
	far:iptables("-I FORWARD -p tcp --dport 82 -j REJECT --reject-with icmp-admin-prohibited")
	equal(why_not(alice, embedded(bob:address() .. ":82")), "unreachable", "where ICMP says so, which becomes ICMPv6's")
end)

-- A listener is of both families, or of the one whose address it is given.
scenario("TCP: a listener of both families, and of one", function(lab)
	lab:world { families = "46" }
	local server, alice = lab:host("server"), lab:host("alice")
	local old = lab:host("old", { families = "4" })
	local function heard_at(port)
		local four = alice:tcp_connect(("%s:%d"):format(server:address(), port))
		local six = alice:tcp_connect(at(server, port))
		return (four and "4" or "") .. (six and "6" or "")
	end
	local both = server:tcp_listen(7000)
	server:tcp_listen(7001, "::")
	server:tcp_listen(7002, "0.0.0.0")
	server:tcp_listen(7003, server:ipv6_address())
	equal(heard_at(7000), "46", "without an address")
	equal(both:accept():peer():match("^[%d.]+:"), alice:address() .. ":", "IPv4's peer has an IPv4 address")
	equal(both:accept():peer():match("^%[.+%]:"), ("[%s]:"):format(alice:ipv6_address()), "IPv6's has one of IPv6")
	equal(heard_at(7001), "6", "at ::")
	equal(heard_at(7002), "4", "at 0.0.0.0")
	equal(heard_at(7003), "6", "at its IPv6 address")
	local at_router = lab:internet():tcp_listen(7004)
	alice:tcp_connect("[2111::1]:7004")
	expect(at_router:accept():peer():match("^%["), "the internet's own router listens by IPv6, too")
	local told, error = pcall(old.tcp_connect, old, at(server, 7000))
	equal(told, false, "who has no IPv6 connects to one that has")
	expect(error:find("old has no IPv6", 1, true), "the error says why: " .. error)
end)

scenario("TCP over IPv6: refused, unreachable, timed out", function(lab)
	lab:world { families = "46" }
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "port-restricted,ipv6=nat66" })
	local bob = lab:host("bob", { nat = "port-restricted,ipv6=firewall" })
	equal(why_not(alice, at(server, 81)), "refused", "where nobody listens")
	equal(why_not(alice, at(bob, 81), AWAY), "timed out", "where it is dropped")
	equal(why_not(alice, "[2999::1]:81"), "unreachable", "where no route leads")
	local listener = bob:tcp_listen(90)
	for port, word in pairs { [82] = "icmp6-adm-prohibited", [83] = "icmp6-addr-unreachable", [84] = "icmp6-port-unreachable" } do
		local rule = bob:box():run { "ip6tables", "-w", "-I", "FORWARD", "-p", "tcp", "--dport", tostring(port), "-j", "REJECT",
			"--reject-with", word }
		equal(rule:exit_status(), 0, "ip6tables")
		equal(why_not(alice, at(bob, port)), "unreachable", word .. ", through a NAT66")
	end
	equal(listener:accept(0), nil, "who came")
	local later = alice:tcp_connect(at(bob, 85), { wait = false })
	equal(select(2, later:opened(AWAY)), "timed out", "still waiting")
end)

-- Whoever sends by IPv6 is told what is too big, and the connection goes on; a firewall knows what that is about.
scenario("TCP over IPv6: what is too big for a link on the way comes all the same", function(lab)
	lab:world { families = "46" }
	local alice = lab:host("alice", { nat = "open,ipv6=firewall" })
	local bob = lab:host("bob", { behind = lab:box("narrow", "open,ipv6=open", { link = "mtu=1280" }) })
	local listener = bob:tcp_listen(7000)
	local client = alice:tcp_connect(at(bob, 7000))
	local served, text, got = listener:accept(), ("0123456789"):rep(6000), ""
	client:send(text)
	while #got < #text do
		got = got .. expect(served:receive(), "more of it")
	end
	equal(got == text, true, "all of it came as it was sent")
	expect(lab:count("alice eth0", "icmp6 and ip6[40] == 2") > 0, "alice was told 'packet too big'")
	equal(lab:count("alice eth0", "ip6[6] == 44"), 0, "fragments")
end)

scenario("TCP over IPv6: where no TCP passes nothing comes, and who has no family in common is told", function(lab)
	lab:world { families = "46" }
	local server, alice = lab:host("server"), lab:host("alice", { nat = "full-cone,ipv6=open" })
	local bob, old = lab:host("bob", { families = "6" }), lab:host("old", { families = "4" })
	local rule = alice:box():run { "ip6tables", "-w", "-I", "FORWARD", "-p", "tcp", "-j", "DROP" }
	equal(rule:exit_status(), 0, "ip6tables")
	local punch = alice:tcp_punch(bob, server, { timeout = AWAY })
	equal(punch.opened, false, "a punch from there")
	equal(punch.mine.seen, nil, "where the server saw it")
	punch = alice:tcp_punch(old, server)
	equal(punch.opened, true, "by the family that they have in common")
	equal(punch.mine.seen:match("^[%d.]+:") ~= nil, true, "which is IPv4")
	local told, error = pcall(bob.tcp_punch, bob, old, server)
	equal(told, false, "a punch of two that have none in common")
	expect(error:find("bob has IPv6, old IPv4, server IPv4 and IPv6", 1, true), "the error says who has what: " .. error)
	told, error = pcall(alice.tcp_punch, alice, old, server, { family = "6" })
	equal(told, false, "a punch by IPv6 with one that has none")
	expect(error:find("a punch wants IPv6", 1, true), "the error says what it wants: " .. error)
end)

local function spec(ipv6)
	return ipv6 == "none" and "port-restricted" or ipv6:find("nat64", 1, true) and ipv6 or "symmetric,ipv6=" .. ipv6
end

-- What comes of a punch between two: opens "simultaneous"ly, is "called" by one side, or stays "shut"; "opens" where that hangs
-- on who is first. The oracle is asked, too.
local function punch_of(a, b, expected, options)
	options = options or {}
	scenario(("TCP punch, IPv6: %s x %s%s"):format(a, b, options.link and ", crossing" or ""), function(lab)
		lab:world { families = "46" }
		local crosses = (a .. b):find("nat64", 1, true) ~= nil
		local server = lab:host("server")
		local function peer(name, ipv6)
			local home = lab:box("nat-" .. name:sub(1, 1), spec(ipv6), { link = options.link })
			return lab:host(name, { behind = home, families = ipv6:find("nat64", 1, true) and "6" or nil })
		end
		local alice, bob = peer("alice", a), peer("bob", b)
		local family = crosses and "4" or "6"
		local punch = alice:tcp_punch(bob, server, { family = family, timeout = expected == "shut" and SHUT or nil,
			peer_late = options.peer_late })
		local outcome = not punch.opened and "shut" or punch.simultaneous and "simultaneous" or "called"
		equal(punch.opened and expected == "opens" and expected or outcome, expected, "what came of it")
		if punch.opened then
			passes(punch.mine.connection, punch.theirs.connection, "a text")
			passes(punch.theirs.connection, punch.mine.connection, "an answer")
		end
		equal(punch.mine.seen:match("^%[") ~= nil, family == "6", "by IPv" .. family .. ", as the server sees it")
		lab:oracle(alice, bob, punch.opened, "tcp", family)
		if options.also then
			options.also(lab, punch, alice, bob)
		end
	end)
end

local LATE = 0.25

-- Which boxes dropped the SYNs; which of their reasons counts for more hangs on when each was sent.
local function drops(...)
	local boxes = { ... }
	return function(lab, _, alice, bob)
		local verdict = lab:why(alice, bob, "tcp")
		found(verdict, { outcome = "shut" })
		for _, box in ipairs(boxes) do
			found(verdict, { says = { "died at " .. box } })
		end
	end
end

-- Who translates nothing is known by its own port: the SYNs meet, whatever the filtering.
punch_of("firewall", "firewall", "simultaneous", { peer_late = LATE, also = function(lab, _, alice, bob)
	local verdict = lab:why(alice, bob, "tcp")
	found(verdict, { outcome = "open", says = { "A simultaneous open", "came to nat-b" } })
	equal(verdict.met, "simultaneous-open", "how they met")
end })
punch_of("firewall", "firewall", "simultaneous", { link = "delay=20ms" })
punch_of("firewall,ipv6.filtering=ad", "firewall", "opens")
punch_of("firewall,ipv6.filtering=ei", "firewall", "opens")
punch_of("open", "firewall", "opens")
punch_of("nptv6", "firewall", "opens")
punch_of("nptv6", "nptv6", "opens")
punch_of("nat66", "nat66", "simultaneous", { link = "delay=20ms" })
punch_of("nat66", "firewall", "opens")
local SYMMETRIC = "nat66,ipv6.mapping=apd"
punch_of(SYMMETRIC, "firewall,ipv6.filtering=ad", "called")
punch_of(SYMMETRIC, "firewall", "shut", { also = drops("nat-b") })
punch_of(SYMMETRIC, "nptv6", "called")
punch_of("nat66,ipv6.mapping=ad", "nat66,ipv6.mapping=ad", "shut", { also = drops("nat-a", "nat-b") })
punch_of("nat66,ipv6.mapping=ad,ipv6.filtering=ad", "nat66,ipv6.mapping=ad,ipv6.filtering=ad", "shut")
punch_of("nat66,ipv6.mapping=ad,ipv6.filtering=ei", SYMMETRIC, "called")

-- Across a NAT64 it is IPv4's, with the mapping and the filtering that the spec has for it.
punch_of("port-restricted,ipv6=nat64", "none", "simultaneous", { link = "delay=20ms" })
punch_of("port-restricted,ipv6=nat64", "port-restricted,ipv6=nat64", "simultaneous", { link = "delay=20ms" })
punch_of("symmetric,ipv6=nat64", "none", "shut", { also = drops("nat-b") })
punch_of("restricted,ipv6=nat64", "symmetric,ipv6=nat64", "called")

-- A SYN that nobody asked for: the trace names the box whose firewall dropped it.
scenario("TCP over IPv6: the trace names the firewall that dropped a SYN", function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice", { nat = "open,ipv6=open" }), lab:host("bob", { nat = "open,ipv6=firewall" })
	local listener = bob:tcp_listen(7000)
	equal(why_not(alice, at(bob, 7000), AWAY), "timed out", "what alice gets")
	equal(listener:accept(0), nil, "who came")
	found(lab:why(alice, bob, "tcp"), { outcome = "shut", cause = "no-mapping", box = "nat-b" })
end)
