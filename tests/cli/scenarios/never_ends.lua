-- Scenarios that do not end by themselves, and one that does.

scenario("loops for ever", { timeout = 1 }, function()
	while true do
	end
end)

scenario("loops for ever and catches the error", { timeout = 1 }, function()
	while true do
		pcall(function()
			while true do
			end
		end)
	end
end)

scenario("is for ever in one call", { timeout = 1 }, function()
	local _ = ("a"):rep(1000000):find(".-.-.-.-b") -- no hook of Lua comes here
end)

scenario("waits for ever", { timeout = 12 }, function(lab)
	lab:host("alice"):run { "sleep", "3600" }:exit_status(3600)
end)

scenario("ends", { timeout = 30 }, function(lab) -- however busy the others keep the machine
	lab:host("alice"):run { "true" }:exit_status()
end)
