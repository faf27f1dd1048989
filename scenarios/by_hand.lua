-- The two checks of README.md "By hand", typed as it tells them, behind each classic NAT: what a user reads off the
-- programs' output is true of the NAT.

local TOOLS = punchlab.directory .. "/tools/"
local classic = { "full-cone", "restricted", "port-restricted", "symmetric" }

local function udp_server(host, port)
	local program = host:run { TOOLS .. "udp_server", tostring(port) }
	program:wait("^UDP bind on 0%.0%.0%.0:" .. port .. "$")
	return program
end

local function udp_client(host)
	local program = host:run { TOOLS .. "udp_client" }
	program:wait("^UDP bind on 0%.0%.0%.0:%d+$")
	return program
end

-- What a server prints for a datagram "text": the address and port it came from.
local function from_part(server)
	return server:wait("^recv 4 bytes from %[(%S+)%]: text$")
end

for _, nat in ipairs(classic) do
	scenario("two udp_servers tell whether " .. nat .. " is a cone", function(lab)
		local server, alice = lab:host("server"), lab:host("alice", { nat = nat })
		local at2222, at3333 = udp_server(server, 2222), udp_server(server, 3333)
		local client = udp_client(alice)
		client:type("sendto server:2222 text")
		client:type("sendto server:3333 text")
		local one, other = from_part(at2222), from_part(at3333)
		equal(one == other, nat ~= "symmetric", "the same address and port: " .. one .. " and " .. other)
		expect(one:match("^(.*):") == alice:public_address(), "it is the box's address")
		client:wait("^recv %d+ bytes from %[" .. literal(server:address()) .. ":2222%]: you are " .. literal(one) .. "$")
		client:type("quit")
		equal(client:exit_status(), 0, "the client's exit status")
	end)
end

-- Both clients write to each other's outside address, as README.md tells. Returns the two programs and their addresses.
local function meet(lab, spec)
	local server, box = lab:host("server"), lab:box("home", spec)
	local alice, bob = lab:host("alice", { behind = box }), lab:host("bob", { behind = box })
	udp_server(server, 3333)
	local first, second = udp_client(alice), udp_client(bob)
	local told = "^recv %d+ bytes from %[" .. literal(server:address()) .. ":3333%]: you are (%S+)$"
	first:type("sendto server:3333 text")
	second:type("sendto server:3333 text")
	local at_first, at_second = first:wait(told), second:wait(told)
	first:type("sendto " .. at_second .. " hello")
	lab:wait_until(function()
		return lab:count("home lan", "udp and dst port " .. at_second:match("%d+$") .. " and src host " .. alice:address()) > 0
	end, nil, "the first client's datagram at the box")
	second:type("sendto " .. at_first .. " hello")
	lab:wait_until(function()
		return lab:count("home lan", "udp and dst port " .. at_first:match("%d+$") .. " and src host " .. bob:address()) > 0
	end, nil, "the second client's datagram at the box")
	first:type("sendto " .. at_second .. " hello")
	return first, second, at_first, at_second, alice
end

for _, nat in ipairs(classic) do
	scenario("two udp_clients meet behind " .. nat .. ",hairpin", function(lab)
		local _, second, at_first = meet(lab, nat .. ",hairpin")
		local from = second:wait("^recv 5 bytes from %[(%S+)%]: hello$")
		equal(from:match("^(.*):"), at_first:match("^(.*):"), "the first client is seen from the outside address")
	end)

	scenario("two udp_clients see the inside behind " .. nat .. ",hairpin=internal", function(lab)
		local _, second, _, _, alice = meet(lab, nat .. ",hairpin=internal")
		local from = second:wait("^recv 5 bytes from %[(%S+)%]: hello$")
		equal(from:match("^(.*):"), alice:address(), "the first client is seen from its inside address")
	end)

	scenario("two udp_clients do not meet behind " .. nat, function(lab)
		local first, second = meet(lab, nat)
		-- An exchange with the server takes the same way and comes later: by then the datagrams are there or lost.
		for _, client in ipairs { first, second } do
			client:type("sendto server:3333 last")
			client:wait(": you are %S+$")
			expect(not client:seen(": hello$"), "nothing of the other comes in")
		end
	end)
end
