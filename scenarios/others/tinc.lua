-- tinc 1.0 (Debian's tinc): nodes keep TCP connections to a server, which passes packets on until UDP gets through.
--
-- It opens what theory says once the server knows by which addresses both are reached by UDP, and they see to that
-- here, by a ping to it. Without, it is chance where boxes change the port: a node is first told the others' own port,
-- 655. What the box made of it comes with the answer to a request for a key, which the server passes on and adds the
-- address to, if that node has answered a probe of the server's by then; and there are none before it has something to
-- say. Then one of two knows and the other does not, and two port-restricted cones, or a full cone and one, go on by
-- the server.

local need, overlay = require "need", require "overlay"

local ADDRESSES = { server = "10.78.0.1", alice = "10.78.0.2", bob = "10.78.0.3" }

-- A node that has its keys; a line that is typed starts it.
local function node(lab, host, public, settings)
	local address = ADDRESSES[host:name()]
	local program = host:run(need.words({ "sh", lab:path("tinc_node.sh"), lab:folder(), host:name(), address, public or "" }, settings))
	program:wait("keys made", 60)
	return program, { host = host, address = address, program = program }
end

local function server(lab, host, settings)
	local program = node(lab, host, host:address(), settings)
	program:type("")
	program:wait("Ready", 30)
	return program
end

--- Whether the server has had an answer by UDP from that node: a probe of the length it sent.
local function is_known(server, name)
	local sent = {}
	for _, line in ipairs(server:lines("stderr")) do
		local way, length, who = line:match("^(%a+) MTU probe length (%d+) %a+ (%a+) ")
		if who == name and way == "Got" and sent[length] then
			return true
		elseif who == name and way == "Sending" then
			sent[length] = true
		end
	end
end

local function grid(name, types, specs, opens, topologies)
	overlay.everywhere(name, {
		programs = { "tincd" },
		packages = "tinc",
		patience = 20,
		relays = true,
		types = types,
		specs = specs,
		opens = opens,
		topologies = topologies,
		rendezvous = server,
		peer = function(lab, host, its_server)
			local program, peer = node(lab, host, nil, { "ConnectTo = server" })
			program:type("")
			program:wait("Connection with server .* activated", 30)
			host:run { "ping", "-n", "-c", "40", "-i", "0.25", ADDRESSES.server }
			lab:wait_until(function()
				return is_known(its_server, host:name())
			end, 30, host:name() .. " has answered the server by UDP")
			return peer
		end,
	})
end

grid("tinc", nil, nil, {
	["open"] = { true, true, true, true, true },
	["full-cone"] = { true, true, true, true, true },
	["restricted"] = { true, true, true, true, true },
	["port-restricted"] = { true, true, true, true, false },
	["symmetric"] = { true, true, true, false, false },
}, {
	["one home"] = false,
	["one home, hairpinning"] = true,
	["one carrier"] = false,
	["one carrier, hairpinning"] = true,
	["a home in a home"] = true,
	["a home behind a cellular carrier"] = false,
})

grid("tinc, ports at random", { "full-cone, random", "port-restricted, random" }, {
	["full-cone, random"] = "full-cone,ports=random",
	["port-restricted, random"] = "port-restricted,ports=random",
}, {
	["full-cone, random"] = { true, true },
	["port-restricted, random"] = { true, true },
})

-- By TCP: each keeps a connection to the server and, where it reaches it, to the other, whose port is 655. Nobody punches.
-- What a node sends goes by those connections where it is told to (TCPOnly), and where UDP does not get through; else by
-- the server's.

local BLOCKED = "no UDP"

-- Where they talk through the server, TCP carries it, too; and what the trace says agrees.
local function seen_by_tcp(lab, alice, bob, straight)
	for _, host in ipairs { alice, bob } do
		local by_the_server = overlay.came(lab, host, lab:node("server"), "tcp") > 0
		expect(straight or by_the_server, "it came from the server to " .. host:name() .. " by TCP")
	end
	local why = lab:why(alice, bob, "tcp")
	equal(why.outcome, straight and "open" or "shut", "the two by TCP, as the trace has it")
	equal(why.cause, not straight and "no-mapping" or nil, "what became of their SYNs: " .. table.concat(why.text, " "))
end

local function by_tcp(name, types, specs, opens, settings, by)
	overlay.everywhere(name, {
		programs = { "tincd" },
		packages = "tinc",
		patience = 20,
		relays = true,
		types = types,
		specs = specs,
		opens = opens,
		by = by,
		rendezvous = function(lab, host)
			return server(lab, host, settings)
		end,
		peer = function(lab, host)
			local other = host:name() == "alice" and "bob" or "alice"
			local connect = { "ConnectTo = server", "ConnectTo = " .. other }
			local program, peer = node(lab, host, host:public_address(), need.words(connect, settings))
			function peer.is_connected(to) -- in whichever order
				lab:wait_until(function()
					return program:seen("Connection with " .. to .. " .* activated")
				end, 30, host:name() .. " is connected to " .. to)
			end
			return peer
		end,
		ready = function(alice, bob) -- who can be reached is there when the other asks
			local first, second = alice, bob
			if alice.host:box() then
				first, second = bob, alice
			end
			for _, peer in ipairs { first, second } do
				peer.program:type("")
				peer.is_connected("server")
			end
			if not first.host:box() then
				second.is_connected(first.host:name())
			end
		end,
		seen = function(lab, alice, bob, straight, cell)
			if by(cell) == "tcp" then
				seen_by_tcp(lab, alice, bob, straight)
			end
			if settings then
				equal(lab:count(nil, "udp port 655"), 0, "datagrams of tinc's")
			end
		end,
	})
end

by_tcp("tinc by TCP alone", { "open", "full-cone", "symmetric" }, nil, {
	["open"] = { true, true, true },
	["full-cone"] = { true, false, false },
	["symmetric"] = { true, false, false },
}, { "TCPOnly = yes" }, function()
	return "tcp"
end)

by_tcp("tinc where UDP is blocked", { "open", BLOCKED }, { [BLOCKED] = "port-restricted,udp=blocked" }, {
	["open"] = { true, true },
	[BLOCKED] = { true, false },
}, nil, function(cell)
	return cell.row == "open" and cell.column == "open" and "udp" or "tcp"
end)
