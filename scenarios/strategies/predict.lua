-- Port prediction beside plain punching: opens where a box that filters by port meets one that hands its ports out in order.

require "nat_matrix" {
	strategy = "basic,predict",
	prefix = "predict: ",
	shut_timeout = 2,
	types = { "full-cone", "restricted", "port-restricted", "symmetric", "sequential" },
	specs = { ["sequential"] = "symmetric,ports=sequential" },
	opens = {
		--                      full   restr  port-r symm   seq
		["full-cone"]       = { true,  true,  true,  true,  true },
		["restricted"]      = { true,  true,  true,  true,  true },
		["port-restricted"] = { true,  true,  true,  false, true },
		["symmetric"]       = { true,  true,  false, false, false },
		["sequential"]      = { true,  true,  true,  false, false },
	},
}
