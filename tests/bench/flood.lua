-- A long UDP flow through two NATs, as bench_trace wants it: each datagram is seen on six links. How many: BENCH_DATAGRAMS.

local COUNT = tonumber(os.getenv("BENCH_DATAGRAMS") or 1000)
local WINDOW = 32 -- under way at a time, so that no queue overflows
local PACE = 4096 -- at most so many ahead of the recorder: the rings hold more, so that none is lost however slow the disk is

scenario("a flow through two NATs", { timeout = 600 }, function(lab)
	local alice, bob = lab:host("alice", { nat = "port-restricted" }), lab:host("bob", { nat = "port-restricted" })
	local a, b = alice:udp(4000), bob:udp(4000)
	local to_bob, to_alice = bob:public_address() .. ":4000", alice:public_address() .. ":4000"
	a:send(to_bob, "open")
	b:send(to_alice, "open")
	a:receive()
	local payload = string.rep("x", 152) -- with a number before it 160 bytes, 20 ms of a telephone call
	for i = 1, COUNT do
		a:send(to_bob, string.format("%08d", i) .. payload)
		if i % WINDOW == 0 or i == COUNT then
			for _ = 1, (i - 1) % WINDOW + 1 do
				expect(b:receive(5), "a datagram arrives")
			end
		end
		if i % PACE == 0 then -- counting waits for the recorder
			expect(lab:count("bob eth0", "udp and greater 160") >= i, "what arrived is in the capture")
		end
	end
end)
