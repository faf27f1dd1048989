-- The server's STUN side as a stranger with a raw socket sees it: what it answers, from where, and what it does not.

local stun = require "stun"

local COOKIE_AND_ID = "\x21\x12\xa4\x42one of ours!"
local PATIENCE, AT_ONCE = 30, 50
local CHANGE_BOTH = "\0\3\0\4\0\0\0\6"
local SUCCESS, ERROR = 0x0101, 0x0111

local function request(attributes, id)
	attributes = attributes or ""
	return string.pack(">I2I2", 1, #attributes) .. (id or COOKIE_AND_ID) .. attributes
end

local function response_port(port)
	return string.pack(">I2I2I2", 0x0027, 2, port) .. "\0\0"
end

local function kind(answer)
	return answer and string.unpack(">I2", answer)
end

-- The code of an error response, whose first attribute is ERROR-CODE.
local function code(answer)
	local class, number = answer:byte(27, 28)
	return class * 100 + number
end

-- A server with so many addresses (2), the program, and a socket on another host.
local function set_up(lab, addresses)
	local server, bob = lab:host("server", { addresses = addresses or 2 }), lab:host("bob")
	local program = stun.serve(server, addresses)
	return server, program, bob:udp(0), bob
end

scenario("STUN: with two addresses answers come from where they are asked to", function(lab)
	local server, _, socket = set_up(lab)
	socket:send(server:address(1) .. ":3478", request())
	local answer, from = socket:receive(PATIENCE)
	equal(kind(answer), SUCCESS, "the answer")
	equal(from, server:address(1) .. ":3478", "where it comes from")
	socket:send(server:address(1) .. ":3478", request(CHANGE_BOTH))
	answer, from = socket:receive(PATIENCE)
	equal(kind(answer), SUCCESS, "the answer to CHANGE-REQUEST")
	equal(from, server:address(2) .. ":3479", "where it comes from")
	expect(#answer <= 20 + 4 * 12, "it is no longer than its four addresses")
end)

scenario("STUN: lab:stun() answers by each family that its host has", function(lab)
	local both, alone = lab:host("both", { families = "46" }), lab:host("alone", { families = "6" })
	local asker = lab:host("asker", { families = "46" })
	lab:stun(both)
	lab:stun(alone)
	for at, any in pairs {
		[both:address() .. ":3478"] = "0.0.0.0", ["[" .. both:ipv6_address() .. "]:3478"] = "::",
		["[" .. alone:ipv6_address() .. "]:3478"] = "::",
	} do
		local socket = asker:udp(0, any)
		socket:send(at, request())
		local answer, from = socket:receive(PATIENCE)
		equal(kind(answer), SUCCESS, "the answer of " .. at)
		equal(from, at, "where it comes from")
	end
end)

scenario("STUN: with one address CHANGE-REQUEST is refused, and nothing but the mapped address told", function(lab)
	local server, _, socket = set_up(lab, 1)
	socket:send(server:address() .. ":3478", request(CHANGE_BOTH))
	local answer = socket:receive(PATIENCE)
	equal(kind(answer), ERROR, "the answer to CHANGE-REQUEST")
	equal(code(answer), 420, "its code")
	socket:send(server:address() .. ":3478", request())
	equal(#socket:receive(PATIENCE), 32, "bytes of a plain answer: a header and XOR-MAPPED-ADDRESS")
end)

scenario("STUN: RESPONSE-PORT is obeyed from 1024 on, refused below", function(lab)
	local server, _, socket, bob = set_up(lab)
	local other = bob:udp(4000)
	socket:send(server:address() .. ":3478", request(response_port(4000)))
	equal(kind(other:receive(PATIENCE)), SUCCESS, "the answer at the other port")
	socket:send(server:address() .. ":3478", request(response_port(53)))
	local answer = socket:receive(PATIENCE)
	equal(kind(answer), ERROR, "the answer to the asker")
	equal(code(answer), 400, "its code")
	equal(lab:count(nil, "udp and dst port 53"), 0, "packets to port 53")
end)

scenario("STUN: what is malformed is dropped and counted, and the server goes on", function(lab)
	local server, program, socket = set_up(lab)
	local main, other = server:address() .. ":3478", server:address() .. ":3479"
	socket:send(main, request("\0\3\0\2\0\0\0\0"))      -- CHANGE-REQUEST of two bytes
	socket:send(main, request("\x80\x28\0\4\0\0\0\0"))  -- a wrong FINGERPRINT
	socket:send(main, request("\0\x20\0\8\0\7\1\2\3\4\5\6")) -- an address of no family
	socket:send(other, "not STUN at all")               -- counted as no datagram of p2pchat's
	socket:send(other, "")
	socket:send(main, "\1\1\0\0" .. COOKIE_AND_ID)      -- a response, to nothing that was asked
	socket:send(main, request())
	equal(kind(socket:receive(PATIENCE)), SUCCESS, "the answer to the one good request")
	program:signal("USR1")
	program:wait("2 datagrams received, 2 dropped: 1 bad size, 1 bad magic")
	program:wait("stun: 1 answered, 0 refused; dropped: 3 malformed, 1 no request, 0 too many")
end)

scenario("STUN: one address cannot have more than its share of answers", function(lab)
	local server, program, socket = set_up(lab)
	local sent, answered, dropped = 0, 0, 0
	repeat -- many at a time, faster than the share grows; few enough that none is lost on the way
		for _ = 1, AT_ONCE do
			socket:send(server:address() .. ":3478", request())
		end
		sent = sent + AT_ONCE
		local said
		repeat -- it says how many it has read
			program:signal("USR1")
			local yes, no = program:wait("stun: (%d+) answered, .* (%d+) too many$", PATIENCE)
			said, dropped = tonumber(yes), tonumber(no)
		until said + dropped == sent
		while answered < said do -- the last ones may still be on the way
			expect(socket:receive(PATIENCE), "the answer to request " .. answered + 1)
			answered = answered + 1
		end
	until dropped > 0 or sent >= 2000
	expect(answered >= 300 and answered < 2000, "the share ends after " .. answered .. " answers")
	equal(lab:count("bob eth0", "udp and src port 3478"), answered, "answers on the wire")
end)
