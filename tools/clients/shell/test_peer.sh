#!/usr/bin/env bash
# What a test in bash looks like: peer.sh through two NATs. PUNCHLAB=$PWD/punchlab tools/clients/shell/test_peer.sh
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/clients/shell/punchlab.sh
. "$here/punchlab.sh"

punch() { # punch SPEC SPEC: "through" or "shut" of alice and of bob, in `said`; the lab's verdict in `why`
  local server alice bob folder
  lab_up "$1" "$2" || return
  folder=$(mktemp -d)
  server=$(lab_ask server address):7000
  lab server "$here/peer.sh" 7000 &
  lab alice "$here/peer.sh" "$server" alice bob >"$folder/alice" &
  alice=$!
  lab bob "$here/peer.sh" "$server" bob alice >"$folder/bob" &
  bob=$!
  wait "$alice" "$bob"
  said="$(cat "$folder/alice") $(cat "$folder/bob")"
  why=$(lab_why alice bob)
  from_bob=$(lab_count "nat-a wan" "udp and src host $(lab_ask nat-b address)")
  rm -r "$folder"
  lab_end
}

two_cones_open() {
  punch port-restricted port-restricted || return
  [[ $said == "through through" && $why == "alice and bob: open"* && $from_bob -gt 0 ]]
}

a_symmetric_one_stays_shut_and_why() {
  punch port-restricted symmetric || return
  [[ $said == "shut shut" && $why == "alice and bob: shut"*"What would help: "* && $from_bob -gt 0 ]]
}

a_wrong_spec_says_what_there_is() {
  ! said=$(lab_up conical 2>&1) && [[ $said == *"'conical'"* ]]
}

passed=0 failed=0 said='' why='' from_bob=''
for test in two_cones_open a_symmetric_one_stays_shut_and_why a_wrong_spec_says_what_there_is; do
  if $test; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf '%s\n' "not ok $test" "$said, $from_bob of bob's packets at nat-a" "$why"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
