-- The two cones of scenarios/punching.lua, with the INPUT trap in alice's box: whatever the punch does, the box is not
-- what it claims to be, and the run must say so.

scenario("two port-restricted cones, one with the INPUT trap", function(lab)
	local alice = lab:host("alice", { nat = "port-restricted", sabotage = { "iptables -I INPUT -j ACCEPT" } })
	local bob = lab:host("bob", { nat = "port-restricted" })
	bob:udp(4000)
	alice:udp(4000):send(bob:public_address() .. ":4000", "a probe")
end)
