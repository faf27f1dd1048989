-- A punch by TCP in each order, and with each delay, that ought to matter: who dials first, whether SYNs cross on their way,
-- what the SYN gets that comes too early, and whether it is sent anew. `late` is how much later than the server's word a side
-- dials.

local LATE = 0.25 -- longer than any answer takes, and between two of the times at which a refused SYN is sent anew

local found = require("verdict_check").found

-- What the trace says of the two.
local function says(expected, met)
	return function(lab, punch, alice, bob)
		local verdict = lab:why(alice, bob, "tcp")
		found(verdict, expected)
		equal(verdict.met, met, "how they met")
		return punch
	end
end

-- What comes of it, told as "simultaneous", "called" (one side's listener has it), or "shut"; as "opens" where that of the two
-- hangs on when it is dialed anew.
local function outcome(punch, expected)
	if punch.opened and expected == "opens" then
		return expected
	end
	return not punch.opened and "shut" or punch.simultaneous and "simultaneous" or "called"
end

--- One scenario: two boxes, how it is begun, what must come of it, and what else must hold.
local function order(name, nats, options, expected, also)
	scenario("TCP order: " .. name, function(lab)
		local server = lab:host("server")
		local alice = lab:host("alice", { behind = lab:box("nat-a", nats[1], { link = options.link }) })
		local bob = lab:host("bob", { behind = lab:box("nat-b", nats[2], { link = options.link }) })
		local punch = alice:tcp_punch(bob, server, { late = options.late, peer_late = options.peer_late,
			redial = options.redial, timeout = options.timeout or 5 })
		equal(outcome(punch, expected), expected, "what came of it")
		if options.redial ~= false then
			lab:oracle(alice, bob, punch.opened, "tcp")
		end
		if also then
			also(lab, punch, alice, bob)
		end
	end)
end

local ALICE_FIRST, BOB_FIRST, TOGETHER = { peer_late = LATE }, { late = LATE }, {}

local function with(options, more)
	local all = {}
	for _, from in ipairs { options, more } do
		for name, value in pairs(from) do
			all[name] = value
		end
	end
	return all
end

local FAR = { link = "delay=20ms" } -- a SYN is 40 ms on its way from box to box
local ONCE = { redial = false, timeout = 2.5 }
local AWAY = { timeout = 2.5 } -- where it must stay shut: the first repeat of a SYN is in it

local function nobody_refused(_, punch)
	equal(punch.mine.refused + punch.theirs.refused, 0, "refused")
end

-- Two cones that drop what is early: each order opens, by SYNs that meet.
local cones = { "port-restricted", "port-restricted" }
order("two cones, alice first", cones, ALICE_FIRST, "simultaneous", says({ outcome = "open",
	says = { "SYN that meets journey", "A simultaneous open: alice had dialed bob", "came to nat-b (port-restricted) too early" } }, "simultaneous-open"))
order("two cones, bob first", cones, BOB_FIRST, "simultaneous", nobody_refused)
order("two cones, crossing", cones, FAR, "simultaneous", nobody_refused)

-- Each side answers by a RST what comes before its own host's: what crosses opens, what is early kills.
local resets = { "port-restricted,tcp.unsolicited=reset", "port-restricted,tcp.unsolicited=reset" }
order("both reset, crossing", resets, FAR, "simultaneous", nobody_refused)
local function both_refused(_, punch)
	equal(punch.mine.refused, 1, "alice was refused")
	equal(punch.theirs.refused, 1, "bob was refused")
end
order("both reset, alice first", resets, with(ALICE_FIRST, ONCE), "shut", both_refused)
order("both reset, bob first", resets, with(BOB_FIRST, ONCE), "shut", both_refused)
order("both reset, and the trace tells who", resets, with(ALICE_FIRST, ONCE), "shut", says({ outcome = "shut",
	cause = "reset-by-box", box = "nat-b", help = { "crossing" }, no_help = { "listen" } }))
-- Half a round trip is what the server's word takes to whoever is told by it, and the SYN as well.
order("both reset, bob hears of it half a round trip late", resets,
	with(with(FAR, ONCE), { peer_late = 0.06 }), "shut", function(_, punch)
		expect(punch.mine.refused == 1, "alice was refused")
	end)

-- An address-restricted cone remembers whom it called, also when that was reset.
local remembers = { "restricted,tcp.unsolicited=reset", "port-restricted,tcp.unsolicited=reset" }
order("both reset, one remembers addresses, that one first", remembers, with(ALICE_FIRST, ONCE),
	"called")
order("both reset, one remembers addresses, the other first", remembers, BOB_FIRST, "opens")
order("both reset, one lets in anybody and is first", { "full-cone,tcp.unsolicited=reset", remembers[2] },
	with(ALICE_FIRST, ONCE), "called")

-- One side alone does: who was refused dials again, and finds the other's SYN on its way.
local one = { "port-restricted", "port-restricted,tcp.unsolicited=reset" }
order("one resets, its peer first", one, ALICE_FIRST, "simultaneous", function(_, punch)
	expect(punch.mine.refused > 0, "alice was refused first")
end)
order("one resets, itself first", one, BOB_FIRST, "simultaneous", nobody_refused)
order("one resets, its peer first and only once", one, with(ALICE_FIRST, ONCE), "shut")

-- RFC 5382 REQ-4: an ICMP error after 6 s is late enough.
order("both answer by ICMP, after 6 s", { "port-restricted,tcp.unsolicited=icmp", "port-restricted,tcp.unsolicited=icmp" },
	ALICE_FIRST, "simultaneous", nobody_refused)

-- Boxes that break simultaneous open (REQ-2): one of them does no harm, two shut all but a listener that is called early.
local breaks = "port-restricted,tcp.simultaneous=no"
order("one breaks simultaneous open, its peer first", { "port-restricted", breaks }, ALICE_FIRST, "simultaneous")
order("one breaks simultaneous open, itself first", { "port-restricted", breaks }, BOB_FIRST, "simultaneous")
order("both break simultaneous open", { breaks, breaks }, AWAY, "shut",
	says { outcome = "shut", cause = "no-simultaneous-open", help = { "relay" }, no_help = { "rule" } })
order("both break simultaneous open, crossing", { breaks, breaks }, with(FAR, AWAY), "shut")
local breaking_cones = { "full-cone,tcp.simultaneous=no", "full-cone,tcp.simultaneous=no" }
order("both break it and let in anybody, alice first", breaking_cones, ALICE_FIRST, "called")
order("both break it, one remembers addresses and was reset", { "restricted,tcp.simultaneous=no",
	"port-restricted,tcp.simultaneous=no,tcp.unsolicited=reset" }, with(ALICE_FIRST, ONCE), "called")
order("both break it and let in anybody, crossing", breaking_cones, with(FAR, AWAY), "shut")

-- Who filters by address lets in a port that nobody could know, from when it has dialed.
order("an address-restricted cone first", { "restricted", "symmetric" }, ALICE_FIRST, "called", function(lab, _, alice)
	equal(lab:count("nat-a wan", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst host " .. alice:public_address()), 1,
		"SYNs of bob's: his first one opens it")
end)
order("an address-restricted cone last", { "restricted", "symmetric" }, BOB_FIRST, "called", function(lab, punch, alice, bob)
	expect(punch.ms >= 900, "by bob's SYN that was repeated after a second")
	says({ outcome = "open", says = { "alice's listener took it" } }, "call")(lab, punch, alice, bob)
end)

-- The INPUT trap is UDP's (README, FAQ): a box that takes the early SYN for itself answers it by a RST, and the port is free
-- again.
order("a box that accepts, itself first", { "linux-router", "port-restricted" }, ALICE_FIRST, "simultaneous", nobody_refused)
order("a box that accepts, its peer first", { "linux-router", "port-restricted" }, BOB_FIRST, "simultaneous",
	function(_, punch)
		expect(punch.theirs.refused > 0, "bob was refused")
	end)
