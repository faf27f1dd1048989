-- The NAT matrix as `punchlab matrix` shows it: plain punching, host candidates told. The table is the one of RFC 3489's
-- types with peer-reflexive learning: it fails only where a box that filters by port meets a mapping that changes with the
-- destination. What more can be done is in scenarios/strategies/.

require "nat_matrix" {
	strategy = "basic",
	shut_timeout = 1,
	types = { "open", "full-cone", "restricted", "port-restricted", "symmetric" },
	opens = {
		--                      open   full   restr  port-r symm
		["open"]            = { true,  true,  true,  true,  true },
		["full-cone"]       = { true,  true,  true,  true,  true },
		["restricted"]      = { true,  true,  true,  true,  true },
		["port-restricted"] = { true,  true,  true,  true,  false },
		["symmetric"]       = { true,  true,  true,  false, false },
	},
}
