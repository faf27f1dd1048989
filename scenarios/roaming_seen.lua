-- Networks that change, seen by eyes that are not the lab's own: tcpdump on a host shows where packets come from, ping
-- whether any come through.

local outside = require "outside"
local stun = require "stun"

local PORT = 5000

-- The next source that it shows: address and port.
local function next_source(tcpdump)
	return tcpdump:wait("IP (%d+%.%d+%.%d+%.%d+)%.(%d+) > ")
end

-- It ends with the first answer, or waits a second for none.
local function ping(host, to, seconds)
	stun.need(host, "ping")
	return host:run { "ping", "-n", "-c", "1", "-W", tostring(seconds or 10), to }
end

local function world(lab, spec)
	local server = lab:host("server")
	local home = lab:box("home", spec or "port-restricted")
	local pc = lab:host("pc", { behind = home })
	local socket = pc:udp(4000)
	local tcpdump = outside.watch(server, "dst " .. PORT)
	return server, home, pc, function()
		socket:send(server:address() .. ":" .. PORT, "x")
		return next_source(tcpdump)
	end
end

scenario("seen from outside: a phone is routed, unplugged, plugged in elsewhere, and sleeps", function(lab)
	local server = lab:host("server")
	local home, cafe, carrier = lab:box("home", "port-restricted"), lab:box("cafe", "restricted"), lab:box("carrier", "symmetric")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home, addresses = 2, metric = 800 }, lte = { behind = carrier } } })
	local socket, tcpdump = phone:udp(4000), outside.watch(server, "dst " .. PORT)
	local function shows(box, after)
		socket:send(server:address() .. ":" .. PORT, after)
		equal(next_source(tcpdump), box:address(), "where tcpdump sees it come from, " .. after)
	end
	shows(carrier, "by LTE, whose metric is less")
	phone:route("wifi")
	shows(home, "at home")
	phone:route("lte")
	shows(carrier, "routed to LTE")
	phone:route("wifi")
	shows(home, "routed to wifi")
	phone:unplug("wifi")
	shows(carrier, "wifi unplugged")
	phone:plug("wifi", cafe)
	shows(cafe, "plugged in at the cafe")
	equal(ping(phone, server:address()):exit_status(), 0, "ping's exit status there")
	phone:sleep(0.1, function() phone:plug("wifi", home) end)
	shows(home, "after a sleep")
	phone:plug("wifi")
	for i = 1, 2 do
		phone:udp(0, phone:address(i)):send(server:address() .. ":" .. PORT, "by its second address, too")
		equal(next_source(tcpdump), phone:address(i), "where tcpdump sees it come from on the internet itself")
	end
end)

scenario("seen from outside: a box is renumbered, and keeps flows", function(lab)
	local _, home, _, source = world(lab)
	local before = home:address()
	equal(source(), before)
	home:renumber { keep_flows = true }
	equal(source(), before, "what a kept flow comes from")
	home:renumber()
	expect(home:address() ~= before, "it has another address")
	equal(source(), home:address(), "what a new one comes from")
end)

for _, change in ipairs { "rebind", "reboot" } do
	scenario("seen from outside: after " .. change .. " a flow has another port", function(lab)
		local _, home, _, source = world(lab, "symmetric")
		local _, before = source()
		home[change](home)
		local _, after = source()
		expect(after ~= before, "another port than " .. before)
	end)
end

scenario("seen from outside: answers are forgotten, while the flow goes on outwards", function(lab)
	local server, home, pc, source = world(lab)
	local at, back = server:udp(PORT), outside.watch(pc, "src " .. PORT)
	local function answer(text)
		local address, port = source()
		at:send(address .. ":" .. port, text)
	end
	answer("first")
	equal(next_source(back), server:address(), "the answer, as tcpdump sees it inside")
	home:forget()
	answer("second")
	answer("third")
	lab:wait_until(function() return lab:count("home wan", "udp and src port " .. PORT) == 3 end, 30, "three answers are at the box")
	lab:count()
	equal(back:stop(), 0, "tcpdump's exit status")
	expect(back:seen("^1 packet captured"), "it has seen one packet inside: " .. back:output())
end)

scenario("seen from outside: a box goes on by its second provider", function(lab)
	local server = lab:host("server")
	local isp = lab:box("isp", "full-cone")
	local home = lab:box("home", "port-restricted", { interfaces = { wan = { link = "fair" }, wan2 = { behind = isp } } })
	local pc = lab:host("pc", { behind = home })
	local tcpdump = outside.watch(server, "echo")
	local function shows(address)
		equal(ping(pc, server:address()):exit_status(), 0, "ping's exit status")
		equal(tcpdump:wait("IP (%S+) > "), address)
	end
	shows(home:address("wan"))
	home:unplug("wan")
	shows(isp:address())
	home:plug("wan")
	shows(home:address("wan"))
	home:link("wan"):disable()
	shows(isp:address())
	home:link("wan"):up()
	shows(home:address("wan"))
end)

scenario("seen from outside: a link without a carrier, disabled, a black hole, slow, and well again", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { link = "fair" })
	local link = alice:link()
	equal(ping(alice, server:address()):exit_status(), 0, "ping's exit status before")
	for _, how in ipairs { "down", "disable", "blackhole" } do
		link[how](link)
		local p = ping(alice, server:address(), 1)
		expect(p:exit_status() ~= 0, "ping fails: " .. how)
		local unreachable = table.concat(p:lines("both"), "\n"):find("unreachable", 1, true) ~= nil
		if how ~= "down" then equal(unreachable, how == "disable", "ping says unreachable: " .. how) end
		link:up()
		equal(ping(alice, server:address()):exit_status(), 0, "ping's exit status after " .. how)
	end
	link:set("delay=60ms")
	local ms = ping(alice, server:address()):wait("time=([%d.]+) ms")
	expect(tonumber(ms) >= 120, "ping took " .. ms .. " ms")
end)
