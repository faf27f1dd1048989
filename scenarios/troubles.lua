-- What goes wrong around p2pchat: each has a line that says it or a count, and nothing is lost without one.

local p2pchat = require "p2pchat"

local KEEPALIVE = { "--keepalive", "0.5" }
local PATIENCE = 30 -- seconds

local function pair(lab, options)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	return alice, bob, server
end

-- Both boxes let nothing through between the two: a punch goes on until its time is over.
local function part(alice, bob)
	for _, pair in ipairs { { alice, bob }, { bob, alice } } do
		pair[1].host:box():iptables("-I FORWARD -p udp -d " .. pair[2].host:public_address() .. " -j DROP")
	end
end

scenario("who logs out in mid-punch is told of, and what was to be sent", function(lab)
	local alice, bob = pair(lab, { punch_timeout = PATIENCE })
	part(alice, bob)
	alice:punch(bob)
	alice:send(bob, "are you there?")
	bob.program:wait("^peer " .. literal(alice.address) .. " asks to punch$")
	bob.program:type("logout")
	local seconds, reason = alice:punch_failed(bob)
	equal(reason, "peer logged out", "why the punch failed")
	expect(seconds < PATIENCE, "not only when its time is over: after " .. seconds .. " s")
	alice.program:wait("^not delivered " .. literal(bob.address) .. " %(punch failed%): are you there%?$")
	bob.program:wait("^logged out$")
	expect(not bob.program:seen("^punch failed"), "bob has left of himself")
end)

scenario("who is killed in mid-punch is told of", function(lab)
	local alice, bob = pair(lab, { punch_timeout = 3 })
	part(alice, bob)
	alice:punch(bob)
	bob.program:wait("^peer " .. literal(alice.address) .. " asks to punch$")
	bob.program:kill()
	local _, reason = alice:punch_failed(bob)
	equal(reason, "no probe arrived", "why the punch failed")
end)

-- The path dies, too, while there is nobody to introduce the two anew.
scenario("texts outlive a path that dies while the server is away", { timeout = 120 }, function(lab)
	local alice, bob, server = pair(lab, { arguments = KEEPALIVE })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	server.program:kill()
	alice:send(bob, "while it is away")
	bob:hears(alice, "while it is away")
	bob.host:box():rebind()
	bob.program:wait("^server lost ", 60)
	for i = 1, 3 do
		alice:send(bob, "text " .. i)
	end
	server:start()
	for i = 1, 3 do
		bob.program:wait("^from %S+: text " .. i .. "$", 40)
		alice.program:wait("^delivered %S+: text " .. i .. "$")
	end
	expect(not alice.program:seen("^not delivered"), "nothing was told of as lost")
	equal(server.program:ended(), false, "the server goes on")
end)

scenario("the longest text, and datagrams that are too long", function(lab)
	local server_host, stranger = lab:host("server"), lab:host("stranger")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob")
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server)
	local bob = p2pchat.login(lab, bob_host, server, { arguments = { "-v" } })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	local longest = string.rep("x", 1024)
	alice:send(bob, longest)
	bob:hears(alice, longest)
	alice:send(bob, longest .. "x")
	alice.program:wait("^error: the text has 1025 bytes, a datagram carries 1024$")
	local socket = stranger:udp(0)
	for _, size in ipairs { 1200, 1201, 1400 } do
		socket:send(bob.address, string.rep("\0", size))
	end
	alice:send(bob, "and on") -- after these
	bob:hears(alice, "and on")
	bob.program:type("quit")
	bob.program:wait("dropped: 2 bad size$")
	bob.program:wait("dropped: 1 bad magic$")
	equal(bob.program:exit_status(), 0, "bob's exit status")
end)
