-- Nebula
local overlay = require "overlay"

local ADDRESSES = { server = "10.79.0.1", alice = "10.79.0.2", bob = "10.79.0.3" }

local function node(lab, host, public)
	local address = ADDRESSES[host:name()]
	local program = host:run { "sh", lab:path("nebula_node.sh"), lab:folder(), host:name(), address, ADDRESSES.server, public }
	return program, { host = host, address = address }
end

overlay.everywhere("Nebula", {
	programs = { "nebula", "nebula-cert" },
	packages = "nebula",
	patience = 20,
	relays = false,
	opens = {
		["open"] = { true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true },
		["restricted"] = { true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, false },
		["symmetric"] = { true, true, true, false, false },
	},
	topologies = {
		["one home"] = true,
		["one home, hairpinning"] = true,
		["one carrier"] = false,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = false,
	},
	rendezvous = function(lab, host)
		node(lab, host, host:address()):wait("Nebula interface is active", 20)
		return host:address()
	end,
	peer = function(lab, host, lighthouse)
		local program, peer = node(lab, host, lighthouse)
		program:wait("Handshake message received", 20)
		return peer
	end,
})
