-- Commands that are run on a host to their end.

local commands = {}

-- What it says on standard output; it must succeed.
function commands.output_of(host, ...)
	local program = host:run { ... }
	equal(program:exit_status(50), 0, "exit status of " .. table.concat({ ... }, " ") .. ": " .. program:output("both"))
	return program:output()
end

function commands.has_program(host, name)
	return host:run { "sh", "-c", "command -v " .. name }:exit_status() == 0
end

-- The hops to an address or a name by IPv6, as traceroute has them: "2111::1", with its mark behind it where it says that
-- it goes no further, "2111::1 !N"; "*" where none answered. More arguments are traceroute's. Each hop is asked once, and
-- its answer waited for `patience` seconds (20), however soon others came.
function commands.hops(host, to, patience, ...)
	local hops = {}
	local said = commands.output_of(host, "traceroute", "-6", "-n", "-q", "1", "-w", (patience or 20) .. ",0,0", to, ...)
	for hop, mark in said:gmatch("\n *%d+  (%S+)[^\n!]*([^\n]*)") do
		hops[#hops + 1] = mark == "" and hop or hop .. " " .. mark
	end
	return hops
end

return commands
