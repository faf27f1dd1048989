-- Transmission and aria2 (Debian's transmission-daemon, aria2) where no box maps ports: a file goes over where one of
-- the two is open, and else nowhere. A full cone does not help: the port that peers are told is one that nothing was
-- sent from.

require "torrent"("torrent", false, {
	["open"] = { true, true, true, true, true },
	["full-cone"] = { true, false, false, false, false },
	["restricted"] = { true, false, false, false, false },
	["port-restricted"] = { true, false, false, false, false },
	["symmetric"] = { true, false, false, false, false },
}, {
	["one home"] = false,
	["one home, hairpinning"] = false,
	["one carrier"] = false,
	["one carrier, hairpinning"] = false,
	["a home in a home"] = false,
	["a home behind a cellular carrier"] = false,
})
