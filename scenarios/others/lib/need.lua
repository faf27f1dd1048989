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

--- Tells which versions of these Debian packages (a list in words, by commas) run here, as a fact of the result.
function need.say_versions(lab, host, packages)
	if installed("dpkg-query") then
		local asked = need.words({ "dpkg-query", "-W", "-f", "${Package} ${Version}\n" }, need.names(packages))
		local said = host:run(asked)
		said:exit_status(20)
		lab:fact("versions", table.concat(said:lines(), ", "))
	end
end

--- The names in words like "aria2, transmission-daemon".
function need.names(words)
	local names = {}
	for name in words:gmatch("[^, ]+") do
		names[#names + 1] = name
	end
	return names
end

--- Whether that comes true within so many seconds.
function need.within(lab, seconds, is_true)
	local till = lab:now() + seconds
	while not is_true() do
		if lab:now() > till then
			return false
		end
		lab:sleep(0.1)
	end
	return true
end

--- The words of a list, and those of another behind them (nil: none).
function need.words(list, more)
	for _, word in ipairs(more or {}) do
		list[#list + 1] = word
	end
	return list
end

return need
