-- Three peers behind three different NATs, every one talking to every other over one socket each.

local p2pchat = require "p2pchat"

local groups = {
	{ "full-cone", "restricted", "port-restricted" },
	{ "open", "restricted", "symmetric" },
}

for _, nats in ipairs(groups) do
	scenario("three peers, " .. table.concat(nats, ", ") .. ": all talk to each other", function(lab)
		local server_host = lab:host("server")
		local hosts, peers = {}, {}
		for i, name in ipairs { "alice", "bob", "carol" } do
			hosts[i] = lab:host(name, { nat = nats[i] })
		end
		local server = p2pchat.server(lab, server_host)
		for i, host in ipairs(hosts) do
			peers[i] = p2pchat.login(lab, host, server)
		end
		local _, count = peers[1]:list()
		equal(count, 3, "peers logged in")
		local couples = { { 1, 2 }, { 2, 3 }, { 3, 1 } }
		for _, couple in ipairs(couples) do
			peers[couple[1]]:punch(peers[couple[2]])
		end
		for _, couple in ipairs(couples) do
			expect(p2pchat.both_know(lab, peers[couple[1]], peers[couple[2]]),
				hosts[couple[1]]:name() .. " and " .. hosts[couple[2]]:name() .. " punch through")
		end
		for _, couple in ipairs(couples) do
			p2pchat.talk(lab, peers[couple[1]], peers[couple[2]])
		end
	end)
end
