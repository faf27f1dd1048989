-- Networks that change under programs: interfaces, plugs, addresses. The sockets are the lab's own; what they see is
-- what any outside server sees.

-- What the server sees of a socket's packet that goes out now.
local function seen(server, socket, from)
	socket:send(server.address .. ":5000", "hello")
	local text, source = server.socket:receive()
	equal(text, "hello", "what arrived")
	expect(source:match("^" .. literal(from) .. ":"), "it came from " .. from .. ", not from " .. source)
	server.socket:send(source, "back")
	equal(socket:receive(), "back", "the answer")
	return source
end

local function new_server(lab)
	local host = lab:host("server")
	return { host = host, address = host:address() }
end

scenario("roaming: a phone has two ways out, and is plugged in elsewhere", function(lab)
	local server = new_server(lab)
	local home, cafe = lab:box("home", "port-restricted"), lab:box("cafe", "restricted,ports=random")
	local carrier = lab:box("carrier", "symmetric")
	local phone = lab:host("phone", { interfaces = {
		wifi = { behind = home },
		lte = { behind = carrier, link = "fair" },
	} })
	local pc = lab:host("pc", { behind = cafe })
	server.socket = server.host:udp(5000)
	local socket = phone:udp(4000)

	local at_home = seen(server, socket, home:address())
	phone:route("lte")
	seen(server, socket, carrier:address())
	phone:route("wifi")
	seen(server, socket, home:address())
	phone:unplug("wifi")
	equal(phone:address("wifi"), nil, "its address without a plug")
	seen(server, socket, carrier:address())

	phone:plug("wifi", cafe)
	seen(server, socket, cafe:address())
	pc:udp(4000):send(phone:address() .. ":4000", "neighbour")
	equal(socket:receive(), "neighbour", "what a neighbour in the new lan sent")

	phone:plug("wifi", home)
	equal(seen(server, socket, home:address()), at_home, "its mapping at home, where it was before")
	phone:plug("wifi")
	seen(server, socket, phone:address())
	equal(phone:address(), phone:public_address(), "its address on the internet itself")
end)

scenario("roaming: what is sent to where a phone was is lost, and the trace says that it had left", function(lab)
	local server = new_server(lab)
	local home, cafe = lab:box("home", "port-restricted"), lab:box("cafe", "port-restricted")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home } } })
	server.socket = server.host:udp(5000)
	local socket = phone:udp(4000)
	local before = seen(server, socket, home:address())

	phone:plug("wifi", cafe)
	server.socket:send(before, "too late")
	equal(socket:receive(0.1), nil, "what came to where it was")
	seen(server, socket, cafe:address())
	equal(lab:count("home lan", "udp and dst port 4000"), 2, "packets that the old box sent into its lan")
	local text = table.concat(lab:why(server.host, phone).text, "\n")
	expect(text:find("no longer had that address", 1, true), "the trace says that the phone had moved: " .. text)
end)

scenario("roaming: behind a firewall and on the internet a phone keeps no route", function(lab)
	local server = new_server(lab)
	local office = lab:box("office", "firewall")
	local phone = lab:host("phone", { interfaces = { wifi = { behind = office } } })
	server.socket = server.host:udp(5000)
	local socket = phone:udp(4000)
	seen(server, socket, phone:address())
	phone:plug("wifi")
	seen(server, socket, phone:address())
	phone:plug("wifi", office)
	seen(server, socket, phone:address())
	expect(lab:count("office wan", "udp") == 4, "two exchanges went by the firewall")
end)

scenario("roaming: a box with two providers goes on by the second", function(lab)
	local server = new_server(lab)
	local isp = lab:box("isp", "full-cone")
	local home = lab:box("home", "port-restricted", { interfaces = { wan = {}, wan2 = { behind = isp } } })
	local pc = lab:host("pc", { behind = home })
	server.socket = server.host:udp(5000)
	local socket = pc:udp(4000)

	local first = seen(server, socket, home:address())
	home:unplug("wan")
	server.socket:send(first, "lost")
	seen(server, pc:udp(4001), isp:address())
	home:plug("wan")
	local back = seen(server, pc:udp(4002), home:address())
	expect(back:match("^" .. literal(home:address("wan")) .. ":"), "its first provider again")
end)

scenario("roaming: a stranger does not get into a box by its second interface", function(lab)
	local server = new_server(lab)
	local home = lab:box("home", "port-restricted", { interfaces = { wan = {}, wan2 = {} } })
	local pc = lab:host("pc", { behind = home })
	server.socket = server.host:udp(5000)
	server.socket:send(home:address("wan2") .. ":4000", "knock")
	seen(server, pc:udp(4000), home:address())
	equal(#home:mappings(), 1, "what the box keeps: the way out alone")
end)

scenario("renumbered: a box has another address outside, and its mappings are gone", function(lab)
	local server = new_server(lab)
	local home = lab:box("home", "port-restricted")
	local pc = lab:host("pc", { behind = home })
	server.socket = server.host:udp(5000)
	local socket, before = pc:udp(4000), home:address()
	local old = seen(server, socket, before)

	home:renumber()
	expect(home:address() ~= before, "another address")
	server.socket:send(old, "to nobody")
	seen(server, socket, home:address())
	equal(socket:receive(0.1), nil, "what was sent to the old address")
	equal(lab:count("home wan", "dst host " .. before), 1, "packets that came for it: those before")
end)

scenario("renumbered: flows that are kept go on from an address that is nobody's", function(lab)
	local server = new_server(lab)
	local home = lab:box("home", "port-restricted")
	local pc = lab:host("pc", { behind = home })
	server.socket = server.host:udp(5000)
	local socket = pc:udp(4000)
	local old = seen(server, socket, home:address())

	home:renumber({ keep_flows = true })
	socket:send(server.address .. ":5000", "still from the old one")
	local _, from = server.socket:receive()
	equal(from, old, "where a flow that was kept comes from")
	server.socket:send(from, "nobody hears this")
	equal(socket:receive(0.1), nil, "the answer")
	seen(server, pc:udp(4001), home:address())
end)

scenario("interfaces: what cannot be is refused", function(lab)
	local home = lab:box("home", "port-restricted")
	local plain = lab:host("plain", { behind = home })
	local phone = lab:host("phone", { interfaces = { wifi = { behind = home } } })
	local function refuses(message, call, ...)
		local ok, said = pcall(call, ...)
		expect(not ok and tostring(said):find(message, 1, true),
			"refused with '" .. message .. "': " .. tostring(said))
	end
	refuses("those of a box are wan, wan2", lab.box, lab, "b", "symmetric", { interfaces = { eth0 = {} } })
	refuses("only boxes have one of that name", lab.host, lab, "h", { interfaces = { wan = {} } })
	refuses("1 to 15 of a-z", lab.host, lab, "i", { interfaces = { ["wi fi"] = {} } })
	refuses("has its own behind", lab.host, lab, "j", { behind = home, interfaces = { wifi = {} } })
	refuses("unknown option 'weather'", lab.host, lab, "k", { interfaces = { wifi = { weather = "lte" } } })
	refuses("metric is a whole number", lab.host, lab, "l", { interfaces = { wifi = { metric = 0 } } })
	refuses("'a' and 'b' have the metric 7", lab.host, lab, "m", { interfaces = { b = { metric = 7 }, a = { metric = 7 } } })
	refuses("translates nothing", lab.box, lab, "c", "firewall", { interfaces = { wan = {}, wan2 = {} } })
	refuses("it has wifi", phone.unplug, phone, "lte")
	refuses("say interfaces={...}", plain.unplug, plain, "eth0")
	refuses("can stand behind a NAT box only", phone.plug, phone, "wifi", plain)
	equal(phone:box() and phone:box():name(), "home", "where a phone is that was refused another place")
	phone:unplug("wifi")
	refuses("is unplugged", phone.route, phone, "wifi")
	refuses("wifi is not plugged in", phone.unplug, phone, "wifi")
end)

scenario("rebound: every mapping of a box gets another port", { timeout = 120 }, function(lab)
	local server = new_server(lab)
	local specs = { "port-restricted", "full-cone,ports=sequential", "symmetric", "port-restricted,ports=overload" }
	local boxes, sockets, before = {}, {}, {}
	for i, spec in ipairs(specs) do
		boxes[i] = lab:box("box-" .. i, spec)
		sockets[i] = lab:host("host-" .. i, { behind = boxes[i] })
	end
	server.socket = server.host:udp(5000)
	for i, box in ipairs(boxes) do
		sockets[i] = sockets[i]:udp(4000)
		before[i] = seen(server, sockets[i], box:address())
	end
	for i, box in ipairs(boxes) do
		box:rebind()
		server.socket:send(before[i], "to the old port")
		local now = seen(server, sockets[i], box:address())
		expect(now ~= before[i], specs[i] .. " has another port than " .. before[i])
		equal(seen(server, sockets[i], box:address()), now, "the port of the same flow, " .. specs[i])
	end
	local text = table.concat(lab:why(server.host, lab:node("host-1")).text, "\n")
	expect(text:find("was rebound", 1, true), "the trace says that box-1 was rebound: " .. text)
end)

scenario("forgotten answers: old flows lose them, new ones do not", function(lab)
	local server = new_server(lab)
	local carrier = lab:box("carrier", "full-cone")
	local home = lab:box("home", "port-restricted", { behind = carrier })
	local pc = lab:host("pc", { behind = home })
	server.socket = server.host:udp(5000)
	local socket = pc:udp(4000)
	local old = seen(server, socket, carrier:address())

	carrier:forget()
	socket:send(server.address .. ":5000", "still going out")
	local text, from = server.socket:receive()
	equal(text, "still going out", "what a flow sends")
	equal(from, old, "where it comes from")
	server.socket:send(from, "the answer")
	equal(socket:receive(0.1), nil, "the answer of an old flow")
	seen(server, pc:udp(4001), carrier:address())
	local told = table.concat(lab:why(server.host, pc).text, "\n")
	expect(told:find("loses what answers", 1, true), "the trace says that the carrier loses answers: " .. told)
end)

-- The kernel makes both ends of a link operational a moment after they are up, and throws away what comes before.
scenario("what is sent as soon as a lid is open arrives", { timeout = 60 }, function(lab)
	local server, home, cafe = lab:host("server"), lab:box("home", "port-restricted"), lab:box("cafe", "port-restricted")
	local laptop = lab:host("laptop", { interfaces = { wifi = { behind = home } } })
	local at, socket = server:udp(5000), laptop:udp(4000)
	for i = 1, 12 do
		laptop:sleep(0, i % 2 == 0 and function() laptop:plug("wifi", i % 4 == 0 and home or cafe) end or nil)
		socket:send(server:address() .. ":5000", "number " .. i)
		equal(at:receive(), "number " .. i)
	end
end)

-- It has a session of its own, and its parent has ended.
scenario("a lid that is closed stops daemons, too", function(lab)
	local laptop = lab:host("laptop", { nat = "port-restricted" })
	local other = lab:host("other", { nat = "port-restricted" })
	local ticker = laptop:run { "sh", "-c",
		"(setsid sh -c 'while echo tick; do sleep 0.02; done' &); exec sleep 1000" }
	local awake = other:run { "sh", "-c", "while echo tick; do sleep 0.02; done" }
	local function ticks_on(program, what)
		local before = #program:lines()
		lab:wait_until(function() return #program:lines() > before + 1 end, 20, what)
	end
	ticks_on(ticker, "the daemon runs")
	laptop:sleep(0.1, function()
		ticks_on(awake, "what it said before was read")
		local slept = #ticker:lines()
		for _ = 1, 5 do ticks_on(awake, "others run") end
		equal(#ticker:lines(), slept, "lines that a stopped daemon says")
	end)
	ticks_on(ticker, "the daemon goes on")
end)

scenario("a lid that is closed: programs and interfaces stop, and go on on another network", function(lab)
	local server = new_server(lab)
	local home, cafe = lab:box("home", "port-restricted"), lab:box("cafe", "port-restricted")
	local laptop = lab:host("laptop", { interfaces = { wifi = { behind = home } } })
	server.socket = server.host:udp(5000)
	local ticker = laptop:run { "sh", "-c", "while echo tick; do sleep 0.05; done" }
	ticker:wait("tick")
	local socket = laptop:udp(4000)
	local at_home = seen(server, socket, home:address())

	local slept = 0
	laptop:sleep(0.4, function()
		slept = #ticker:lines()
		server.socket:send(at_home, "nobody is there")
		laptop:plug("wifi", cafe)
		equal(#ticker:lines(), slept, "lines that a stopped program says")
	end)
	ticker:wait("tick")
	lab:wait_until(function() return #ticker:lines() > slept + 1 end, 10, "the program goes on")
	seen(server, socket, cafe:address())
	equal(socket:receive(0.1), nil, "what was sent while it slept")
	laptop:sleep(0)
	seen(server, socket, cafe:address())
end)
