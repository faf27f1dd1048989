-- A UDP datagram may have no checksum: 0 (RFC 768). It stays so through every box, in both directions.

local PATIENCE = 30
local BARE = { checksum = false }

local SPECS = {
	"full-cone", "restricted", "port-restricted", "symmetric", "carrier", "symmetric-sequential", "symmetric,filtering=ei",
	"restricted,ports=sequential", "port-restricted,refresh=outbound", "full-cone,refresh=outbound", "mapping=ad,filtering=ad",
	"symmetric,range=20000-20511", "firewall", "firewall,refresh=outbound",
}

-- Is a port of the server's that was not sent to let in?
local function lets_strangers_in(spec)
	for _, word in ipairs { "full%-cone", "restricted,", "^restricted", "filtering=", "carrier" } do
		if spec:find(word) and not spec:find("^port%-restricted") then
			return true
		end
	end
	return false
end

local function hears(socket, text)
	local heard, from = socket:receive(PATIENCE)
	equal(heard, text)
	return from
end

local function bare_datagrams(lab, interface)
	return lab:count(interface, "udp and udp[6:2] = 0")
end

for _, spec in ipairs(SPECS) do
	scenario("datagrams without a checksum pass a " .. spec .. " box", function(lab)
		local server_host, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home }):udp(4000)
		local server, stranger = server_host:udp(5000), server_host:udp(5001)
		local sent = 0

		local function send(from, to, address, text)
			from:send(address, text, BARE)
			sent = sent + 1
			return hears(to, text)
		end

		-- The first one of a flow and a later one need not take the same way.
		local mapped = send(alice, server, server_host:address() .. ":5000", "the first")
		send(server, alice, mapped, "an answer")
		send(alice, server, server_host:address() .. ":5000", "another")
		if lets_strangers_in(spec) then
			send(stranger, alice, mapped, "a stranger's")
		end
		for _, interface in ipairs { "alice eth0", "home lan", "home wan", "server eth0" } do
			lab:wait_until(function()
				return bare_datagrams(lab, interface) == sent
			end, PATIENCE, "all " .. sent .. " without a checksum on " .. interface)
			equal(lab:count(interface, "udp"), sent)
		end
	end)
end

scenario("where ports are given out in turn a datagram without a checksum takes one, like any other", function(lab)
	local server_host, home = lab:host("server"), lab:box("home", "symmetric-sequential")
	local alice = lab:host("alice", { behind = home }):udp(4000)
	local last

	for port = 5000, 5003 do
		local server = server_host:udp(port)
		alice:send(server_host:address() .. ":" .. port, "hello", port % 2 == 0 and BARE or nil)
		local mapped = tonumber(hears(server, "hello"):match("%d+$"))
		equal(mapped, last and last + 1 or mapped)
		last = mapped
	end
end)
