-- Everything p2pchat can do, and a server that relays: whatever lets UDP through at all can talk.

local all = { true, true, true, true, true, true, true }

require "nat_matrix" {
	strategy = "auto",
	prefix = "auto: ",
	server = { "--relay" },
	types = { "open", "full-cone", "restricted", "port-restricted", "symmetric", "sequential", "preserving" },
	specs = { ["sequential"] = "symmetric,ports=sequential", ["preserving"] = "symmetric-preserving" },
	opens = {
		["open"] = all, ["full-cone"] = all, ["restricted"] = all, ["port-restricted"] = all,
		["symmetric"] = all, ["sequential"] = all, ["preserving"] = all,
	},
}
