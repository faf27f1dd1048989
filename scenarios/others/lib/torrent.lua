-- A file by BitTorrent: aria2 asks for it, Transmission has it. Nobody punches there: one of the two has to be reached
-- by who knows the other's address from the tracker. Without uTP, which aria2 does not speak: Transmission tries it
-- first, and takes its refusal for the peer's.

local need = require "need"

local TRACKER_PORT, SEED_PORT = 8000, 51413
local PATIENCE_S = 30
local TYPES = { "open", "full-cone", "restricted", "port-restricted", "symmetric" }

local function leech(lab, host)
	return host:run { "aria2c", "--no-conf", "--dir=" .. lab:folder() .. "/leech", "--seed-time=0", "--listen-port=6881",
		"--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false", "--disable-ipv6",
		"--bt-tracker-interval=2", "--summary-interval=0", "--show-console-readout=false", lab:folder() .. "/torrent/lab.torrent",
		env = { HOME = lab:folder() } }
end

local function seed(lab, host, maps)
	return host:run { "transmission-daemon", "--foreground", "--config-dir", lab:folder() .. "/transmission", "--download-dir",
		lab:folder() .. "/seed", "--watch-dir", lab:folder() .. "/torrent", maps and "--portmap" or "--no-portmap",
		"--peerport", tostring(SEED_PORT), "--no-utp", "--no-dht", "--no-lpd", "--log-info", env = { HOME = lab:folder() } }
end

--- Registers the grid, and the topologies: aria2 in the rows, Transmission in the columns, in boxes that map ports for who
--- asks, if `maps`, and then Transmission does.
return function(prefix, maps, opens, topologies)
	local packages = "aria2, transmission-daemon" .. (maps and ", miniupnpd-iptables" or "")
	if not need.programs(prefix, { "aria2c", "transmission-daemon", maps and "miniupnpd" or nil }, packages) then
		return
	end
	local specs = {}
	for _, nat in ipairs(TYPES) do
		specs[nat] = maps and nat ~= "open" and nat .. ",upnp" or nil
	end
	require "everywhere" {
		packages = packages,
		prefix = prefix .. ": ",
		timeout = 180,
		jobs = 3,
		specs = specs,
		opens = opens,
		topologies = topologies,
		home = maps and "port-restricted,upnp" or nil,
		rendezvous = function(lab, host)
			local tracker = host:run { "/usr/bin/python3", lab:path("torrent_tracker.py"), lab:folder(), host:address(),
				tostring(TRACKER_PORT) }
			tracker:wait("^ready", 20)
			return tracker
		end,
		peer = function(lab, host, tracker)
			local program = host:name() == "alice" and leech(lab, host) or seed(lab, host, maps)
			tracker:wait("^announced " .. literal(host:public_address()) .. " ", 40)
			return program
		end,
		opened = function(lab, alice)
			local came = alice:try_wait("Download complete", PATIENCE_S, true) ~= nil
			return came
		end,
	}
end
