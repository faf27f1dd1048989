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

-- Junk to that address, as much as the machine can; `meanwhile` must be done before it is over.
local function under_flood(lab, flooder, address, seconds, meanwhile)
	local flood = flooder:run { CROWD, "junk", address, tostring(seconds) }
	flood:wait("^begun")
	meanwhile()
	expect(not flood:ended(), "the flood is not over")
	local rate = tonumber((flood:wait("^%d+ sent, (%d+) a second", 60)))
	print(("%d datagrams a second of the 200,000 that were meant"):format(rate))
	lab:fact("junk a second", rate)
end

scenario("peers punch while a flood lasts", { timeout = 200 }, function(lab)
	local server_host, flooder = lab:host("server"), lab:host("flooder")
	local alice_host, bob_host = honest_pair(lab)
	local server = p2pchat.server(lab, server_host)
	local alice, bob = p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server)
	under_flood(lab, flooder, server.address, 6, function()
		local dropped = server.program:wait("dropped (%d+) datagrams in [%d.]+ s: .*bad", 20)
		expect(tonumber(dropped) >= 1000, "the server says what it drops")
		alice:punch(bob)
		alice:punched(bob)
		bob:punched(alice)
	end)
	p2pchat.talk(lab, alice, bob)
end)

scenario("a client under a flood is heard and hears", { timeout = 200 }, function(lab)
	local server_host, flooder = lab:host("server"), lab:host("flooder")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob")
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server)
	local bob = p2pchat.login(lab, bob_host, server, { arguments = { "-v" } })
	under_flood(lab, flooder, bob.address, 4, function()
		alice:punch(bob)
		alice:punched(bob)
		bob:punched(alice)
		p2pchat.talk(lab, alice, bob)
	end)
	bob.program:type("quit")
	equal(bob.program:exit_status(), 0, "bob's exit status")
	for _, reason in ipairs { "bad magic", "bad type" } do
		expect(tonumber(bob.program:seen("dropped: (%d+) " .. reason)) >= 1000, "bob has counted: " .. reason)
	end
end)
