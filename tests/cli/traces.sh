#!/usr/bin/env bash
# Captures as others read them: tshark takes every one without a complaint and shows the interfaces' names.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# PUNCHLAB_TRACES may name the folder of a run that is to be examined; else the matrix is run for it.
test_tshark_reads_every_capture() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  local traces=${PUNCHLAB_TRACES:-}
  if [ -z "$traces" ]; then
    "$LAB" matrix --out "$T/o" >"$T/run" || { cat "$T/run"; return 1; }
    traces=$T/o/latest
  fi
  # One reader for all of them (its start is what takes time): a complaint names the file.
  capinfos -c "$traces"/*/trace.pcapng >"$T/infos" 2>"$T/err" || { cat "$T/err"; return 1; }
  [ ! -s "$T/err" ] || { cat "$T/err"; return 1; }
  [ "$(grep -c '^File name:' "$T/infos")" -ge 25 ]
  # The packets of all but a few large ones in one stream; as root tshark warns about that, and about nothing else. A
  # hundred at a time: mergecap names its files in one comment, and of over 65,535 bytes that is no pcapng any more.
  find "$(realpath "$traces")" -name trace.pcapng -size -300k -print0 >"$T/captures"
  xargs -0 -n 100 mergecap -I none -F pcapng -w - <"$T/captures" 2>"$T/err" |
    tshark -r - -T fields -e frame.interface_name >"$T/names" 2>>"$T/err"
  if grep -v '^Running as user "root"' "$T/err"; then return 1; fi
  [ "$(wc -l <"$T/names")" -ge 1000 ]
  if sort -u "$T/names" | grep -vxE '[a-z0-9-]+ [a-z0-9-]+'; then
    echo "these are no interfaces' names"
    return 1
  fi
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
