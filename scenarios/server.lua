-- The rendezvous server's life: logins, lists, logouts, peers that vanish, a restart.

local p2pchat = require "p2pchat"

local FORGET_S = 5 -- the server forgets a silent peer after this; its own default is a minute

local function start(lab, hosts, options)
	local server_host, handles = lab:host("server"), {}
	for i, name in ipairs(hosts) do
		handles[i] = lab:host(name, { nat = "port-restricted" })
	end
	return p2pchat.server(lab, server_host, options), table.unpack(handles)
end

scenario("login, list and logout", function(lab)
	local server, alice_host, bob_host = start(lab, { "alice", "bob" })
	local alice = p2pchat.login(lab, alice_host, server)
	equal(alice.address:match("^[%d.]+"), alice_host:public_address(), "the address the server sees is the box's")
	local peers, count = alice:list()
	equal(count, 1, "peers before bob came")
	equal(peers[alice.address], "you", "alice's own line is marked")
	local bob = p2pchat.login(lab, bob_host, server)
	peers, count = alice:list()
	equal(count, 2, "peers when bob is there")
	equal(peers[bob.address], true, "bob's line is there and not marked")
	bob.program:type("logout")
	bob.program:wait("^logged out$")
	peers, count = alice:list()
	equal(count, 1, "peers when bob has left")
	equal(bob.program:ended(), false, "bob's client goes on after a logout")
	bob:login()
	_, count = bob:list()
	equal(count, 2, "peers when bob is back")
	bob.program:type("quit")
	equal(bob.program:exit_status(), 0, "exit status of quit")
	equal(server.program:stop(), 0, "exit status of the server after SIGTERM")
end)

scenario("the end of input quits after what was asked has its answer", function(lab)
	local server, alice_host = start(lab, { "alice" })
	local alice = p2pchat.client(lab, alice_host, server)
	alice.program:type("login")
	alice.program:type("list")
	alice.program:close_input()
	equal(alice.program:exit_status(), 0, "exit status")
	expect(alice.program:seen("^logged in as "), "the login was answered")
	expect(alice.program:seen("^peer %S+ %(you%)$"), "the list was answered")
end)

scenario("a peer that vanishes is forgotten, and cannot be punched", function(lab)
	local server, alice_host, bob_host = start(lab, { "alice", "bob" }, { arguments = { "--forget", tostring(FORGET_S) } })
	local alice = p2pchat.login(lab, alice_host, server, { arguments = { "--keepalive", "0.5" } })
	local bob = p2pchat.login(lab, bob_host, server, { arguments = { "--keepalive", "0.5" } })
	bob.program:kill()
	lab:wait_until(function()
		local peers = alice:list()
		return not peers[bob.address]
	end, 40, "the server forgets bob")
	alice:punch(bob)
	local _, reason = alice:punch_failed(bob)
	equal(reason, "peer is not logged in", "why the punch failed")
end)

scenario("a server restart is noticed, and the clients log in again", function(lab)
	local server, alice_host, bob_host = start(lab, { "alice", "bob" })
	local options = { arguments = { "--keepalive", "0.5" } }
	local alice = p2pchat.login(lab, alice_host, server, options)
	local bob = p2pchat.login(lab, bob_host, server, options)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	server.program:kill()
	server:start()
	for _, peer in ipairs { alice, bob } do
		peer.program:wait("^server lost ")
		peer:logged_in()
	end
	local _, count = alice:list()
	equal(count, 2, "peers after the restart")
	p2pchat.talk(lab, alice, bob)
end)

scenario("a server that stops says so", function(lab)
	local server, alice_host = start(lab, { "alice" })
	local alice = p2pchat.login(lab, alice_host, server)
	equal(server.program:stop(), 0, "exit status of the server")
	alice.program:wait("^server lost " .. literal(server.address) .. ": it is stopping")
end)
