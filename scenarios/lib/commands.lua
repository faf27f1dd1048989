-- Commands that are run on a host to their end.

local commands = {}

-- What it says on standard output; it must succeed.
function commands.output_of(host, ...)
	local program = host:run { ... }
	equal(program:exit_status(), 0, "exit status of " .. table.concat({ ... }, " ") .. ": " .. program:output("both"))
	return program:output()
end

function commands.has_program(host, name)
	return host:run { "sh", "-c", "command -v " .. name }:exit_status() == 0
end

return commands
