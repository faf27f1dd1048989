#!/usr/bin/env bash
# Whose names p2pchat's client knows: the file beside its identity, which is one for all clients of a user.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# begin NAME IDENTITY: a client that is logged in by that name, and goes on: `type NAME COMMAND` tells it what to do, what
# it says is in $T/NAME, and on standard error in $T/NAME.err.
begin() {
  rm -f "$T/$1" # what an earlier one has said
  mkfifo "$T/$1.commands"
  "$CLIENT" --identity "$2" --name "$1" "127.0.0.1:$PORT" <>"$T/$1.commands" >"$T/$1" 2>"$T/$1.err" &
  printf -v "PID_$1" %s $!
  until_true grep -q "^logged in as" "$T/$1"
}

type() { echo "${*:2}" >"$T/$1.commands"; }

end() { # end NAME
  local pid=PID_$1
  kill "${!pid}"
  until_true ended "${!pid}"
  rm "$T/$1.commands"
}

says() { until_true grep -qE "$2" "$T/$1"; } # says NAME REGEX: so far, or soon
keeps() { until_true grep -qE "^[0-9a-f]{64} $1\$" "$T/key.peers"; }

test_two_clients_of_one_user_lose_no_name() {
  start_server
  begin bob "$T/bob.key"
  begin carol "$T/carol.key"
  begin idle "$T/key"
  begin me "$T/key"
  type me send bob hello
  keeps bob
  type idle send carol hello
  keeps carol
  keeps bob
  end bob
  begin bob "$T/other.key" # somebody else has the name now
  type me send bob a secret
  says me '^key changed .*: bob'
  says me '^not delivered .*: a secret'
  end me
  end idle
  begin me "$T/key"
  type me send bob another secret
  says me '^not delivered .*: another secret'
  if grep secret "$T/bob"; then complain "no word of it to somebody else"; fi
}

test_what_another_client_has_learnt_counts_at_once() {
  start_server
  begin bob "$T/bob.key"
  begin idle "$T/key"
  begin me "$T/key"
  type me send bob hello
  keeps bob
  end bob
  begin bob "$T/other.key"
  type idle send bob a secret
  says idle '^key changed .*: bob'
  says idle '^not delivered .*: a secret'
  type idle accept bob # for all of them
  type idle send bob it is you
  says idle '^delivered .*: it is you'
  type me send bob it is you
  says me '^delivered .*: it is you'
  [ "$(wc -l <"$T/key.peers")" = 1 ]
}

# Which is seldom: both have to do with the name before either has written.
test_who_comes_second_with_another_key_is_told() {
  start_server
  begin bob "$T/bob.key"
  begin me "$T/key"
  exec 9>"$T/key.peers.lock"
  flock 9
  type me send bob hello
  says me '^delivered .*: hello'
  [ ! -e "$T/key.peers" ]
  printf '%064d bob\n' 7 >"$T/mine"
  chmod 600 "$T/mine"
  mv "$T/mine" "$T/key.peers" # another client's bob
  type me send bob a secret
  says me '^key changed .*: bob'
  says me '^path lost .*: the key is not the one that is known'
  exec 9>&-
  type me send bob a secret
  says me '^not delivered .*: a secret'
  [ "$(cat "$T/key.peers")" = "$(printf '%064d bob' 7)" ]
}

test_who_cannot_write_at_once_does_so_later() {
  start_server
  begin bob "$T/bob.key"
  begin me "$T/key"
  exec 9>"$T/key.peers.lock"
  flock 9
  type me send bob hello
  says me '^delivered .*: hello'
  exec 9>&-
  keeps bob
  if grep "known names" "$T/me.err"; then complain "no word of it"; fi
}

run_tests
