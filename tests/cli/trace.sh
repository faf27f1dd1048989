#!/usr/bin/env bash
# punchlab trace: what it shows, what it writes, and what it says of captures that are damaged or of another kind.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A small run with a drop in it, made once for all tests of this file.
CAPTURES=$(mktemp -d)
trap 'rm -rf "$CAPTURES"' EXIT
"$LAB" run --audit --out "$CAPTURES/out" "$FIXTURES/traced.lua" >"$CAPTURES/log" 2>&1 || {
  status=$?
  [ "$status" = 77 ] && { echo "trace.sh: 0 passed, 0 failed, 1 skipped"; exit 0; }
  cat "$CAPTURES/log"
}
TRACE=$CAPTURES/out/latest/001-a-stranger-is-shut-out

test_the_latest_run_is_shown_without_a_name() {
  cd "$CAPTURES"
  LC_ALL=C try "$LAB" trace
  status_is 0
  out_has 'X'
  out_has 'open for'
  out_has '3 of '
}

# Whatever made it fail: a check, a box that is not what it claims, the end of its time.
test_of_several_the_failed_one_is_shown_without_a_name() {
  cat >"$T/fails.lua" <<'LUA'
local function world(lab)
	local alice = lab:host("alice", { nat = "port-restricted" })
	alice:udp(4000)
	return alice
end
scenario("first", world)
scenario("check", function(lab)
	world(lab)
	fail("so it is")
end)
scenario("killed", { timeout = 12 }, function(lab)
	world(lab):run { "sh", "-c", "kill -STOP $PPID" } -- the process of the scenario itself
	lab:sleep(3600)
end)
scenario("last", world)
LUA
  try "$LAB" run --out "$T/o" "$FIXTURES/sabotaged.lua" "$T/fails.lua"
  status_is 1
  out_has "killed: it did not end by itself after its time limit of 12 s"
  for name in check killed input-trap; do
    mkdir -p "$T/$name/out/latest"
    cp -r "$T"/o/latest/*{first,"$name",last} "$T/$name/out/latest"
    cd "$T/$name"
    try "$LAB" trace
    status_is 0
    err_has "$name/trace.pcapng (failed); 2 more in out/latest/*"
  done
}

test_a_folder_and_a_capture_are_the_same() {
  try "$LAB" trace "$TRACE"
  cp "$T/out" "$T/first"
  try "$LAB" trace "$TRACE/trace.pcapng"
  cmp "$T/first" "$T/out"
}

test_the_ladder_names_the_box_and_the_reason() {
  LC_ALL=C try "$LAB" trace "$TRACE"
  out_has 'nat-a: :4000 is open for server:5000, not for stranger:'
  if LC_ALL=C grep -n '[^ -~]' "$T/out"; then complain "plain ASCII where the locale asks for it"; fi
}

test_unicode_where_the_locale_has_it() {
  locale -a | grep -qi '^c\.utf' || skip "no C.UTF-8 locale"
  LC_ALL=C.UTF-8 try "$LAB" trace "$TRACE"
  out_has '✗'
  LC_ALL=C try "$LAB" trace "$TRACE"
  out_has_not '✗'
}

test_a_pipe_does_for_every_view() {
  for view in "" --why --mappings --json --audit "--pcapng $T/out.pcapng"; do
    try bash -c "gzip -c '$TRACE/trace.pcapng' | '$LAB' trace $view -"
    status_is 0
  done
  try bash -c "gzip -c '$TRACE/trace.pcapng' | '$LAB' trace --why -"
  out_has 'stranger'
}

test_a_capture_without_packets() {
  cat >"$T/silent.lua" <<'END'
scenario("nobody sends", function(lab)
	lab:host("alice"):run { "true" }:exit_status()
	lab:step("nothing was sent")
end)
END
  "$LAB" run --out "$T/o" "$T/silent.lua" >"$T/run"
  try "$LAB" trace "$T/o/latest"
  status_is 0
  grep -qE '^ +0\.000 +nothing was sent$' "$T/out" || complain "the step at 0.000"
  [ "$(tail -n 1 "$T/out")" = "no packets" ] || complain "no packets"
}

# A rule may be taken away by whatever program: what counts is that the kernel's rules are others now.
test_an_audit_of_changed_rules_and_of_many() {
  cat >"$T/rules.lua" <<'END'
scenario("rules taken away", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local a = alice:udp(4000)
	equal(alice:box():run({ "iptables", "-I", "FORWARD", "-p", "udp", "-j", "DROP" }):exit_status(), 0, "the rule")
	a:send(server:address() .. ":5000", "dies of it")
	lab:wait_until(function() return lab:count("nat-a lan", "udp") > 0 end)
	equal(alice:box():run({ "sh", "-c", "iptables -D FORWARD 1" }):exit_status(), 0, "it is taken away")
end)
scenario("many rules", function(lab)
	local server, home = lab:host("server"), lab:box("home", "restricted")
	local first = lab:host("h1", { behind = home })
	for i = 2, 32 do lab:host("h" .. i, { behind = home }) end -- more than 4096 bytes of rules
	local at = server:udp(5000)
	first:udp(4000):send(server:address() .. ":5000", "hello")
	at:receive()
	server:udp(6000):send(home:address() .. ":9", "dies")
	lab:wait_until(function() return lab:count("home wan", "udp and dst port 9") > 0 end)
end)
END
  try "$LAB" run --audit --out "$T/o" "$T/rules.lua"
  status_is 0
  try "$LAB" trace --audit "$T/o/latest/001-rules-taken-away"
  out_has '?      nat-a: its rules were changed'
  try "$LAB" trace --audit "$T/o/latest/002-many-rules"
  out_has '1 dropped by the capture, 1 by its rules'
  out_has '1 journeys ended badly, 1 are told of in sentences'
}

test_an_audit_of_forty_hosts() {
  cat >"$T/rules.lua" <<'END'
scenario("forty hosts", function(lab)
	local server, home = lab:host("server"), lab:box("home", "restricted")
	local first = lab:host("h1", { behind = home })
	for i = 2, 40 do lab:host("h" .. i, { behind = home }) end
	local at = server:udp(5000)
	first:udp(4000):send(server:address() .. ":5000", "hello")
	at:receive()
	server:udp(6000):send(home:address() .. ":9", "dies")
	lab:wait_until(function() return lab:count("home wan", "udp and dst port 9") > 0 end)
end)
END
  try "$LAB" run --audit --out "$T/o" "$T/rules.lua"
  status_is 0
  try "$LAB" trace --audit "$T/o/latest"
  out_has '1 dropped by the capture, 1 by its rules'
}

test_selections() {
  try "$LAB" trace "$TRACE" --host stranger
  out_has '1 of '
  try "$LAB" trace "$TRACE" --flow alice,server
  out_has '2 delivered'
  out_has_not 'dropped'
  try "$LAB" trace "$TRACE" udp port 5000
  out_has '2 delivered'
  try "$LAB" trace "$TRACE" --from 1000
  out_has '0 of '
  try "$LAB" trace "$TRACE" --to 0.0000001 --json
  [ "$(wc -l <"$T/out")" -le 1 ]
}

test_json_is_json() {
  try "$LAB" trace "$TRACE" --json
  status_is 0
  python3 -c 'import json, sys
journeys = [json.loads(line) for line in sys.stdin]
dropped = [j for j in journeys if j["fate"] == "dropped"]
assert [j["at"] for j in dropped] == ["nat-a"], dropped
assert dropped[0]["from"] == "stranger" and dropped[0]["legs"][-1]["interface"] == "nat-a wan"' <"$T/out"
  try "$LAB" trace "$TRACE" --why --json alice stranger
  python3 -c 'import json, sys
v = json.load(sys.stdin)
assert (v["outcome"], v["cause"], v["box"]) == ("shut", "filtered-address", "nat-a"), v' <"$T/out"
  try "$LAB" trace "$TRACE" --mappings --json
  python3 -c 'import json, sys
m = [json.loads(line) for line in sys.stdin]
assert [(x["box"], x["inside"], x["external"][-5:]) for x in m] == [("nat-a", "10.0.1.2:4000", ":4000")], m' <"$T/out"
}

test_why_and_mappings_and_audit_in_words() {
  try "$LAB" trace --why "$TRACE"
  out_has 'stranger and alice: shut.'
  try "$LAB" trace --mappings "$TRACE"
  out_has 'alice:4000 -> nat-a:4000'
  try "$LAB" trace --audit "$TRACE"
  status_is 0
  out_has "1 dropped by the capture, 1 by its rules' own counters"
}

test_a_counter_that_does_not_agree_is_found() {
  cp "$TRACE"/trace.* "$T"
  sed -i 's/"name":"wan rx","packets":/&1/' "$T/trace.jsonl"
  try "$LAB" trace --audit "$T/trace.pcapng"
  status_is 1
  out_has 'WRONG  nat-a wan rx'
}

test_the_annotated_capture() {
  command -v tshark >/dev/null || skip "no tshark"
  try "$LAB" trace "$TRACE" --pcapng "$T/annotated.pcapng"
  status_is 0
  for capture in "$T/annotated.pcapng" "$TRACE/trace.pcapng"; do # the run's own is annotated too
    tshark -N n -r "$capture" -Y frame.comment -T fields -e frame.interface_name -e ip.src_host -e frame.comment >"$T/comments" \
      2>"$T/err"
    grep 'goes no further' "$T/comments" >"$T/out"
    out_has 'nat-a wan'
    out_has 'nat-a: :4000 is open for server:5000'
    grep 'translated source 10.0.1.2:4000' "$T/comments" >"$T/out"
    out_has 'nat-a'
  done
  mkdir "$T/here" && cd "$T/here"
  try "$LAB" trace "$TRACE" --pcapng -
  status_is 0
  cmp "$T/out" "$T/annotated.pcapng"
  [ -z "$(ls)" ] || complain "no file, not $(ls)"
  try "$LAB" trace "$TRACE" --pcapng "$TRACE/trace.pcapng"
  refused 'is the trace itself'
  try "$LAB" trace "$TRACE" --pcapng /nonexistent/x.pcapng
  refused '/nonexistent/x.pcapng: No such file'
}

page_says() { # page_says FILE EXPRESSION: python3, of the page's data as `data`
  python3 -c 'import json, re, sys
data = json.loads(re.search("id=\"data\">(.*?)</script>", open(sys.argv[1]).read(), re.S).group(1))
assert eval(sys.argv[2]), data["scenarios"][0].keys()' "$1" "$2" || complain "of $1: $2"
}

test_ports_that_were_asked_for_are_on_the_page() {
  { command -v miniupnpd && command -v upnpc; } >/dev/null || skip "miniupnpd and upnpc are not there (tools/deps upnp)"
  "$LAB" run --out "$T/o" -k 'asked for by UPnP is open: symmetric' "$TOP/scenarios/port_mapping.lua" >"$T/out" 2>"$T/err"
  try "$LAB" trace "$T/o/latest" --html "$T/page.html"
  status_is 0
  python3 -c 'import base64, json, re, sys, zlib
data = json.loads(re.search("id=\"data\">(.*?)</script>", open(sys.argv[1]).read(), re.S).group(1))
detail = json.loads(zlib.decompress(base64.b64decode(data["scenarios"][0]["detail"]), 47))
asked = [m for m in detail["mappings"] if m["kind"] == "asked for by UPnP"]
first = asked[0]
assert (first["box"], first["peer"], first["outside"][:5]) == ("home", "everybody", "home:"), asked
' "$T/page.html"
}

test_a_page() {
  try "$LAB" trace "$TRACE" --html "$T/page.html"
  status_is 0
  out_is_empty
  page_says "$T/page.html" 'data["alone"] and data["scenarios"][0]["detail"] and data["scenarios"][0]["pairs"]'
  mkdir "$T/folder"
  try "$LAB" trace "$TRACE" --html "$T/folder"
  status_is 0
  page_says "$T/folder/index.html" 'data["alone"]'
  try bash -c "\"$LAB\" trace --html - - <'$TRACE/trace.pcapng'" # without its record, from a pipe
  status_is 0
  page_says "$T/out" 'data["scenarios"][0]["result"] is None'
  try "$LAB" trace "$TRACE" --html /dev/null/page.html
  status_is 1
  err_has 'the page /dev/null/page.html cannot be written'
}

test_a_page_compared_with_an_earlier_one() {
  "$LAB" trace "$TRACE" --html "$T/old.html"
  try "$LAB" trace "$TRACE" --html "$T/new.html" --against "$T/old.html"
  status_is 0
  page_says "$T/new.html" 'data["against"]["scenarios"][0]["pairs"] == data["scenarios"][0]["pairs"]'
  try "$LAB" trace "$TRACE" --html "$T/new.html" --against "$TRACE/trace.jsonl"
  refused 'not a page that --html wrote'
  try "$LAB" trace "$TRACE" --html "$T/new.html" --against "$T/absent"
  refused 'absent: No such file'
  try "$LAB" trace "$TRACE" --against "$T/old.html"
  refused '--against goes with --html'
  try "$LAB" run --against "$T/old.html"
  refused '--against goes with --html'
}

test_every_truncation_of_a_capture() {
  local size step=101
  mkdir "$T/cut"
  cp "$TRACE/trace.jsonl" "$T/cut/"
  size=$(stat -c %s "$TRACE/trace.pcapng")
  for ((n = 0; n < size; n += step)); do
    head -c "$n" "$TRACE/trace.pcapng" >"$T/cut/trace.pcapng"
    try "$LAB" trace --why "$T/cut"
    [ "$status" -le 2 ] || complain "status 0, 1 or 2 for the first $n of $size bytes"
    [ "$status" = 0 ] || [ -s "$T/err" ] || complain "a word on what is wrong with the first $n of $size bytes"
    [ "$(wc -l <"$T/err")" -le 3 ] || complain "few words for the first $n of $size bytes"
  done
  head -c $((size - 5)) "$TRACE/trace.pcapng" >"$T/cut/trace.pcapng"
  try "$LAB" trace "$T/cut"
  status_is 1
  err_has 'what came before is shown'
  out_has 'nat-a'
}

# As tcpdump leaves it on one machine: $CAPTURES/NODE-INTERFACE.pcap, made once for all tests.
side_of() { # side_of NODE INTERFACE
  [ -e "$CAPTURES/$1-$2.pcap" ] ||
    tshark -r "$TRACE/trace.pcapng" -Y "frame.interface_name == \"$1 $2\"" -w "$CAPTURES/$1-$2.pcap" -F pcap 2>/dev/null
}

test_a_plain_pcap_of_another_tool() {
  command -v tshark >/dev/null || skip "no tshark"
  side_of nat-a wan
  cp "$CAPTURES/nat-a-wan.pcap" "$T/plain.pcap"
  try "$LAB" trace "$T/plain.pcap"
  status_is 0
  err_is_one_line
  err_has 'no record beside the capture; inferred from the packets: if0 is at '
  out_has '1 unknown'
  try "$LAB" trace --why "$T/plain.pcap"
  status_is 0
  out_has 'left our view'
}

# As tcpdump leaves them on three machines: no names, a file each.
test_captures_of_several_machines_are_one_trace() {
  command -v tshark >/dev/null || skip "no tshark"
  local side
  for side in "alice eth0" "nat-a lan" "nat-a wan"; do
    # shellcheck disable=SC2086
    side_of $side
    cp "$CAPTURES/${side// /-}.pcap" "$T"
  done
  try "$LAB" trace --why "home lan=$T/nat-a-lan.pcap" "home wan=$T/nat-a-wan.pcap" "alice=$T/alice-eth0.pcap"
  status_is 0
  out_has 'alice and '
  out_has '1 went into home and was not seen to come out'
  try "$LAB" trace --html "$T/page.html" "home lan=$T/nat-a-lan.pcap" "home wan=$T/nat-a-wan.pcap" "alice=$T/alice-eth0.pcap"
  status_is 0
  grep -q 'nat-a-lan.pcap and 2 more' "$T/page.html" || complain "the page names one of three"
  try "$LAB" trace --mappings "$T/nat-a-lan.pcap" "$T/nat-a-wan.pcap"
  status_is 0
  out_has 'router'
  err_has 'inferred from the packets: nat-a-lan is router lan, nat-a-wan is router wan'
  try "$LAB" trace --name "if0=home wan" --name bob "$T/nat-a-wan.pcap"
  status_is 2
  err_has "'bob' is not NAME=ADDRESS or INTERFACE=NAME"
  for side in --why --mappings --json --audit ""; do
    # shellcheck disable=SC2086
    "$LAB" trace $side - <"$T/nat-a-wan.pcap" >"$T/out" 2>"$T/err" || { cat "$T/err"; complain "$side: status $?"; }
  done
}

test_a_capture_without_its_record() {
  cp "$TRACE/trace.pcapng" "$T/alone.pcapng"
  try "$LAB" trace "$T/alone.pcapng"
  status_is 0
  err_has 'no record'
  out_has 'nat-a'
  try "$LAB" trace --json "$T/alone.pcapng" # names in the capture are enough to join
  python3 -c 'import json, sys
journeys = [json.loads(line) for line in sys.stdin]
assert [j["fate"] for j in journeys if j["from"] == "stranger"] == ["dropped"], journeys' <"$T/out"
}

test_files_that_are_no_captures() {
  : >"$T/empty.pcapng"
  try "$LAB" trace "$T/empty.pcapng"
  refused 'empty.pcapng'
  echo 'this is text' >"$T/text.pcapng"
  try "$LAB" trace "$T/text.pcapng"
  refused 'text.pcapng'
  try "$LAB" trace "$T/absent.pcapng"
  refused 'absent.pcapng: No such file'
  try "$LAB" trace "$T"
  refused 'no trace.pcapng in it'
}

test_a_record_with_damage_is_used_as_far_as_it_goes() {
  cp "$TRACE"/trace.* "$T"
  printf '{"type":"node","na\n\377\376\n' >>"$T/trace.jsonl"
  try "$LAB" trace "$T/trace.pcapng"
  status_is 0
  err_is_one_line
  err_has 'the record: 2 lines could not be used'
}

test_what_the_record_could_not_take_is_said() {
  cp "$TRACE"/trace.* "$T"
  printf '{"type":"gap","t":1,"box":"nat-a"}\n' >>"$T/trace.jsonl"
  try "$LAB" trace --why "$T/trace.pcapng"
  status_is 0
  err_is_one_line
  err_has 'nat-a had more mappings at once than its record could take'
}

test_what_a_packet_says_cannot_move_the_cursor() {
  try "$LAB" trace "$TRACE" --json
  if LC_ALL=C grep -n '[^ -~]' "$T/out"; then complain "nothing but printable characters"; fi
}

test_bad_usage() {
  try "$LAB" trace --why "$TRACE" alice nobody
  refused "no host or box 'nobody' in this trace; there are"
  try "$LAB" trace "$TRACE" --host nobody
  refused "no host or box 'nobody' in this trace; there are"
  err_has 'nat-a'
  try "$LAB" trace "$TRACE" --flow alice,nobody:4000
  refused "no host or box 'nobody' in this trace; there are"
  cp "$TRACE/trace.pcapng" "$T/alone.pcapng"
  try "$LAB" trace "$T/alone.pcapng" --host nobody
  status_is 2
  err_has "no host or box 'nobody' in this trace; there are"
  try "$LAB" trace --why "$TRACE" alice
  refused 'two hosts, or none'
  try "$LAB" trace "$TRACE" --why --audit
  refused 'exclude each other'
  try "$LAB" trace "$TRACE" udp prot 5
  refused "'udp prot 5' is neither a file nor a pcap filter"
  try "$LAB" trace "$TRACE" --from soon
  refused "'soon' is no time"
  cd "$T"
  try "$LAB" trace
  refused 'no run in out/latest yet'
}

run_tests
