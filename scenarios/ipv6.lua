-- IPv6, where a world asks for it: boxes that route a network of their own to their lan, names with addresses of both
-- families, and programs that pick the family that gets through.

local p2pchat = require("p2pchat")

local commands = require("commands")
local output_of, has_program = commands.output_of, commands.has_program

local HOME = { nat = "symmetric,ipv6=open" }

scenario("a world that asks for no IPv6 has none", function(lab)
	local alice = lab:host("alice", { nat = "port-restricted" })
	equal(alice:ipv6_address(), nil, "alice's IPv6 address")
	equal(output_of(alice, "ip", "-6", "-brief", "address"), "", "IPv6 addresses on alice")
	equal(output_of(alice:box(), "ip", "-6", "-brief", "address"), "", "IPv6 addresses on her box")
end)

scenario("two homes that IPv4 keeps apart reach each other by IPv6", function(lab)
	lab:world { families = "46" }
	local alice, bob = lab:host("alice", HOME), lab:host("bob", HOME)
	local a, b = alice:udp(0, "::"), bob:udp(4000, "::")
	a:send(("[%s]:4000"):format(bob:ipv6_address()), "hello")
	local text, from = b:receive()
	equal(text, "hello", "what bob got")
	equal(from, ("[%s]:%d"):format(alice:ipv6_address(), a:port()), "from where: nothing was translated")
	b:send(from, "hello back")
	equal(a:receive(), "hello back", "what alice got")
end)

scenario("the path is IPv6's where IPv4 cannot be punched", function(lab)
	lab:world { families = "46" }
	local server_host, alice_host, bob_host = lab:host("server"), lab:host("alice", HOME), lab:host("bob", HOME)
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { strategy = "plain,host", port = "any" })
	local bob = p2pchat.login(lab, bob_host, server, { strategy = "plain,host", port = "any" })
	alice:punch(bob)
	local via = alice:punched(bob)
	equal(via:match("^%[(.*)%]:"), bob.host:ipv6_address(), "the address at which alice reaches bob")
	local way = p2pchat.way_between(alice, bob)
	expect(way == "host" or way == "peer-reflexive", "no other way than the address: " .. way)
	alice:send(bob, "by the other family")
	bob:hears(alice, "by the other family")
end)

for _, filtering in ipairs { "ei", "ad", "apd" } do
	scenario("two IPv6 firewalls are punched, filtering=" .. filtering, function(lab)
		lab:world { families = "46" }
		local home = "symmetric,ipv6=firewall,ipv6.filtering=" .. filtering
		local server_host = lab:host("server")
		local alice_host, bob_host = lab:host("alice", { nat = home }), lab:host("bob", { nat = home })
		local server = p2pchat.server(lab, server_host, { ipv6 = true })
		local alice = p2pchat.login(lab, alice_host, server, { strategy = "plain", port = "any" })
		local bob = p2pchat.login(lab, bob_host, server, { strategy = "plain", port = "any" })
		alice:punch(bob)
		equal(alice:punched(bob), bob.address, "the address at which alice reaches bob")
		alice:send(bob, "through both filters")
		bob:hears(alice, "through both filters")
	end)
end

scenario("an IPv6 firewall keeps strangers out, and lets ping in", function(lab)
	lab:world { families = "46" }
	local alice, server = lab:host("alice", { nat = "open,ipv6=firewall" }), lab:host("server")
	local a, s, stranger = alice:udp(4000, "::"), server:udp(3000, "::"), server:udp(3001, "::")
	local alice_at = ("[%s]:4000"):format(alice:ipv6_address())
	a:send(("[%s]:3000"):format(server:ipv6_address()), "hello")
	s:receive()
	stranger:send(alice_at, "let me in")
	s:send(alice_at, "hello back")
	equal(a:receive(), "hello back", "the first that alice got")
	if not has_program(server, "ping") then
		skip("needs ping (tools/deps interop)")
	end
	expect(output_of(server, "ping", "-6", "-c", "1", "alice"):find("1 received"), "an answer from alice (RFC 4890)")
end)

scenario("an IPv6 firewall forgets when it reboots", function(lab)
	lab:world { families = "46" }
	local server, alice = lab:host("server"), lab:host("alice", { nat = "open,ipv6=firewall,ipv6.filtering=ei" })
	local a, s, other = alice:udp(4000, "::"), server:udp(3000, "::"), server:udp(3001, "::")
	local alice_at, server_at = ("[%s]:4000"):format(alice:ipv6_address()), ("[%s]:3000"):format(server:ipv6_address())
	a:send(server_at, "hello")
	s:receive()
	other:send(alice_at, "anybody may")
	equal(a:receive(), "anybody may", "before it")
	alice:box():reboot()
	other:send(alice_at, "nobody may")
	expect(lab:count(alice:box():name() .. " wan", "udp and src port 3001") > 1, "it came to the box before alice's goes out")
	a:send(server_at, "hello again")
	s:receive()
	other:send(alice_at, "once more")
	equal(a:receive(), "once more", "after it: the first that alice got")
end)

scenario("clients of an IPv6 server punch by IPv6", function(lab)
	lab:world { families = "46" }
	local server_host, alice_host, bob_host = lab:host("server"), lab:host("alice", HOME), lab:host("bob", { families = "6" })
	local server = p2pchat.server(lab, server_host, { ipv6 = true })
	local alice = p2pchat.login(lab, alice_host, server, { port = "any" })
	local bob = p2pchat.login(lab, bob_host, server, { port = "any" })
	equal(alice.address:match("^%[(.*)%]:"), alice.host:ipv6_address(), "where the server sees alice")
	equal(bob.host:address(), nil, "bob's IPv4 address")
	alice:punch(bob)
	equal(alice:punched(bob), bob.address, "the address at which alice reaches bob")
	bob:send(alice, "no NAT on the way")
	alice:hears(bob, "no NAT on the way")
end)

scenario("a client's login goes on by IPv6 when IPv4 stops", function(lab)
	lab:world { families = "46" }
	local server_host, alice_host = lab:host("server"), lab:host("alice", { nat = "port-restricted,ipv6=firewall" })
	local server = p2pchat.server(lab, server_host, { arguments = { "-b", server_host:ipv6_address() } })
	local by_name = setmetatable({ address = "server:5000" }, { __index = server })
	local alice = p2pchat.login(lab, alice_host, by_name, { port = "any", arguments = { "--keepalive", "0.2" } })
	alice_host:box():iptables("-I FORWARD -p udp -j DROP")
	alice.program:wait("^logged in as %[", 40)
	alice.program:type("list")
	alice.program:wait("^peer %[%S+ %(you%)$", 40)
end)

scenario("names have addresses of both families", function(lab)
	lab:world { families = "46" }
	local server = lab:host("server", { addresses = 2, names = { "stun.example.org" } })
	local alice = lab:host("alice", HOME)
	local old = lab:host("old", { families = "4" })
	for _, name in ipairs { "server", "stun.example.org" } do
		equal(output_of(alice, "getent", "ahostsv6", name):match("^%S+"), server:ipv6_address(), name .. " by IPv6")
		equal(output_of(alice, "getent", "ahostsv4", name):match("^%S+"), server:address(), name .. " by IPv4")
	end
	equal(output_of(alice, "getent", "ahostsv6", "server-2"):match("^%S+"), server:ipv6_address(2), "the second address")
	equal(output_of(old, "ip", "-6", "-brief", "address"), "", "IPv6 addresses of a host that has IPv4 alone")
	equal(output_of(alice, "ip", "-6", "-brief", "address", "show", "lo"):match("::1/128"), "::1/128", "the loopback address")
end)

scenario("a name server gives IPv6 addresses too", function(lab)
	lab:world { families = "46" }
	lab:dns { records = { "v6.example.org AAAA 2444:0:99::1" } }
	local server, alice = lab:host("server"), lab:host("alice", HOME)
	if not has_program(server, "dig") then
		skip("needs dig (tools/deps interop)")
	end
	equal(output_of(alice, "dig", "+short", "server", "AAAA"), server:ipv6_address() .. "\n", "the server's AAAA record")
	equal(output_of(alice, "dig", "+short", "v6.example.org", "AAAA"), "2444:0:99::1\n", "a record of one's own")
end)

scenario("a home behind a home: each has a network of its own", function(lab)
	lab:world { families = "46" }
	local carrier = lab:box("carrier", "port-restricted,ipv6=open")
	local home = lab:box("home", "port-restricted,ipv6=open", { behind = carrier })
	local alice = lab:host("alice", { behind = home })
	local bob = lab:host("bob", { behind = carrier })
	local server = lab:host("server")
	for _, from in ipairs { server, bob } do
		local a, b = from:udp(0, "::"), alice:udp(0, "::")
		a:send(("[%s]:%d"):format(alice:ipv6_address(), b:port()), "hello")
		local _, source = b:receive()
		equal(source, ("[%s]:%d"):format(from:ipv6_address(), a:port()), "who it is from")
	end
end)

scenario("a phone takes IPv6 of wherever it is plugged in", function(lab)
	lab:world { families = "46" }
	local home, cafe = lab:box("home", "port-restricted,ipv6=open"), lab:box("cafe", "symmetric,ipv6=open")
	local old = lab:box("old", "port-restricted")
	local server = lab:host("server")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home } } })
	local at_home = phone:ipv6_address()

	local function hears_server()
		local a, b = server:udp(0, "::"), phone:udp(0, "::")
		a:send(("[%s]:%d"):format(phone:ipv6_address(), b:port()), "hello")
		equal(b:receive(), "hello", "what the phone got")
		a:close()
		b:close()
	end

	hears_server()
	phone:plug("wifi", cafe)
	expect(phone:ipv6_address() ~= at_home, "another network, another address")
	hears_server()
	phone:plug("wifi", old)
	equal(phone:ipv6_address(), nil, "its address where there is no IPv6")
	phone:plug("wifi", home)
	equal(phone:ipv6_address(), at_home, "its address back home")
	hears_server()
end)

scenario("a reboot of a box that routes IPv6", function(lab)
	lab:world { families = "46" }
	local server, alice = lab:host("server"), lab:host("alice", HOME)
	local a, s = alice:udp(0, "::"), server:udp(0, "::")
	alice:box():reboot()
	s:send(("[%s]:%d"):format(alice:ipv6_address(), a:port()), "hello")
	equal(a:receive(), "hello", "what alice got")
end)

scenario("an IPv6 firewall goes with its box's way out", function(lab)
	lab:world { families = "46" }
	local home = lab:box("home", "port-restricted,ipv6=firewall", { interfaces = { wan = {}, wan2 = {} } })
	local alice, server = lab:host("alice", { behind = home }), lab:host("server")
	local a, s, stranger = alice:udp(4000, "::"), server:udp(3000, "::"), server:udp(3001, "::")
	local alice_at = ("[%s]:4000"):format(alice:ipv6_address())
	home:unplug("wan")
	a:send(("[%s]:3000"):format(server:ipv6_address()), "hello")
	equal(s:receive(), "hello", "what goes out by the other one")
	stranger:send(alice_at, "let me in")
	s:send(alice_at, "hello back")
	equal(a:receive(), "hello back", "the first that alice got")
end)

scenario("a prefix that is translated: each has a place of its own outside", function(lab)
	lab:world { families = "46" }
	local home = lab:box("home", "symmetric,ipv6=nptv6")
	local alice, carol = lab:host("alice", { behind = home }), lab:host("carol", { behind = home })
	local bob, server = lab:host("bob", { nat = "open,ipv6=nat66" }), lab:host("server")
	local a, b, c, s = alice:udp(4000, "::"), bob:udp(5000, "::"), carol:udp(6000, "::"), server:udp(3000, "::")
	local server_at = ("[%s]:3000"):format(server:ipv6_address())
	equal(alice:ipv6_address(), "fd44:0:2:2::3", "her own address")
	a:send(server_at, "where am I")
	local _, alice_at = s:receive()
	equal(alice_at, "[2444:0:2:d902::3]:4000", "where the server sees her")
	b:send(alice_at, "a stranger's")
	local text, bob_at = a:receive()
	equal(text, "a stranger's", "what alice got")
	a:send(bob_at, "an answer")
	equal(b:receive(), "an answer", "what bob got")
	lab:oracle(alice, bob, true, "udp", "6")
	c:send(alice_at, "from inside")
	equal(select(2, a:receive()), "[2444:0:2:d902::4]:6000", "where alice sees carol, who turned round")
end)

scenario("a NAT66 lets in who was sent to, also by a phone that came later", function(lab)
	lab:world { families = "46" }
	local home = lab:box("home", "port-restricted,ipv6=open")
	local cafe = lab:box("cafe", "open,ipv6=nat66,ipv6.filtering=ei")
	local server = lab:host("server")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home } } })
	local s, stranger = server:udp(3000, "::"), server:udp(3001, "::")
	phone:plug("wifi", cafe)
	local a = phone:udp(4000, "::")
	a:send(("[%s]:3000"):format(server:ipv6_address()), "here I am")
	local _, seen_as = s:receive()
	equal(seen_as, ("[%s]:4000"):format(cafe:ipv6_address()), "where the server sees it")
	stranger:send(seen_as, "anybody may")
	equal(a:receive(), "anybody may", "what the phone got")
end)

scenario("a host with temporary addresses sends from them, and is reached at the one that stays", function(lab)
	lab:world { families = "46" }
	local server, home = lab:host("server"), lab:box("home", "symmetric,ipv6=open")
	local alice = lab:host("alice", { behind = home, temporary = true })
	local s, old = server:udp(3478, "::"), alice:udp(4000, "::")
	local before = alice:temporary_address()

	local function said(socket)
		socket:send(("[%s]:3478"):format(server:ipv6_address()), "hello")
		return select(2, s:receive())
	end

	expect(before ~= alice:ipv6_address(), "another one than " .. before)
	equal(said(old), ("[%s]:4000"):format(before), "from where alice sends")
	s:send(("[%s]:4000"):format(alice:ipv6_address()), "to the one that stays")
	equal(old:receive(), "to the one that stays", "what alice got")
	expect(output_of(alice, "ip", "-6", "address"):match(literal(before .. "/64") .. "[^\n]* temporary"), "the kernel made it")

	local bound = alice:udp(0, before)
	local now = alice:new_temporary_address()
	expect(now ~= before, "another one")
	equal(said(alice:udp(4001, "::")), ("[%s]:4001"):format(now), "from where alice sends after it")
	equal(said(bound), ("[%s]:%d"):format(before, bound:port()), "what uses the one before goes on")
	s:send(("[%s]:%d"):format(before, bound:port()), "an answer")
	equal(bound:receive(), "an answer", "at the one before")
	for name, address in pairs { ["alice"] = alice:ipv6_address(), ["alice-2"] = before, ["alice-3"] = now } do
		equal(output_of(server, "getent", "ahostsv6", name):match("^%S+"), address, name)
	end
	local why = lab:why(alice, server)
	equal(why.outcome, "open", "between the two, whichever address it was")
	equal(why.directions[1].delivered + why.directions[2].delivered, 5, "packets that are told of them")
end)

-- The provider gives another prefix: who is behind the box has other addresses, and the old ones lead nowhere.
for _, spec in ipairs { "symmetric,ipv6=open", "port-restricted,ipv6=firewall", "symmetric,ipv6=nptv6", "port-restricted,ipv6=nat66" } do
	scenario("a home whose prefix changes: " .. spec, function(lab)
		lab:world { families = "46" }
		local server, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home })
		local s, a = server:udp(3478, "::"), alice:udp(4000, "::")
		local server_at = ("[%s]:3478"):format(server:ipv6_address())

		local function seen()
			a:send(server_at, "hello")
			return select(2, s:receive())
		end

		local before, inside, outside = seen(), alice:ipv6_address(), home:ipv6_address()
		home:renumber()
		local now = seen()
		expect(now ~= before, "another address than " .. before .. ": " .. tostring(now))
		s:send(now, "to the new one")
		equal(a:receive(), "to the new one", "what alice got")
		s:send(before, "to the old one")
		equal(a:receive(0.3), nil, "what alice got")
		expect(home:ipv6_address() ~= outside, "another address of the box")
		equal(alice:ipv6_address() == inside, spec:match("nat66") ~= nil or spec:match("nptv6") ~= nil, "hers is as it was: it is a private one")
		equal(output_of(server, "getent", "ahostsv6", "alice"):match("^%S+"), alice:ipv6_address(), "her name leads there")
		local why = table.concat(lab:why(alice, server).text, " ")
		expect(why:find("no longer had that address", 1, true), "why the other one did not arrive: " .. why)
	end)
end

scenario("a provider whose prefix changes takes the homes behind it along", function(lab)
	lab:world { families = "46" }
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted,ipv6=open")
	local home = lab:box("home", "symmetric,ipv6=firewall", { behind = carrier })
	local alice = lab:host("alice", { behind = home, temporary = true })
	local s = server:udp(3478, "::")
	local server_at, before, temporary = ("[%s]:3478"):format(server:ipv6_address()), alice:ipv6_address(), alice:temporary_address()
	local bound = alice:udp(4000, before)

	for _ = 1, 2 do
		temporary = alice:new_temporary_address() -- the second one's place is the first one's
	end
	carrier:renumber()
	expect(alice:ipv6_address() ~= before, "another address")
	expect(alice:temporary_address() ~= temporary, "another temporary one")
	local a = alice:udp(4001, "::")
	a:send(server_at, "hello")
	local _, from = s:receive()
	equal(from, ("[%s]:4001"):format(alice:temporary_address()), "from where")
	s:send(from, "hello back")
	equal(a:receive(), "hello back", "what alice got: her firewall knows its network")
	local told = output_of(alice, "ip", "-6", "address")
	expect(told:match(literal(before .. "/64") .. "[^\n]* deprecated"), "what she had is deprecated: " .. told)
	bound:send(server_at, "from it")
	equal(s:receive(), "from it", "and still sends")
end)

scenario("a host that sleeps while the prefix changes wakes with its new address, behind two ways out", function(lab)
	lab:world { families = "46" }
	local server, home = lab:host("server"), lab:box("home", "symmetric,ipv6=open", { interfaces = { wan = {}, wan2 = {} } })
	local alice = lab:host("alice", { behind = home })
	local s, before = server:udp(3478, "::"), alice:ipv6_address()

	alice:sleep(0.2, function() home:renumber() end)
	expect(alice:ipv6_address() ~= before, "another address")
	alice:udp(4000, "::"):send(("[%s]:3478"):format(server:ipv6_address()), "awake")
	local _, from = s:receive()
	equal(from, ("[%s]:4000"):format(alice:ipv6_address()), "from where")
end)
