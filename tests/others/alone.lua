-- Stands for scenarios/others/lib/alone.lua, and starts nothing: what the driver expects, as facts.

return function(driver)
	scenario((driver.prefix:gsub(": $", "")), function(lab)
		for _, row in ipairs(driver.opens) do
			for i, way in ipairs(driver.ways) do
				lab:fact("cells: " .. row[1] .. " x " .. way, row[i + 1])
			end
		end
	end)
end
