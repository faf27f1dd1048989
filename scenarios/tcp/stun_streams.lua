-- STUN over TCP (RFC 8489 section 6.2.2): p2pchat's server, and coturn as an instrument from outside that says of a box's TCP
-- what its spec does.

local stun = require "stun"

-- Where a server sees what is dialed there from that port.
local function asks(host, to, port)
	local connection = host:tcp_connect(to, { from = port })
	connection:send(stun.REQUEST)
	return stun.mapped(connection:receive() or fail("no answer from " .. to)), connection
end

local SEVERAL = "(one outside port for all)"
local KINDS = {
	{ nat = "port-restricted", same = { port = true, address = true } },
	{ nat = "symmetric", same = {} },
	{ nat = "mapping=ad,filtering=apd", same = { port = true } },
	{ nat = "symmetric,tcp=linux", same = { port = true, address = true } },
	{ nat = "port-restricted,tcp.mapping=apd", same = {} },
}

-- The mapping, by where three of the server's ports see one inside port.
local function sees(lab, spec, same, serve)
	local server, alice = stun.hosts(lab, spec)
	serve(lab, server)
	local seen = asks(alice, server:address(1) .. ":3478", 4000)
	expect(seen and seen:match("^" .. literal(alice:public_address()) .. ":"), "the box's address: " .. tostring(seen))
	equal(asks(alice, server:address(1) .. ":3479", 4000) == seen, same.port or false, "another port sees it there " .. SEVERAL)
	equal(asks(alice, server:address(2) .. ":3478", 4000) == seen, same.address or false, "another address does " .. SEVERAL)
end

for _, kind in ipairs(KINDS) do
	scenario("STUN over TCP: p2pchat's server sees " .. kind.nat, function(lab)
		sees(lab, kind.nat, kind.same, function(_, server) stun.serve(server) end)
	end)
	scenario("STUN over TCP: coturn sees " .. kind.nat, function(lab)
		sees(lab, kind.nat, kind.same, function(_, server)
			stun.need(server, "turnserver")
			stun.turnserver(lab, server)
		end)
	end)
end

local WORDS = {
	{ "port-restricted", "endpoint-independent", "preserve" },
	{ "symmetric,ports=sequential", "address-and-port-dependent", "sequential" },
	{ "symmetric", "address-and-port-dependent", "random" },
	{ "mapping=ad,filtering=apd", "address-dependent", "random" },
	{ "symmetric,tcp=linux", "endpoint-independent", "preserve" },
	{ "udp-blocked,tcp=linux", "endpoint-independent", "preserve" },
}
for _, words in ipairs(WORDS) do
	scenario("nat_type --tcp: " .. words[1], function(lab)
		local server, alice = stun.hosts(lab, words[1])
		stun.serve(server)
		local program = alice:run { stun.NAT_TYPE, "--tcp", "--json", server:address() }
		equal(program:exit_status(), 0, "its exit status: " .. program:output("both"))
		expect(program:output():find('"mapping":"' .. words[2] .. '"', 1, true), "the mapping: " .. program:output())
		expect(program:output():find('"ports":"' .. words[3] .. '"', 1, true), "the ports: " .. program:output())
	end)
end

scenario("nat_type --tcp: what cannot be measured is said", function(lab)
	local server, alice = stun.hosts(lab, "full-cone")
	local bob = lab:host("bob", { nat = "full-cone,tcp=blocked" })
	stun.serve(server, 1)
	local function says(host, to, status, words)
		local program = host:run { stun.NAT_TYPE, "--tcp", to }
		equal(program:exit_status(20), status, "its exit status: " .. program:output("both"))
		expect(program:output("both"):find(words, 1, true), words .. ", not " .. program:output("both"))
	end
	says(alice, server:address(), 1, "mapping      unknown")
	says(alice, server:address() .. ":99", 2, "nobody answers over TCP there")
	says(bob, server:address(), 2, "no answer over TCP")
	for _, option in ipairs { "--spec", "--lifetime", "9.9.9.9" } do
		local program = alice:run { stun.NAT_TYPE, "--tcp", option, server:address() }
		equal(program:exit_status(), 2, "its exit status with " .. option)
		expect(program:output("stderr"):find("--tcp ", 1, true), "it says why: " .. program:output("stderr"))
	end
end)

local function served(lab)
	local server, alice = lab:host("server"), lab:host("alice")
	stun.serve(server, 1)
	return alice, server:address() .. ":3478", server
end

scenario("STUN over TCP: requests are told apart by their length", function(lab)
	local alice, to = served(lab)
	local connection = alice:tcp_connect(to)
	for i = 1, #stun.REQUEST do
		connection:send(stun.REQUEST:sub(i, i))
	end
	equal(#connection:receive(), 32, "an answer to one that came byte by byte")
	connection:send(stun.REQUEST:rep(3))
	local answers = ""
	lab:wait_until(function()
		answers = answers .. (connection:receive() or "")
		return #answers >= 3 * 32
	end, nil, "three answers to three requests at once")
	equal(#answers, 3 * 32, "and nothing more")
end)

scenario("STUN over TCP: what is none ends the connection", function(lab)
	local alice, to = served(lab)
	for _, text in ipairs { ("x"):rep(20), "\0\1\3\xfc\x21\x12\xa4\x42one of ours!", "GET / HTTP/1.0\r\n\r\n\r\n" } do
		local connection = alice:tcp_connect(to)
		connection:send(text)
		local came, why = connection:receive()
		equal(came, nil, "an answer")
		expect(why == "ended" or why == "reset", "it is ended, not " .. tostring(why))
	end
	expect(asks(alice, to), "others are served")
end)

scenario("STUN over TCP: an address has so many connections, and silence ends them", { timeout = 40 }, function(lab)
	local alice, to, server = served(lab)
	local kept = {}
	for i = 1, 8 do
		kept[i] = alice:tcp_connect(to)
	end
	local _, why = alice:tcp_connect(to):receive()
	expect(why == "ended" or why == "reset", "the ninth is sent away, not " .. tostring(why))
	expect(server:tcp_connect(to), "others have theirs")
	kept[8]:send(stun.REQUEST)
	equal(#kept[8]:receive(), 32, "one of the eight is served")
	equal(select(2, kept[1]:receive(20)), "ended", "a silent one, after 10 s")
end)
