-- Stands for scenarios/others/lib/families.lua, and starts nothing: what the driver expects, as facts.

return function(driver)
	scenario(driver.prefix .. "families", function(lab)
		for pair, family in pairs(driver.families) do
			lab:fact("families: " .. pair, family)
		end
	end)
end
