#!/usr/bin/env bash
# Captures as others read them: tshark takes every one without a complaint and shows the interfaces' names.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_tshark_reads_every_capture() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  "$LAB" run --out "$T/o" "$TOP/scenarios" >"$T/run" || { cat "$T/run"; return 1; }
  local count=0
  for trace in "$T/o/latest"/*/trace.pcapng; do
    tshark -r "$trace" -T fields -e frame.interface_name >"$T/names" 2>"$T/err" || { cat "$T/err"; return 1; }
    # As root it warns about that, and about nothing else.
    if grep -v '^Running as user "root"' "$T/err"; then return 1; fi
    [ -s "$T/names" ] || continue
    if grep -vxE '[a-z0-9-]+ (eth0|lan|wan)' "$T/names"; then
      echo "an interface of $trace without its name"
      return 1
    fi
    count=$((count + 1))
  done
  # Only the scenarios that do nothing but measure boxes have no packets of their own.
  [ "$count" -ge 45 ]
}

test_names_of_hosts_and_boxes_are_in_the_file() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  "$LAB" run --out "$T/o" -k "port-restricted x restricted" "$TOP/scenarios/matrix.lua" >"$T/run" || { cat "$T/run"; return 1; }
  tshark -N n -r "$T/o/latest"/*/trace.pcapng -T fields -e frame.interface_name -e ip.src_host >"$T/names" 2>/dev/null
  for name in "alice eth0	alice" "nat-a lan	alice" "nat-a wan	nat-a" "nat-b wan	nat-a" "bob eth0	nat-a" "server eth0	nat-b"; do
    grep -qx "$name" "$T/names" || { echo "no '$name'"; sort -u "$T/names"; return 1; }
  done
}

run_tests
