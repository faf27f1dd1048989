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

# "me" has sent to bob, and cannot write down who he is as long as descriptor 9 is open.
hear_while_locked() {
  start_server
  begin bob "$T/bob.key"
  begin me "$T/key"
  exec 9>"$T/key.peers.lock"
  flock 9
  type me send bob hello
  says me '^delivered .*: hello'
}

# Which is seldom: both have to do with the name before either has written.
test_who_comes_second_with_another_key_is_told() {
  hear_while_locked
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
  hear_while_locked
  exec 9>&-
  keeps bob
  if grep "known names" "$T/me.err"; then complain "no word of it"; fi
}

test_whose_line_is_removed_is_known_again_when_sent_to() {
  start_server
  begin bob "$T/bob.key"
  begin me "$T/key"
  type me send bob hello
  keeps bob
  rm "$T/key.peers"
  type me send bob hello again # by the same path
  keeps bob
}

has_warned() { [ "$(grep -c 'known names' "$T/me.err")" = "$1" ]; }

# begin_at_home [REASON]: "me", whose home comes over a network, and has no locks for that reason; knows nobody yet
begin_at_home() {
  rm -f "$T/key.peers" "$T/key.peers.lock"
  export LD_PRELOAD=$TOP/build/release/remote_flock.so FLOCK_ERRNO=${1:-}
  begin me "$T/key"
  unset LD_PRELOAD FLOCK_ERRNO
}

test_names_are_kept_in_a_home_that_comes_over_a_network() {
  local why
  start_server
  begin bob "$T/bob.key"
  begin carol "$T/carol.key"
  begin_at_home
  type me send bob hello
  keeps bob
  end me
  if grep "known names" "$T/me.err"; then complain "no word of it"; fi
  for why in ENOLCK EOPNOTSUPP ENOSYS EINVAL; do # there are no locks
    begin_at_home "$why"
    type me send bob hello
    keeps bob
    type me send carol hello
    keeps carol
    says me.err 'known names: .*key\.peers\.lock: .*: nothing keeps two clients from writing at once; run one at a time'
    end me
    has_warned 1
  done
  begin_at_home EIO # nor is it known whether another has it
  type me send bob hello
  says me.err 'known names: .*key\.peers\.lock: Input/output error; unless that is mended'
  [ ! -e "$T/key.peers" ]
}

# many_names N: lines for so many names that do not look alike
many_names() {
  local i letters=abcdefghjkmnpqrstuvwxyz
  for ((i = 0; i < $1; i++)); do
    printf '%064d n%s%s%s\n' 7 "${letters:i % 23:1}" "${letters:i / 23 % 23:1}" "${letters:i / 529:1}"
  done
}

test_a_name_for_which_there_is_no_room_is_told_once() {
  start_server
  begin bob "$T/bob.key"
  begin carol "$T/carol.key"
  (umask 077 && many_names 1024 >"$T/key.peers")
  begin me "$T/key"
  type me send bob hello
  says me.err 'known names: .*key\.peers has 1024, .*"bob" is believed; remove lines'
  type me send carol hello
  says me '^delivered .*: hello'
  [ "$(grep -c 'known names' "$T/me.err")" = 1 ]
  [ "$(wc -l <"$T/key.peers")" = 1024 ]
  sed -i 1d "$T/key.peers"
  until_true grep -qE " (bob|carol)\$" "$T/key.peers" # there is room now
}

test_what_is_wrong_with_the_file_is_told() {
  (umask 077 && many_names 1025 >"$T/key.peers")
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "key.peers cannot be used: line 1025 is one more than there may be; remove those you do not need"
  many_names 5000 >"$T/key.peers"
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "line 1025 is one more"
  printf '%064d bob\n%064d bob\n' 1 2 >"$T/key.peers"
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "line 2 has the name of a line before it with another key; remove one of them"
  echo nonsense >"$T/key.peers"
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "line 1 is no key and name; remove that line"
  printf '%064d bob\n' 1 >"$T/key.peers"
  chmod 644 "$T/key.peers"
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "key.peers can be read by others: chmod 600 it"
  if grep remove "$T/err"; then complain "not to remove what is known"; fi
}

# By earlier rules both were names, and two: whoever is told to remove a line loses what protects him.
test_names_that_are_none_any_more_stop_nobody() {
  start_server
  begin bob "$T/bob.key"
  (umask 077 && printf '%064d Jose\xcc\x81\n%064d eve\n%064d EVE\n' 7 8 9 >"$T/key.peers")
  begin me "$T/key"
  type me send bob hello
  keeps bob
  keeps $'Jose\xcc\x81'
  keeps eve
  keeps EVE
  [ "$(wc -l <"$T/key.peers")" = 4 ]
}

# What an earlier one left behind, whose number this process has again, as happens in a container.
test_a_file_left_behind_is_in_nobodys_way() {
  # shellcheck disable=SC2016
  try bash -c 'touch "$1.$$"; exec "$2" --identity "$1" 127.0.0.1:9' - "$T/key" "$CLIENT"
  status_is 0
  [ -s "$T/key" ]
}

three_pages() { echo $((3 * $(getconf PAGESIZE))); }
fill() { head -c "$(three_pages)" /dev/zero >"$T/disk/filler" 2>/dev/null || true; }

on_a_full_disk() {
  mount -t tmpfs -o "size=$(three_pages)" none "$T/disk" # the two files, and one under way
  start_server
  begin bob "$T/bob.key"
  begin carol "$T/carol.key"
  begin dora "$T/dora.key"
  begin me "$T/disk/key"
  fill
  type me send bob hello
  says me '^delivered .*: hello'
  says me.err 'known names: .*No space left on device; unless that is mended, the next run will not know'
  type me send carol "hello, carol"
  says me '^delivered .*: hello, carol'
  has_warned 1
  rm "$T/disk/filler"
  says me.err 'known names: .*key\.peers is written again'
  [ "$(wc -l <"$T/disk/key.peers")" = 2 ]
  fill
  type me send dora hello
  until_true has_warned 3
  end me # which says so once more
  says me.err 'known names: .*No space left on device; the next run will not know whom this one has talked to'
  [ "$(wc -l <"$T/disk/key.peers")" = 2 ] # nothing of it is lost
  rm "$T/disk/filler"
  begin me "$T/disk/key"
  fill
  type me send dora hello
  until_true has_warned 1
  rm "$T/disk/filler"
  end me # at the end it is tried again
    [ "$(wc -l <"$T/disk/key.peers")" = 3 ]
}

test_what_a_full_disk_refuses_is_tried_again() {
  unshare -rm true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  mkdir "$T/disk"
  unshare -rm bash -euc "$(declare -f); $(declare -p T TOP SERVER CLIENT SERVER_OPTIONS); on_a_full_disk"
}

run_tests
