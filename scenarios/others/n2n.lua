-- n2n, a network over UDP (Debian's n2n, of the old protocol 1): an edge registers with the supernode, which passes
-- frames on until the edges have answered each other's registrations.
--
-- What it opens less than theory says: an edge registers with another once, when the first frame for it alone has come
-- by the supernode, and does not try again. Alice, who pings first, is answered by ARP first, and so she registers
-- first. Where she is symmetric and bob restricted, her one packet is at his box before he has sent anything to hers,
-- and dies; his one packet goes to the port that the supernode saw, and dies. The other way round his permission is
-- there before her packet.
--
-- An edge tells nobody its address inside: two at one home that does not hairpin go on by the supernode.

local overlay = require "overlay"

local PORT = 7654
local COUNT = 0

overlay.everywhere("n2n", {
	programs = { "supernode", "edge" },
	packages = "n2n",
	patience = 15,
	relays = true,
	opens = {
		["open"] = { true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true },
		["restricted"] = { true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, false },
		["symmetric"] = { true, true, false, false, false },
	},
	topologies = {
		["one home"] = false,
		["one home, hairpinning"] = true,
		["one carrier"] = false,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = false,
	},
	rendezvous = function(_, host)
		host:run({ "supernode", "-l", tostring(PORT), "-v" }):wait("Supernode ready", 10)
		return host:address() .. ":" .. PORT
	end,
	peer = function(_, host, supernode)
		COUNT = COUNT + 1
		local address = "10.77.0." .. COUNT
		host:run({ "edge", "-d", "n2n0", "-a", address, "-c", "lab", "-k", "secret", "-l", supernode, "-v" })
			:wait("Received REGISTER_ACK", 10)
		return { host = host, address = address }
	end,
})
