-- What programs of other people need.

local need = {}

--- Skips the scenario where Python lacks that module.
function need.module(host, module, package)
	local look = host:run { "/usr/bin/python3", "-c", "import " .. module }
	if look:exit_status(20) ~= 0 then
		skip(package .. " is not installed: tools/deps others installs it")
	end
end

--- Whether these programs are installed, and with `tun` whether they may make network interfaces of their own; if not, one
--- scenario is registered, which says so and is skipped.
function need.programs(name, programs, package, tun)
	local reason
	for _, program in ipairs(programs) do
		if not installed(program) then
			reason = program .. " is not installed (" .. package .. "): tools/deps others installs it"
		end
	end
	if not reason and tun and not punchlab.tun then
		reason = "/dev/net/tun may not be opened here: it is root's, or not there"
	end
	if reason then
		scenario(name, function()
			skip(reason)
		end)
	end
	return not reason
end

--- The words of a list, and those of another behind them (nil: none).
function need.words(list, more)
	for _, word in ipairs(more or {}) do
		list[#list + 1] = word
	end
	return list
end

return need
