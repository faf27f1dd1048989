-- Two worlds that need nothing but the lab itself.

scenario("a host says something", function(lab)
	local host = lab:host("alice")
	host:run { "echo", "hello" }:wait("^hello$")
end)

scenario("a datagram arrives", function(lab)
	local alice, bob = lab:host("alice"), lab:host("bob")
	local from, to = alice:udp(4000), bob:udp(5000)
	from:send(bob:address() .. ":5000", "hello")
	local text, source = to:receive()
	equal(text, "hello")
	equal(source, alice:address() .. ":4000")
	equal(lab:count("bob eth0", "udp port 5000"), 1, "datagrams captured")
end)
