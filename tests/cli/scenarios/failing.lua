-- Ways to fail, each of which must say where and why.

scenario("two values differ", function(lab)
	lab:host("alice")
	equal(1 + 1, 3, "arithmetic holds") -- line 5
end)

scenario("a program says the wrong thing", function(lab)
	local p = lab:host("alice"):run { "echo", "good-bye" }
	p:wait("^hello$", 5) -- line 10
end)

scenario("a Lua error", function(lab)
	lab:host("alice"):dance() -- line 14
end)

scenario("a misspelt option", function(lab)
	lab:host("alice", { net = "symmetric" }) -- line 18
end)

scenario("an unknown NAT type", function(lab)
	lab:host("alice", { nat = "conical" }) -- line 22
end)

scenario("a program that does not exist", function(lab)
	lab:host("alice"):run { "no-such-program" } -- line 26
end)

scenario("a bad filter", function(lab)
	lab:host("alice"):udp(0)
	lab:count("alice eth0", "udp prot 5") -- line 31
end)

scenario("an interface that does not exist", function(lab)
	lab:host("alice"):udp(0)
	lab:count("alice wan", "udp") -- line 36
end)

scenario("a misspelt option of run", function(lab)
	lab:host("alice"):run { "true", enviroment = { FOO = "bar" } } -- line 40
end)

scenario("an environment that is none", function(lab)
	lab:host("alice"):run { "true", env = { "FOO" } } -- line 44
end)

scenario("a word that is nil", function(lab)
	lab:host("alice"):run { "echo", nil, "end" } -- line 48
end)
