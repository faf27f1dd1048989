-- Worlds that tests/cli/standing.sh keeps standing.
scenario("a home and a server", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "symmetric", link = "fair" })
	local socket, at_server = alice:udp(4000), server:udp(5000)

	socket:send(server:address() .. ":5000", "hello")
	equal(at_server:receive(), "hello", "the text")
end)

scenario("a failure stands, too", function(lab)
	lab:host("alone")
	fail("it is to fail")
end)
