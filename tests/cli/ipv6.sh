#!/usr/bin/env bash
# Worlds with IPv6: asked for on the command line, seen from inside, and what cannot be.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_a_world_has_both_families_on_request() {
  try "$LAB" shell --families 46 --out "$T/o" symmetric,ipv6=open -- \
    sh -c 'getent ahostsv6 server; ip -6 -brief address show eth0; tools/nat_type --spec server-2 | cat'
  status_is 0
  out_has "2222::2 "
  out_has "2444:0:3::4/64"
  grep -q "alice .*10.0.1.2, 2444:0:3::4" "$T/err" || complain "both addresses of alice"
}

test_hosts_have_temporary_addresses_on_request() {
  try "$LAB" shell --families 46 --host alice:temporary --host carol:behind=nat-a,names=c.example,temporary --out "$T/o" \
    symmetric,ipv6=open -- sh -c 'ip -6 address show eth0; getent ahostsv6 carol-2'
  status_is 0
  grep -qE 'inet6 2444:0:3:[0-9a-f:]+/64 scope global temporary' "$T/out" || complain "a temporary address"
  out_has "2444:0:3::4/64"
  grep '^2444:0:3:' "$T/out" | grep -qv '^2444:0:3::[0-9] ' || complain "carol's temporary address"
  grep -qE 'alice .*2444:0:3::4, 2444:0:3:' "$T/err" || complain "both are told"
}

test_programs_know_ipv4_alone_behind_a_nat64() {
  try "$LAB" shell --families 46 --host alice:clat --out "$T/o" symmetric,ipv6=nat64 -- tools/nat_type --fast --spec 22.22.22.1
  status_is 0
  [ "$(cat "$T/out")" = symmetric ] || complain "what the rest of the spec says"
}

test_its_server_discovers_nats_by_ipv4_too() {
  try "$LAB" shell --families 46 --out "$T/o" symmetric,ipv6=open -- tools/nat_type --spec 22.22.22.1
  status_is 0
  out_has "symmetric"
  try "$LAB" shell --families 46 --out "$T/o" symmetric,ipv6=open -- tools/nat_type --spec 2222::2
  status_is 0
  out_has "ipv6=open"
}

test_nat_type_asks_by_ipv6() {
  try "$LAB" shell --families 46 --out "$T/o" symmetric,ipv6=firewall,ipv6.filtering=ad -- tools/nat_type -6 --spec server
  status_is 0
  [ "$(cat "$T/out")" = ipv6=firewall,ipv6.filtering=address-dependent ] || complain "the IPv6 firewall"
  try tools/nat_type -6 -b 127.0.0.1 ::1
  status_is 2
  grep -q -- "-6 asks by IPv6, and -b has an IPv4 address" "$T/err" || complain "the two families"
}

test_what_nat_type_says_of_ipv6_is_built_again() {
  local spec
  for spec in ipv6=open ipv6=firewall ipv6=nptv6 \
    ipv6=nat66,ipv6.filtering=address-dependent ipv6=nat66,ipv6.mapping=address-and-port-dependent,ipv6.hairpin; do
    try "$LAB" shell --families 46 --out "$T/o" "symmetric,$spec" -- tools/nat_type -6 --fast --spec server
    status_is 0
    [ "$(cat "$T/out")" = "$spec" ] || complain "$spec"
    try "$LAB" shell --families 46 --out "$T/o" "$(cat "$T/out")" -- tools/nat_type -6 --fast --json server
    status_is 0
    out_has "\"spec\":\"$spec\""
  done
}

# An ordinary user's sockets have less room than root's.
test_packets_wait_for_a_translator_that_waits() {
  let_user_in
  mkdir -m 777 "$T/o"
  try "${AS_USER[@]}" "$LAB" run --audit --out "$T/o" -k "as much" "$FIXTURES/floods.lua"
  status_is 0
}

test_packets_that_a_translator_lost_fail_the_scenario() {
  try "$LAB" run --out "$T/o" -k "than a translator" "$FIXTURES/floods.lua"
  status_is 1
  grep -qE 'what translates for NAT64 lost [1-9][0-9]* packets that came faster than it could take them' "$T/out" ||
    complain "how many packets the translator lost"
}

test_nat_type_guesses_nothing_of_a_nat64() {
  try "$LAB" shell --families 46 --out "$T/o" symmetric,ipv6=nat64 -- tools/nat_type -6 --fast --spec 64:ff9b::1616:1601
  status_is 1
  [ ! -s "$T/out" ] || complain "no spec"
}

test_hosts_have_ipv6_alone() {
  try "$LAB" shell --families 6 --out "$T/o" symmetric,ipv6=open -- sh -c 'ip -4 -brief address show eth0; echo end'
  status_is 0
  [ "$(cat "$T/out")" = end ] || complain "no IPv4 address"
}

stands() { "$LAB" ps | grep -q "^$1 .*up "; } # stands NAME

refused_with() { # refused_with TEXT ARGUMENT...
  try "$LAB" "${@:2}"
  refused "$1"
}

test_what_cannot_be_is_refused() {
  refused_with "--families: there are no families '5'; there are: 4, 6, 46" up --families 5 symmetric
  refused_with "'nat-a': 'ipv6=open', but no host behind it has IPv6: families=\"46\", or --families 46" up symmetric,ipv6=open
  refused_with "'alice' has IPv6 alone, and 'nat-a' in front of it passes none" up --families 6 symmetric
  refused_with "the link of 'alice' takes 1000 bytes, and IPv6 needs 1280" up --families 46 --link alice:mtu=1000 \
    symmetric,ipv6=open
  refused_with "'ipv6=perhaps': ipv6 is one of none, open, firewall, nat64, nat66, nptv6" up symmetric,ipv6=perhaps
  refused_with "'mtu' contradicts 'ipv6'" check symmetric,ipv6=open,mtu=600
  refused_with "'ipv6.filtering' contradicts 'ipv6=open', which filters nothing" check open,ipv6=open,ipv6.filtering=ei
  refused_with "a host has no 'familie=4'; there are: address=, behind=, clat, families=, names=, temporary" \
    up --host stun:familie=4 symmetric
  refused_with "'alice' cannot have temporary addresses: it has no IPv6: families=\"46\", or \"6\"" up --host alice:temporary symmetric
  refused_with "'alice' cannot have a translator of its own (clat): it is not behind a box with 'ipv6=nat64'" \
    up --families 46 --host alice:clat symmetric,ipv6=open
}

test_sabotage_of_ipv6_is_seen() {
  try "$LAB" check --sabotage "ip6tables -P FORWARD DROP" symmetric,ipv6=open
  status_is 1
  grep -q "^  ! IPv6 UDP  *passes  *blocked" "$T/out" || complain "nothing passes"
  try "$LAB" check --sabotage "ip6tables -A FORWARD -i wan -m conntrack --ctstate NEW -j DROP" open,ipv6=open
  status_is 1
  grep -q "^  ! IPv6 unsolicited  *let in  *drop" "$T/out" || complain "nobody is let in"
  grep -q "^  ! IPv6 TCP filtering  *endpoint-independent  *address-and-port-dependent" "$T/out" || complain "nor by TCP"
  try "$LAB" check --sabotage "ip6tables -t nat -A POSTROUTING -o wan -j MASQUERADE" open,ipv6=open
  status_is 1
  grep -q "^  ! IPv6 translation  *no  *yes" "$T/out" || complain "it translates"
}

test_the_trace_tells_of_ipv6() {
  cat >"$T/six.lua" <<'END'
scenario("six", function(lab)
	lab:world{ families = "46" }
	local alice, bob = lab:host("alice", { nat = "symmetric,ipv6=open" }), lab:host("bob")
	local a, b = alice:udp(4000, "::"), bob:udp(5000, "::")
	a:send(("[%s]:5000"):format(bob:ipv6_address()), "hello")
	b:send(select(2, b:receive()), "hello back")
	equal(a:receive(), "hello back")
end)
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/six.lua"
  status_is 0
  try "$LAB" trace --why "$T/o/latest"
  out_has "alice and bob"
  out_has_not "nobody has"
  try "$LAB" trace "$T/o/latest"
  out_has '"hello" 5 bytes'
  out_has_not "ICMP"
  try "$LAB" trace --json "$T/o/latest"
  out_has '"protocol": "ndp", "what": "IPv6 neighbours and groups"'
}

test_the_trace_tells_who_was_not_let_in() {
  cat >"$T/six.lua" <<'END'
scenario("six", function(lab)
	lab:world{ families = "46" }
	local alice = lab:host("alice", { nat = "symmetric,ipv6=firewall" })
	local bob = lab:host("bob", { nat = "open,ipv6=firewall,ipv6.filtering=ad" })
	local server = lab:host("server")
	local a, b, s = alice:udp(4000, "::"), bob:udp(5000, "::"), server:udp(3000, "::")
	b:send(("[%s]:3000"):format(server:ipv6_address()), "hi")
	s:receive()
	a:send(("[%s]:5000"):format(bob:ipv6_address()), "too early")
	a:send(("[%s]:3000"):format(server:ipv6_address()), "hi")
	s:receive()
end)
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/six.lua"
  status_is 0
  try "$LAB" trace --why "$T/o/latest" alice bob
  tr -s ' \n' ' ' <"$T/out" | grep -qF "There bob:5000 was open for server:3000 only, because bob had sent there" ||
    complain "whom the filter lets in"
  try "$LAB" trace --mappings "$T/o/latest"
  out_has "alice:4000 -> alice:4000  for bob:5000"
}

test_what_the_rules_of_ipv6_drop_is_counted() {
  cat >"$T/six.lua" <<'END'
scenario("six", function(lab)
	lab:world{ families = "46" }
	local home = lab:box("home", "port-restricted,ipv6=firewall", { interfaces = { wan = {}, wan2 = {} } })
	local alice, server = lab:host("alice", { behind = home }), lab:host("server")
	local a, s = alice:udp(4000, "::"), server:udp(3000, "::")
	local alice_at = ("[%s]:4000"):format(alice:ipv6_address())
	for i = 1, 20 do
		s:send(alice_at, "unsolicited " .. i)
	end
	s:send(("[%s]:4000"):format(home:ipv6_address("wan2")), "at the other way out")
	lab:wait_until(function()
		return lab:count("home wan2", "icmp6 and ip6[40] == 136 and src host " .. home:ipv6_address("wan2")) == 1
	end, 20, "who asks for a neighbour is answered there")
	lab:wait_until(function()
		return home:counters()["rules dropped"] == 21
	end, 20, "all of them are counted")
end)
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/six.lua"
  status_is 0
  try "$LAB" trace --audit "$T/o/latest"
  status_is 0
  out_has "home: 21 dropped by the capture, 21 by its rules' own counters"
}

# Whoever gets other rules is told of, and nobody else: one whose provider hides the home keeps all it has.
test_the_record_has_whose_rules_a_carrier_changed() {
  for kind in open nat66; do
    cat >"$T/six.lua" <<END
scenario("six", function(lab)
	lab:world{ families = "46" }
	local server, carrier = lab:host("server"), lab:box("carrier", "port-restricted,ipv6=$kind")
	local home = lab:box("home", "port-restricted,ipv6=firewall", { behind = carrier })
	local alice, s = lab:host("alice", { behind = home }), server:udp(3478, "::")
	alice:udp(4000, "::"):send(("[%s]:3478"):format(server:ipv6_address()), "before")
	s:receive()
	carrier:renumber()
	alice:udp(4001, "::"):send(("[%s]:3478"):format(server:ipv6_address()), "after")
	s:receive()
end)
END
    try "$LAB" run --audit --keep all --out "$T/$kind" "$T/six.lua"
    status_is 0
    grep -h '"type":"rules"' "$T/$kind"/latest/*/trace.jsonl >"$T/$kind.rules"
    grep -q '"box":"carrier","by":"punchlab"' "$T/$kind.rules" || complain "$kind: the carrier's own"
  done
  grep -q '"box":"home","by":"punchlab"' "$T/open.rules" || complain "home's, which name its address outside"
  ! grep -q '"box":"home"' "$T/nat66.rules" || complain "home's, which name nothing that changed"
}

test_the_trace_tells_of_nat66_and_nptv6() {
  cat >"$T/six.lua" <<'END'
scenario("six", function(lab)
	lab:world{ families = "46" }
	local alice = lab:host("alice", { nat = "symmetric,ipv6=nat66,ipv6.mapping=ad" })
	local bob = lab:host("bob", { nat = "open,ipv6=nat66" })
	local carol = lab:host("carol", { nat = "symmetric,ipv6=nptv6" })
	local server = lab:host("server")
	local a, b, s, s4 = alice:udp(4000, "::"), bob:udp(5000, "::"), server:udp(3000, "::"), server:udp(3001)
	local c = carol:udp(6000, "::")
	b:send(("[%s]:3000"):format(server:ipv6_address()), "hi")
	local _, bob_at = s:receive()
	equal(bob_at, ("[%s]:5000"):format(bob:box():ipv6_address()), "where the server sees bob")
	a:send(bob_at, "too early")
	s4:send(alice:box():address() .. ":4000", "not let in")
	s:send(("[%s]:4000"):format(alice:box():ipv6_address()), "nor here")
	c:send(("[%s]:3000"):format(server:ipv6_address()), "hi")
	local _, carol_at = s:receive()
	s:send(carol_at, "hello")
	equal(c:receive(), "hello")
	a:send(("[%s]:3000"):format(server:ipv6_address()), "hi")
	s:receive()
end)
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/six.lua"
  status_is 0
  try "$LAB" trace --why "$T/o/latest" alice bob
  tr -s ' \n' ' ' <"$T/out" | grep -qF "There nat-b:5000 was open for server:3000 only, because bob had sent there" ||
    complain "whom the mapping lets in"
  try "$LAB" trace --audit "$T/o/latest"
  status_is 0
  out_has "nat-b: 1 dropped by the capture, 1 by its rules' own counters"
  try "$LAB" trace --mappings "$T/o/latest"
  out_has "carol:6000 -> carol-outside:6000  for server:3000" # a prefix that is translated
  try "$LAB" trace --json "$T/o/latest"
  [ "$(grep -c '"from": "carol", "to": "server", "fate": "delivered"' "$T/out")" = 1 ] || complain "one packet, one journey"
  try "$LAB" trace --audit "$T/o/latest"
  out_has_not "nat-a: 1 dropped" # nft counts nothing, and what IPv4's rules count is not all
}

test_the_trace_knows_a_prefix_that_is_new() {
  cat >"$T/six.lua" <<'END'
for name, spec in pairs { routed = "symmetric,ipv6=open", mapped = "symmetric,ipv6=nptv6" } do
	scenario(name, function(lab)
		lab:world{ families = "46" }
		local server, home = lab:host("server"), lab:box("home", spec)
		local alice = lab:host("alice", { behind = home })
		local s, a = server:udp(3478, "::"), alice:udp(4000, "::")
		local server_at = ("[%s]:3478"):format(server:ipv6_address())
		for round = 1, 2 do
			a:send(server_at, "hello")
			expect(s:receive(), "it comes")
			a:send(server_at, "too far", { ttl = 1 })
			lab:wait_until(function() return lab:count("alice eth0", "icmp6 and ip6[40] == 3") == round end, 30, "alice is told")
			if round == 1 then home:renumber() end
		end
	end)
end
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/six.lua"
  status_is 0
  try "$LAB" trace --mappings "$T"/o/latest/*-mapped
  out_has "alice:4000 -> alice-outside:4000  for server:3478"
  out_has "alice:4000 -> alice-2-outside:4000  for server:3478"
  try "$LAB" trace --why "$T"/o/latest/*-routed
  out_has "2 died at home"
}

test_calls_speak_tcp_by_ipv6() {
  local name=ipv6-$$
  "$LAB" up --out "$T/o" --families 46 --name "$name" symmetric,ipv6=firewall symmetric,ipv6=firewall \
    >"$T/up.out" 2>"$T/up.err" </dev/null &
  # shellcheck disable=SC2064
  trap "kill $! 2>/dev/null || true" EXIT
  until_true stands "$name"
  try "$LAB" call --name "$name" --json alice tcp_punch '{"node":"bob"}' '{"node":"server"}' '{"family":"6"}'
  status_is 0
  out_has '"opened":true'
  out_has '"seen":"[2444:0:'
  try "$LAB" call --name "$name" --json alice tcp_punch '{"node":"bob"}' '{"node":"server"}' '{"family":"5"}'
  status_is 1
  err_has "family is one of 4, 6"
  try "$LAB" call --name "$name" --json alice tcp_connect '[2222::2]:81'
  [ "$(cat "$T/out")" = '[null,"refused"]' ] || complain "refused"
}

test_tshark_reads_what_a_nat64_has_cut_up() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  cat >"$T/cut.lua" <<'END'
local embedded = require("nat64_address").embedded
scenario("cut", function(lab)
	local server, home = lab:host("server"), lab:box("home", "port-restricted,ipv6=nat64")
	local alice = lab:host("alice", { behind = home, families = "6" })
	local a, s, text = alice:udp(4000, "::"), server:udp(3478), ("x"):rep(1400)
	a:send(embedded(server:address() .. ":3478"), text)
	local got, alice_at = s:receive()
	equal(got, text, "what the server got")
	s:send(alice_at, text, { df = false })
	equal(a:receive(), text, "what alice got")
end)
END
  try "$LAB" run --audit --keep all --out "$T/o" "$T/cut.lua"
  status_is 0
  # Not put together, as it would be across interfaces. Checksums: 1 is right, 2 is that of a piece; 154 * 8 = 1232.
  tshark -r "$(echo "$T"/o/latest/*/trace.pcapng)" -o udp.check_checksum:TRUE -o ipv6.defragment:FALSE \
    -Y 'udp || ipv6.fraghdr || _ws.malformed' -T fields -E separator=, -e frame.interface_name -e udp.length \
    -e udp.checksum.status -e ipv6.fraghdr.offset -e _ws.malformed 2>"$T/err" | LC_ALL=C sort >"$T/seen"
  for interface in "alice eth0" "home lan"; do
    printf '%s\n' "$interface,,,154," "$interface,1408,1,," "$interface,1408,2,0,"
  done >"$T/wanted"
  printf '%s\n' "home wan,1408,1,,"{,} "server eth0,1408,1,,"{,} >>"$T/wanted"
  diff "$T/wanted" "$T/seen" >"$T/diff" || complain "what tshark reads: $(cat "$T/diff")"
  try "$LAB" trace --json "$T/o/latest"
  [ "$(grep -c '"what": "\\"xxx.*"fate": "delivered"' "$T/out")" = 2 ] || complain "a journey each"
  [ "$(grep -c '"what": "fragment at 1232".*"from": "server", "to": "alice", "fate": "delivered"' "$T/out")" = 1 ] ||
    complain "whose piece it is"
}

run_tests
