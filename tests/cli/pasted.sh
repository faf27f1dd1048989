#!/usr/bin/env bash
# The script that punchlab nat prints, run on a router of one's own making: once, twice, and after another one's.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# router.sh SPEC...: a router between a host inside (10.0.1.2) and a STUN server outside, in namespaces of their own. The
# script of each SPEC is run in turn on the same router, which is then measured: one line of JSON each.
write_router() {
  cat >"$T/router.sh" <<'EOF'
#!/bin/sh -e
cd "$(dirname "$0")"
mount --make-rprivate /
mount -t tmpfs none /run
for name in router inside outside; do ip netns add $name; done
ip link add wan netns router type veth peer name eth0 netns outside
ip link add lan netns router type veth peer name eth0 netns inside
ip -n router addr add 203.0.113.1/24 dev wan
ip -n router addr add 10.0.1.1/24 dev lan
ip -n inside addr add 10.0.1.2/24 dev eth0
for address in 203.0.113.50 203.0.113.51; do ip -n outside addr add $address/24 dev eth0; done
for name in inside outside; do ip -n $name link set eth0 up; done
for name in wan lan; do ip -n router link set $name up; done
ip -n inside route add default via 10.0.1.1
mkfifo listening
ip netns exec outside ./server -b 203.0.113.50 -b 203.0.113.51 3478 >listening 2>/dev/null &
trap "kill $!" EXIT
exec 3<listening
head -n 1 <&3 >/dev/null
for spec in "$@"; do
	ip netns exec router sh -e "./$spec.nat" >script.out 2>&1 || { cat script.out; exit 1; }
	ip netns exec inside ./nat_type --fast --json 203.0.113.50
done
EOF
}

# What whoever runs the router, an ordinary user perhaps, must be able to read and to write.
prepare() { # prepare SPEC...
  write_router
  cp "$TOP/p2pchat/server" "$TOP/tools/nat_type" "$T"
  for spec in "$@"; do "$LAB" nat "$spec" >"$T/$spec.nat"; done
  chmod -R a+rwX "$T" && chmod a+x "$T/router.sh"
}

as_root() { unshare --mount --net --pid --fork --mount-proc --kill-child "$@"; }

as_user() {
  "${AS_USER[@]}" unshare --user --map-root-user --mount --net --pid --fork --mount-proc --kill-child "$@"
}

behaviour() { # behaviour NAME JSON
  [[ $2 =~ \"$1\":\ *\"([a-z-]+)\" ]] && echo "${BASH_REMATCH[1]}"
}

asked() { # asked SPEC: its mapping and filtering, in punchlab's own words
  "$LAB" nat "$1" | sed -n '2s/.*: mapping \([a-z-]*\), filtering \([a-z-]*\),.*/\1 \2/p'
}

# measures_as HOW SPEC...: the scripts one after the other, each measured as it claims
measures_as() {
  local how=$1 line
  shift
  prepare "$@"
  try "$how" "$T/router.sh" "$@"
  status_is 0
  [ "$(wc -l <"$T/out")" = $# ] || complain "$# measurements"
  while read -r line; do
    [ "$(behaviour mapping "$line") $(behaviour filtering "$line")" = "$(asked "$1")" ] || complain "$1 in: $line"
    shift
  done <"$T/out"
}

needs_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }

needs_user_namespaces() {
  as_user true 2>/dev/null || skip "an ordinary user may not make namespaces here"
}

test_each_is_what_it_claims_run_twice_and_after_another_ones() {
  needs_user_namespaces
  measures_as as_user full-cone full-cone carrier carrier full-cone restricted symmetric-sequential symmetric-sequential \
    mapping=ad,filtering=ei mapping=ad,filtering=ei restricted symmetric full-cone,hairpin port-restricted
}

# The script's own loop tells each flow its end, so traffic keeps none.
test_a_lifetime_of_ones_own_router() {
  needs_user_namespaces
  prepare symmetric,lifetime=6
  cat >"$T/lives.sh" <<'EOF'
sed '/^for spec/,$d' "$1/router.sh" >"$1/place.sh"
. "$1/place.sh"
ip netns exec router sh -e ./symmetric,lifetime=6.nat
ip netns exec inside /usr/bin/python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.1.2", 4000))
began = time.monotonic()
while time.monotonic() - began < 4:
	s.sendto(b"x", ("203.0.113.50", 9))
	time.sleep(0.1)
'
ip netns exec router conntrack -L -p udp --sport 4000 2>/dev/null | awk '{ print "left", $3 }'
echo done
EOF
  try as_user sh -e "$T/lives.sh" "$T"
  status_is 0
  out_has "done"
  if grep '^left' "$T/out" | grep -vxE 'left [0-3]'; then complain "a flow that traffic kept"; fi
}

test_as_root() {
  needs_root
  measures_as as_root full-cone full-cone carrier restricted
}

test_nothing_of_a_nat_is_left_when_the_box_is_opened() {
  needs_user_namespaces
  prepare full-cone carrier open,ipv6=firewall,ipv6.timeout=9 open,ipv6=nat66,ipv6.filtering=ad open,ipv6=nptv6 open
  for nat in full-cone carrier open,ipv6=firewall,ipv6.timeout=9 open,ipv6=nat66,ipv6.filtering=ad open,ipv6=nptv6; do
    # shellcheck disable=SC2016
    try as_user --propagation private sh -e -c 'mount -t tmpfs none /run; cd "$1"; sh -e "./$2.nat" >&2; sh -e ./open.nat >&2
      ipset list -n; nft list tables | grep punchlab || :; iptables -t mangle -S; iptables -t nat -S; iptables -S
      ip6tables -t mangle -S; ip6tables -t nat -S; ip6tables -S' \
      - "$T" $nat
    status_is 0
    if grep -vxE -- '-P [A-Z]+ ACCEPT' "$T/out"; then complain "nothing but policies that accept"; fi
  done
}

test_the_script_says_what_it_does_to_a_router() {
  try "$LAB" nat full-cone
  out_has "iptables-restore replaces the tables"
  out_has "create tcp-own-1-stream" # TCP has rules of its own
  out_has_not "those of UDP"
  out_has "--hosts N"
  try "$LAB" nat carrier
  out_has_not "--hosts N"
}

run_tests
