-- p2pchat's vocabulary for scenarios: start a server and clients, punch, talk, and tell from the capture which way the
-- packets went. The client's event lines are documented in README.md.

local p2pchat = {}

local Server, Client = {}, {}
Server.__index, Client.__index = Server, Client

-- Seconds. What is waited for comes in milliseconds and a few trips: this is for a machine that has no turn for a program.
local PATIENCE = 40

local SERVER_PORT = 5000
local CLIENT_PORT = 4000

-- A text of this many bytes makes a datagram longer than any other of p2pchat's, so that a capture filter finds it.
local LONG_TEXT = 400
local LONG = "udp and greater " .. LONG_TEXT

local function append(list, more)
	for _, word in ipairs(more or {}) do
		list[#list + 1] = word
	end
	return list
end

--- Starts the server on a host; returns when it listens.
-- options: arguments (a list, added to the command line), ipv6 (true: at its IPv6 address)
function p2pchat.server(lab, host, options)
	options = options or {}
	local self = setmetatable({ lab = lab, host = host, arguments = options.arguments }, Server)
	self.bound = options.ipv6 and host:ipv6_address() or host:address()
	self.address = (options.ipv6 and "[%s]:%d" or "%s:%d"):format(self.bound, SERVER_PORT)
	self:start()
	return self
end

function Server:start()
	self.program = self.host:run(append({ punchlab.directory .. "/p2pchat/server", "-b", self.bound },
		append(append({}, self.arguments), { tostring(SERVER_PORT) })))
	self.program:wait("^listening on " .. literal(self.address), PATIENCE)
end

--- Starts a client on a host.
-- options: port (4000; "any": none is bound), punch_timeout (seconds), strategy ("plain": nothing but punching), identity (a file; none), arguments
function p2pchat.client(lab, host, server, options)
	options = options or {}
	local self = setmetatable({ lab = lab, host = host, server = server }, Client)
	local bind = options.port ~= "any" and { "-b", "0.0.0.0:" .. (options.port or CLIENT_PORT) } or {}
	self.arguments = append(bind, options.arguments)
	append(self.arguments, { "--identity", options.identity or "none", "--strategy", options.strategy or "plain" })
	if options.punch_timeout then
		append(self.arguments, { "--punch-timeout", tostring(options.punch_timeout) })
	end
	self.program = host:run(append(append({ punchlab.directory .. "/p2pchat/client" }, self.arguments), { server.address }))
	return self
end

--- Starts a client and logs it in.
function p2pchat.login(lab, host, server, options)
	local client = p2pchat.client(lab, host, server, options)
	client:login()
	return client
end

--- Logs in; self.address becomes the address the server sees.
function Client:login()
	self.program:type("login")
	return self:logged_in()
end

--- Waits for a login that happens by itself.
function Client:logged_in(timeout)
	self.address = self.program:wait("^logged in as (%S+)", timeout or PATIENCE)
	return self.address
end

--- Everybody who is logged in: a table address -> true, or "you" for oneself; and their number.
function Client:list()
	local peers, count = {}, 0
	self.program:type("list")
	while true do
		local kind, address = self.program:wait("^(%w+) ?(.*)", PATIENCE)
		local n = tonumber(kind)
		if n then
			equal(n, count, "the number at the end of the list is the number of its lines")
			return peers, n
		elseif kind == "peer" then
			local plain = address:match("^(%S+) %(you%)$")
			peers[plain or address] = plain and "you" or true
			count = count + 1
		else
			expect(kind ~= "list", self.program:name() .. " got no list: " .. address)
		end
	end
end

--- Asks for a punch to another client, or to an address.
function Client:punch(other)
	self.program:type("punch " .. (other.address or other))
end

--- How a punch to the other ended: "punched", "failed", or nil while it goes on.
function Client:verdict(other)
	local address = literal(other.address)
	if self.program:seen("^punched " .. address .. " via") then
		return "punched"
	elseif self.program:seen("^punch failed " .. address .. " ") then
		return "failed"
	end
end

--- Waits until the punch opened. Returns the address really used, milliseconds, probes.
function Client:punched(other, timeout)
	local via, ms, probes = self.program:wait(
		"^punched " .. literal(other.address) .. " via (%S+) in (%d+) ms, (%d+) probes?$", timeout or PATIENCE)
	return via, tonumber(ms), tonumber(probes)
end

--- Which way the path to the other goes: "host", "server-reflexive", "predicted", "relayed" and so on.
function Client:way(other)
	return self.program:wait("^way to " .. literal(other.address) .. ": (.+)$", PATIENCE)
end

--- The way of the path between two that have punched, as the end has it that had to do more for it.
function p2pchat.way_between(a, b)
	local ranks = { ["host"] = 1, ["server-reflexive"] = 2, ["peer-reflexive"] = 3 }
	local one, other = a:way(b), b:way(a)
	return (ranks[one] or 4) >= (ranks[other] or 4) and one or other
end

--- Waits until the punch failed. Returns the seconds and the reason.
function Client:punch_failed(other, timeout)
	local address = other.address or other
	local seconds, reason = self.program:wait("^punch failed " .. literal(address) .. " after (%S+) s: (.*)", timeout or PATIENCE)
	return tonumber(seconds), reason
end

function Client:send(other, text)
	self.program:type("send " .. other.address .. " " .. text)
end

--- Waits for a text from the other.
function Client:hears(other, text, timeout)
	self.program:wait("^from " .. literal(other.address) .. ": " .. literal(text) .. "$", timeout or PATIENCE)
end

--- True if it has heard anything from the other.
function Client:has_heard(other)
	return self.program:seen("^from " .. literal(other.address) .. ": ") ~= nil
end

--- Waits until both ends know how the punch ended. Returns true if it opened for both, false if for neither.
function p2pchat.both_know(lab, a, b, timeout)
	lab:wait_until(function()
		return a:verdict(b) and b:verdict(a)
	end, timeout or PATIENCE, "both clients say how the punch ended")
	equal(b:verdict(a), a:verdict(b), "both clients tell the same of the punch")
	return a:verdict(b) == "punched"
end

local function long_text(word)
	return word .. " " .. string.rep("x", LONG_TEXT)
end

--- Sends a text each way, and shows by the capture that it went from one to the other and never by the server.
function p2pchat.talk(lab, a, b)
	local since = lab:now()
	for _, pair in ipairs { { a, b }, { b, a } } do
		local from, to = pair[1], pair[2]
		local text = long_text("from " .. from.host:name())
		from:send(to, text)
		to:hears(from, text)
		local interface = to.host:name() .. " eth0"
		expect(lab:count(interface, LONG .. " and src host " .. p2pchat.seen_as(to, from), since) > 0,
			"the capture shows the text at " .. interface .. " coming straight from " .. from.host:name())
	end
	equal(lab:count(a.server.host:name() .. " eth0", LONG, since), 0, "texts that went by way of the server")
end

-- A relayed pair goes on trying, and one side may have found a straight path before the other was punched at all.
local function has_straight_path(from, to)
	local via = from.program:seen("^punched " .. literal(to.address) .. " via (%S+)")
	return via ~= from.server.address or from.program:seen("^path moved " .. literal(to.address)) ~= nil
end

--- Sends a text each way, and shows by the capture that each left the server, unless its sender had a straight path by then.
function p2pchat.talk_by_server(lab, a, b)
	local since, at_server = lab:now(), a.server.host:name() .. " eth0"
	for _, pair in ipairs { { a, b }, { b, a } } do
		local from, to = pair[1], pair[2]
		local text = long_text("from " .. from.host:name())
		from:send(to, text)
		to:hears(from, text)
		local by_server = lab:count(at_server, LONG .. " and dst host " .. to.host:public_address(), since) > 0
		expect(by_server or has_straight_path(from, to), "the text of " .. from.host:name() .. " left the server")
	end
end

--- The address from which `to` sees datagrams of `from`: on one LAN it may be the inside one.
function p2pchat.seen_as(to, from)
	local via = to.program:seen("^punched " .. literal(from.address) .. " via ([%d.]+)")
	return via or from.host:public_address()
end

-- The box of a host that stands outermost: the one that bears its public address.
local function outermost_box(host)
	local box = host:box()
	while box:box() do
		box = box:box()
	end
	return box
end

-- Where datagrams of one client for another are stopped if they are not to be heard: outside the other's box, or inside, where
-- both stand behind it. And how many came there.
local function came_to_the_door(lab, from, to)
	local box, own = outermost_box(to.host):name(), outermost_box(from.host):name()
	local address, port = to.address:match("^(.*):(%d+)$")
	local filter = "udp and dst host " .. address .. " and dst port " .. port
	if box == own then -- whatever that lan's address of theirs is: nobody else there sends to that port
		return box .. " lan", lab:count(box .. " lan", filter)
	end
	return box .. " wan", lab:count(box .. " wan", filter .. " and src host " .. from.host:public_address())
end

--- Shows by the capture that each tried, its datagrams coming as far as the other's door, and that none reached the other,
--- from whatever address.
function p2pchat.nothing_came_through(lab, a, b)
	for _, pair in ipairs { { a, b }, { b, a } } do
		local from, to = pair[1], pair[2]
		local door, tried = came_to_the_door(lab, from, to)
		expect(tried > 0, "datagrams of " .. from.host:name() .. " came to " .. door)
		equal(lab:count(to.host:name() .. " eth0", "udp and dst host " .. to.host:address() .. " and (src host " ..
			from.host:public_address() .. " or src host " .. from.host:address() .. ")"), 0,
			"datagrams of " .. from.host:name() .. " that reached " .. to.host:name())
		expect(not to:has_heard(from), to.host:name() .. " must not hear " .. from.host:name())
	end
end

--- What kind of candidate (RFC 8445 §5.1.1) the address `via` is, at which a client was reached.
function p2pchat.kind_of_path(client, via)
	if via ~= client.address then
		return "peer-reflexive"
	end
	return client.host:box() and "server-reflexive" or "host"
end

--- Sends a stranger's packet to a client's mapped address and tells whether it came in. Decided by the capture: it was on
-- the wire outside, then an exchange of the client's own passed the same way, and by then it was inside or never.
function p2pchat.lets_in(lab, stranger, client)
	local socket = stranger:udp(0)
	local filter = "udp and src host " .. stranger:address() .. " and src port " .. socket:port()
	local box = client.host:box()
	local outside, knocked = (box and box:name() .. " wan") or client.host:name() .. " eth0", nil
	lab:wait_until(function() -- a link may lose a knock
		if not knocked or lab:now() - knocked > 1 then
			socket:send(client.address, "a stranger knocks")
			knocked = lab:now()
		end
		return lab:count(outside, filter) > 0
	end, PATIENCE, "the stranger's packet is seen at " .. outside)
	client:list()
	socket:close()
	return lab:count(client.host:name() .. " eth0", filter) > 0
end

return p2pchat
