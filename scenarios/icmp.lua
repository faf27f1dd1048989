-- What a box does with ICMP errors of inside hosts about packets it let in: the sender learns of them, and nothing on the wan
-- side names an inside address (RFC 4787 REQ-12, RFC 5508 REQ-4).

local PATIENCE = 30

-- Who is let in, from which of the server's ports: one that was not sent to, where the filtering allows.
local STRANGER, PEER = 5001, 5000
local BOXES = {
	{ "full-cone", STRANGER }, { "full-cone,hairpin", STRANGER }, { "restricted", STRANGER }, { "carrier", STRANGER },
	{ "restricted,ports=sequential", STRANGER }, { "mapping=ad,filtering=ad", STRANGER },
	{ "symmetric,filtering=ei", STRANGER }, { "full-cone,refresh=outbound", STRANGER }, { "port-restricted", PEER },
	{ "port-restricted,refresh=outbound", PEER }, { "symmetric", PEER },
}

local PORT_UNREACHABLE, FRAGMENTATION_NEEDED = 3, 4

-- Such an error about a packet to `quoted`, from wherever.
local function error_about(quoted, code)
	local address, port = quoted:match("^(.*):(%d+)$")
	local number = 0

	for byte in address:gmatch("%d+") do
		number = number << 8 | math.tointeger(byte)
	end
	return ("icmp[0] = 3 and icmp[1] = %d and icmp[24:4] = %d and icmp[30:2] = %d"):format(code, number, port)
end

local NAMES_INSIDE = "net 10.0.0.0/8 or (icmp[0] = 3 and (icmp[20] = 10 or icmp[24] = 10))"

-- The host's own count of such ICMP messages: "InDestUnreachs", "InCsumErrors".
local function icmp_count(host, name)
	local snmp = host:run { "cat", "/proc/net/snmp" }
	equal(snmp:exit_status(PATIENCE), 0)
	local names, values = snmp:output():match("Icmp: (%u[^\n]*)\nIcmp: (%d[^\n]*)")
	local value = values:gmatch("%d+")
	for n in names:gmatch("%S+") do
		local v = tonumber(value())
		if n == name then
			return v
		end
	end
	fail("there is no " .. name)
end

-- The box's outside endpoint for a socket of that host; the socket is closed then.
local function open_and_close(host, port, server_host, server)
	local socket = host:udp(port)
	socket:send(server_host:address() .. ":5000", "hello")
	local _, mapped = server:receive(PATIENCE)
	expect(mapped, "the server hears nothing")
	socket:close()
	return mapped
end

local function await_error(lab, link, quoted, code)
	lab:wait_until(function()
		return lab:count(link, error_about(quoted, code)) == 1
	end, PATIENCE, "an ICMP error about a packet to " .. quoted .. " on " .. link)
end

-- The server's host has got one error, about a packet to `mapped`, as if all that is behind the box were the box.
local function only_the_box_is_seen(lab, server_host, box, mapped, code)
	await_error(lab, box:name() .. " wan", mapped, code)
	await_error(lab, "server eth0", mapped, code)
	equal(lab:count(box:name() .. " wan", NAMES_INSIDE), 0, "packets on the wan side that name an inside address")
	equal(lab:count("server eth0", "icmp and src host " .. box:address()), 1, "errors from the box's address")
	equal(icmp_count(server_host, "InDestUnreachs"), 1, "errors the server's host understood")
	equal(icmp_count(server_host, "InCsumErrors"), 0, "errors with a wrong checksum")
end

local function knock_on_a_closed_port(lab, server_host, box, mapped, inside, knocker)
	knocker:send(mapped, "anybody there?")
	await_error(lab, box:name() .. " lan", inside, PORT_UNREACHABLE)
	only_the_box_is_seen(lab, server_host, box, mapped, PORT_UNREACHABLE)
end

for _, box in ipairs(BOXES) do
	local spec, port = table.unpack(box)
	scenario("a closed port behind a " .. spec .. " box: the sender is told, no inside address leaves", function(lab)
		local server_host, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home })
		local server, stranger = server_host:udp(PEER), server_host:udp(STRANGER)
		local mapped = open_and_close(alice, 4000, server_host, server)

		knock_on_a_closed_port(lab, server_host, home, mapped, alice:address() .. ":4000", port == PEER and server or stranger)
	end)
end

for _, spec in ipairs { "full-cone", "restricted" } do
	scenario("a closed port of the second host with that port behind a " .. spec .. " box", function(lab)
		local server_host, home = lab:host("server"), lab:box("home", spec)
		local alice, bob = lab:host("alice", { behind = home }), lab:host("bob", { behind = home })
		local server, stranger = server_host:udp(PEER), server_host:udp(STRANGER)

		open_and_close(alice, 4000, server_host, server)
		local mapped = open_and_close(bob, 4000, server_host, server)
		expect(not mapped:find(":4000$"), "bob's port is alice's, he needs another: " .. mapped)
		knock_on_a_closed_port(lab, server_host, home, mapped, bob:address() .. ":4000", stranger)
	end)
end

-- Who is told of a packet too long for a link behind the box must not learn from it where that is.
local function make_narrow(box)
	equal(box:run({ "ip", "link", "set", "lan", "mtu", "1000" }):exit_status(PATIENCE), 0)
end

for _, spec in ipairs { "full-cone", "carrier", "symmetric,filtering=ei" } do
	scenario("a packet too long for the lan of a " .. spec .. " box", function(lab)
		local server_host, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home })
		local mapped = open_and_close(alice, 4000, server_host, server_host:udp(PEER))

		make_narrow(home)
		server_host:udp(STRANGER):send(mapped, ("x"):rep(1400))
		only_the_box_is_seen(lab, server_host, home, mapped, FRAGMENTATION_NEEDED)
		equal(lab:count("home lan", "udp and dst port 4000"), 0)
	end)
end

scenario("a packet too long for the lan of a home behind a carrier", function(lab)
	local server_host, carrier = lab:host("server"), lab:box("carrier", "carrier")
	local home = lab:box("home", "full-cone", { behind = carrier })
	local mapped = open_and_close(lab:host("alice", { behind = home }), 4000, server_host, server_host:udp(PEER))

	make_narrow(home)
	server_host:udp(STRANGER):send(mapped, ("x"):rep(1400))
	await_error(lab, "carrier lan", home:address() .. ":4000", FRAGMENTATION_NEEDED)
	only_the_box_is_seen(lab, server_host, carrier, mapped, FRAGMENTATION_NEEDED)
	equal(lab:count("carrier wan", "net 100.64.0.0/10"), 0, "packets from within the carrier's network")
end)

-- One stranger, two outside ports of one inside socket: two packets, and none is taken for the other's session.
scenario("a stranger who is let in at two ports of one socket keeps his own port", function(lab)
	local server_host, home = lab:host("server"), lab:box("home", "symmetric,filtering=ei")
	local alice = lab:host("alice", { behind = home }):udp(4000)
	local mapped = {}

	for i, port in ipairs { 5000, 5002 } do
		local server = server_host:udp(port)
		alice:send(server_host:address() .. ":" .. port, "hello")
		mapped[i] = select(2, server:receive(PATIENCE))
	end
	expect(mapped[1] ~= mapped[2], "a symmetric box gives each destination a port")
	local stranger = server_host:udp(STRANGER)
	for _, at in ipairs(mapped) do
		stranger:send(at, "knock")
		local text, from = alice:receive(PATIENCE)
		equal(text, "knock")
		equal(from, server_host:address() .. ":" .. STRANGER)
	end
end)

-- The last guard: whatever conntrack does not know is not translated, so it must not leave.
for _, spec in ipairs { "port-restricted", "symmetric", "carrier" } do
	scenario("what a " .. spec .. " box does not track does not leave it", function(lab)
		local server_host, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home })
		local server, socket = server_host:udp(PEER), alice:udp(4000)

		home:iptables("-t raw -I PREROUTING -i lan -p udp --dport 5000 -j NOTRACK")
		socket:send(server_host:address() .. ":5000", "hello")
		lab:wait_until(function()
			return lab:count("home lan", "udp") == 1
		end, PATIENCE, "the datagram at the box")
		equal(server:receive(0.2), nil)
		equal(lab:count("home wan", "udp or icmp"), 0, "packets on the wan side")
	end)
end
