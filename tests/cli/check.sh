#!/usr/bin/env bash
# punchlab check and punchlab nat: boxes measured, types listed, rules shown.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_the_classic_types_are_what_they_claim() {
  try "$LAB" check
  status_is 0
  for spec in open full-cone restricted port-restricted symmetric full-cone,hairpin symmetric,hairpin; do
    grep -qx "$spec: as claimed" "$T/out" || complain "$spec: as claimed"
  done
  [ "$(tail -n 1 "$T/out")" = "9 measured: 9 as claimed, 0 not" ]
}

test_sabotage_is_seen() {
  try "$LAB" check --sabotage "iptables -I INPUT -j ACCEPT" port-restricted
  status_is 1
  out_has "port-restricted: NOT what it claims"
  grep -q '^  ! early packet  *harmless  *moves' "$T/out" || complain "the early packet's row marked"
  try "$LAB" check --sabotage "iptables -t nat -I POSTROUTING -o wan -j MASQUERADE" symmetric
  status_is 1
  grep -q "^  ! mapping  *address-and-port-dependent  *endpoint-independent" "$T/out" || complain "the mapping's row marked"
}

test_measuring_udp_needs_no_tcp_through_the_box() {
  try "$LAB" check --sabotage "iptables -I FORWARD -p tcp -j DROP" port-restricted
  status_is 1
  out_has "! TCP"
  [ "$(grep -c '^  !' "$T/out")" -eq 1 ] || complain "nothing else differs"
}

test_sabotage_that_does_not_work_is_no_verdict() {
  try "$LAB" check --sabotage "iptables -A NO_SUCH_CHAIN" symmetric
  status_is 1
  out_has "symmetric: could not be measured"
  out_has "NO_SUCH_CHAIN"
  [ "$(tail -n 1 "$T/out")" = "0 measured: 0 as claimed, 0 not; 1 could not be measured" ] || complain "no verdict counted"
}

test_a_plain_router_can_be_sabotaged() {
  try "$LAB" check --sabotage "iptables -P FORWARD DROP" open
  status_is 1
  out_has "! UDP"
  try "$LAB" check --sabotage "true" # the standard types, without that one
  status_is 0
  [ "$(tail -n 1 "$T/out")" = "8 measured: 8 as claimed, 0 not" ] || complain "eight measured"
}

test_repeats_are_told_where_they_differ() {
  try "$LAB" check --repeat 3 symmetric open
  status_is 0
  [ "$(cat "$T/out")" = "6 measured: 6 as claimed, 0 not" ] || complain "nothing but the count"
  try "$LAB" check --repeat 2 --sabotage "iptables -F INPUT" port-restricted
  status_is 1
  [ "$(grep -c "^port-restricted: NOT what it claims" "$T/out")" = 2 ] || complain "both times"
  [ "$(tail -n 1 "$T/out")" = "2 measured: 0 as claimed, 2 not" ] || complain "the count of both"
  try "$LAB" check --repeat 0 symmetric
  refused "--repeat"
}

test_json() {
  try "$LAB" check --json - symmetric open
  status_is 0
  [ "$(wc -l <"$T/out")" = 2 ]
  out_has '{"nat":"symmetric","result":"agrees","measured":"symmetric","rows":[{"behaviour":"'
}

test_nat_lists_types_in_a_line_each() {
  try "$LAB" nat
  status_is 0
  grep -qE '^port-restricted  +mapping endpoint-independent, filtering address-and-port-dependent, ' "$T/out" ||
    complain "port-restricted's behaviours"
  [ "$(grep -cE '^(open|full-cone|restricted|port-restricted|symmetric) ' "$T/out")" = 5 ]
}

test_what_is_printed_fits_a_terminal() {
  on_a_terminal env -u COLUMNS "$LAB" nat -v
  status=0
  out_has "full-cone"
  if grep -nE '.{81}' "$T/out"; then complain "no line of nat wider than 80 columns"; fi
  try "$LAB" check symmetric port-restricted,hairpin
  if grep -nE '.{81}' "$T/out"; then complain "no line of check wider than 80 columns"; fi
  try "$LAB" shell --out "$T/o" --name "fits-$$" port-restricted -- true
  cp "$T/err" "$T/out"
  out_has "filtering address-and-port-dependent"
  if grep -v "^capture: \|^the capture grows" "$T/out" | grep -nE '.{81}'; then complain "no line wider than 80 columns"; fi
}

run_tests
