-- Two who talk by way of somebody who stands between them, and is their server as well: MEDDLER is that program, see there.

local p2pchat = require "p2pchat"
local MEDDLER = os.getenv("MEDDLER")

-- Who takes the meddler for its server: alice and bob, logged in.
local function start(lab, how, nat)
	local host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = nat }), lab:host("bob", { nat = nat })
	local at, real = host:address() .. ":5000", host:address() .. ":6000"
	host:run({ punchlab.directory .. "/p2pchat/server", "-b", host:address(), "6000" }):wait("^listening on " .. literal(real))
	local meddler = host:run { MEDDLER, how, at, real }
	meddler:wait("^meddling")
	local server = { address = at, host = host }
	local function client(of)
		return p2pchat.login(lab, of, server, { arguments = { "-v" } })
	end
	return meddler, client(alice_host), client(bob_host)
end

local TEXTS = { "meet me", "at the old mill", "with 100 euro" }

local function talk(alice, bob)
	for _, text in ipairs(TEXTS) do
		alice:send(bob, text)
		bob:hears(alice, text)
		bob:send(alice, "re: " .. text)
		alice:hears(bob, "re: " .. text)
	end
end

-- Each has heard what the other has said, in that order and once, and nothing else.
local function heard(client, other, before)
	local lines = {}
	for line in client.program:output():gmatch("[^\n]+") do
		local text = line:match("^from " .. literal(other.address) .. ": (.*)$")
		lines[#lines + 1] = text
	end
	local wanted = {}
	for i, text in ipairs(TEXTS) do
		wanted[i] = before .. text
	end
	equal(table.concat(lines, "|"), table.concat(wanted, "|"), "what was heard of " .. other.address)
end

-- HOW it meddles, and what the two count for it. What comes from elsewhere is heard once, from wherever, and moves nothing.
local HARMLESS = {
	forge = "wrong mac", replay = "late", elsewhere = "", reflect = "reflected", truncate = "bad length", alter = "wrong mac",
}

for how, counted in pairs(HARMLESS) do
	scenario("somebody between them: " .. how, { timeout = 120 }, function(lab)
		local _, alice, bob = start(lab, how, how ~= "elsewhere" and "port-restricted" or nil)
		alice:punch(bob)
		expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
		talk(alice, bob)
		heard(bob, alice, "")
		heard(alice, bob, "re: ")
		equal(alice.program:seen("^path moved"), nil, "alice's path stays")
		equal(bob.program:seen("^path moved"), nil, "bob's path stays")
		equal(alice.program:seen("^path lost"), nil, "alice's path is not lost")
		alice.program:type("quit")
		alice.program:wait(counted ~= "" and "dropped: %d+ " .. counted or "^logged out")
	end)
end

scenario("somebody between them: reorder", { timeout = 120 }, function(lab)
	local _, alice, bob = start(lab, "reorder", "port-restricted")
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	talk(alice, bob)
	heard(bob, alice, "")
	heard(alice, bob, "re: ")
end)

-- The code that a client shows for the path to another.
local function code_of(client, other)
	client.program:type("verify " .. other.address)
	return client.program:wait("^code of " .. literal(other.address) .. ": (%d+" .. (" %d+"):rep(7) .. ")$")
end

scenario("a server that deals its own cards: codes tell", { timeout = 120 }, function(lab)
	local meddler, alice, bob = start(lab, "swap", "port-restricted")
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	alice:send(bob, "100 euro")
	bob:hears(alice, "999 euro") -- it can do that, to who has no name and compares nothing
	meddler:wait("^read: 100 euro")
	expect(code_of(alice, bob) ~= code_of(bob, alice), "the codes are different")
end)

scenario("a server that stays out of it: codes are the same", { timeout = 120 }, function(lab)
	local _, alice, bob = start(lab, "pass", "port-restricted")
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	talk(alice, bob)
	equal(code_of(alice, bob), code_of(bob, alice), "the codes")
	heard(bob, alice, "")
end)

-- Whoever logs in at a server that passes this on to another one has his name there, too, as long as it likes: what he proves
-- is bound to his address and one login, not to a server, which does not know by what addresses it is reached. More it cannot.
scenario("a server that passes a login on to another: it has the name there, and no more", { timeout = 120 }, function(lab)
	local hosts = {}
	for _, name in ipairs { "alice", "carol", "dora", "thief", "elsewhere" } do
		hosts[name] = lab:host(name)
	end
	local keys, host = lab:folder(), lab:host("server")
	local at, real = host:address() .. ":5000", host:address() .. ":6000"
	host:run({ punchlab.directory .. "/p2pchat/server", "-b", host:address(), "6000" }):wait("^listening on " .. literal(real))
	host:run({ MEDDLER, "pass", at, real }):wait("^meddling")
	local function named(name, of, key, address)
		return p2pchat.client(lab, hosts[of], { address = address or real, host = host },
			{ identity = keys .. "/" .. key, arguments = { "--name", name } })
	end
	local alice = named("alice", "alice", "alice", at)
	alice:logged_in()
	local carol, thief = named("carol", "carol", "carol"), named("ALICE", "thief", "thief")
	carol:logged_in()
	thief.program:wait("^login failed .*: the name is taken$")
	carol.program:type("send alice meet me")
	alice.program:wait("^from .*: meet me$") -- it can let that through to her, and not read it
	carol.program:wait("^delivered .*: meet me$")
	local again = named("alice", "elsewhere", "alice") -- at the server itself: the name is hers
	again:logged_in()
	local dora = named("dora", "dora", "dora")
	dora:logged_in()
	dora.program:type("send alice hello")
	again.program:wait("^from .*: hello$")
end)
