-- Birthday probing beside plain punching: many sockets on the side whose ports change, many guesses on the other. Two sides
-- whose ports change stay shut.

require "nat_matrix" {
	strategy = "basic,birthday",
	prefix = "birthday: ",
	shut_timeout = 3,
	types = { "full-cone", "restricted", "port-restricted", "symmetric", "sequential" },
	specs = { ["sequential"] = "symmetric,ports=sequential" },
	opens = {
		--                      full   restr  port-r symm   seq
		["full-cone"]       = { true,  true,  true,  true,  true },
		["restricted"]      = { true,  true,  true,  true,  true },
		["port-restricted"] = { true,  true,  true,  true,  true },
		["symmetric"]       = { true,  true,  true,  false, false },
		["sequential"]      = { true,  true,  true,  false, false },
	},
}
