-- IPv4 as a host without it knows it behind a box with ipv6=nat64: within addresses of 64:ff9b::/96 (RFC 6052).

local nat64_address = {}

function nat64_address.is_behind(host)
	local box = host:box()
	return box ~= nil and box:nat():find("ipv6=nat64", 1, true) ~= nil
end

--- 22.22.22.1 or 22.22.22.1:5000 as such a host writes it.
function nat64_address.embedded(text)
	local a, b, c, d, port = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+):?(%d*)$")
	local address = ("64:ff9b::%x:%x"):format(a * 256 + b, c * 256 + d)
	return port == "" and address or ("[%s]:%s"):format(address, port)
end

--- What nat64_address.embedded() makes, back again; nil if it is none of that.
function nat64_address.extracted(text)
	local high, low, port = text:match("^%[64:ff9b::(%x+):(%x+)%]:(%d+)$")
	if not high then
		return nil
	end
	high, low = tonumber(high, 16), tonumber(low, 16)
	return ("%d.%d.%d.%d:%s"):format(high // 256, high % 256, low // 256, low % 256, port)
end

return nat64_address
