-- Two hosts of one home that know each other by their addresses outside: by IPv6 that takes a box that turns packets round
-- (RFC 4787 REQ-9, RFC 6296 section 4.3), where it translates.

local function row_of(report, behaviour)
	for _, row in ipairs(report.rows) do
		if row.behaviour == behaviour then
			return row
		end
	end
	fail("the measurement has no row '" .. behaviour .. "'")
end

local CASES = {
	{ spec = "open,ipv6=nat66", opens = false },
	{ spec = "open,ipv6=nat66,ipv6.hairpin", opens = true },
	{ spec = "open,ipv6=nptv6", opens = true },
	{ spec = "open,ipv6=nptv6,ipv6.hairpin=none", opens = false },
	{ spec = "symmetric,ipv6=nptv6,ipv6.hairpin=none", opens = false },
	{ spec = "open,ipv6=firewall", opens = true, is_direct = true },
}

for _, case in ipairs(CASES) do
	scenario(("one home, by the addresses outside: %s: %s"):format(case.spec, case.opens and "opens" or "stays shut"), function(lab)
		lab:world { families = "46" }
		local server, home = lab:host("server"), lab:box("home", case.spec)
		local alice, bob = lab:host("alice", { behind = home }), lab:host("bob", { behind = home })
		local s, a, b = server:udp(3478, "::"), alice:udp(4000, "::"), bob:udp(5000, "::")
		local server_at = ("[%s]:3478"):format(server:ipv6_address())

		local function seen(socket)
			socket:send(server_at, "where am I")
			return select(2, s:receive())
		end

		local alice_at, bob_at = seen(a), seen(b)
		a:send(bob_at, "by the address outside")
		if case.opens then
			local text, from = b:receive()
			equal(text, "by the address outside", "what bob got")
			equal(from, alice_at, "from where: her address outside (REQ-9a)")
			b:send(from, "and back")
			equal(select(2, a:receive()), bob_at, "from where the answer is")
		else
			lab:wait_until(function() return lab:count("home lan", "udp and dst port 5000") == 1 end, 30, "it came to the box")
			s:send(bob_at, "after it")
			equal(b:receive(), "after it", "the first that bob got")
			local why = lab:why(alice, bob)
			equal(why.outcome, "shut", "between the two")
			local text = table.concat(why.text, " "):gsub("%s+", " ")
			expect(text:find("does not turn packets round (no hairpinning)", 1, true), "--why says so: " .. text)
		end
		lab:oracle(alice, bob, case.opens, "udp", "6")
	end)
end

for _, case in ipairs(CASES) do
	if not case.is_direct then
		scenario("measured: hairpinning of " .. case.spec, function(lab)
			local report, wanted = lab:check(case.spec), case.opens and "external" or "none"
			expect(report.agrees, "it is what it claims")
			equal(row_of(report, "IPv6 hairpin").measured, wanted, "by UDP")
			equal(row_of(report, "IPv6 TCP hairpin").measured, wanted, "by TCP")
		end)
	end
end
