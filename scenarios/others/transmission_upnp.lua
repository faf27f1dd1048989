-- The same in boxes with UPnP, which Transmission asks for its port: it is reached behind all of them.
-- Not so from within: a box that hairpins turns round what goes to mappings that it made itself, and not to ports that
-- were asked for. Nor behind a carrier: a router whose own address is private maps nothing. In the two nested homes it is
-- aria2 that is nested, and dials out.

local ALL = { true, true, true, true, true }

require "torrent"("torrent with UPnP", true, {
	["open"] = ALL, ["full-cone"] = ALL, ["restricted"] = ALL, ["port-restricted"] = ALL, ["symmetric"] = ALL,
}, {
	["one home"] = false,
	["one home, hairpinning"] = false,
	["one carrier"] = false,
	["one carrier, hairpinning"] = false,
	["a home in a home"] = true,
	["a home behind a cellular carrier"] = true,
})
