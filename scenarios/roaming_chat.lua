-- p2pchat while networks change under it: no text is lost silently, and a path comes back.

local p2pchat = require "p2pchat"

local QUICK = { "--keepalive", "0.5" }

-- Two clients with an open path. specs: of alice's home and carrier, and of bob's home; port: what they bind (4000).
local function pair(lab, specs)
	local p = {}
	p.home, p.carrier = lab:box("home", specs.home), lab:box("carrier", specs.carrier)
	p.phone = lab:host("phone", { interfaces = {
		wifi = { behind = p.home },
		lte = { behind = p.carrier, link = specs.lte },
	} })
	local options = { strategy = "auto", arguments = QUICK, port = specs.port }
	local server_host, bob_host = lab:host("server"), lab:host("bob", { nat = specs.bob })
	p.server = p2pchat.server(lab, server_host)
	p.alice = p2pchat.login(lab, p.phone, p.server, options)
	p.bob = p2pchat.login(lab, bob_host, p.server, options)
	p.alice:punch(p.bob)
	p.alice:punched(p.bob)
	p.bob:punched(p.alice)
	return p
end

-- A text each way arrives, the first from her who moved. Who hears it answers to where it came from.
local function both_hear(p, word)
	for _, way in ipairs { { p.alice, p.bob }, { p.bob, p.alice } } do
		local from, to = way[1], way[2]
		local text = word .. " of " .. from.host:name()
		from.program:type("send " .. to.address .. " " .. text)
		from.address = to.program:wait("^from (%S+): " .. literal(text) .. "$", 40)
	end
end

scenario("roaming in mid-chat: from wifi to LTE and back", { timeout = 180 }, function(lab)
	local p = pair(lab, { home = "port-restricted", carrier = "port-restricted", bob = "port-restricted", lte = "lte" })
	both_hear(p, "at home")
	p.phone:route("lte")
	both_hear(p, "on the way")
	p.phone:route("wifi")
	both_hear(p, "back")
end)

scenario("roaming in mid-chat: the wifi is gone, and is another's later", { timeout = 180 }, function(lab)
	local p = pair(lab, { home = "full-cone", carrier = "port-restricted", bob = "port-restricted" })
	local cafe_is_home = p.carrier
	both_hear(p, "at home")
	p.phone:unplug("wifi")
	both_hear(p, "by the carrier")
	p.phone:plug("wifi", cafe_is_home)
	both_hear(p, "in another network")
end)

for _, change in ipairs { "reboot", "rebind", "renumber" } do
	scenario("an open path whose box is changed: " .. change, { timeout = 180 }, function(lab)
		local p = pair(lab, { home = "port-restricted", carrier = "port-restricted", bob = "port-restricted" })
		both_hear(p, "before")
		p.home[change](p.home)
		both_hear(p, "after")
	end)
end

-- Flows that are kept alive stay on the dead address, or lose their answers: what brings the path back is another socket.
for _, trouble in ipairs {
	{ "is renumbered, and old flows keep the dead address", function(home) home:renumber { keep_flows = true } end },
	{ "loses the answers of old flows", function(home) home:forget() end },
} do
	scenario("an open path whose box " .. trouble[1], { timeout = 180 }, function(lab)
		local p = pair(lab, { home = "port-restricted", carrier = "port-restricted", bob = "port-restricted", port = "any" })
		both_hear(p, "before")
		trouble[2](p.home)
		both_hear(p, "after")
	end)
end

scenario("a laptop that slept goes on with its chat on another network", { timeout = 180 }, function(lab)
	local p = pair(lab, { home = "port-restricted", carrier = "port-restricted", bob = "port-restricted" })
	both_hear(p, "before")
	p.phone:sleep(1, function()
		p.phone:plug("wifi", p.carrier)
	end)
	both_hear(p, "after")
end)

scenario("a server 300 ms away: two log in, punch and talk", { timeout = 180 }, function(lab)
	local far = lab:host("server", { link = "delay=300ms,jitter=30ms" })
	local alice_host = lab:host("alice", { nat = "port-restricted" })
	local bob_host = lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, far)
	local alice, bob = p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server)
	alice:punch(bob)
	local _, ms = alice:punched(bob)
	bob:punched(alice)
	expect(ms >= 500, "the introduction came from afar: " .. ms .. " ms")
	p2pchat.talk(lab, alice, bob)
end)
