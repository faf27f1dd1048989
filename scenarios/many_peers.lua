-- Two hundred peers at one server, with names in many scripts: all are listed, found by name and punched, and all are told
-- who goes; names that look like somebody's, and such as cannot be one, are told of.

local p2pchat = require "p2pchat"

local HOSTS, EACH = 10, 20
local PEERS = HOSTS * EACH
local AT_ONCE = 5

-- First names; each peer's has a number behind it.
local scripts = {
	"ann", "Zoë", "Łukasz", "Ελένη", "Юлия", "Նարե", "שרה", "ليلى", "आशा", "সুমন", "நிலா", "ทราย", "ლია", "ሰላም", "ស្រី", "さくら",
	"林", "지우", "ཚེ", "Nguyễn",
}

local function name_of(i)
	return scripts[(i - 1) % #scripts + 1] .. i
end

local function client(lab, host, server, port, arguments)
	return p2pchat.client(lab, host, server, { port = port, arguments = arguments })
end

scenario(PEERS .. " peers, names in any script", { timeout = 300, jobs = 9 }, function(lab)
	local server_host = lab:host("server")
	local hosts, peers = {}, {}
	for i = 1, HOSTS do
		hosts[i] = lab:host("host" .. i, i % 2 == 0 and { nat = "port-restricted" } or {})
	end
	local server = p2pchat.server(lab, server_host, { arguments = { "-q" } })
	for i = 1, PEERS do
		local host = hosts[(i - 1) % HOSTS + 1]
		peers[i] = client(lab, host, server, 4000 + i, { "--name", name_of(i), "--punch-timeout", "30" })
		if i > AT_ONCE then
			peers[i - AT_ONCE]:logged_in(100)
		end
	end
	for i = PEERS - AT_ONCE + 1, PEERS do
		peers[i]:logged_in(100)
	end

	local first = peers[1].program
	first:type("list")
	equal(first:wait("^(%d+) peers$", 30), tostring(PEERS), "peers on the list")
	local named = {}
	for _, line in ipairs(first:lines()) do
		local name = line:match("^name of %S+: (.+)$")
		if name then
			named[name] = true
		end
	end
	for i = 1, PEERS do
		expect(named[name_of(i)], name_of(i) .. " is on the list")
	end
	first:type("list " .. scripts[12] .. "*")
	equal(first:wait("^(%d+) peers$", 30), tostring(PEERS // #scripts), "peers whose name begins so")

	-- Each of one half sends to one of the other, by name.
	local function arrives(i)
		peers[PEERS + 1 - i].program:wait("^from %S+: hello from " .. literal(name_of(i)) .. "$", 60)
		peers[i].program:wait("^delivered %S+: hello from ", 60)
	end
	for i = 1, PEERS // 2 do
		peers[i].program:type("send " .. name_of(PEERS + 1 - i) .. " hello from " .. name_of(i))
		if i > AT_ONCE then
			arrives(i - AT_ONCE)
		end
	end
	for i = PEERS // 2 - AT_ONCE + 1, PEERS // 2 do
		arrives(i)
	end
	-- Of whom all were told that it has come they are told that it goes: so many at once are more than are told of.
	local came = {}
	for _, line in ipairs(first:lines()) do
		came[line:match("^joined %S+: (.+)$") or ""] = true
	end
	local gone = PEERS
	while not came[name_of(gone)] do
		gone = gone - 1
		expect(gone > 1, "somebody was told of")
	end
	peers[gone].program:type("logout")
	for i = 1, PEERS do
		if i ~= gone then
			peers[i].program:wait("^left %S+: " .. literal(name_of(gone)) .. "$", 60)
		end
	end
	server.program:signal("KILL") -- nobody needs to say goodbye
	for _, peer in ipairs(peers) do
		peer.program:signal("KILL")
	end
end)

scenario("names that cannot be, and such as look like somebody's, are told of", function(lab)
	local server_host, alice_host, stranger_host = lab:host("server"), lab:host("alice"), lab:host("stranger")
	local server = p2pchat.server(lab, server_host)
	client(lab, alice_host, server, 4000, { "--name", "ann1" }):logged_in()
	local stranger = client(lab, stranger_host, server, 4000)
	local function is_told(name, line)
		stranger.program:type("login " .. name)
		stranger.program:wait(line, nil, true)
	end
	is_told("ANN1", "login failed " .. server.address .. ": the name is taken")
	is_told("annl", "login failed " .. server.address .. ": the name is taken")
	is_told("\u{430}nn1", "is no name: it mixes alphabets whose letters look alike") -- the first is Cyrillic
	is_told("ann\u{200b}1", "is no name: it has something in it that cannot be seen, U+200B")
	is_told("ann\u{202e}1", "is no name: it has something in it that cannot be seen, U+202E") -- turns round what follows
	is_told("ann\x1b[31m", "is no name: it has something in it that cannot be seen, U+001B")
	is_told("e\u{301}ve", "is no name: it has a combining mark in it, U+0301")
	is_told("\u{1d41a}nn1", "is no name: it has a sign in it that looks like another letter, U+1D41A")
	is_told("ann\xff1", "is no name: it is not UTF-8")
	is_told(string.rep("n", 33), "is no name: it has 33 bytes, 32 are allowed")
	is_told("ann:1", "is no name: it has a : in it")
	is_told("eve", "logged in as ")
	for _, line in ipairs(stranger.program:lines()) do
		expect(not line:find("\x1b"), "nothing moves the cursor")
	end
end)
