-- Independent instruments agree: coturn's turnutils_natdiscovery and stun-client's classic verdict against our server, our
-- nat_type against coturn's turnserver. `tools/deps interop` installs them.

local stun = require "stun"

local behaviours = { "endpoint-independent", "address-dependent", "address-and-port-dependent" }

-- natdiscovery's words for them.
local discovered = {
	["endpoint-independent"] = "Endpoint Independent", ["address-dependent"] = "Address Dependent",
	["address-and-port-dependent"] = "Address and Port Dependent",
}

-- stun-client's words for the classic NATs (RFC 3489).
local classic = {
	["open"] = "Open",
	["full-cone"] = "Independent Mapping, Independent Filter",
	["restricted"] = "Independent Mapping, Address Dependent Filter",
	["port-restricted"] = "Independent Mapping, Port Dependent Filter",
	["symmetric"] = "Dependent Mapping",
	["firewall"] = "Firewall",
}

-- A named difference. For its third question of mapping turnutils_natdiscovery 4.6 does not use the OTHER-ADDRESS of its
-- first answer, as RFC 5780 section 4.3 has it, but that of its second, which leads back to the first address. (It goes
-- unnoticed with turnserver, whose second address names itself.) So it calls address-dependent mapping address and
-- port-dependent; but the three outside addresses that it prints tell.
local function show_address_dependence(program)
	local outside = {}
	for _, line in ipairs(program:lines()) do
		outside[#outside + 1] = line:match("UDP reflexive addr: (%S+)$")
	end
	equal(outside[1], outside[3], "towards both ports of the first address")
	expect(outside[1] ~= outside[2], "another towards the second address: " .. tostring(outside[2]))
end

for _, mapping in ipairs(behaviours) do
	for _, filtering in ipairs(behaviours) do
		local spec = "mapping=" .. mapping .. ",filtering=" .. filtering

		scenario("turnutils_natdiscovery behind " .. spec, function(lab)
			local server, alice = stun.hosts(lab, spec)
			stun.need(alice, "turnutils_natdiscovery")
			stun.serve(server)
			local is_taken_for = mapping == "address-dependent" and "address-and-port-dependent" or mapping
			local program = stun.told(alice, { "turnutils_natdiscovery", "-m", "-f", server:address() },
				"^NAT with " .. discovered[is_taken_for] .. " Mapping", "^NAT with " .. discovered[filtering] .. " Filtering")
			if mapping == "address-dependent" then
				show_address_dependence(program)
			end
		end)

		scenario("nat_type by turnserver behind " .. spec, function(lab)
			local server, alice = stun.hosts(lab, spec)
			stun.need(server, "turnserver")
			stun.turnserver(lab, server)
			local program = alice:run { stun.NAT_TYPE, "--fast", server:address() }
			program:wait("^  mapping +" .. literal(mapping) .. " ", 40)
			program:wait("^  filtering +" .. literal(filtering) .. " ")
			equal(program:exit_status(), 0, "the exit status")
		end)
	end
end

for nat, verdict in pairs(classic) do
	scenario("stun-client behind " .. nat, function(lab)
		local server, alice = stun.hosts(lab, nat)
		stun.need(alice, "stun")
		stun.serve(server)
		stun.told(alice, { "stun", server:address() }, "^Primary: " .. literal(verdict))
	end)
end

scenario("a relay by turnserver", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "symmetric" })

	lab:turn(server, { user = "someone", password = "secret" })
	local program = alice:run { "turnutils_uclient", "-u", "someone", "-w", "secret", "-r", "lab", "-n", "1", "-y", server:address() }
	equal(program:exit_status(40), 0, "the exit status of coturn's own client")
end)
