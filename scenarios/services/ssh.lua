-- OpenSSH (Debian's openssh-server, openssh-client) from a home without IPv4 to a server that has nothing else: through
-- NAT64, and by a host's own translator. A file goes there and back; the server hands files out itself (internal-sftp),
-- as what a login shell does before its first command may take longer than all the rest: see README.md.

local embedded = require("nat64_address").embedded

local SIZE = 300000

-- The server; it wants root's separation of privileges, which the one user of a user's world cannot have.
local function serve(host, folder)
	for _, program in ipairs { "sshd", "ssh", "sftp", "ssh-keygen" } do
		if not installed(program) then
			skip(program .. " is not installed: tools/deps others installs it")
		end
	end
	local map = host:run { "cat", "/proc/self/uid_map" }
	map:exit_status(20)
	if not map:output():match("4294967295") then
		skip("sshd drops its privileges to another user: there is one in a world that was made without root")
	end
	local server = host:run { "sh", "-ec", [[
		mkdir -p -m 755 /run/sshd
		head -c $1 /dev/urandom >$0/file
		for key in host user; do ssh-keygen -q -t ed25519 -N '' -f $0/$key; done
		exec $2 -D -e -f /dev/null -h $0/host -p 2222 -o AuthorizedKeysFile=$0/user.pub -o StrictModes=no -o UsePAM=no \
			-o PidFile=none -o PermitRootLogin=yes -o 'Subsystem=sftp internal-sftp']], folder, SIZE, installed("sshd") }
	server:wait("Server listening on 0.0.0.0", 60)
	return server
end

-- To the server and back, by that name or address of it.
local function copies(host, folder, name)
	local client = host:run { "sh", "-ec", [[
		printf 'put %s/file %s/there\nget %s/there %s/back\n' $0 $0 $0 $0 >$0/batch
		sftp -b $0/batch -F /dev/null -i $0/user -P 2222 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "root@$1"
		cmp $0/file $0/back]], folder, name }
	equal(client:exit_status(100), 0, "what became of the file")
end

for _, way in ipairs { { name = "through NAT64", host = "server" }, { name = "by a host's own translator", clat = true } } do
	scenario("ssh: a file goes there and back " .. way.name, { timeout = 180 }, function(lab)
		local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
		local alice = lab:host("alice", { behind = home, families = "6", clat = way.clat })
		local program = serve(server, lab:folder())
		copies(alice, lab:folder(), way.host or server:address())
		local from = program:wait("Accepted publickey for root from (%S+)")
		equal(from, home:address(), "from where the server saw it")
		expect(lab:count("alice eth0", "ip6 and tcp and dst host " .. embedded(server:address())) > SIZE / 1500, "it was IPv6 on her link")
		equal(lab:count("alice eth0", "ip"), 0, "packets of IPv4 there")
	end)
end
