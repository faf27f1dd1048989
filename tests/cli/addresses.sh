#!/usr/bin/env bash
# Addresses and names of a world: what programs take for public, what one may choose, what is refused.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# What a program finds out that judges addresses, as Python's ipaddress does: its host's, its box's, its server's.
judge() { # judge [OPTION...]: prints "True" or "False" for each address on the internet
  cat >"$T/judge.py" <<'END'
import ipaddress, socket
for name in "server", "server-2", "nat-a", "bob", "internet":
    print(ipaddress.ip_address(socket.gethostbyname(name)).is_global)
END
  try "$LAB" shell "$@" --out "$T/o" port-restricted -- python3 "$T/judge.py"
  status_is 0
}

test_programs_take_a_worlds_addresses_for_public() {
  judge
  [ "$(sort "$T/out" | uniq -c | tr -s ' ')" = " 5 True" ]
}

test_documentation_addresses_are_there_on_request() {
  judge --addresses documentation
  [ "$(sort "$T/out" | uniq -c | tr -s ' ')" = " 5 False" ]
  cat >"$T/asks.lua" <<'END'
scenario("asks", function(lab)
	lab:world{ addresses = "documentation" }
	equal(lab:host("server"):address(), "198.51.100.1")
	equal(lab:host("alice", { nat = "symmetric" }):public_address(), "203.0.113.1")
end)
scenario("does not ask", function(lab)
	fail(lab:host("server"):address())
end)
END
  try "$LAB" run --out "$T/o" --addresses documentation "$T/asks.lua"
  status_is 1
  out_has "198.51.100.1"
  out_has "--addresses documentation"
  out_has "1 passed, 1 failed"
}

test_boxes_that_map_ports_want_ordinary_addresses() {
  echo 'scenario("maps", function(lab) lab:host("alice", { nat = "port-restricted,upnp" }):udp(1) end)' >"$T/maps.lua"
  try "$LAB" run --addresses documentation --out "$T/o" "$T/maps.lua"
  status_is 1
  out_has "nat-a: upnp, nat-pmp and pcp need ordinary addresses"
}

test_a_host_has_any_address_and_any_names() {
  cat >"$T/any.lua" <<'END'
scenario("any", function(lab)
	local stun = lab:host("stun", { address = "74.125.250.129", names = { "stun.l.google.com", "stun1.l.google.com" } })
	local home = lab:box("home", "symmetric", { address = "1.2.3.4", lan = "192.168.1.0/24" })
	local alice = lab:host("alice", { behind = home, address = "192.168.1.77" })
	equal(stun:address(), "74.125.250.129")
	equal(alice:address(), "192.168.1.77")
	local at, from = stun:udp(19302), alice:udp(4000)
	local names = alice:run { "getent", "hosts", "stun1.l.google.com" }
	equal(names:exit_status(), 0)
	from:send(names:output():match("^[%d.]+") .. ":19302", "hello")
	local text, seen = at:receive()
	equal(text, "hello")
	equal(seen:match("^[%d.]+"), "1.2.3.4")
	at:send(seen, "answer")
	equal(from:receive(), "answer")
	equal(lab:count("stun eth0", "udp and src host 1.2.3.4"), 1)
end)
END
  try "$LAB" run --out "$T/o" "$T/any.lua"
  status_is 0
}

test_hosts_on_the_command_line() {
  try "$LAB" shell --out "$T/o" --host 'stun:address=74.125.250.129,names=stun.l.google.com,stun.example.org' \
    --host plain symmetric -- getent hosts stun stun.l.google.com stun.example.org plain
  status_is 0
  [ "$(grep -c '^74\.125\.250\.129' "$T/out")" = 3 ]
}

test_a_host_on_the_command_line_is_in_a_home() {
  try "$LAB" shell --out "$T/o" --host carol:behind=nat-a,address=10.0.1.77 --host alice:names=a.example,temporary.example \
    symmetric -- getent hosts carol a.example temporary.example
  status_is 0
  grep -q '^10.0.1.77 ' "$T/out" || complain "carol's own address"
  [ "$(grep -c '^10.0.1.2 ' "$T/out")" = 2 ] || complain "alice's other names"
}

refused_host() { # refused_host WORDS OPTION: that --host is refused with those words
  try "$LAB" shell --out "$T/o" --host "$2" symmetric -- true
  refused "$1"
}

test_bad_addresses_and_names() {
  refused_host "127.0.0.1 cannot stand on the internet: it is a loopback address" x:address=127.0.0.1
  refused_host "224.0.0.1 cannot stand on the internet: it is a multicast" x:address=224.0.0.1
  refused_host "10.1.2.3 cannot stand on the internet: it is private" x:address=10.1.2.3
  refused_host "'x' cannot have 33.33.33.1: it is nat-a's already" x:address=33.33.33.1
  refused_host "the name 'alice' is taken: it is alice's already" x:names=alice
  refused_host "there is already a 'alice'" alice
  refused_host "'a..b' is no name" x:names=a..b
  refused_host "a host has no 'nat=open'; there are: address=, behind=, clat, families=, names=, temporary" x:nat=open
  refused_host "'x' cannot stand behind 'nat-b': there is no box of that name" x:behind=nat-b
  refused_host "'x' cannot stand behind 'bob': there is no box of that name" x:behind=bob
  refused_host "'alice' stands somewhere already: behind= is for one more host" alice:behind=nat-a
  refused_host "there is already a 'nat-a'" nat-a:names=x
  refused_host "'x': address= is given twice" x:address=1.2.3.4,names=y,address=1.2.3.5
  try "$LAB" up --host x "$FIXTURES/quick.lua"
  refused "--host x: a scenario says itself which hosts there are"
  try "$LAB" run --addresses private "$FIXTURES/quick.lua"
  refused "--addresses: there are no addresses 'private'; there are: ordinary, documentation"
}

test_scenarios_are_told_what_cannot_be() {
  cat >"$T/bad.lua" <<'END'
local function refuses(lab, words, call)
	local ok, why = pcall(call)
	expect(not ok and tostring(why):find(words, 1, true), tostring(why))
end
scenario("bad", function(lab)
	refuses(lab, "there are no addresses 'mine'", function() lab:world{ addresses = "mine" } end)
	refuses(lab, "unknown option 'address'; there are: addresses, families", function() lab:world{ address = "mine" } end)
	lab:host("one", { address = "5.5.5.5", names = { "one.example" } })
	refuses(lab, "it is one's already", function() lab:host("two", { address = "5.5.5.5" }) end)
	refuses(lab, "it is one's already", function() lab:host("three", { names = { "one.example" } }) end)
	refuses(lab, "reserved", function() lab:box("four", "symmetric", { address = "250.0.0.1" }) end)
	refuses(lab, "names is a list of texts", function() lab:host("five", { names = "five.example" }) end)
	refuses(lab, "choose addresses before the first host", function() lab:world{ addresses = "documentation" } end)
	refuses(lab, "fog", function() lab:host("six", { nat = "symmetric", link = "fog" }) end)
	refuses(lab, "fog", function() lab:host("seven", { interfaces = { wifi = {}, lte = { link = "fog" } } }) end)
	for _, refused in ipairs { "two", "three", "four", "five", "six", "nat-s", "seven" } do
		equal(lab:node(refused), nil, "what is left of " .. refused)
	end
	equal(lab:host("two", { names = { "two.example" } }):address(), "22.22.22.1", "the next address")
end)
END
  try "$LAB" run --out "$T/o" "$T/bad.lua"
  status_is 0
}

run_tests
