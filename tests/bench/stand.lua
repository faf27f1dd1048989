-- Worlds that stand, each with a server and two clients that are logged in, until the runner is ended; bench_runner looks at
-- their memory. Each says that it stands by a file of its number in the folder BENCH_STANDING. How many: BENCH_WORLDS.

local p2pchat = require "p2pchat"

local function stand(i)
	return function(lab)
		local server_host = lab:host("server")
		local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "symmetric" })
		local server = p2pchat.server(lab, server_host)
		local alice, bob = p2pchat.client(lab, alice_host, server), p2pchat.client(lab, bob_host, server)
		alice:login()
		bob:login()
		server_host:run { "touch", os.getenv("BENCH_STANDING") .. "/" .. i }
		server_host:udp(9):receive(600)
	end
end

for i = 1, tonumber(os.getenv("BENCH_WORLDS") or 1) do
	scenario("world " .. i, { timeout = 600 }, stand(i))
end
