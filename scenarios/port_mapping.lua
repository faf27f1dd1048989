-- Boxes that map ports for hosts that ask them: a real miniupnpd in the box, real clients (upnpc, natpmpc) behind it, and
-- the faults that people report of their routers. tools/deps upnp installs what these need.
local p2pchat = require "p2pchat"

local LEASE = "600"
local ALL = "upnp,nat-pmp,pcp"

local function need(...)
	for _, program in ipairs { "miniupnpd", ... } do
		if not installed(program) then skip(program .. " is not installed: tools/deps upnp installs it") end
	end
end

local function gateway(host)
	return (host:address():gsub("%d+$", "1"))
end

--- What upnpc says to that, given where the gateway's description is: looking for it takes its two seconds.
local function upnpc(host, ...)
	local p = host:run { "upnpc", "-u", "http://" .. gateway(host) .. ":5000/rootDesc.xml", ... }
	p:exit_status(30)
	return p:output("both")
end

--- What natpmpc says to that. It asks for the address first, again after 250 ms, and takes a second answer to that for one
--- about the port ("protocol UNKNOWN"): where the machine was so slow it is to ask anew.
local function natpmpc(host, ...)
	local said
	for _ = 1, 20 do
		local p = host:run { "natpmpc", "-g", gateway(host), "-a", ... }
		p:exit_status(30)
		said = p:output("both")
		if not said:find("protocol UNKNOWN", 1, true) then break end
	end
	return said
end

--- A mapping of one UDP port by each protocol: how to ask for it, and how to take it away. Whether it was given.
local ways = {
	upnp = {
		name = "UPnP",
		ask = function(host, port)
			return upnpc(host, "-a", host:address(), port, port, "UDP", LEASE):find("is redirected to internal", 1, true)
		end,
		leave = function(host, port) upnpc(host, "-d", port, "UDP") end,
	},
	["nat-pmp"] = {
		name = "NAT-PMP",
		ask = function(host, port)
			return natpmpc(host, port, port, "udp", LEASE):find("Mapped public port " .. port .. " ", 1, true)
		end,
		leave = function(host, port) natpmpc(host, port, port, "udp", "0") end,
	},
	pcp = { -- RFC 6887: Debian has no client. MAP, the whole address of the host, a nonce, UDP, ports inside and outside.
		name = "PCP",
		ask = function(host, port, lifetime)
			local a, b, c, d = host:address():match("(%d+)%.(%d+)%.(%d+)%.(%d+)")
			local mapped = string.rep("\0", 10) .. "\xff\xff"
			local request = string.pack(">BBI2I4", 2, 1, 0, lifetime or 600) .. mapped .. string.char(a, b, c, d) ..
				"nonce, 12 b." .. string.pack(">BBI2I2I2", 17, 0, 0, port, port) .. mapped .. "\0\0\0\0"
			local socket = host:udp(0)
			for _ = 1, 20 do
				socket:send(gateway(host) .. ":5351", request)
				local answer = socket:receive(0.5)
				if answer then return #answer == 60 and answer:byte(4) == 0 and string.unpack(">I2", answer, 43) == tonumber(port) end
			end
		end,
	},
}
ways.pcp.leave = function(host, port) ways.pcp.ask(host, port, 0) end

local knocks = 0

--- Whether a stranger, each time another one, gets a packet in at that port. Who has patience knocks again: a client that was
--- slow to be answered asked twice, and miniupnpd shuts a port for a moment when it is asked for again.
local function comes_in(stranger, box, socket, patience)
	knocks = knocks + 1
	local text, said = "knock " .. knocks, nil
	for _ = 1, 2 * (patience or 0.5) do
		stranger:udp(0):send(box:address() .. ":" .. socket:port(), text)
		repeat
			said = socket:receive(0.5)
		until not said or said == text
		if said then return true end
	end
	return false
end

local function world(lab, spec, neighbour)
	local stranger, box = lab:host("stranger"), lab:box("home", spec)
	local alice = lab:host("alice", { behind = box })
	local other = neighbour and lab:host(neighbour, { behind = box })
	return stranger, box, alice, alice:udp(12345), other
end

local function opens(spec, key, offers)
	local way = ways[key]
	scenario("a port that was asked for by " .. way.name .. " is open: " .. spec, { timeout = 120 }, function(lab)
		need(key == "upnp" and "upnpc" or key == "nat-pmp" and "natpmpc" or nil)
		local stranger, box, alice, socket = world(lab, spec .. "," .. offers)

		expect(not comes_in(stranger, box, socket), "nobody comes in before")
		expect(way.ask(alice, "12345"), "the port is given")
		expect(comes_in(stranger, box, socket, 10), "a stranger comes in")
		local why = lab:why(stranger, alice)
		equal(why.directions[1].asked_by, way.name, "by which the way in was opened")
		local told = "home:12345 was open for everybody: alice had asked home for it by " .. way.name .. "."
		expect(table.concat(why.text, "\n"):find(told, 1, true), "it is told: " .. table.concat(why.text, "\n"))
		way.leave(alice, "12345")
		expect(not comes_in(stranger, box, socket), "once it is given back nobody comes in")
	end)
end

for _, key in ipairs { "upnp", "nat-pmp", "pcp" } do
	opens("port-restricted", key, key)
	opens("symmetric", key, ALL)
	opens("port-restricted,refresh=outbound", key, ALL)
end

-- Every other kind of box that offers it, by all three at once.
for _, spec in ipairs { "full-cone", "restricted", "mapping=ad,filtering=ei", "mapping=ad,filtering=ad",
	"mapping=ad,filtering=apd", "mapping=apd,filtering=ei", "mapping=apd,filtering=ad", "linux-router", "openwrt", "carrier",
	"cellular", "symmetric-preserving", "symmetric-sequential", "office-firewall" } do
	scenario("upnpc, natpmpc and PCP get ports: " .. spec, { timeout = 120 }, function(lab)
		need("upnpc", "natpmpc")
		local stranger, box, alice = world(lab, spec .. "," .. ALL)

		for i, key in ipairs { "upnp", "nat-pmp", "pcp" } do
			local socket = alice:udp(12345 + i)
			expect(ways[key].ask(alice, tostring(12345 + i)), ways[key].name .. " gives a port")
			expect(comes_in(stranger, box, socket, 10), "a stranger comes in at the port by " .. ways[key].name)
			ways[key].leave(alice, tostring(12345 + i))
			expect(not comes_in(stranger, box, socket), "and not once it is given back")
		end
	end)
end

scenario("upnpc finds the gateway by itself", { timeout = 60 }, function(lab)
	need "upnpc"
	local _, box, alice = world(lab, "port-restricted,upnp")
	local p = alice:run { "upnpc", "-s" }

	p:exit_status(30)
	expect(p:output():find("ExternalIPAddress = " .. box:address(), 1, true), "it says the address outside: " .. p:output())
end)

scenario("two hosts ask for one port: one has it, the other another", { timeout = 120 }, function(lab)
	need("upnpc", "natpmpc")
	local stranger, box, alice, socket, carol = world(lab, "port-restricted,upnp,nat-pmp", "carol")

	expect(ways.upnp.ask(alice, "12345"), "alice gets it")
	expect(upnpc(carol, "-a", carol:address(), "12345", "12345", "UDP", LEASE):find("718"), "carol is refused by UPnP")
	local port = natpmpc(carol, "12345", "12345", "udp", LEASE):match("Mapped public port (%d+)")
	expect(port and port ~= "12345", "and given another one by NAT-PMP")
	expect(comes_in(stranger, box, socket, 10), "alice's still is alice's")
	local other = carol:udp(12345)
	stranger:udp(0):send(box:address() .. ":" .. port, "to carol")
	equal(other:receive(10), "to carol", "carol's leads to carol")
end)

-- --- faults ------------------------------------------------------------------------------------------

scenario("mappings survive a reboot", { timeout = 120 }, function(lab)
	need "natpmpc"
	local stranger, box, alice, socket = world(lab, "symmetric,nat-pmp")

	expect(ways["nat-pmp"].ask(alice, "12345"), "the port is given")
	box:reboot()
	expect(comes_in(stranger, box, socket, 10), "it is still open")
end)

-- The clients of the two protocols that Debian has some for.
local clients = { upnp = "upnpc", ["nat-pmp"] = "natpmpc" }

local function is_lost(key)
	local way = ways[key]
	scenario("upnp=lost-on-reboot: they do not, by " .. way.name, { timeout = 120 }, function(lab)
		need(clients[key])
		local stranger, box, alice, socket = world(lab, "symmetric,upnp=lost-on-reboot,nat-pmp,pcp")

		expect(way.ask(alice, "12345"), "the port is given")
		expect(comes_in(stranger, box, socket, 10), "it is open")
		box:reboot()
		expect(not comes_in(stranger, box, socket), "it is shut after the reboot")
		local text = table.concat(lab:why(stranger, alice).text, "\n")
		local told = "had been open for everybody, as alice had asked home for it by " .. way.name .. ", until"
		expect(text:find(told, 1, true), text)
		expect(way.ask(alice, "12345"), "it is given again")
		expect(comes_in(stranger, box, socket, 10), "and open")
	end)
end

is_lost "upnp"
is_lost "nat-pmp"
is_lost "pcp"

scenario("upnp=conflict: a port that is often asked for is taken", { timeout = 120 }, function(lab)
	need("upnpc", "natpmpc")
	local _, _, alice = world(lab, "port-restricted,upnp=conflict,nat-pmp,pcp")

	local said = upnpc(alice, "-a", alice:address(), "4001", "4001", "UDP", LEASE)
	expect(said:find("718 (ConflictInMappingEntry)", 1, true), said)
	local port = natpmpc(alice, "4001", "4001", "udp", LEASE):match("Mapped public port (%d+)")
	expect(port and port ~= "4001", "NAT-PMP gives another one")
	expect(not ways.pcp.ask(alice, "4001"), "so does PCP")
	expect(ways.upnp.ask(alice, "12345"), "a port of one's own is given")
end)

local function ends_early(key)
	local way = ways[key]
	local name = "upnp=short-lease: a mapping ends early, and can be asked for again, by " .. way.name
	scenario(name, { timeout = 120 }, function(lab)
		need(clients[key])
		local stranger, box, alice, socket = world(lab, "port-restricted,upnp=short-lease,nat-pmp,pcp")

		expect(way.ask(alice, "12345"), "the port is given")
		expect(comes_in(stranger, box, socket, 10), "it is open")
		lab:wait_until(function() return not comes_in(stranger, box, socket) end, 60, "the mapping's end")
		expect(way.ask(alice, "12345"), "it is given again")
		expect(comes_in(stranger, box, socket, 10), "and open")
	end)
end

ends_early "upnp"
ends_early "nat-pmp"
ends_early "pcp"

scenario("upnp=private-address: a gateway without a public address", { timeout = 120 }, function(lab)
	need("upnpc", "natpmpc")
	local stranger, box, alice, socket = world(lab, "port-restricted,upnp=private-address,nat-pmp,pcp")

	expect(not ways.upnp.ask(alice, "12345"), "UPnP gives nothing")
	expect(not ways["nat-pmp"].ask(alice, "12345"), "nor does NAT-PMP")
	expect(not ways.pcp.ask(alice, "12345"), "nor does PCP")
	expect(not comes_in(stranger, box, socket), "it is shut")
end)

scenario("a gateway behind a carrier's NAT maps nothing by itself", { timeout = 120 }, function(lab)
	need "natpmpc"
	local stranger, carrier = lab:host("stranger"), lab:box("carrier", "carrier")
	local home = lab:box("home", "port-restricted,nat-pmp", { behind = carrier })
	local alice = lab:host("alice", { behind = home })
	local socket = alice:udp(12345)

	expect(not ways["nat-pmp"].ask(alice, "12345"), "nothing is given")
	expect(not comes_in(stranger, carrier, socket), "it is shut")
end)

scenario("upnp=silent: no answer", { timeout = 120 }, function(lab)
	need("upnpc", "natpmpc")
	local _, _, alice = world(lab, "port-restricted,upnp=silent,nat-pmp")
	local search = alice:run { "upnpc", "-s" }
	local ask = alice:run { "natpmpc", "-g", gateway(alice) }

	search:exit_status(60)
	expect(search:output("both"):find("No IGD UPnP Device found", 1, true), search:output("both"))
	lab:wait_until(function() return lab:count("home lan", "udp and dst port 5351") >= 3 end, 60, "natpmpc's repeats")
	equal(lab:count("home lan", "src host " .. gateway(alice) .. " and (src port 5351 or icmp)"), 0, "answers")
	ask:kill()
end)

-- --- a program that opens only thanks to it ------------------------------------------------------------

local function chat(name, spec, map)
	scenario(name, { timeout = 120 }, function(lab)
		need "upnpc"
		local host, box = lab:host("server"), lab:box("home", spec)
		local alice_host = lab:host("alice", { behind = box })
		local bob_host = lab:host("bob", { nat = "symmetric" })
		if map then expect(ways.upnp.ask(alice_host, "12345"), "upnpc maps p2pchat's port") end
		local server = p2pchat.server(lab, host)
		local alice = p2pchat.login(lab, alice_host, server, { port = 12345, strategy = "plain" })
		local bob = p2pchat.login(lab, bob_host, server, { strategy = "plain" })

		alice:punch(bob)
		equal(p2pchat.both_know(lab, alice, bob), map, "they know each other's way")
		if map then p2pchat.talk(lab, alice, bob) else p2pchat.nothing_came_through(lab, alice, bob) end
	end)
end

chat("p2pchat: a port-restricted cone and a symmetric NAT stay shut", "port-restricted,upnp", false)
chat("p2pchat: with a port mapped by UPnP they talk", "port-restricted,upnp", true)
