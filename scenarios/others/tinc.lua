-- tinc 1.0 (Debian's tinc): nodes keep TCP connections to a server, which passes packets on until UDP gets through.
--
-- It opens what theory says once the server knows by which addresses both are reached by UDP, and they see to that
-- here, by a ping to it. Without, it is chance where boxes change the port: a node is first told the others' own port,
-- 655. What the box made of it comes with the answer to a request for a key, which the server passes on and adds the
-- address to, if that node has answered a probe of the server's by then; and there are none before it has something to
-- say. Then one of two knows and the other does not, and two port-restricted cones, or a full cone and one, go on by
-- the server.

local overlay = require "overlay"

local ADDRESSES = { server = "10.78.0.1", alice = "10.78.0.2", bob = "10.78.0.3" }

local function node(lab, host, public)
	local address = ADDRESSES[host:name()]
	local program = host:run { "sh", lab:path("tinc_node.sh"), lab:folder(), host:name(), address, public }
	return program, { host = host, address = address }
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
		rendezvous = function(lab, host)
			local server = node(lab, host, host:address())
			server:wait("Ready", 30)
			return server
		end,
		peer = function(lab, host, server)
			local program, peer = node(lab, host)
			program:wait("Connection with server .* activated", 30)
			host:run { "ping", "-n", "-c", "40", "-i", "0.25", ADDRESSES.server }
			lab:wait_until(function()
				return is_known(server, host:name())
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
