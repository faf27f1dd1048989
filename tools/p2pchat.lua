-- Wireshark dissector for p2pchat's datagrams (src/chat/wire.h), found on any UDP port by their magic.
--
--     wireshark -X lua_script:tools/p2pchat.lua trace.pcapng
--     cp tools/p2pchat.lua ~/.local/lib/wireshark/plugins/       (for every start)

local p2pchat = Proto("p2pchat", "p2pchat")

local HEADER_SIZE = 8
local VERSION = 3

-- type -> name and fields, in the order of the bytes: the table of src/chat/wire.h
local types = {
	[0x01] = { "login", "nonce", "cookie", "identity", "exchange", "signature", "name", "proof" },
	[0x02] = { "ping", "session", "serial" },
	[0x03] = { "list", "session", "serial", "start" },
	[0x04] = { "punch", "session", "serial", "who" },
	[0x05] = { "logout", "session" },
	[0x06] = { "relay", "session", "who", "data" },
	[0x07] = { "where", "nonce", "spare" },
	[0x08] = { "find", "session", "serial", "name" },
	[0x09] = { "seek", "session", "serial", "exchange" },
	[0x11] = { "challenge", "nonce", "cookie" },
	[0x12] = { "welcome", "nonce", "session", "who" },
	[0x13] = { "denied", "nonce", "reason" },
	[0x14] = { "pong", "session", "serial" },
	[0x15] = { "peers", "session", "serial", "start", "next", "peers" },
	[0x16] = { "introduce", "session", "serial", "role", "passes", "who", "token", "identity", "exchange", "signature",
		"name" },
	[0x17] = { "refused", "session", "serial", "reason" },
	[0x18] = { "logged out", "session" },
	[0x19] = { "unknown", "session" },
	[0x1a] = { "shutdown", "session" },
	[0x1b] = { "relayed", "session", "who", "data" },
	[0x1c] = { "here", "nonce", "who" },
	[0x1d] = { "found", "session", "serial", "who", "name" },
	[0x1e] = { "notice", "session", "presence", "who", "name" },
	[0x1f] = { "other version" },
	[0x20] = { "crowded", "session", "crowded" },
	[0x21] = { "probe", "token", "to", "ephemeral", "serial", "mac" },
	[0x22] = { "reply", "token", "to", "ephemeral", "serial", "who", "mac" },
	[0x23] = { "text", "token", "to", "from", "serial", "text", "mac" },
	[0x24] = { "text ack", "token", "to", "from", "serial", "mac" },
	[0x25] = { "bye", "token", "to", "from", "serial", "mac" },
	[0x26] = { "bye ack", "token", "to", "from", "serial", "mac" },
	[0x27] = { "offer", "token", "to", "from", "serial", "mapping", "first", "span", "hosts", "mac" },
}

local sizes = {
	nonce = 8, cookie = 16, session = 16, serial = 4, start = 4, next = 4, role = 1, reason = 1, token = 16, identity = 32, exchange = 32, signature = 64,
	ephemeral = 32, name = 32, proof = 64, presence = 1, crowded = 1,
	to = 8, from = 8, mac = 16, passes = 1, mapping = 1, first = 2, span = 2, spare = 19,
}

local type_names = {}
for number, layout in pairs(types) do
	type_names[number] = layout[1]
end

local f = {
	magic = ProtoField.string("p2pchat.magic", "Magic"),
	version = ProtoField.uint8("p2pchat.version", "Version"),
	type = ProtoField.uint8("p2pchat.type", "Type", base.HEX, type_names),
	length = ProtoField.uint16("p2pchat.length", "Length of the body"),
	nonce = ProtoField.bytes("p2pchat.nonce", "Nonce"),
	cookie = ProtoField.bytes("p2pchat.cookie", "Cookie"),
	session = ProtoField.bytes("p2pchat.session", "Session"),
	serial = ProtoField.uint32("p2pchat.serial", "Serial"),
	start = ProtoField.uint32("p2pchat.start", "Start"),
	next = ProtoField.uint32("p2pchat.next", "Next"),
	role = ProtoField.uint8("p2pchat.role", "Role", base.DEC, { [0] = "you asked", [1] = "you are asked" }),
	reason = ProtoField.uint8("p2pchat.reason", "Reason", base.DEC,
		{ [1] = "nobody is logged in from that address", [2] = "that is you", [3] = "other address family",
			[4] = "nobody is called that", [5] = "no room", [6] = "the name is taken", [7] = "the name is refused" }),
	passes = ProtoField.uint8("p2pchat.passes", "Passes on", base.DEC, { [0] = "offers", [1] = "everything" }),
	mapping = ProtoField.uint8("p2pchat.mapping", "Mapping", base.DEC,
		{ [0] = "unknown", [1] = "the same for all", [2] = "fresh", [3] = "steady", [4] = "random" }),
	first = ProtoField.uint16("p2pchat.first", "First port"),
	span = ProtoField.uint16("p2pchat.span", "Ports"),
	host_count = ProtoField.uint8("p2pchat.hosts", "Hosts"),
	data_length = ProtoField.uint16("p2pchat.data.length", "Length of the data"),
	data = ProtoField.bytes("p2pchat.data", "Data"),
	spare = ProtoField.bytes("p2pchat.spare", "Spare"),
	token = ProtoField.bytes("p2pchat.token", "Token"),
	identity = ProtoField.bytes("p2pchat.identity", "Identity key"),
	exchange = ProtoField.bytes("p2pchat.exchange", "Exchange key"),
	signature = ProtoField.bytes("p2pchat.signature", "Signature"),
	name = ProtoField.string("p2pchat.name", "Name"),
	proof = ProtoField.bytes("p2pchat.proof", "Proof"),
	presence = ProtoField.uint8("p2pchat.presence", "Presence", base.DEC, { [0] = "has come", [1] = "has gone" }),
	crowded = ProtoField.uint8("p2pchat.crowded", "Crowded", base.DEC, { [0] = "no", [1] = "yes" }),
	ephemeral = ProtoField.bytes("p2pchat.ephemeral", "Ephemeral key"),
	to = ProtoField.bytes("p2pchat.to", "To"),
	from = ProtoField.bytes("p2pchat.from", "From"),
	mac = ProtoField.bytes("p2pchat.mac", "MAC"),
	who = ProtoField.none("p2pchat.who", "Who"),
	family = ProtoField.uint8("p2pchat.family", "Family", base.DEC, { [4] = "IPv4", [6] = "IPv6" }),
	port = ProtoField.uint16("p2pchat.port", "Port"),
	ipv4 = ProtoField.ipv4("p2pchat.ipv4", "Address"),
	ipv6 = ProtoField.ipv6("p2pchat.ipv6", "Address"),
	peer_count = ProtoField.uint8("p2pchat.peers", "Peers"),
	text_length = ProtoField.uint16("p2pchat.text.length", "Length of the text"),
	text = ProtoField.bytes("p2pchat.text", "Text, encrypted"),
}

local malformed = ProtoExpert.new("p2pchat.malformed", "a field is cut, left over or out of its range", expert.group.MALFORMED,
	expert.severity.ERROR)

p2pchat.fields = f
p2pchat.experts = { malformed }

-- Adds an endpoint. Returns its size and its text, or nothing if it is cut or has no such family.
local function add_endpoint(tree, body, at)
	local left = body:len() - at
	if left < 3 then
		return
	end
	local family = body(at, 1):uint()
	local size = family == 4 and 4 or family == 6 and 16
	if not size or left < 3 + size then
		return
	end
	local branch = tree:add(f.who, body(at, 3 + size))
	local address = body(at + 3, size)
	local port = body(at + 1, 2):uint()
	branch:add(f.family, body(at, 1))
	branch:add(f.port, body(at + 1, 2))
	branch:add(size == 4 and f.ipv4 or f.ipv6, address)
	local text = size == 4 and string.format("%s:%d", address:ipv4(), port) or string.format("[%s]:%d", address:ipv6(), port)
	branch:append_text(": " .. text)
	if port == 0 then
		return
	end
	return 3 + size, text
end

-- Adds the name of a peer on the list: length and bytes. Returns its size, or nothing if it is cut.
local function add_peer_name(tree, body, at)
	if body:len() - at < 1 then
		return
	end
	local length = body(at, 1):uint()
	if body:len() - at - 1 < length then
		return
	end
	if length > 0 then
		tree:add(f.name, body(at + 1, length))
	end
	return 1 + length
end

local function add_peers(tree, body, at, count_field, named)
	if body:len() - at < 1 then
		return
	end
	local count, used = body(at, 1):uint(), 1
	tree:add(count_field, body(at, 1))
	for _ = 1, count do
		local size = add_endpoint(tree, body, at + used)
		if not size then
			return
		end
		used = used + size
		if named then
			size = add_peer_name(tree, body, at + used)
			if not size then
				return
			end
			used = used + size
		end
	end
	return used, tostring(count)
end

local function add_counted(tree, body, at, length_field, field)
	if body:len() - at < 2 then
		return
	end
	local length = body(at, 2):uint()
	tree:add(length_field, body(at, 2))
	if length == 0 or body:len() - at - 2 < length then
		return
	end
	tree:add(field, body(at + 2, length))
	return 2 + length, string.format("%d bytes", length)
end

-- Adds one field. Returns its size, and text worth showing in the packet list.
local function add_field(tree, body, at, name)
	if name == "who" then
		return add_endpoint(tree, body, at)
	elseif name == "peers" then
		return add_peers(tree, body, at, f.peer_count, true)
	elseif name == "hosts" then
		return add_peers(tree, body, at, f.host_count, false)
	elseif name == "text" then
		return add_counted(tree, body, at, f.text_length, f.text)
	elseif name == "data" then
		return add_counted(tree, body, at, f.data_length, f.data)
	end
	local size = sizes[name]
	if body:len() - at < size then
		return
	end
	tree:add(f[name], body(at, size))
	return size, name == "serial" and tostring(body(at, size):uint()) or nil
end

-- Adds all fields of the body. Returns the words for the packet list, and whether all was well.
local function add_body(tree, body, layout)
	local at, words = 0, { layout[1] }
	for i = 2, #layout do
		local size, word = add_field(tree, body, at, layout[i])
		if not size then
			return words, false
		end
		words[#words + 1] = word
		at = at + size
	end
	return words, at == body:len()
end

function p2pchat.dissector(buffer, pinfo, root)
	if buffer:len() < HEADER_SIZE then
		return 0
	end
	local tree = root:add(p2pchat, buffer())
	local layout = types[buffer(5, 1):uint()]
	local words, well = { "unknown type" }, false

	pinfo.cols.protocol = "p2pchat"
	tree:add(f.magic, buffer(0, 4))
	tree:add(f.version, buffer(4, 1))
	tree:add(f.type, buffer(5, 1))
	tree:add(f.length, buffer(6, 2))
	if layout then
		if buffer:len() > HEADER_SIZE then
			words, well = add_body(tree, buffer(HEADER_SIZE):tvb(), layout)
		elseif #layout == 1 then -- no body, of which no range could be made
			words, well = { layout[1] }, true
		end
		well = well and buffer(6, 2):uint() == buffer:len() - HEADER_SIZE
	end
	if not well then
		tree:add_proto_expert_info(malformed)
		words[#words + 1] = "[malformed]"
	end
	pinfo.cols.info = table.concat(words, " ")
	tree:append_text(", " .. table.concat(words, " "))
	return buffer:len()
end

local function looks_like(buffer, pinfo, root)
	if buffer:len() < HEADER_SIZE or buffer(0, 4):string() ~= "P2PC" or buffer(4, 1):uint() ~= VERSION then
		return false
	end
	p2pchat.dissector(buffer, pinfo, root)
	return true
end

p2pchat:register_heuristic("udp", looks_like)
