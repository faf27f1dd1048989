-- Birthday probing beside plain punching: many sockets on the side whose ports change, many guesses on the other. Two sides
-- whose ports change stay shut.

require "nat_matrix" {
	strategy = "basic,birthday",
	prefix = "birthday: ",
	shut_timeout = 3,
	types = { "full-cone", "restricted", "port-restricted", "symmetric", "sequential" },
	-- Of 64,512 ports all of 256 are missed once in 2,100 times; of these 320, by the guesses that fall among them, once in
	-- two million.
	specs = { ["symmetric"] = "symmetric,range=20000-20319", ["sequential"] = "symmetric,ports=sequential" },
	opens = {
		--                      full   restr  port-r symm   seq
		["full-cone"]       = { true,  true,  true,  true,  true },
		["restricted"]      = { true,  true,  true,  true,  true },
		["port-restricted"] = { true,  true,  true,  true,  true },
		["symmetric"]       = { true,  true,  true,  false, false },
		["sequential"]      = { true,  true,  true,  false, false },
	},
}
