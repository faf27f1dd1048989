-- What `lab:why()` says, held against what was built in.

local verdict_check = {}

-- All that was said, as one text.
function verdict_check.text_of(verdict)
	return table.concat(verdict.text, "\n")
end

-- Waits until `count` packets that fit were seen on the link.
function verdict_check.seen(lab, link, filter, count)
	lab:wait_until(function()
		return lab:count(link, filter) >= count
	end, nil, count .. " packets on " .. link)
end

-- Expected: outcome, cause, box, and where a port is not the one it should be, why and by which box; `help` that is
-- offered, `no_help` that is not, words it `says`. A missing word is not compared.
function verdict_check.found(verdict, expected)
	local text = verdict_check.text_of(verdict)
	for _, word in ipairs { "outcome", "cause", "box", "because", "because_of" } do
		if expected[word] then
			equal(verdict[word], expected[word], word .. " of what the trace says:\n" .. text .. "\n")
		end
	end
	local offered = " " .. table.concat(verdict.help, " ") .. " "
	for _, help in ipairs(expected.help or {}) do
		expect(offered:find(" " .. help .. " ", 1, true), "'" .. help .. "' is offered as help, of:" .. offered)
	end
	for _, help in ipairs(expected.no_help or {}) do
		expect(not offered:find(" " .. help .. " ", 1, true), "'" .. help .. "' is not offered as help, of:" .. offered)
	end
	for _, words in ipairs(expected.says or {}) do
		expect(text:find(words, 1, true), "the trace says '" .. words .. "': " .. text)
	end
	for _, words in ipairs(expected.says_not or {}) do
		expect(not text:find(words, 1, true), "the trace does not say '" .. words .. "': " .. text)
	end
	expect(text:find(expected.box or "", 1, true), "the sentences name " .. (expected.box or "") .. ": " .. text)
end

return verdict_check
