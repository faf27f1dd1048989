-- Paths that die under a conversation: the clients find another, and every text arrives, once and in order.

local p2pchat = require "p2pchat"

local KEEPALIVE = { "--keepalive", "1" }

local function pair(lab, alice_options, bob_options, server_arguments, strategy)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", alice_options), lab:host("bob", bob_options)
	local server = p2pchat.server(lab, server_host, { arguments = server_arguments })
	local options = { strategy = strategy, arguments = KEEPALIVE }
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	return alice, bob, server
end

-- The texts that the client has shown, in their order.
local function heard(client)
	local texts = {}
	for _, line in ipairs(client.program:lines()) do
		texts[#texts + 1] = line:match("^from %S+: (text %d)$")
	end
	return texts
end

-- Alice says four texts, the middle ones while `event` has just happened; nothing may be lost or come twice.
local function talks_through(lab, alice, bob, event)
	alice:send(bob, "text 1")
	bob.program:wait("^from %S+: text 1$")
	event()
	for i = 2, 4 do
		alice:send(bob, "text " .. i)
	end
	lab:wait_until(function() return #heard(bob) >= 4 end, 40, "bob has heard all")
	alice.program:wait("^delivered %S+: text 4$")
	equal(table.concat(heard(bob), ", "), "text 1, text 2, text 3, text 4", "what bob heard")
	equal(alice.program:seen("^not delivered"), nil, "texts that alice was told of as lost")
end

for _, whose in ipairs { "alice", "bob" } do
	scenario("no text is lost when " .. whose .. "'s box reboots, port-restricted x port-restricted", function(lab)
		local alice, bob = pair(lab, { nat = "port-restricted" }, { nat = "port-restricted" })
		talks_through(lab, alice, bob, function() lab:node(whose):box():reboot() end)
	end)
	scenario("no text is lost when " .. whose .. "'s box reboots, restricted x symmetric", function(lab)
		local alice, bob = pair(lab, { nat = "restricted" }, { nat = "symmetric" })
		talks_through(lab, alice, bob, function() lab:node(whose):box():reboot() end)
	end)
	-- A host with two addresses begins to use the other one, as a telephone does that leaves a house.
	scenario("no text is lost when " .. whose .. " moves to another address", { timeout = 90 }, function(lab)
		local other = { nat = "port-restricted" }
		local alice, bob = pair(lab, whose == "alice" and { addresses = 2 } or other, whose == "bob" and { addresses = 2 } or other)
		local mover = whose == "alice" and alice or bob
		talks_through(lab, alice, bob, function()
			local host = lab:node(whose)
			local route = host:run { "sh", "-c", "ip route replace $(ip route show default) src " .. host:address(2) }
			equal(route:exit_status(), 0, "ip route's exit status")
		end)
		lab:wait_until(function() return mover.program:seen("^logged in as " .. literal(lab:node(whose):address(2))) end, 40,
			"the server sees it at its new address")
	end)
end

scenario("mappings that expire between two keepalives are made anew", function(lab)
	-- Both lives are short: a flow that is in use for 2 s, as on a busy machine, has the other. And of nine seconds the
	-- mappings of four flows, each with a keepalive of its own, leave one in which there is none at either box.
	local nat = { nat = "port-restricted,timeout=2,stream-timeout=2" }
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", nat), lab:host("bob", nat)
	local server = p2pchat.server(lab, server_host)
	local options = { arguments = { "--keepalive", "9" } }
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	talks_through(lab, alice, bob, function()
		lab:wait_until(function() return #alice_host:box():mappings() == 0 and #bob_host:box():mappings() == 0 end, 20,
			"both boxes have forgotten all")
	end)
end)

-- Both boxes let nothing through between the two at first, so that only the relay is left; then the rule goes.
scenario("a relayed pair moves over when a direct path is there", function(lab)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, server_host, { arguments = { "--relay" } })
	local options = { strategy = "auto", arguments = KEEPALIVE }
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	alice_host:box():iptables("-I FORWARD -p udp -d " .. bob_host:public_address() .. " -j DROP")
	bob_host:box():iptables("-I FORWARD -p udp -d " .. alice_host:public_address() .. " -j DROP")
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	equal(alice:way(bob), "relayed", "the way")
	talks_through(lab, alice, bob, function()
		alice_host:box():iptables("-D FORWARD -p udp -d " .. bob_host:public_address() .. " -j DROP")
		bob_host:box():iptables("-D FORWARD -p udp -d " .. alice_host:public_address() .. " -j DROP")
	end)
	alice.program:wait("^path moved " .. literal(bob.address) .. " via " .. literal(bob_host:public_address()), 40)
	bob.program:wait("^path moved " .. literal(alice.address) .. " via " .. literal(alice_host:public_address()), 40)
	local since = lab:now()
	alice:send(bob, "straight " .. string.rep("x", 400))
	bob.program:wait("^from %S+: straight x+$")
	equal(lab:count("server eth0", "udp and greater 400", since), 0, "texts by way of the server")
	expect(lab:count("bob eth0", "udp and greater 400 and src host " .. alice_host:public_address(), since) > 0,
		"the text came straight from alice")
end)
