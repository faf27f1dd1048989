#!/usr/bin/env bash
# Private worlds: what is in them, what is not, and that nothing of them is left, whoever is killed and when.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

NAME=worlds-$$
ROUNDS=12

inside() { # inside SPEC SCRIPT: runs it on the host behind that NAT
  try "$LAB" shell --out "$T/o" --name "$NAME" "$1" -- sh -c "$2"
  status_is 0
}

test_a_world_has_its_own_interfaces_processes_and_run() {
  inside symmetric 'ip -o link | cut -d" " -f2; ls /run /run/netns; ps -e -o comm= || ls /proc | grep -c "^[0-9]"; hostname'
  out_has "eth0"
  out_has "nat-a"
  grep -qx alice "$T/out" || complain "the host name alice"
  [ "$(grep -c '^eth' "$T/out")" = 1 ]
  [ ! -e /run/netns/nat-a ] || [ "$(ip netns list | grep -c '^nat-a')" = 0 ]
}

test_ip_netns_exec_works_inside() {
  inside port-restricted 'ip netns exec nat-a conntrack -L && ip netns exec nat-a iptables -t nat -S'
  out_has "POSTROUTING"
}

test_no_ipv6_no_filters_no_resolver() {
  inside open 'cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6 /proc/sys/net/ipv4/conf/*/rp_filter | sort -u; wc -c </etc/resolv.conf'
  [ "$(tr -d '[:space:]' <"$T/out")" = "010" ] || complain "1 once, 0 for every filter, an empty resolv.conf"
}

test_a_world_is_for_all_in_it_whatever_the_umask() {
  umask 077
  inside open 'umask; setpriv --reuid=nobody cat /etc/hosts || cat /etc/hosts'
  out_has "0077"
  out_has "22.22.22.1"
}

test_a_world_in_a_world() {
  inside symmetric "'$LAB' shell --out '$T/inner' full-cone -- getent hosts nat-a"
  out_has "33.33.33.1"
}

test_packets_keep_their_order() { # all are received on one processor, or all programs run on one
  inside open 'cat /proc/sys/net/core/rps_default_mask 2>/dev/null || nproc'
  grep -qE '[1-9a-f]' "$T/out" || complain "one processor"
}

test_captures_show_wire_sized_packets_with_right_checksums() {
  command -v tshark >/dev/null || skip "no tshark"
  # shellcheck disable=SC2016
  inside port-restricted "printf 'login\\nquit\\n' | '$TOP/p2pchat/client' server:3478"
  trace=$(sed -n 's/^capture: //p' "$T/err")
  try tshark -r "$trace" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields -e frame.len -e ip.checksum.status \
    -e udp.checksum.status
  status_is 0
  [ -s "$T/out" ]
  while read -r len ip udp; do
    if [ "$len" -gt 1514 ] || [ "$ip $udp" != "1 1" ]; then
      complain "at most 1514 bytes and good checksums, not $len $ip $udp"
    fi
  done <"$T/out"
}

# --- in a chroot -----------------------------------------------------------------------------

# A folder with what a program needs, which is no mount point; mounts above it are shared, as systemd makes them.
# shellcheck disable=SC2016
in_a_chroot() { # in_a_chroot SCRIPT: run there by sh, with $lab and $out
  try unshare --map-root-user --mount sh -ec '
    PATH=$PATH:/usr/sbin:/sbin # an ordinary user has them not
    mount --make-rshared / && mkdir -p "$1/root" && touch "$1/root/in-the-chroot"
    for d in usr etc dev "${2#/}" "${3#/}"; do mkdir -p "$1/root/$d" && mount --rbind "/$d" "$1/root/$d"; done
    for link in bin sbin lib lib64; do [ ! -e "/$link" ] || ln -s "usr/$link" "$1/root/$link"; done
    mkdir -p "$1/root/proc" "$1/root/run" "$1/root/tmp" && mount --rbind /proc "$1/root/proc"
    before=$(wc -l </proc/self/mountinfo)
    lab=$2/punchlab out=/out chroot "$1/root" sh -ec "$4"
    [ "$(wc -l </proc/self/mountinfo)" = "$before" ]' - "$T" "$(dirname "$LAB")" "$TOP" "$1"
}

test_a_chroot_whose_root_is_no_mount_point() {
  # shellcheck disable=SC2016
  in_a_chroot '! cut -d" " -f5 /proc/self/mountinfo | grep -qx / && ls / &&
    $lab shell --out $out open -- sh -c "ls / && cut -d\" \" -f5 /proc/self/mountinfo | grep -x /"'
  status_is 0
  [ "$(grep -c '^in-the-chroot$' "$T/out")" = 2 ] || complain "the chroot's files in the world"
  grep -qx / "$T/out" || complain "a root that is a mount"
}

test_exec_comes_into_the_chroot_of_its_world() {
  # shellcheck disable=SC2016
  in_a_chroot '
    $lab up --name '"$NAME"' --out $out open 2>/tmp/said & up=$!
    trap "kill $up" EXIT
    until grep -q Ctrl-C /tmp/said; do kill -0 $up; sleep 0.05; done
    $lab exec --name '"$NAME"' alice -- sh -c "hostname; ls /"
    trap - EXIT
    kill $up; wait $up'
  status_is 0
  out_has "alice"
  out_has "in-the-chroot"
}

# --- killing ---------------------------------------------------------------------------------

marked() { # marked: the pids of the processes that bear this test's mark
  { grep -lzx "PUNCHLAB_TEST_MARK=$T" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
}

none_marked() { [ -z "$(marked)" ]; }

child_of() { cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null || true; }

# Programs that do not want to go: detached ones, and ones deaf to signals.
STUBBORN='setsid sleep 1000 & (trap "" TERM INT HUP; setsid sleep 1001 & sleep 1002) & exec sleep 1003'

start_stubborn() { # start_stubborn PREFIX...: leaves the lab's pid in $lab, as PREFIX becomes it
  let_user_in
  chmod 777 "$T"
  env "PUNCHLAB_TEST_MARK=$T" "$@" "$LAB" shell --out "$T/o" --name "$NAME" port-restricted -- sh -c "$STUBBORN" \
    >/dev/null 2>&1 </dev/null &
  lab=$!
}

kill_at_any_moment() { # kill_at_any_moment PREFIX...
  local round
  for round in $(seq $ROUNDS); do
    start_stubborn "$@"
    read -r -t "0.$(printf %03d $((round * 400 / ROUNDS)))" <> <(:) || true # the moment is what is tested
    kill -9 $lab
    wait $lab 2>/dev/null || true
    until_true none_marked || { echo "round $round: left $(marked)"; return 1; }
  done
}

stubborn_stand() { # all four programs run
  [ "$(for pid in $(marked); do cat "/proc/$pid/comm" 2>/dev/null; done | grep -c '^sleep$')" = 4 ]
}

kill_first_process() { # kill_first_process PREFIX...: the lab then ends by itself, and not as if all were well
  start_stubborn "$@"
  until_true stubborn_stand
  kill -9 "$(child_of $lab)"
  status=0
  wait $lab 2>/dev/null || status=$?
  [ $status != 0 ]
  until_true none_marked || { echo "left $(marked)"; return 1; }
}

test_kill_9_of_the_lab_at_any_moment() { kill_at_any_moment; }
test_kill_9_of_the_lab_at_any_moment_as_a_user() { kill_at_any_moment "${AS_USER[@]}"; }
test_kill_9_of_the_first_process() { kill_first_process; }
test_kill_9_of_the_first_process_as_a_user() { kill_first_process "${AS_USER[@]}"; }

test_no_mount_and_no_namespace_is_left() {
  mounts=$(wc -l </proc/self/mountinfo)
  inside symmetric 'true'
  [ "$(wc -l </proc/self/mountinfo)" = "$mounts" ]
  [ ! -e /run/netns/nat-a ]
}

run_tests
