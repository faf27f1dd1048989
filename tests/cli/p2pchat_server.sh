#!/usr/bin/env bash
# p2pchat's server as who runs it sees it: metrics, its unit for systemd, sizes of datagrams, clocks that jump.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

UNIT=$TOP/tools/systemd/p2pchat-server.service

# start_server OPTION... PORT: in a namespace of its own; its output in $T/server and $T/log.
start_server() {
  unshare -rn true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  trap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT
  unshare -rn sh -c 'ip link set lo up; exec "$@"' sh "$SERVER" "$@" >"$T/server" 2>"$T/log" &
  server=$!
  until_true grep -q "listening on" "$T/server"
}

inside() { nsenter -t "$server" -U --preserve-credentials -n "$@"; }

# page PATH [METHOD]: what is there, with head, at the port of the metrics.
page() {
  # shellcheck disable=SC2016
  inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/9465; printf "%s %s HTTP/1.0\r\n\r\n" "$2" "$1" >&3; timeout 60 cat <&3' bash "$1" "${2:-GET}"
}

# datagram BYTES: zeros, to the server, in one.
datagram() {
  # shellcheck disable=SC2016
  inside bash -c 'head -c "$1" /dev/zero | dd bs=65507 iflag=fullblock status=none >/dev/udp/127.0.0.1/5000' bash "$1"
}

metrics_have() { # metrics_have TEXT: asks for them, into $T/out
  page /metrics >"$T/out" && grep -qF -- "$1" "$T/out"
}

test_metrics_are_there_for_who_asks() {
  start_server --metrics 9465 5000
  datagram 7
  until_true metrics_have 'reason="bad size"} 1'
  status=0
  out_has 'HTTP/1.0 200 OK'
  out_has 'p2pchat_peers 0'
  out_has 'p2pchat_places 65536'
  out_has 'p2pchat_received_total 1'
  # Every line is a comment, or a name, perhaps with a reason, and a number.
  sed '1,/^\r$/d' "$T/out" | grep -vE '^(# (HELP|TYPE) p2pchat_|p2pchat_[a-z_]+(\{reason="[a-z ]+"\})? [0-9]+$)' >"$T/bad" && cat "$T/bad" && return 1
  [ "$(sed '1,/^\r$/d' "$T/out" | wc -c)" = "$(sed -n 's/^Content-Length: \([0-9]*\)\r$/\1/p' "$T/out")" ]
  page /etc/passwd >"$T/out"
  out_has '404 Not Found'
}

test_metrics_are_asked_for_in_several_ways() {
  start_server --metrics 9465 5000
  status=0
  for target in /metrics / '/metrics?x=1' '/?'; do
    page "$target" >"$T/out"
    out_has 'HTTP/1.0 200 OK'
    out_has 'p2pchat_peers 0'
  done
  length=$(sed -n 's/^Content-Length: \([0-9]*\)\r$/\1/p' "$T/out")
  page /metrics HEAD >"$T/out"
  out_has 'HTTP/1.0 200 OK'
  out_has "Content-Length: $length"
  [ "$(sed '1,/^\r$/d' "$T/out" | wc -c)" = 0 ]
  for target in /metricsx /metrics/ '/x?/metrics' metrics '/METRICS'; do
    page "$target" >"$T/out"
    out_has 'HTTP/1.0 404 Not Found'
  done
  page /metrics POST >"$T/out"
  out_has 'HTTP/1.0 405 Method Not Allowed'
  out_has 'Allow: GET, HEAD'
  page /metrics GETS >"$T/out"
  out_has 'HTTP/1.0 405 Method Not Allowed'
}

test_metrics_outlive_who_dawdles() {
  start_server --metrics 127.0.0.1:9465 5000
  # shellcheck disable=SC2016
  inside bash -c 'for i in 4 5 6 7 8 9; do eval "exec $i<>/dev/tcp/127.0.0.1/9465"; echo "GET" >&"$i"; done; echo there; cat <&4 >/dev/null' >"$T/held" &
  until_true grep -q there "$T/held"
  page /metrics >"$T/out"
  status=0
  out_has 'p2pchat_peers 0'
}

test_bad_metrics_are_refused() {
  try timeout 60 "$SERVER" --metrics here 5000
  refused '--metrics: "here" is not PORT or ADDRESS:PORT'
  try timeout 60 "$SERVER" --metrics 203.0.113.77:9465 5000
  status_is 2
  err_has '--metrics: cannot listen on 203.0.113.77:9465: '
  try timeout 60 "$SERVER" --stun-rate 0 5000
  refused '--stun-rate: "0" is not 1 to'
}

test_the_largest_datagram_and_one_above() {
  start_server -v --metrics 9465 5000
  datagram 1200 # right in size, not in form
  datagram 1201
  datagram 65507
  until_true metrics_have "p2pchat_received_total 3"
  status=0
  out_has 'reason="bad magic"} 1'
  out_has 'reason="bad size"} 2'
}

# talker NAME: a client of that name, which does what comes to $T/NAME.commands; what it shows goes to $T/NAME
talker() {
  mkfifo "$T/$1.commands"
  inside "$CLIENT" --identity none --name "$1" --keepalive 2 127.0.0.1:5000 <"$T/$1.commands" >"$T/$1" 2>"$T/$1.err" &
}

received() { # received N: the server has got so many datagrams
  page /metrics >"$T/out" && [ "$(sed -n 's/^p2pchat_received_total //p' "$T/out")" -ge "$1" ]
}

test_what_others_are_told_is_counted() {
  start_server --metrics 9465 5000
  talker alice
  exec 7>"$T/alice.commands"
  until_true grep -q '^name of .*: alice' "$T/alice"
  talker bob
  exec 8>"$T/bob.commands"
  until_true grep -q '^joined .*: bob' "$T/alice"
  until_true metrics_have 'p2pchat_notices_total 1'
  echo "logout" >&8
  until_true grep -q '^left .*: bob' "$T/alice"
  until_true metrics_have 'p2pchat_notices_total 2'
  status=0
  out_has 'p2pchat_notices_untold_total{reason="over the rate"} 0'
  kill -USR1 "$server"
  until_true grep -q 'of who comes and goes: 2 told, 0 not$' "$T/log"
}

# The date leaps between 1970 and 2100 with each look at it, for both programs; only the monotonic clock is as it was.
test_a_clock_that_jumps_changes_nothing() {
  export LD_PRELOAD=$TOP/build/release/leaping_clock.so
  [ "$(date +%Y)" = 2100 ] || complain "a date that leaps"
  start_server --forget 30 --metrics 9465 5000
  talker alice
  talker bob
  exec 7>"$T/alice.commands" 8>"$T/bob.commands"
  until_true grep -q '^name of .*: alice' "$T/alice"
  until_true grep -q '^name of .*: bob' "$T/bob"
  echo "send bob one" >&7
  until_true received 16 # some pings of each
  echo "send alice two" >&8
  until_true grep -q '^from .*: one' "$T/bob"
  until_true grep -q '^from .*: two' "$T/alice"
  until_true grep -q '^delivered .*: two' "$T/bob"
  if grep -hE 'lost|failed|not delivered' "$T/alice" "$T/bob"; then complain "nothing lost"; fi
  if grep -E 'forgotten|silent' "$T/log"; then complain "nobody forgotten"; fi
}

# What starts the server must exist, and be an option of it.
test_the_unit_names_only_what_there_is() {
  local option
  try "$SERVER" --help
  status_is 0
  sed -n 's/^ExecStart=@BIN@\/p2pchat-server //p' "$UNIT" | tr ' ' '\n' | grep -- '^--' >"$T/options"
  [ -s "$T/options" ]
  while read -r option; do out_has "$option"; done <"$T/options"
}

test_systemd_knows_the_unit() {
  command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
  mkdir "$T/bin"
  cp "$SERVER" "$T/bin/p2pchat-server"
  sed "s|@BIN@|$T/bin|" "$UNIT" >"$T/p2pchat-server.service"
  try systemd-analyze verify --man=no "$T/p2pchat-server.service"
  status_is 0
  if grep -F p2pchat-server.service "$T/err"; then return 1; fi # a line it does not understand
  try systemd-analyze security --offline=yes --threshold=20 "$T/p2pchat-server.service" # of 100: "OK" ends at 30
  status_is 0
}

crowds() { # crowds SCENARIO: as the lab runs it
  export CROWD=$TOP/build/release/crowd PUNCHLAB_RING=16384 # the capture is to be whole under a flood too
  try "$LAB" run --keep none --out "$T/o" -k "$1" "$FIXTURES/crowds.lua"
  [ "$status" != 77 ] || skip "$(cat "$T/err")"
  status_is 0
  out_has '1 passed, 0 failed'
}

test_two_hosts_with_thousands_of_ports_keep_nobody_out() { crowds 'two hosts'; }
test_peers_punch_while_a_flood_lasts() { crowds 'peers punch while a flood'; }
test_a_client_under_a_flood_is_heard_and_hears() { crowds 'a client under a flood'; }

run_tests
