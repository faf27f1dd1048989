-- Texts that are not UTF-8, or are cut: what a scenario says comes through all the same.

local EUROS = ("\u{20ac}"):rep(2000)

scenario("a skip", function()
	skip("no Stra\xdf") -- line 6
end)

scenario("an error", function()
	error("bad \xff, odd \u{ffff}") -- line 10
end)

scenario("a long text", function()
	equal(EUROS, "x")
end)

scenario("a long line", function(lab)
	lab:host("alice"):run { "printf", "%s\n", EUROS }:wait("never")
end)

scenario("a print, a step, a fact and a program", function(lab)
	lab:step("Stra\xdfe")
	lab:fact("street", "Stra\xdfe")
	lab:host("alice"):run { "sh", "-c", 'exec "$0"', "true", "Stra\xdfe" }:exit_status()
	print("Stra\xdfe", "\u{ffff}")
end)

scenario("an error that is a number in a table", function()
	error({ message = 42 })
end)

scenario("an error whose table has methods", function()
	local function raise() error("x") end
	error(setmetatable({}, { __index = raise, __newindex = raise }))
end)
