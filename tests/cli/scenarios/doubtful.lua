-- What passes by itself, and must not pass all the same.

-- Its rule works in this world alone, where there is an alice: the box cannot be measured.
scenario("a box that cannot be measured", function(lab)
	lab:host("alice", { nat = "port-restricted", sabotage = { "ip netns exec alice true" } }):udp(4000)
end)

-- The recorder is a process of the world, and leads a session of its own. Nobody asks it for anything after that.
scenario("a capture that is not whole", function(lab)
	local alice = lab:host("alice")
	alice:udp(4000)
	alice:run { "sh", "-c", [[kill -9 $(awk '$1 > 1 && $2 == "(punchlab)" && $6 == $1 { print $1 }' /proc/[0-9]*/stat | sort -n | tail -n 1)]] }:exit_status()
end)

scenario("counters that do not add up", function(lab)
	local server, stranger = lab:host("server"), lab:host("stranger")
	local alice = lab:host("alice", { nat = "port-restricted" })
	local a, s = alice:udp(4000), server:udp(5000)
	a:send(server:address() .. ":5000", "hello")
	local _, from = s:receive()
	stranger:udp(6000):send(from, "let me in")
	lab:wait_until(function()
		return lab:count("nat-a wan", "udp and src port 6000") > 0
	end)
	-- What is lost here no rule counts, and no change of the rules explains.
	local box = alice:box()
	equal(box:run { "ip", "route", "add", "blackhole", stranger:address() }:exit_status(), 0)
	a:send(stranger:address() .. ":6000", "let me out")
	lab:wait_until(function()
		return lab:count("nat-a lan", "udp and dst port 6000") > 0
	end)
end)
