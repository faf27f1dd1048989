-- A first scenario of your own: punchlab run FILE. What can be called is in punchlab's scenarios/README.md.
-- Here two sockets of the lab's own stand for your program; host:run{...} starts the real one.

scenario("a client behind a symmetric NAT reaches its server", function(lab)
	-- Who there is. Everything stands before the first program or socket starts.
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "symmetric" })

	-- lab:path() is a file beside this one: programs run where punchlab was started.
	-- local s = server:run { "python3", lab:path("server.py"), "7000" }
	-- s:wait("ready") -- where output to a pipe is buffered: terminal = true behind the arguments
	-- local c = alice:run { "python3", lab:path("client.py"), server:address(), "7000" }
	-- equal(c:exit_status(10), 0, "the client's exit status")
	local at_server, at_alice = server:udp(7000), alice:udp()
	at_alice:send(server:address() .. ":7000", "hello")
	local text, seen = at_server:receive()
	equal(text, "hello", "what the server got")
	at_server:send(seen, "welcome")
	equal(at_alice:receive(), "welcome", "what the client got")

	-- What the wire says: an interface's name, and a filter as tcpdump's.
	expect(lab:count("nat-a wan", "udp and dst port 7000") == 1, "one packet left the NAT for the server")
	expect(seen:match("^" .. literal(alice:public_address()) .. ":"), "the server saw the NAT's address")
end)
