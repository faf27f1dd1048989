-- A server that two hosts with all their ports want for themselves, and one under a flood: honest peers are served. CROWD
-- is the program that means harm.

local p2pchat = require "p2pchat"
local CROWD = os.getenv("CROWD")

-- So much that what it brings about fits into the capture's buffers, whoever else wants the machine: no packet is lost
-- there for want of a turn. `CROWD_PORTS` and `CROWD_JUNK` (a second) ask for more.
local PORTS = os.getenv("CROWD_PORTS") or "2000"
local JUNK = os.getenv("CROWD_JUNK") or "1000"
local JUNK_SECONDS = "90" -- at most: it is told when it is enough

local function honest_pair(lab)
	return lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
end

-- What an honest client does.
local function is_served(lab, server, alice_host, bob_host)
	local alice = p2pchat.client(lab, alice_host, server)
	alice.program:type("login")
	alice:logged_in()
	local bob = p2pchat.login(lab, bob_host, server)
	alice:punch(bob)
	return alice, bob
end

scenario("two hosts with thousands of ports keep nobody out", { timeout = 300 }, function(lab)
	local server_host, first, second = lab:host("server"), lab:host("first"), lab:host("second")
	local alice_host, bob_host = honest_pair(lab)
	local server = p2pchat.server(lab, server_host, { arguments = { "-q" } })
	local crowds = {}
	for _, host in ipairs { first, second } do
		table.insert(crowds, host:run { CROWD, "logins", server.address, PORTS })
	end
	for _, crowd in ipairs(crowds) do
		local let_in = tonumber(crowd:wait("^(%d+) let in", 200))
		-- The crowd asks once from each port, and whoever was not heard is not let in: how many depends on turns. None is no crowd.
		expect(let_in >= 20 and let_in <= 512, let_in .. " of a host are let in")
	end
	local alice = is_served(lab, server, alice_host, bob_host)
	alice.program:type("list")
	expect(tonumber(alice.program:wait("^(%d+) peers$", 40)) <= 2 * 512 + 2, "the list is short")
end)

-- Junk to that address, until `meanwhile` is done, which must be before it is over by itself.
local function under_flood(lab, flooder, address, meanwhile)
	local flood = flooder:run { CROWD, "junk", address, JUNK, JUNK_SECONDS }
	flood:wait("^begun")
	meanwhile()
	expect(not flood:ended(), "the flood is not over")
	flood:type("enough")
	local rate = tonumber((flood:wait("^%d+ sent, (%d+) a second", 60)))
	print(("%d datagrams a second"):format(rate))
	lab:fact("junk a second", rate)
end

scenario("peers punch while a flood lasts", { timeout = 200 }, function(lab)
	local server_host, flooder = lab:host("server"), lab:host("flooder")
	local alice_host, bob_host = honest_pair(lab)
	local server = p2pchat.server(lab, server_host)
	local alice, bob = p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server)
	under_flood(lab, flooder, server.address, function()
		local dropped = server.program:wait("dropped (%d+) datagrams in [%d.]+ s: .*bad", 60)
		expect(tonumber(dropped) >= 100, "the server says what it drops")
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
	under_flood(lab, flooder, bob.address, function()
		alice:punch(bob)
		alice:punched(bob)
		bob:punched(alice)
		p2pchat.talk(lab, alice, bob)
	end)
	bob.program:type("quit")
	equal(bob.program:exit_status(), 0, "bob's exit status")
	for _, reason in ipairs { "bad magic", "bad type" } do
		expect(tonumber(bob.program:seen("dropped: (%d+) " .. reason)) >= 100, "bob has counted: " .. reason)
	end
end)
