-- tools/nat_type, asked from behind a box, gives back the very spec the box was built from: what a user measures out in the
-- world can be built here.

local stun = require "stun"

-- Every pair of mapping and filtering with every allocation of ports, in the words the lab itself would write.
local grid = {
	"full-cone", "restricted", "port-restricted",
	"full-cone,ports=random", "restricted,ports=random", "port-restricted,ports=random",
	"full-cone,ports=sequential", "restricted,ports=sequential", "port-restricted,ports=sequential",
	"full-cone,mapping=address-dependent", "restricted,mapping=address-dependent",
	"port-restricted,mapping=address-dependent",
	"full-cone,mapping=address-dependent,ports=random", "restricted,mapping=address-dependent,ports=random",
	"symmetric,mapping=address-dependent",
	"full-cone,mapping=address-dependent,ports=sequential", "restricted,mapping=address-dependent,ports=sequential",
	"symmetric,mapping=address-dependent,ports=sequential",
	"full-cone,mapping=address-and-port-dependent", "restricted,mapping=address-and-port-dependent",
	"symmetric,ports=preserve",
	"symmetric,filtering=endpoint-independent", "symmetric,filtering=address-dependent", "symmetric",
	"symmetric,ports=sequential",
}

local others = {
	"open", "firewall", "firewall,filtering=address-dependent",
	"full-cone,hairpin", "restricted,hairpin", "port-restricted,hairpin", "symmetric,hairpin",
	"full-cone,hairpin=internal", "port-restricted,hairpin=internal",
	"port-restricted,input=accept",
}

-- How long mappings live, and what keeps them alive: real seconds are waited.
local lives = {
	"port-restricted,timeout=2,stream-timeout=4", "symmetric,timeout=3,stream-timeout=3",
	"full-cone,refresh=outbound,timeout=2",
}

local function round_trip(spec, arguments)
	scenario("nat_type behind " .. spec, function(lab)
		local server, alice = stun.hosts(lab, spec)
		stun.serve(server)
		local got = stun.nat_type(alice, server, arguments)
		equal(got, spec, "the spec nat_type prints")
	end)
end

for _, spec in ipairs(lives) do -- the slowest first
	round_trip(spec, { "--lifetime-max", "6" })
end
round_trip("udp=blocked", { "--rto", "100" })
for _, list in ipairs { grid, others } do
	for _, spec in ipairs(list) do
		round_trip(spec, {})
	end
end

-- Of a range one sees a part: what is estimated from it must overlap the range almost wholly, and not be much wider.
for _, spec in ipairs { "port-restricted", "symmetric", "full-cone,ports=random" } do
	scenario("nat_type behind " .. spec .. ",range=20000-20511", function(lab)
		local server, alice = stun.hosts(lab, spec .. ",range=20000-20511")
		stun.serve(server)
		local got = stun.nat_type(alice, server, {})
		local kind, low, high = got:match("^(.*),range=(%d+)%-(%d+)$")
		equal(kind, spec, "all but the range of " .. got)
		expect(math.abs(low - 20000) < 160 and math.abs(high - 20511) < 160, "the range of " .. got)
	end)
end

scenario("nat_type with a server of one address does not guess", function(lab)
	local server, alice = stun.hosts(lab, "port-restricted", 1)
	stun.serve(server, 1)
	local program = alice:run { stun.NAT_TYPE, "--fast", "--spec", server:address() }
	equal(program:exit_status(), 1, "the exit status")
	expect(program:seen("^The server has no second address"), "it says why")
	expect(not program:seen("^port%-restricted"), "it prints no spec")
end)

scenario("nat_type says that nobody serves STUN there", function(lab)
	local server, alice = stun.hosts(lab, "port-restricted")
	local program = alice:run { stun.NAT_TYPE, "--fast", server:address() }
	equal(program:exit_status(), 1, "the exit status")
	expect(program:seen("no STUN server runs at that port"), "it says so")
end)
