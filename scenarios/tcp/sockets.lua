-- The lab's own TCP sockets: texts, ends, resets, refusals and what gets no answer, through boxes.

local function pair(lab, nat)
	local server, alice = lab:host("server"), lab:host("alice", { nat = nat or "symmetric" })
	local listener = server:tcp_listen(7000)
	local client = alice:tcp_connect(server:address() .. ":7000", { from = 4000 })
	return client, listener:accept(), alice, server
end

local function passes(from, to, text)
	from:send(text)
	equal(to:receive(), text, "what came")
end

local function comes_to_an_end(connection, why)
	local text, seen = connection:receive()
	equal(text, nil, "nothing more")
	equal(seen, why, "why")
end

scenario("TCP: texts both ways, and an end", function(lab)
	local client, served, alice = pair(lab)
	equal(client:port(), 4000, "its own port")
	expect(served:peer():match("^" .. literal(alice:public_address()) .. ":"), "the server sees the box's address")
	passes(client, served, "hello")
	client:finish()
	comes_to_an_end(served, "ended")
	passes(served, client, "after the other's own end")
	served:close()
	equal(select(2, client:receive()), "ended", "the other's end")
	local big = ("x"):rep(300000)
	expect(not pcall(served.send, served, big), "a closed socket sends nothing")
end)

scenario("TCP: a reset reaches the other side", function(lab)
	local client, served = pair(lab, "port-restricted")
	passes(client, served, "one")
	served:reset()
	comes_to_an_end(client, "reset")
	equal(select(2, client:send("two")), "reset", "what is sent then")
end)

scenario("TCP: refused, unreachable, timed out", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local bob = lab:host("bob", { nat = "port-restricted" })
	local function why(to, timeout)
		return select(2, alice:tcp_connect(to, { timeout = timeout }))
	end
	equal(why(server:address() .. ":81"), "refused", "where nobody listens")
	alice:box():iptables("-I FORWARD -p tcp --dport 82 -j REJECT --reject-with icmp-host-prohibited")
	equal(why(server:address() .. ":82"), "unreachable", "where ICMP says so")
	equal(why(bob:public_address() .. ":83", 0.2), "timed out", "where it is dropped")
	local none = alice:tcp_listen(84)
	equal(none:accept(0.1), nil, "nobody comes")
	local later = alice:tcp_connect(bob:public_address() .. ":85", { wait = false })
	equal(select(2, later:opened(0.1)), "timed out", "still waiting")
end)

scenario("TCP: where no TCP passes nothing comes", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "full-cone,tcp=blocked" })
	local listener = server:tcp_listen(7000)
	equal(select(2, alice:tcp_connect(server:address() .. ":7000", { timeout = 0.3 })), "timed out", "what alice gets")
	equal(listener:accept(0), nil, "who came")
	local punch = alice:tcp_punch(server, server, { timeout = 0.3 })
	equal(punch.opened, false, "a punch from there")
	equal(punch.mine.seen, nil, "where the server saw it")
end)

scenario("TCP: many texts, in their order, past a slow reader", function(lab)
	local client, served = pair(lab)
	local parts = {}
	equal(select(2, client:send(("x"):rep(32 << 20), 0.2)), "timed out", "who is not read from takes no more")
	repeat
		parts[#parts + 1] = served:receive(0.5)
	until not client:send(("y"):rep(100), 0) or #parts > 1000
	expect(#table.concat(parts) > 65536, "it was read on")
end)

-- The connection that a punch leaves is as good as any; and once it has ended the way is shut again.
scenario("TCP: a punched connection lives on and ends", function(lab)
	local server = lab:host("server")
	local alice = lab:host("alice", { nat = "port-restricted" })
	local bob = lab:host("bob", { nat = "restricted" })
	local punch = alice:tcp_punch(bob, server, { from = 4000, peer_from = 5000 })
	expect(punch.opened, "it opens")
	equal(punch.mine.seen, alice:public_address() .. ":4000", "where the server saw alice")
	local mine, theirs = punch.mine.connection, punch.theirs.connection
	equal(mine:peer(), bob:public_address() .. ":5000", "whom alice talks with")
	mine:send("hi")
	equal(theirs:receive(), "hi", "bob")
	theirs:finish()
	equal(select(2, mine:receive()), "ended", "bob's end")
	mine:close()
	local stranger = lab:node("server"):tcp_connect(alice:public_address() .. ":4000", { timeout = 0.2 })
	equal(stranger, nil, "a stranger at the same port")
end)

-- The box's own RST leaves from the port that was knocked at, however it gives out ports.
for _, spec in ipairs { "symmetric,ports=sequential,tcp.unsolicited=reset", "restricted,range=20000-20127,tcp.unsolicited=reset" } do
	scenario("TCP: what resets a stranger's SYN does it at once, " .. spec, function(lab)
		local stranger, alice = lab:host("stranger"), lab:host("alice", { nat = spec })
		local connection, why = stranger:tcp_connect(alice:public_address() .. ":7000", { timeout = 30 })
		equal(connection, nil, "no connection")
		equal(why, "refused", "what the stranger got")
	end)
end
