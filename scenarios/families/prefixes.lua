-- Prefixes of IPv6 that a spec chooses: who has which address then, and whether a box of that kind is measured to be one.

local commands = require("commands")
local output_of = commands.output_of

local HOME = "symmetric,ipv6=firewall,ipv6.prefix=2001:db8:5:ab00::/56"
local MAPPED = "open,ipv6=nptv6,ipv6.inside=fd00:0:1:100::/56,ipv6.outside=2001:db8:7:100::/56"
local BESIDE_A_CONE = "full-cone,ipv6=nptv6"
local WITHOUT_IPV4 = "port-restricted,ipv6=nat64,ipv6.prefix=2001:db8:6::/48,ipv6.pref64=2001:db8:64::/64"

for spec, rows in pairs {
	[HOME] = { ["IPv6 prefix"] = "2001:db8:5:ab00::/56" },
	[MAPPED] = { ["IPv6 prefix"] = "2001:db8:7:100::/56", ["IPv6 checksum"] = "neutral", ["IPv6 interface identifier"] = "changed" },
	[BESIDE_A_CONE] = { ["IPv6 translation"] = "by prefix", ["IPv6 TCP translation"] = "by prefix" },
	[WITHOUT_IPV4] = { NAT64 = "2001:db8:64::/64", ["IPv6 prefix"] = "2001:db8:6::/48" },
} do
	scenario("measured: " .. spec, function(lab)
		local report = lab:check(spec)
		expect(report.agrees, "it is what it claims")
		for _, row in ipairs(report.rows) do
			if rows[row.behaviour] then
				equal(row.measured, rows[row.behaviour], row.behaviour)
				rows[row.behaviour] = nil
			end
		end
		equal(next(rows), nil, "a row that is not there")
	end)
end

scenario("a home has the prefix that was chosen, and keeps it", function(lab)
	lab:world { families = "46" }
	local server, home = lab:host("server"), lab:box("home", HOME)
	local alice = lab:host("alice", { behind = home })
	local s, a = server:udp(3478, "::"), alice:udp(4000, "::")
	equal(alice:ipv6_address():match("^2001:db8:5:ab00::%x+$"), alice:ipv6_address(), "her address is of its first network")
	for _ = 1, 2 do
		a:send(("[%s]:3478"):format(server:ipv6_address()), "hello")
		local _, from = s:receive()
		equal(from, ("[%s]:4000"):format(alice:ipv6_address()), "from where")
		s:send(from, "hello back")
		equal(a:receive(), "hello back", "what alice got")
		home:renumber()
	end
end)

scenario("two prefixes of equal length that are no /48: each has a place outside", function(lab)
	lab:world { families = "46" }
	local home = lab:box("home", MAPPED)
	local inner = lab:box("inner", "open,ipv6=open", { behind = home })
	local alice, carol, bob = lab:host("alice", { behind = home }), lab:host("carol", { behind = inner }), lab:host("bob")
	local a, b, c = alice:udp(4000, "::"), bob:udp(5000, "::"), carol:udp(6000, "::")
	for socket, inside in pairs { [a] = "^fd00:0:1:100::", [c] = "^fd00:0:1:10%d::" } do
		local host = socket == a and alice or carol
		expect(host:ipv6_address():match(inside), "the address inside: " .. host:ipv6_address())
		socket:send(("[%s]:5000"):format(bob:ipv6_address()), "hello")
		local text, from = b:receive()
		equal(text, "hello", "the checksum was right")
		expect(from:match("^%[2001:db8:7:10%d:cf41::%x+%]:%d000$"), "the identifier makes sums equal: " .. from)
		b:send(from, "hello back")
		equal(socket:receive(), "hello back", "what came back")
	end
end)

scenario("IPv4 is behind the prefix that was chosen, in names and on the wire", function(lab)
	local server, home = lab:host("server"), lab:box("home", WITHOUT_IPV4)
	local alice = lab:host("alice", { behind = home, families = "6" })
	local a, s = alice:udp(4000, "::"), server:udp(3478)
	local there = output_of(alice, "getent", "ahostsv6", "server"):match("^%S+")
	equal(there, "2001:db8:64:0:16:1616:100:0", "the server, as alice knows it: 22.22.22.1 around bits 64 to 71 (RFC 6052)")
	a:send(("[%s]:3478"):format(there), "hello")
	local _, from = s:receive()
	equal(from, home:address() .. ":4000", "from where")
	s:send(from, "hello back")
	equal(select(2, a:receive()), ("[%s]:3478"):format(there), "from where to alice")
	local why = lab:why(alice, server)
	equal(why.outcome, "open", "one packet is one journey: " .. table.concat(why.text, " "))
	equal(why.directions[1].delivered + why.directions[2].delivered, 2, "packets that are told of them")
end)

scenario("programs that know IPv4 alone go by the prefix that was chosen", function(lab)
	local server, home = lab:host("server"), lab:box("home", WITHOUT_IPV4)
	local alice = lab:host("alice", { behind = home, families = "6", clat = true })
	local a, s = alice:udp(4000), server:udp(3478)
	a:send(server:address() .. ":3478", "hello")
	local _, from = s:receive()
	equal(from, home:address() .. ":4000", "from where")
	s:send(from, "hello back")
	equal(a:receive(), "hello back", "what alice got")
end)
