-- Everything p2pchat can do, and a server that relays: whatever lets UDP through at all can talk.

local types = { "open", "full-cone", "restricted", "port-restricted", "linux-router", "symmetric", "sequential", "preserving",
	"udp-blocked" }

-- Whatever the other is.
local function with_each(opens)
	local row = {}
	for i, kind in ipairs(types) do
		row[i] = opens and kind ~= "udp-blocked"
	end
	return row
end

local opens = {}
for _, kind in ipairs(types) do
	opens[kind] = with_each(kind ~= "udp-blocked")
end

require "nat_matrix" {
	strategy = "auto",
	prefix = "auto: ",
	server = { "--relay" },
	types = types,
	specs = { ["sequential"] = "symmetric,ports=sequential", ["preserving"] = "symmetric-preserving" },
	opens = opens,
}
