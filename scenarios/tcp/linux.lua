-- The same where TCP is treated as plain Linux routers treat it, whatever is said of UDP: one port for everybody, answers
-- only. All of it opens. `punchlab matrix --driver scenarios/tcp/linux.lua`.

local types, specs = { "open", "full-cone", "restricted", "port-restricted", "symmetric" }, {}
for i = 2, #types do
	specs[types[i]] = types[i] .. ",tcp=linux"
end

require "tcp_matrix" { prefix = "TCP as on Linux: ", types = types, specs = specs }
