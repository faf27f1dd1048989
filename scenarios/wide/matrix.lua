-- The wide matrix: RFC 4787's three classes of mapping times three of filtering, each against each, 81 cells. What must come
-- of a cell is not written here: an oracle computes it from what was measured of the two boxes. Shown as a grid by `punchlab
-- matrix --wide`.

local p2pchat = require "p2pchat"

local classes = {
	{ name = "ei", long = "endpoint-independent" },
	{ name = "ad", long = "address-dependent" },
	{ name = "apd", long = "address-and-port-dependent" },
}

-- Long enough for a busy machine: which cells stay shut is not known beforehand, so a slow one must not look like them.
local PUNCH_TIMEOUT_S = 2

local kinds = {}
for _, mapping in ipairs(classes) do
	for _, filtering in ipairs(classes) do
		kinds[#kinds + 1] = {
			name = mapping.name .. "/" .. filtering.name,
			spec = "mapping=" .. mapping.long .. ",filtering=" .. filtering.long,
		}
	end
end

local function cell(row, column)
	return function(lab)
		local server_host = lab:host("server")
		local alice_host, bob_host = lab:host("alice", { nat = row.spec }), lab:host("bob", { nat = column.spec })
		local server = p2pchat.server(lab, server_host)
		local alice = p2pchat.client(lab, alice_host, server, { punch_timeout = PUNCH_TIMEOUT_S })
		local bob = p2pchat.client(lab, bob_host, server, { punch_timeout = PUNCH_TIMEOUT_S })
		lab:cell { row = row.name, column = column.name }
		alice:login()
		bob:login()
		alice:punch(bob)
		local opened = p2pchat.both_know(lab, alice, bob)
		if opened then
			local via, ms = alice:punched(bob)
			lab:cell { ms = ms, path = p2pchat.kind_of_path(bob, via) }
			p2pchat.talk(lab, alice, bob)
		end
		lab:cell { opened = opened }
		lab:oracle(alice_host, bob_host, opened)
	end
end

for _, row in ipairs(kinds) do
	for _, column in ipairs(kinds) do
		scenario(row.name .. " x " .. column.name, cell(row, column))
	end
end
