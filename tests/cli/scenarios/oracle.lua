-- What the oracle says against what is claimed to have come of a punch.

local function claim(a, b, opened)
	scenario((opened and "opened" or "stayed shut") .. ": " .. a .. " x " .. b, function(lab)
		local alice, bob = lab:host("alice", { nat = a }), lab:host("bob", { nat = b })
		alice:udp(0)
		lab:oracle(alice, bob, opened)
	end)
end

claim("full-cone", "symmetric", true)
claim("full-cone", "symmetric", false)
claim("symmetric", "symmetric", true)
claim("symmetric", "symmetric", false)
claim("open", "port-restricted", false)
