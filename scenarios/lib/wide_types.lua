-- RFC 4787's three classes of mapping times three of filtering, as the types of a grid: their names in order, and the spec of
-- each.

local classes = {
	{ name = "ei", long = "endpoint-independent" },
	{ name = "ad", long = "address-dependent" },
	{ name = "apd", long = "address-and-port-dependent" },
}

local types, specs = {}, {}
for _, mapping in ipairs(classes) do
	for _, filtering in ipairs(classes) do
		local name = mapping.name .. "/" .. filtering.name
		types[#types + 1] = name
		specs[name] = "mapping=" .. mapping.long .. ",filtering=" .. filtering.long
	end
end

return { types = types, specs = specs }
