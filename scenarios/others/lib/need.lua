-- What programs of other people need.

local need = {}

--- Skips the scenario where Python lacks that module.
function need.module(host, module, package)
	local look = host:run { "/usr/bin/python3", "-c", "import " .. module }
	if look:exit_status(20) ~= 0 then
		skip(package .. " is not installed: tools/deps others installs it")
	end
end

--- The words of a list, and those of another behind them (nil: none).
function need.words(list, more)
	for _, word in ipairs(more or {}) do
		list[#list + 1] = word
	end
	return list
end

return need
