-- Verdicts that somebody catches, and texts with a zero byte in them.

local library = require "library"

scenario("a failure that is caught", function()
	pcall(fail, "it is broken") -- line 6
end)

scenario("a failure that is caught in a coroutine", function()
	coroutine.wrap(function() pcall(equal, 1, 2, "numbers") end)() -- line 10
end)

scenario("a wait that is caught", function(lab)
	local p = lab:host("alice"):run { "echo", "hello" }
	pcall(p.wait, p, "good-bye", 5) -- line 15
end)

scenario("a skip that is caught", function()
	pcall(skip, "not today")
end)

scenario("a failure after a skip", function()
	pcall(skip, "not today")
	fail("after all") -- line 24
end)

scenario("an error after a failure", function()
	pcall(fail, "the first") -- line 28
	error("the second")
end)

scenario("an error that is caught", function()
	expect(not pcall(error, "nothing of importance"))
	equal(expect(7, "a message"), 7)
end)

scenario("texts with a zero byte", function()
	equal("a\0b", "a\0c", "one\0two") -- line 38
end)

scenario("in the library", library.fails)
scenario("called from here", function() library.fails() end) -- line 42
library.register("from the library") -- line 43
