-- A server that two hosts with all their ports want for themselves, and one under a flood: honest peers are served. CROWD
-- is the program that means harm.

local p2pchat = require "p2pchat"
local CROWD = os.getenv("CROWD")

local function honest_pair(lab)
	return lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
end

-- What an honest client does, and how long it may take.
local function is_served(lab, server, alice_host, bob_host)
	local alice = p2pchat.client(lab, alice_host, server)
	alice.program:type("login")
	alice:logged_in(1)
	local bob = p2pchat.login(lab, bob_host, server)
	alice:punch(bob)
	return alice, bob
end

scenario("two hosts with all their ports keep nobody out", { timeout = 300 }, function(lab)
	local server_host, first, second = lab:host("server"), lab:host("first"), lab:host("second")
	local alice_host, bob_host = honest_pair(lab)
	local server = p2pchat.server(lab, server_host, { arguments = { "-q" } })
	local crowds = { first:run { CROWD, "logins", server.address }, second:run { CROWD, "logins", server.address } }
	for _, crowd in ipairs(crowds) do
		local let_in = tonumber(crowd:wait("^(%d+) let in", 200))
		expect(let_in >= 200 and let_in <= 512, let_in .. " of a host are let in")
	end
	local alice = is_served(lab, server, alice_host, bob_host)
	alice.program:type("list")
	expect(tonumber(alice.program:wait("^(%d+) peers$", 2)) <= 2 * 512 + 2, "the list is short")
end)

scenario("peers punch while a flood lasts", { timeout = 200 }, function(lab)
	local server_host, flooder = lab:host("server"), lab:host("flooder")
	local alice_host, bob_host = honest_pair(lab)
	local server = p2pchat.server(lab, server_host)
	local alice, bob = p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server)
	local flood = flooder:run { CROWD, "junk", server.address, "6" }
	flood:wait("^begun")
	local dropped = server.program:wait("dropped (%d+) datagrams in [%d.]+ s: .*bad", 20)
	expect(tonumber(dropped) >= 1000, "the server says what it drops")
	alice:punch(bob)
	expect(not flood:ended(), "the flood is not over")
	flood:wait("^%d+ sent, (%d+) a second", 60)
end)
