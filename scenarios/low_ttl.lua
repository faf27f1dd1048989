-- A box that takes for its own what comes before its inside host has sent (the INPUT trap, README): the port is taken then.
-- Alice hears of bob late, so that his first probe is there before she has sent hers.

local p2pchat = require "p2pchat"

local function trapped_pair(lab, strategy, punch_timeout)
	local server_host = lab:host("server")
	local alice_host = lab:host("alice", { nat = "linux-router", link = "delay=400ms" })
	local bob_host = lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, server_host)
	local options = { strategy = strategy, punch_timeout = punch_timeout }
	local alice, bob = p2pchat.login(lab, alice_host, server, options), p2pchat.login(lab, bob_host, server, options)
	alice:punch(bob)
	return alice, bob
end

scenario("the trap keeps plain punching out", function(lab)
	local alice, bob = trapped_pair(lab, "plain", 6)
	equal(p2pchat.both_know(lab, alice, bob), false, "the punch opens")
end)

scenario("first probes with a low TTL get round the trap", function(lab)
	local alice, bob = trapped_pair(lab, "plain,low-ttl", 30)
	equal(p2pchat.both_know(lab, alice, bob), true, "the punch opens")
	equal(alice:way(bob), "low-ttl", "the way to bob")
	equal(bob:way(alice), "low-ttl", "the way to alice")
	p2pchat.talk(lab, alice, bob)
	expect(lab:count("nat-b wan", "icmp[0] == 11") > 0, "probes have ended on the way")
end)

-- However late one of them hears of the other: what goes by the server takes longer than what goes straight.
for _, delay in ipairs { 100, 300 } do
	for _, asker in ipairs { "alice", "bob" } do
		scenario(("where both boxes have it, too: alice %d ms away, %s asks"):format(delay, asker), function(lab)
			local server_host = lab:host("server", { link = "delay=100ms" })
			local alice_host = lab:host("alice", { nat = "linux-router", link = ("delay=%dms"):format(delay) })
			local bob_host = lab:host("bob", { nat = "linux-router" })
			local server = p2pchat.server(lab, server_host)
			local options = { strategy = "plain,low-ttl", punch_timeout = 30 }
			local alice = p2pchat.login(lab, alice_host, server, options)
			local bob = p2pchat.login(lab, bob_host, server, options)
			if asker == "alice" then
				alice:punch(bob)
			else
				bob:punch(alice)
			end
			equal(p2pchat.both_know(lab, alice, bob), true, "the punch opens")
			p2pchat.talk(lab, alice, bob)
		end)
	end
end
