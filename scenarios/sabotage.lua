-- The lab does not believe its own boxes. Break one on purpose: the measurement must say so.

-- A router whose INPUT chain accepts what nobody asked for: a stranger's early packet is given a conntrack entry, which then
-- takes the port away from the inside host. Most published lab rule sets have this trap.
local INPUT_TRAP = { "iptables -I INPUT -j ACCEPT" }

local function row_of(report, behaviour)
	for _, row in ipairs(report.rows) do
		if row.behaviour == behaviour then
			return row
		end
	end
	fail("the measurement has no row '" .. behaviour .. "'")
end

local function differing(report)
	local names = {}
	for _, row in ipairs(report.rows) do
		if row.differs then
			names[#names + 1] = row.behaviour .. ": asked " .. row.asked .. ", measured " .. row.measured
		end
	end
	return table.concat(names, "; ")
end

scenario("an honest port-restricted box is what it claims", function(lab)
	local report = lab:check("port-restricted")
	expect(report.agrees, differing(report))
end)

scenario("a port-restricted box with the INPUT trap is not what it claims", function(lab)
	local report = lab:check("port-restricted", { sabotage = INPUT_TRAP })
	expect(not report.agrees, "the trap must be seen")
	lab:step(differing(report))
end)

scenario("a full cone whose door is nailed shut is not what it claims", function(lab)
	local report = lab:check("full-cone", { sabotage = { "iptables -t nat -F PREROUTING" } })
	expect(not report.agrees, "the shut door must be seen")
	expect(row_of(report, "filtering").differs, "it is the filtering that differs: " .. differing(report))
end)
