-- Two peers behind one NAT know each other by their public addresses only: that needs hairpinning (RFC 4787 REQ-9).

local p2pchat = require "p2pchat"

local function behind_one_box(lab, spec, options)
	local server_host, box = lab:host("server"), lab:box("home", spec)
	local alice_host, bob_host = lab:host("alice", { behind = box }), lab:host("bob", { behind = box })
	local server = p2pchat.server(lab, server_host)
	-- Different ports inside, so that a NAT which keeps ports can keep both.
	options.port = 4000
	local alice = p2pchat.login(lab, alice_host, server, options)
	options.port = 4001
	return alice, p2pchat.login(lab, bob_host, server, options)
end

for _, nat in ipairs { "full-cone", "restricted", "port-restricted" } do
	scenario("two hosts behind one " .. nat .. " with hairpinning: opens", function(lab)
		local alice, bob = behind_one_box(lab, nat .. ",hairpin", {})
		alice:punch(bob)
		expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
		p2pchat.talk(lab, alice, bob)
	end)

	scenario("two hosts behind one " .. nat .. " without hairpinning: stays shut", function(lab)
		local alice, bob = behind_one_box(lab, nat, { punch_timeout = 2 })
		alice:punch(bob)
		expect(not p2pchat.both_know(lab, alice, bob), "the punch stays shut")
		p2pchat.nothing_came_through(lab, alice, bob)
	end)
end

-- On one LAN the addresses the peers have themselves will do (RFC 8445's host candidates), whatever the box.
scenario("two hosts behind one port-restricted without hairpinning: host candidates open it", function(lab)
	local alice, bob = behind_one_box(lab, "port-restricted", { strategy = "basic" })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	-- By the addresses: a probe that comes before the offer that tells of its sender makes the same way a peer-reflexive one.
	equal(alice:punched(bob), bob.host:address() .. ":4001", "where alice reaches bob")
	equal(bob:punched(alice), alice.host:address() .. ":4000", "where bob reaches alice")
	p2pchat.talk(lab, alice, bob)
end)
