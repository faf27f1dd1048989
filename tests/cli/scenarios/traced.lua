-- Two packets that pass a NAT and one that does not: what tests of `punchlab trace` read.

scenario("a stranger is shut out", function(lab)
	local server, stranger = lab:host("server"), lab:host("stranger")
	local alice = lab:host("alice", { nat = "port-restricted" })
	local a, s = alice:udp(4000), server:udp(5000)
	a:send(server:address() .. ":5000", "hello \27[2J server")
	local _, from = s:receive()
	stranger:udp(6000):send(from, "let me in")
	lab:wait_until(function()
		return lab:count("nat-a wan", "udp and src port 6000") > 0
	end)
	equal(a:receive(0.05), nil, "what alice hears of it") -- and the trace goes on for longer than a packet could be under way
	s:send(from, "hello alice")
	a:receive()
end)
