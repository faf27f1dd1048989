-- Scenarios that do not end by themselves, and one that does.

scenario("loops for ever", function()
	while true do
	end
end)

scenario("loops for ever and catches the error", function()
	while true do
		pcall(function()
			while true do
			end
		end)
	end
end)

scenario("is for ever in one call", function()
	local _ = ("a"):rep(1000000):find(".-.-.-.-b") -- no hook of Lua comes here
end)

scenario("waits for ever", function(lab)
	lab:host("alice"):run { "sleep", "3600" }:exit_status(3600)
end)

scenario("ends", function(lab)
	lab:host("alice"):run { "true" }:exit_status()
end)
