-- What is said is for the peer alone. tests/cli/p2pchat_private.sh looks for the words in the captures.

local p2pchat = require "p2pchat"

local function conversation(lab, nat, arguments)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = nat }), lab:host("bob", { nat = nat })
	local server = p2pchat.server(lab, server_host, { arguments = arguments })
	local alice = p2pchat.login(lab, alice_host, server, { strategy = "auto" })
	local bob = p2pchat.login(lab, bob_host, server, { strategy = "auto" })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	for _, text in ipairs { "meet me", "at the old mill", "with 100 euro" } do
		alice:send(bob, text)
		bob:hears(alice, text)
	end
	return alice, bob, server
end

-- The code that a client shows for the path to another.
local function code_of(client, other)
	client.program:type("verify " .. other.address)
	return client.program:wait("^code of " .. literal(other.address) .. ": (%d+" .. (" %d+"):rep(7) .. ")$")
end

scenario("a conversation between two: both have the same code", function(lab)
	local alice, bob = conversation(lab, "port-restricted")
	equal(code_of(alice, bob), code_of(bob, alice), "the codes")
end)

scenario("a conversation by way of the server", function(lab)
	local alice, bob = conversation(lab, "symmetric", { "--relay" })
	equal(alice:way(bob), "relayed", "the way")
	equal(code_of(alice, bob), code_of(bob, alice), "the codes")
end)

-- A third host that makes up what has the right form, from its own address and to both, is not heard. (Who has seen all, and
-- sends it again, is tests/denial/meddler.c, and in tests/unit/test_strangers.c.)
scenario("what a third host says is dropped", function(lab)
	local server_host, eve_host = lab:host("server"), lab:host("eve")
	local alice_host, bob_host = lab:host("alice"), lab:host("bob")
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { arguments = { "-v" } })
	local bob = p2pchat.login(lab, bob_host, server, { arguments = { "-v" } })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	local eve = eve_host:udp(0)
	for _, to in ipairs { alice, bob } do
		eve:send(to.address, "P2PC\3\x23\0\x30" .. string.rep("\1", 16 + 8 + 8) .. "\0\0\0\1\0\10" .. "999 euro!!" ..
			string.rep("\0", 16)) -- a text, in form
		eve:send(to.address, "P2PC\3\x25\0\x34" .. string.rep("\1", 52)) -- a goodbye
	end
	p2pchat.talk(lab, alice, bob)
	bob.program:type("quit")
	bob.program:wait("dropped: %d+ wrong token")
	alice.program:wait("^path lost " .. literal(bob.address) .. ": peer left$")
end)

-- bob goes, and somebody with another key comes by his name, which nobody keeps at the server any more.
scenario("somebody else by a name that is known", function(lab)
	local server_host, thief_host = lab:host("server"), lab:host("thief")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
	local server, keys = p2pchat.server(lab, server_host), lab:folder()
	local function named(host, name)
		return p2pchat.login(lab, host, server, { identity = keys .. "/" .. name, arguments = { "--name", name } })
	end
	local alice, bob = named(alice_host, "alice"), named(bob_host, "bob")
	alice.program:type("send bob it is me")
	bob:hears(alice, "it is me")
	local thief = p2pchat.client(lab, thief_host, server, { identity = keys .. "/thief" })
	for _, name in ipairs { "bob", "b0b", "BOB" } do -- while he is there
		thief.program:type("login " .. name)
		thief.program:wait("^login failed .*: the name is taken$")
	end
	bob.program:type("quit")
	bob.program:wait("^logged out")
	thief.program:type("login b0b")
	thief:logged_in()
	alice.program:type("send bob the key is under the mat")
	alice.program:wait("^key changed ")
	alice.program:wait("^not delivered .*: the key is under the mat$")
	expect(not thief.program:seen("^from "), "the thief has heard nothing")
end)
