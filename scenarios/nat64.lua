-- Homes without IPv4, whose hosts reach it through 64:ff9b::/96: what arrives, by which names, and who can be punched.

local commands = require("commands")
local output_of, has_program = commands.output_of, commands.has_program
local embedded = require("nat64_address").embedded
local p2pchat = require("p2pchat")

scenario("a host without IPv4 talks to one that has nothing else", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	local a, s, stranger = alice:udp(4000, "::"), server:udp(3478), server:udp(3479)
	equal(alice:address(), nil, "alice's IPv4 address")
	a:send(embedded(server:address() .. ":3478"), "hello")
	local text, from = s:receive()
	equal(text, "hello", "what the server got")
	equal(from, home:address() .. ":4000", "from where: the mapping is the spec's")
	stranger:send(from, "let me in")
	s:send(from, "hello back")
	local answer, source = a:receive()
	equal(answer, "hello back", "what alice got: the filtering is the spec's")
	equal(source, embedded(server:address() .. ":3478"), "from where")
	expect(home:conntrack()[1]:find("10.0.1.2"), "the address by which the box knows alice")
end)

scenario("names lead a host without IPv4 to all there is", function(lab)
	local server, home = lab:host("server", { names = { "stun.example.org" } }), lab:box("home", "symmetric,ipv6=nat64")
	local both = lab:host("both", { families = "46" })
	local alice, bob = lab:host("alice", { behind = home, families = "6" }), lab:host("bob")
	lab:dns {}
	for _, name in ipairs { "server", "stun.example.org" } do
		equal(output_of(alice, "getent", "ahostsv6", name):match("^%S+"), embedded(server:address()), name)
	end
	equal(output_of(alice, "getent", "ahostsv6", "both"):match("^%S+"), both:ipv6_address(), "who has IPv6 is reached by it")
	expect(output_of(alice, "getent", "ahostsv6", "ipv4only.arpa"):find("64:ff9b::c000:aa", 1, true), "the prefix (RFC 7050)")
	expect(not output_of(bob, "cat", "/etc/hosts"):find("64:ff9b", 1, true), "none of that elsewhere")
	if has_program(alice, "dig") then
		equal(output_of(alice, "dig", "+short", "server", "AAAA"), embedded(server:address()) .. "\n", "by the name server")
		equal(output_of(alice, "dig", "+short", "server", "A"), server:address() .. "\n", "its IPv4 address, too")
		equal(output_of(alice, "dig", "+short", "both", "AAAA"), both:ipv6_address() .. "\n", "nothing is made up for who has one")
	end
end)

scenario("a home's name server follows who gets another address", function(lab)
	local home, other = lab:box("home", "symmetric,ipv6=nat64"), lab:box("other", "port-restricted")
	local alice = lab:host("alice", { behind = home, families = "6" })
	lab:dns {}
	if not has_program(alice, "dig") then
		skip("needs dig (tools/deps interop)")
	end
	local before = embedded(other:address())
	equal(output_of(alice, "dig", "+short", "other", "AAAA"), before .. "\n", "before it")
	other:renumber()
	expect(embedded(other:address()) ~= before, "another address")
	lab:wait_until(function()
		return output_of(alice, "dig", "+short", "other", "AAAA") == embedded(other:address()) .. "\n"
	end, 20, "its new address, as alice reaches it")
end)

scenario("ping, traceroute and curl across NAT64", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	if not (has_program(alice, "ping") and has_program(alice, "traceroute") and has_program(alice, "curl")) then
		skip("needs ping, traceroute and curl (tools/deps interop)")
	end
	expect(output_of(alice, "ping", "-6", "-c", "1", "-s", "1200", "server"):find("1 received"), "an answer to a ping")
	local hops = table.concat(commands.hops(alice, "server"), ", ")
	equal(hops, "2444:0:3::1, 64:ff9b::b0b:b01, " .. embedded(server:address()), "the hops")
	local web = server:run { "sh", "-c", "head -c 300000 /dev/zero >$0/file && exec python3 -u -m http.server -d $0 8080", lab:folder() }
	web:wait("Serving HTTP", 30)
	local got = output_of(alice, "curl", "-s", "--max-time", "60", "-o", "/dev/null", "-w", "%{size_download} %{remote_ip}", "http://server:8080/file")
	equal(got:match("^%S+ %S+"), "300000 " .. embedded(server:address()), "what curl got")
end)

-- Both sides send to where the server saw the other.
local function punches(lab, spec, other)
	local server, home = lab:host("server"), lab:box("home", spec .. ",ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	local bob = lab:host("bob", { nat = other })
	local s, a, b = server:udp(3478), alice:udp(4000, "::"), bob:udp(4000)
	a:send(embedded(server:address() .. ":3478"), "here I am")
	local _, alice_at = s:receive()
	b:send(server:address() .. ":3478", "here I am")
	local _, bob_at = s:receive()
	b:send(alice_at, "too early")
	a:send(embedded(bob_at), "a punch")
	return a, b, alice_at, function(opened)
		lab:oracle(alice, bob, opened, "udp")
	end
end

scenario("a home without IPv4 is punched as its spec says", function(lab)
	local a, b, alice_at, judge = punches(lab, "port-restricted", "port-restricted")
	equal(b:receive(), "a punch", "what bob got")
	b:send(alice_at, "an answer")
	equal(a:receive(), "an answer", "what alice got")
	judge(true)
end)

scenario("a symmetric NAT64 and a port-restricted home stay apart", function(lab)
	local a, b, alice_at, judge = punches(lab, "symmetric", "port-restricted")
	equal(b:receive(0.3), nil, "what bob got of it")
	b:send(alice_at, "an answer")
	equal(a:receive(0.3), nil, "what alice got")
	equal(b:receive(0), nil, "what bob got")
	judge(false)
end)

-- `typed`: the server as alice types it; `families`: what it has.
local function chats(lab, typed, families)
	local server_host, home = lab:host("server", { families = families }), lab:box("home", "port-restricted,ipv6=nat64")
	local alice_host = lab:host("alice", { behind = home, families = "6" })
	local bob_host = lab:host("bob", { nat = "port-restricted" })
	local ipv6 = server_host:ipv6_address()
	local server = p2pchat.server(lab, server_host, { arguments = ipv6 and { "-b", ipv6 } })
	local as_alice_types_it = setmetatable({ address = typed or server.address }, { __index = server })
	local alice = p2pchat.login(lab, alice_host, as_alice_types_it, { port = "any" })
	local bob = p2pchat.login(lab, bob_host, server)
	equal(alice.address:match("^(.*):"), home:address(), "where the server sees alice")
	alice:punch(bob)
	equal(alice:punched(bob), bob.address, "the address at which alice reaches bob")
	alice:send(bob, "from IPv6")
	bob:hears(alice, "from IPv6")
	bob:send(alice, "from IPv4")
	alice:hears(bob, "from IPv4")
end

scenario("p2pchat's client without IPv4 punches to one that has nothing else", function(lab)
	chats(lab, "server:5000")
end)

scenario("p2pchat's client without IPv4 is told its server's IPv4 address", function(lab)
	chats(lab)
end)

scenario("p2pchat's client without IPv4 takes the way on which it meets those that have nothing else", function(lab)
	chats(lab, "server:5000", "46")
end)

-- 464XLAT (RFC 6877): a host without IPv4 has a translator of its own, for programs that know nothing else.
scenario("a program that knows IPv4 alone reaches it from a home without", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6", clat = true })
	local s, stranger, a = server:udp(3478), server:udp(3479), alice:udp(4000)
	local began = lab:now()
	a:send(server:address() .. ":3478", "hello")
	local text, from = s:receive()
	equal(text, "hello", "what the server got")
	equal(from, home:address() .. ":4000", "from where: the mapping is the spec's")
	stranger:send(from, "let me in")
	s:send(from, "hello back")
	local answer, source = a:receive()
	equal(answer, "hello back", "what alice got: the filtering is the spec's")
	equal(source, server:address() .. ":3478", "from where, as she knows it")
	equal(lab:count("alice eth0", "ip6 and udp", began), 2, "packets on her link: IPv6's")

	local why = lab:why(alice, server)
	equal(why.outcome, "open", "the two")
	equal(why.directions[1].delivered, 1, "one packet is one journey: " .. table.concat(why.text, " "))
	local listener = server:tcp_listen(8080)
	local connection = alice:tcp_connect(server:address() .. ":8080")
	local accepted = listener:accept()
	connection:send(("x"):rep(100000))
	local got = 0
	while got < 100000 do
		got = got + #accepted:receive()
	end
	equal(alice:address(), nil, "an IPv4 address of hers")
	equal(output_of(alice, "ip", "-4", "-brief", "address", "show", "clat"):match("%S+/%d+"), "192.0.0.4/29", "the translator's")
	if has_program(alice, "ping") then
		expect(output_of(alice, "ping", "-4", "-c", "1", server:address()):find("1 received"), "an answer to a ping")
	end
end)
