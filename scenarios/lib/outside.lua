-- Eyes that are not the lab's own: what passes an interface of a host, as tcpdump has it; or Python, where tcpdump cannot
-- become another user, as in the world of an ordinary one. Both say "IP 1.2.3.4.5 > 6.7.8.9.10: ..." of each packet.

local stun = require "stun"

local outside = {}

local PATIENCE = 20 -- seconds, for a program that is slow to start

-- What is asked for: "dst 5000" and "src 5000", UDP to or from that port; "echo", ICMP's requests.
local WATCHER = [[
import signal, socket, struct, sys
side, port = sys.argv[1], int(sys.argv[2] or 0)
seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
seen.bind(("eth0", 0x0800))
count = 0
def end(*_): # as tcpdump does
    print(count, "packet captured" if count == 1 else "packets captured", file=sys.stderr)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
def tell(line):
    global count
    count += 1
    print(line, flush=True)
print("listening on eth0", file=sys.stderr, flush=True)
while True:
    packet = seen.recv(2000)
    payload = packet[4 * (packet[0] & 15):]
    if struct.unpack(">H", packet[6:8])[0] & 0x1fff or len(payload) < 8:
        continue
    a, b = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    source, destination = struct.unpack(">HH", payload[:4])
    if side == "echo" and packet[9] == socket.IPPROTO_ICMP and payload[0] == 8:
        tell(f"IP {a} > {b}: ICMP echo request")
    elif packet[9] == socket.IPPROTO_UDP and port == {"src": source, "dst": destination}.get(side):
        tell(f"IP {a}.{source} > {b}.{destination}: UDP, length {len(payload) - 8}")
]]

local function filter(what)
	local side, port = what:match("^(%a+) ?(%d*)$")
	return side == "echo" and "icmp[icmptype] = icmp-echo" or "udp and " .. side .. " port " .. port, side, port
end

--- Watches eth0 of a host; returns the program once it sees.
function outside.watch(host, what)
	local expression, side, port = filter(what)
	stun.need(host, "tcpdump")
	local tcpdump = host:run { "tcpdump", "-Z", "root", "-lnni", "eth0", expression }
	if tcpdump:try_wait("listening on", PATIENCE) then return tcpdump end
	expect(tcpdump:seen("Couldn't change to"), "tcpdump runs, or cannot become another user")
	local watcher = host:run { "/usr/bin/python3", "-c", WATCHER, side, port }
	watcher:wait("^listening on", PATIENCE)
	return watcher
end

return outside
