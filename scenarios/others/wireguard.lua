-- WireGuard in user space (Debian's wireguard-go; it needs no kernel module), and a punching helper beside it, as
-- people write them: it asks a STUN server from the port that WireGuard then listens on, and tells the other side.
-- WireGuard keeps shaking hands, every 5 s, and answers whoever is authenticated from where he was heard: what plain
-- punching opens, it opens.

local overlay = require "overlay"

local PEERS = { alice = { "10.80.0.1", "bob", "10.80.0.2" }, bob = { "10.80.0.2", "alice", "10.80.0.1" } }

overlay.everywhere("WireGuard", {
	programs = { "wireguard-go", "wg", "ip" },
	packages = "wireguard-go, wireguard-tools",
	patience = 25,
	relays = false,
	opens = {
		["open"] = { true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true },
		["restricted"] = { true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, false },
		["symmetric"] = { true, true, true, false, false },
	},
	topologies = {
		["one home"] = false,
		["one home, hairpinning"] = true,
		["one carrier"] = false,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = false,
	},
	rendezvous = function(lab, host)
		lab:stun(host)
		return host:address()
	end,
	peer = function(lab, host, stun)
		local address, peer, peer_address = table.unpack(PEERS[host:name()])
		local program = host:run { "/usr/bin/python3", lab:path("wireguard_node.py"), host:name(), lab:folder(), stun,
			address, peer, peer_address }
		return { host = host, address = address, program = program }
	end,
	ready = function(alice, bob)
		alice.program:wait("^tunnel ", 20)
		bob.program:wait("^tunnel ", 20)
	end,
})
