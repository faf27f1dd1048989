-- Files beside the scenario, a folder of its own, how datagrams are sent: for tests/cli/language.sh.
scenario("files and datagrams", function(lab)
	local server = lab:host("server", { addresses = 2 })
	local alice = lab:host("alice", { nat = "symmetric" })

	lab:sleep(0) -- the first that wants a world
	lab:stun(server)
	local folder = lab:folder()
	local program = alice:run { "./beside.sh", folder }
	equal(program:wait("^said (.*)"), folder, "the folder that was handed on")
	equal(program:exit_status(), 0, "the exit status")
	server:run({ "cat", folder .. "/shared" }):wait("^by alice$")
	alice:run({ "cat", lab:path("beside.sh") }):wait("^echo .by alice")
	alice:run({ "cat", "beside.sh", cwd = "." }):wait("^echo .by alice")

	local before = lab:now()
	lab:sleep(0.2)
	expect(lab:now() - before >= 0.2, "it slept")

	local from, to = alice:udp(), server:udp(9)
	local address = server:address() .. ":9"
	from:send(address, "near", { ttl = 1 })
	from:send(address, "far", { ttl = 9 })
	equal(to:receive(), "far", "the first that came")
	local sent, why = pcall(from.send, from, address, ("x"):rep(2000), { df = true })
	expect(not sent and why:find("Message too long"), "it is larger than the link")
	from:send(address, ("x"):rep(2000))
	equal(#to:receive(), 2000, "in fragments it comes")

	local marked, unmarked = "udp and ip[6] & 0x40 != 0", "udp and ip[6] & 0x40 = 0"
	from:send(address, "as Linux does", { ttl = 33 })
	from:send(address, "may be parted", { ttl = 33, df = false })
	equal(to:receive(), "as Linux does")
	equal(to:receive(), "may be parted")
	equal(lab:count("alice eth0", marked .. " and ip[8] = 33"), 1, "with DF")
	equal(lab:count("alice eth0", unmarked .. " and ip[8] = 33"), 1, "without")
end)

scenario("one that says nothing", function(lab)
	lab:host("alice"):run({ "sleep", "100" }):wait("ready", 0.1)
end)
