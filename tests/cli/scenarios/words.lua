-- Programs that say why they end, to scenarios that only wait for the end.

local function alice(lab, script)
	return lab:host("alice"):run { "sh", "-c", script }
end

scenario("an exit status", function(lab)
	equal(alice(lab, "echo why it failed; exit 255"):exit_status(), 0)
end)

scenario("a signal", function(lab)
	alice(lab, "echo why it was killed; kill -9 $$"):exit_status()
	fail("it was killed")
end)

scenario("an end that does not come", function(lab)
	local p = alice(lab, "echo why it waits; exec sleep 60")
	p:wait("why")
	p:exit_status(0.2)
end)
