-- Homes behind carriers, by IPv6: two of them, each with a prefix of its own for the home, and one whose prefix changes.

local commands = require("commands")
local output_of = commands.output_of

local SPECS = { "symmetric,ipv6=open", "port-restricted,ipv6=firewall", "symmetric,ipv6=nptv6", "port-restricted,ipv6=nat66" }

--- Two carriers of that kind, a home with a way out by each, and what is seen of alice who is there.
local function behind_two(lab, carrier, spec)
	lab:world { families = "46" }
	local world = { server = lab:host("server"), first = lab:box("first", carrier), second = lab:box("second", carrier) }
	world.home = lab:box("home", spec, { interfaces = { wan = { behind = world.first }, wan2 = { behind = world.second } } })
	world.alice = lab:host("alice", { behind = world.home })
	world.next_door = lab:host("bob", { behind = lab:box("other", "symmetric,ipv6=firewall", { behind = world.second }) })
	world.inside = world.server:udp(3478, "::")

	function world.seen(socket)
		socket:send(("[%s]:3478"):format(world.server:ipv6_address()), "hello")
		local text, from = world.inside:receive()
		equal(text, "hello", "what the server got")
		world.inside:send(from, "hello back")
		equal(socket:receive(), "hello back", "what alice got")
		return from:match("^%[(.*)%]:")
	end

	-- Both ways by that carrier, and none by the other.
	function world.goes_by(carrier_used, other)
		local used, unused = carrier_used:name() .. " wan", other:name() .. " wan"
		local before, beside = lab:count(used, "ip6 and udp"), lab:count(unused, "ip6 and udp")
		local from = world.seen(world.alice:udp(0, "::"))
		equal(lab:count(used, "ip6 and udp") - before, 2, "packets by " .. used)
		equal(lab:count(unused, "ip6 and udp") - beside, 0, "packets by " .. unused)
		return from
	end
	return world
end

for _, spec in ipairs(SPECS) do
	scenario("two carriers, and answers by the one that was asked by: " .. spec, function(lab)
		local w = behind_two(lab, "port-restricted,ipv6=open", spec)
		local by_first = w.goes_by(w.first, w.second)
		w.home:route("wan2")
		local by_second = w.goes_by(w.second, w.first)
		expect(by_second ~= by_first, "another prefix, that of the second: " .. by_second)
		if spec:find("ipv6=open", 1, true) then
			equal(by_second, w.alice:ipv6_address(), "which alice has now")
		end
		w.home:route("wan")
		equal(w.goes_by(w.first, w.second), by_first, "the first one's again")
		w.home:unplug("wan")
		equal(w.goes_by(w.second, w.first), by_second, "the second one's, where the first is not there")
		w.home:plug("wan", w.first)
		equal(w.goes_by(w.first, w.second), by_first, "back at the first")
	end)
end

scenario("a prefix of the home's own goes along to the other carrier", function(lab)
	local w = behind_two(lab, "port-restricted,ipv6=open", "symmetric,ipv6=open,ipv6.prefix=2001:db8:5::/48")
	local address = w.alice:ipv6_address()
	equal(w.goes_by(w.first, w.second), address, "by the first")
	w.home:route("wan2")
	equal(w.goes_by(w.second, w.first), address, "by the second")
	w.home:unplug("wan2")
	equal(w.goes_by(w.first, w.second), address, "by the first again")
end)

scenario("two carriers that translate IPv6 themselves", function(lab)
	local w = behind_two(lab, "symmetric,ipv6=nat66", "symmetric,ipv6=firewall")
	equal(w.goes_by(w.first, w.second), w.first:ipv6_address(), "what the server sees")
	w.home:unplug("wan")
	equal(w.goes_by(w.second, w.first), w.second:ipv6_address(), "what it sees then")
end)

scenario("who has the prefix of the other carrier has it as a deprecated one", function(lab)
	local w = behind_two(lab, "port-restricted,ipv6=open", "symmetric,ipv6=open")
	local before = w.alice:ipv6_address()
	w.home:unplug("wan")
	expect(w.alice:ipv6_address() ~= before, "another address")
	local told = output_of(w.alice, "ip", "-6", "address")
	expect(told:match(literal(before .. "/64") .. "[^\n]* deprecated"), "what she had is deprecated: " .. told)
	w.inside:send(("[%s]:4000"):format(before), "to the old one")
	local a = w.alice:udp(4000, "::")
	equal(w.seen(a), w.alice:ipv6_address(), "from where alice sends, and the first that she gets")
end)

scenario("a second home behind the second carrier is not disturbed", function(lab)
	local w = behind_two(lab, "port-restricted,ipv6=open", "symmetric,ipv6=open")
	local next_door = w.next_door
	local before = w.seen(next_door:udp(0, "::"))
	w.home:unplug("wan")
	equal(w.goes_by(w.second, w.first), w.alice:ipv6_address(), "alice")
	equal(w.seen(next_door:udp(0, "::")), before, "and bob")
end)

scenario("a home that is renumbered behind its carrier is reached at its new network", function(lab)
	lab:world { families = "46" }
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted,ipv6=open")
	local home = lab:box("home", "symmetric,ipv6=open", { behind = carrier })
	local alice = lab:host("alice", { behind = home })
	local before, s = alice:ipv6_address(), server:udp(3478, "::")
	home:renumber()
	expect(alice:ipv6_address() ~= before, "another address")
	local a = alice:udp(4000, "::")
	s:send(("[%s]:4000"):format(alice:ipv6_address()), "from outside")
	equal(a:receive(), "from outside", "what alice got")
end)

scenario("the twelfth prefix of a provider reads as the twelfth", function(lab)
	lab:world { families = "46" }
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=open")
	local alice, s = lab:host("alice", { behind = home }), server:udp(3478, "::")
	for _ = 1, 12 do
		home:renumber()
	end
	equal(home:ipv6_address(), "2333::1203", "the box's own address")
	equal(alice:ipv6_address(), "2444:0:1203::4", "hers")
	alice:udp(4000, "::"):send(("[%s]:3478"):format(server:ipv6_address()), "hello")
	equal(select(2, s:receive()), "[2444:0:1203::4]:4000", "from where")
end)

-- What a box behind has counted stays: its rules name none of what changed.
scenario("a provider whose prefix changes leaves the rules of homes behind it alone", function(lab)
	lab:world { families = "46" }
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted,ipv6=open")
	local home = lab:box("home", "port-restricted,ipv6=firewall", { behind = carrier })
	local alice, s = lab:host("alice", { behind = home }), server:udp(3478, "::")

	local function knocks(count)
		for _ = 1, count do
			s:send(("[%s]:4000"):format(alice:ipv6_address()), "let me in")
		end
	end

	knocks(3)
	lab:wait_until(function() return home:counters()["rules dropped"] == 3 end, 30, "all were dropped")
	carrier:renumber()
	equal(home:counters()["rules dropped"], 3, "what was dropped before it")
	knocks(2)
	lab:wait_until(function() return home:counters()["rules dropped"] == 5 end, 30, "all were dropped")
	local why = table.concat(lab:why(server, alice).text, " ")
	expect(not why:find("rules were changed", 1, true), "nobody changed its rules: " .. why)
end)

scenario("a NAT66 behind a provider whose prefix changes has its rules for the new address", function(lab)
	lab:world { families = "46" }
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted,ipv6=open")
	local home = lab:box("home", "port-restricted,ipv6=nat66", { behind = carrier })
	local alice, s = lab:host("alice", { behind = home }), server:udp(3478, "::")
	local a = alice:udp(4000, "::")

	local function seen()
		a:send(("[%s]:3478"):format(server:ipv6_address()), "hello")
		return select(2, s:receive())
	end

	equal(seen(), ("[%s]:4000"):format(home:ipv6_address()), "before it")
	carrier:renumber()
	local now = seen()
	equal(now, ("[%s]:4000"):format(home:ipv6_address()), "after it")
	s:send(now, "hello back")
	equal(a:receive(), "hello back", "what alice got")
end)

-- A host with two ways out itself sends from the address of the one in use (RFC 6724 rule 5), and is answered by it.
scenario("a phone between two homes is answered by the one that it asked by", function(lab)
	lab:world { families = "46" }
	local home, carrier = lab:box("home", "port-restricted,ipv6=firewall"), lab:box("carrier", "symmetric,ipv6=open")
	local server = lab:host("server")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home }, lte = { behind = carrier } } })
	local s = server:udp(3478, "::")

	local function goes_by(interface, box)
		local before = lab:count(box:name() .. " wan", "ip6 and udp")
		local a = phone:udp(0, "::")
		a:send(("[%s]:3478"):format(server:ipv6_address()), "hello")
		local _, from = s:receive()
		equal(from, ("[%s]:%d"):format(phone:ipv6_address(interface), a:port()), "from where")
		s:send(from, "hello back")
		equal(a:receive(), "hello back", "what came back")
		equal(lab:count(box:name() .. " wan", "ip6 and udp") - before, 2, "packets by " .. box:name())
	end

	goes_by("wifi", home)
	phone:route("lte")
	goes_by("lte", carrier)
	phone:route("wifi")
	goes_by("wifi", home)
	phone:unplug("wifi")
	goes_by("lte", carrier)
end)
