-- STUN servers and clients for scenarios.

local stun = {}

stun.NAT_TYPE = punchlab.directory .. "/tools/nat_type"

local PORT = 3478

--- A host "server" with so many addresses (2), and a host "alice" behind a box of that kind. Returns both.
function stun.hosts(lab, spec, addresses)
	local server = lab:host("server", { addresses = addresses or 2 })
	return server, lab:host("alice", { nat = spec })
end

-- Starts p2pchat's server, which serves STUN, on these addresses, one or two; returns when it listens.
local function serve(host, addresses)
	local command = { punchlab.directory .. "/p2pchat/server" }
	for _, address in ipairs(addresses) do
		command[#command + 1] = "-b"
		command[#command + 1] = address
	end
	command[#command + 1] = tostring(PORT)
	local program = host:run(command)
	for _ = 1, #addresses == 2 and 4 or 1 do
		program:wait("^listening ")
	end
	return program
end

--- Starts that server on so many addresses (2) of a host; returns when it listens.
function stun.serve(host, addresses)
	return serve(host, { host:address(1), addresses ~= 1 and host:address(2) or nil })
end

--- Skips the scenario if a program is not installed.
function stun.need(host, program)
	local look = host:run { "sh", "-c", "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v " .. program }
	if look:exit_status() ~= 0 then
		skip(program .. " is not installed: tools/deps interop installs it")
	end
end

--- Runs a program of other people's that says all that, in lines that match; returns it. What such a program waits for has no
-- long time to come: on a busy machine it takes for lost what is late, and is asked again.
function stun.told(host, command, ...)
	local program
	for _ = 1, 5 do
		local said = true
		program = host:run(command)
		for _, pattern in ipairs { ... } do
			said = said and program:try_wait(pattern, 40)
		end
		if said then
			return program
		end
		if not program:ended() then program:stop() end
	end
	fail("what " .. command[1] .. " says", table.concat({ ... }, ", "), program:output("both"))
end

-- Its first addresses by that function, two at most.
local function first_two(host, address)
	local has_two, second = pcall(address, host, 2)
	return { address(host), has_two and second or nil }
end

--- The same on all of its addresses, one or two of each family: lab:stun(host). Each family has a server of its own, which
--- serves RFC 5780 if it has two.
function stun.ready(_, host)
	local of_ipv6, of_ipv4 = first_two(host, host.ipv6_address), first_two(host, host.address)
	local program = of_ipv6[1] and serve(host, of_ipv6)
	return of_ipv4[1] and serve(host, of_ipv4) or program
end

-- It does not say when it is ready. A Binding request to each of its sockets does.
local function wait_for(lab, host, addresses, ports)
	for i = 1, addresses do
		for _, port in ipairs(ports) do
			local socket = host:udp(0)
			lab:wait_until(function()
				socket:send(host:address(i) .. ":" .. port, stun.REQUEST)
				return socket:receive(0.05)
			end, 40, "turnserver answers at " .. host:address(i) .. ":" .. port)
			socket:close()
		end
	end
end

local function turnserver(host, more)
	local command = { "turnserver", "-n", "--no-tls", "--no-dtls", "--no-cli", "--log-file=stdout", "--simple-log",
		"--pidfile=/run/turnserver.pid", "--userdb=/run/turndb", "-p", tostring(PORT) }
	for _, word in ipairs(more) do
		command[#command + 1] = word
	end
	return host:run(command)
end

--- Starts coturn's turnserver on a host with two addresses, for STUN alone; returns when it answers.
function stun.turnserver(lab, host)
	local program = turnserver(host, { "--no-auth", "--stun-only", "-L", host:address(1), "-L", host:address(2),
		"--alt-listening-port=" .. (PORT + 1) })
	wait_for(lab, host, 2, { PORT, PORT + 1 })
	return program
end

--- Starts it as a TURN server for that user (realm "lab"); returns when it answers: lab:turn(host, {user=, password=}).
function stun.turn(lab, host, options)
	options = options or {}
	stun.need(host, "turnserver")
	local program = turnserver(host, { "--lt-cred-mech", "--realm=lab", "-L", host:address(),
		"--user=" .. (options.user or "user") .. ":" .. (options.password or "password") })
	wait_for(lab, host, 1, { PORT })
	return program
end

--- Runs nat_type on a host until it ends; the spec it prints.
function stun.nat_type(host, server, arguments)
	local command = { stun.NAT_TYPE, "--fast", "--spec" }
	for _, word in ipairs(arguments) do
		command[#command + 1] = word
	end
	command[#command + 1] = server:address()
	local program = host:run(command)
	equal(program:exit_status(40), 0, "nat_type's exit status")
	return program:wait("^.+$")
end

--- A Binding request (RFC 8489), and what a response to it says of its receiver: "ADDRESS:PORT", or nil.
stun.REQUEST = "\0\1\0\0\x21\x12\xa4\x42one of ours!"

function stun.mapped(response)
	local at = 21
	while at + 3 < #response do
		local kind, len = (">I2I2"):unpack(response, at)
		if kind == 0x0020 then -- XOR-MAPPED-ADDRESS, of IPv4
			local port, a, b, c, d = (">I2BBBB"):unpack(response, at + 6)
			return ("%d.%d.%d.%d:%d"):format(a ~ 0x21, b ~ 0x12, c ~ 0xa4, d ~ 0x42, port ~ 0x2112)
		end
		at = at + 4 + (len + 3) // 4 * 4
	end
end

return stun
