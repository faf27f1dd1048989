-- Names by a real name server (dnsmasq), through the boxes that forward to it as at home; asked by programs that do not
-- read /etc/hosts (dig, where there is one, and a query by hand).

local PATIENCE = 30

-- A query of that type for a name, as RFC 1035 has it.
local function query(name, kind)
	local labels = name:gsub("([^.]+)%.?", function(label) return string.char(#label) .. label end)
	return "\x12\x34\1\0\0\1\0\0\0\0\0\0" .. labels .. "\0" .. string.pack(">I2I2", kind, 1)
end

-- Asks the name server that resolv.conf names. Returns its code (0: it is there, 3: NXDOMAIN), how many answers, all of it.
local function ask(host, name, kind)
	local program = host:run { "sed", "-n", "s/^nameserver //p", "/etc/resolv.conf" }
	local server, socket = program:wait("^[%d.]+$"), host:udp(0)
	socket:send(server .. ":53", query(name, kind))
	local answer, from = socket:receive(PATIENCE)
	expect(answer, "an answer about " .. name)
	equal(from, server .. ":53", "who answers")
	return answer:byte(4) & 15, string.unpack(">I2", answer, 7), answer, server
end

local A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33

scenario("every host's name server is its box, and that asks the one outside", function(lab)
	lab:dns()
	local home, carrier = lab:box("home", "symmetric"), lab:box("carrier", "carrier")
	local inner = lab:box("inner", "port-restricted", { behind = carrier })
	local router = lab:box("router", "firewall")
	lab:host("stun", { address = "74.125.250.129", names = { "stun.l.google.com" } })
	for name, behind in pairs { alice = home, bob = inner, carol = router } do
		lab:host(name, { behind = behind })
	end
	lab:host("dave")
	for name, server in pairs { alice = "10.0.1.1", dave = lab:node("dns"):address(), carol = lab:node("dns"):address() } do
		local code, count, answer, asked = ask(lab:node(name), "stun.l.google.com", A)
		equal(code, 0, name)
		equal(count, 1, name)
		equal(answer:sub(-4), "\x4a\x7d\xfa\x81", name)
		equal(asked, server, name)
	end
	local _, count = ask(lab:node("bob"), "stun.l.google.com", A)
	equal(count, 1, "through two boxes")
	expect(lab:count("inner wan", "udp dst port 53") == 1 and lab:count("carrier wan", "udp dst port 53") == 1, "each asks")
	equal(lab:count("home wan", "udp dst port 53 and not src port 1023"), 0, "the box asks for itself")
	equal(#home:mappings(), 2, "no mapping of alice's")
	equal(lab:count("stun eth0", "udp port 53"), 0)
end)

scenario("records of every kind, and names that are not", function(lab)
	lab:dns { ttl = 60, records = {
		"v6.example.org AAAA 2001:db8::1",
		"_stun._udp.example.org SRV 0 5 3478 stun.example.org",
		"example.org TXT dnsaddr=/ip4/1.2.3.4, \xc2\xbb and more",
		"9.9.9.9 PTR nine.example.org",
	} }
	lab:host("stun", { names = { "stun.example.org" } })
	local alice = lab:host("alice", { nat = "port-restricted" })
	for _, asked in ipairs {
		{ "stun.example.org", A, 0, 1 }, { "stun.example.org", AAAA, 0, 0 }, { "alice", A, 0, 1 },
		{ "v6.example.org", AAAA, 0, 1, "\x20\x01\x0d\xb8" .. ("\0"):rep(11) .. "\1" },
		{ "_stun._udp.example.org", SRV, 0, 1 }, { "example.org", TXT, 0, 1, "/ip4/1.2.3.4, \xc2\xbb and more" },
		{ "9.9.9.9.in-addr.arpa", PTR, 0, 1 }, { "nobody.example.org", A, 3, 0 },
	} do
		local code, count, answer = ask(alice, asked[1], asked[2])
		equal(code, asked[3], asked[1])
		equal(count, asked[4], asked[1])
		expect(answer:find(asked[5] or "", 1, true), asked[1])
	end
	expect(select(3, ask(alice, "dns", A)):find("\0\0\0\60\0\4", 1, true), "so long it is good")
end)

scenario("an answer that is good for a while is asked for once", function(lab)
	local dns = lab:dns { ttl = 60 }
	local home, other = lab:box("home", "port-restricted"), lab:box("other", "port-restricted")
	local alice, bob = lab:host("alice", { behind = home }), lab:host("bob", { behind = other })
	for _ = 1, 3 do
		ask(alice, "bob", A)
	end
	equal(lab:count("dns eth0", "udp dst port 53"), 1)
	ask(bob, "alice", A)
	equal(lab:count("dns eth0", "udp dst port 53 and src host " .. other:address()), 1, "the other box has not heard it")
	expect(dns:address():find("^22%."), "an ordinary host")
end)

scenario("an answer comes as late as it is asked to", function(lab)
	for delay, says in pairs { ["-1ms"] = "'delay=-1ms': delay is a time", ["1ms,loss=1%"] = "is late, and nothing else" } do
		local ok, why = pcall(lab.dns, lab, { delay = delay })
		expect(not ok and tostring(why):find(says, 1, true), tostring(why))
	end
	lab:dns { delay = "300ms" }
	local alice = lab:host("alice", { nat = "port-restricted" })
	lab:count("alice eth0", "udp")
	local began = lab:now()
	ask(alice, "alice", A)
	expect(lab:now() - began >= 0.3, "after 0.3 s: " .. lab:now() - began)
end)

scenario("a program's own resolver asks there", function(lab)
	lab:dns { records = { "far.example.org A 203.0.113.77" } }
	local alice = lab:host("alice", { nat = "udp-blocked" })
	local program = alice:run { "getent", "ahostsv4", "far.example.org" }
	expect(program:wait("203%.0%.113%.77"), "getaddrinfo() found it, though no UDP passes the box")
	equal(alice:run({ "getent", "ahostsv4", "no.example.org" }):exit_status(PATIENCE), 2)
end)

scenario("dig's answers are the same", function(lab)
	lab:dns { ttl = 30, records = { "_stun._udp.example.org SRV 0 5 3478 stun.example.org" } }
	local alice = lab:host("alice", { nat = "full-cone" })
	local ok, dig = pcall(alice.run, alice, { "dig", "+short", "_stun._udp.example.org", "SRV" })
	if not ok then
		skip("needs dig (tools/deps interop)")
	end
	dig:wait("^0 5 3478 stun%.example%.org%.$")
	equal(dig:exit_status(PATIENCE), 0)
end)

scenario("who is plugged in elsewhere asks there", function(lab)
	lab:dns()
	local home, office = lab:box("home", "port-restricted"), lab:box("office", "symmetric")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home } } })
	local before = select(4, ask(phone, "dns", A))
	phone:unplug("wifi")
	phone:plug("wifi", office)
	local after = select(4, ask(phone, "dns", A))
	expect(before ~= after, "another name server: " .. before .. ", " .. after)
	local _, _, answer = ask(lab:node("home"), "phone", A)
	equal(answer:sub(-4), string.char(phone:address():match("(%d+)%.(%d+)%.(%d+)%.(%d+)")), "and is found there")
end)
