-- Advice is tried: the trouble that brings it is brought about twice, in two worlds. In the one nothing is changed and the
-- last try fails, in the other what was advised is done first and the last try gets through. `tests/cli/documents.sh` wants
-- such a pair for every advice of sim/trace/help_list.h and every cause of cause_list.h.
--
-- situation(lab, tried, patience): brings the trouble about, asks lab:why(), does what was advised if `tried`, tries
-- again, and waits for that at most `patience` seconds. Returns what lab:why() said, and whether the last try got through.

local found = require("verdict_check").found

local advice = {}

local LONG, SHORT = 30, 0.3 -- for what must come; for what must not

local function is_among_losses(verdict, cause)
	for _, direction in ipairs(verdict.directions) do
		for _, loss in ipairs(direction.losses) do
			if loss.cause == cause then
				return true
			end
		end
	end
	return false
end

-- `cause`: a name of cause_list.h, or of two "main + beside": the latter is told beside the one that matters most.
function advice.helps(help, cause, what, situation)
	local main, beside = cause:match("^(%S+) %+ (%S+)$")

	scenario(("advice %s is given for %s: %s"):format(help, cause, what), function(lab)
		local verdict, through = situation(lab, false, SHORT)
		found(verdict, { help = { help } })
		equal(verdict.cause or "none", main or cause, "the cause: " .. table.concat(verdict.text, "\n"))
		expect(not beside or is_among_losses(verdict, beside), "the other cause is among the losses")
		expect(not through, "without what was advised nothing gets through")
	end)
	scenario(("advice %s helps with %s: %s"):format(help, cause, what), function(lab)
		local _, through = situation(lab, true, LONG)
		expect(through, "with what was advised it gets through")
	end)
end

-- It is not advised, and would not help.
function advice.does_not_help(help, what, situation)
	scenario(("advice %s is not given, and would not help: %s"):format(help, what), function(lab)
		local verdict, through = situation(lab, true, SHORT)
		found(verdict, { no_help = { help } })
		expect(not through, "it gets through all the same")
	end)
end

return advice
