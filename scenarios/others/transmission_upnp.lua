-- The same in boxes with UPnP, which Transmission asks for its port: it is reached behind all of them.

local ALL = { true, true, true, true, true }

require "torrent"("torrent with UPnP", true, {
	["open"] = ALL, ["full-cone"] = ALL, ["restricted"] = ALL, ["port-restricted"] = ALL, ["symmetric"] = ALL,
})
