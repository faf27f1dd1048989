-- What verdicts.lua requires.
local library = {}

function library.fails()
	fail("it is the library that fails") -- line 5
end

function library.register(name)
	scenario(name, function() -- line 9
		expect(1 > 2, "arithmetic") -- line 10
	end)
end

return library
