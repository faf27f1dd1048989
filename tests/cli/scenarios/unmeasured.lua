-- Boxes that are fine here, where there is an alice; where they are measured there is an inside-1, and it goes wrong.
local function box_worker(command)
	return { "find /run/netns -name inside-1 -exec " .. command .. " ;" }
end

local function with(sabotage)
	return function(lab)
		lab:host("alice", { nat = "port-restricted", sabotage = sabotage }):udp(4000)
	end
end

scenario("measuring runs a command that hangs", with(box_worker("sleep 1000")))
scenario("what measures is stopped", with(box_worker("kill -STOP 2")))
scenario("what measures is killed", with(box_worker("kill -9 2")))
