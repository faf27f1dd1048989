-- Scenarios whose time is over while they wait for what is not to come, and one that never waits.

-- Time enough to begin in as well: behind it are five seconds to end in.
local function late(name, wait)
	scenario(name, { timeout = 5 }, function(lab) wait(lab, lab:host("alice"), lab:host("bob", { link = "fair" })) end)
end

late("the lab sleeps", function(lab) lab:sleep(30) end)
late("its host sleeps", function(_, alice) alice:sleep(30) end)
late("receives", function(_, alice) equal(alice:udp(0):receive(30), nil) end)
late("accepts", function(_, alice) equal(alice:tcp_listen(80):accept(30), nil) end)
late("hears", function(_, alice) equal(alice:run { "sleep", "600" }:try_wait("x", 30), nil) end)
late("reads a connection", function(_, alice, bob)
	bob:tcp_listen(80)
	equal(alice:tcp_connect(bob:address() .. ":80"):receive(30), nil)
end)
late("connects", function(_, alice, bob)
	bob:link():down()
	equal(alice:tcp_connect(bob:address() .. ":80", { timeout = 30 }), nil)
end)
late("punches", function(lab, alice, bob)
	local server = lab:host("server")
	bob:link():down()
	equal(alice:tcp_punch(bob, server, { timeout = 30 }).opened, false)
end)
late("waits for what does not come to pass", function(lab) lab:wait_until(function() return false end, 30, "it is so") end)
late("waits for an end", function(_, alice) alice:run { "sleep", "600" }:exit_status(30) end)
late("catches it", function(lab) pcall(lab.sleep, lab, 30) end)
late("computes", function(lab)
	while lab:now() < 5.5 do -- in few steps of Lua, so that its hook does not come
		local _ = ("a"):rep(200):find(".-.-b")
	end
end)
