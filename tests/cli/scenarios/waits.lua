-- A world that stands until somebody ends it, for tests that kill the runner.

scenario("passes", function() end)

for i = 1, 3 do
	scenario("waits " .. i, { timeout = 600 }, function(lab)
		local alice = lab:host("alice", { nat = "symmetric" })
		alice:run { "sleep", "3600" }:exit_status(600)
	end)
end
