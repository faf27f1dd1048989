#!/usr/bin/env bash
# punchlab doctor, and what happens on a machine that cannot run the lab.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A user namespace that allows no more network namespaces stands for such a machine.
# shellcheck disable=SC2016
on_a_bad_machine() {
  try unshare --map-root-user sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' - "$@"
}

# One that allows no more user namespaces, to a user without privileges in it.
# shellcheck disable=SC2016
without_user_namespaces() {
  try "${AS_USER[@]}" unshare --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"' - "$@"
}

# A limit that is low, but not 0: SYSCTL=NUMBER of a user namespace, in a PID namespace of its own.
# shellcheck disable=SC2016
with_a_low_limit() { # with_a_low_limit LIMIT NUMBER COMMAND...
  try unshare --map-root-user --pid --fork --mount-proc sh -c \
    'echo "$2" >"/proc/sys/user/$1" && shift 2 && exec "$@"' - "$@"
}

# Processes: root is not held to that limit.
# shellcheck disable=SC2016
with_few_processes() {
  try "${AS_USER[@]}" bash -c 'ulimit -u 3 && exec "$@"' - "$@"
}

test_this_machine_is_fine() {
  try "$LAB" doctor --out "$T/not/yet"
  status_is 0
  out_has "ok       private worlds"
  out_has "ok       nft maps filled by packets"
  out_has_not "MISSING"
  [ ! -e "$T/not" ]
}

# An nft that refuses one kind of rule, once there is a file $T/refuses, stands for a kernel without it.
without_numgen() {
  mkdir "$T/bin"
  cat >"$T/bin/nft" <<SH
#!/bin/bash
rules=\$(cat)
[[ \$rules != *numgen* || ! -e $T/refuses ]] || { echo "Error: no numbers" >&2; exit 1; }
exec $(PATH=$PATH:/usr/sbin:/sbin command -v nft) "\$@" <<<"\$rules"
SH
  chmod +x "$T/bin/nft"
}

test_what_rules_need_of_the_kernel_is_named() {
  without_numgen
  touch "$T/refuses"
  PATH=$T/bin:$PATH try "$LAB" check symmetric,ports=sequential
  status_is 1
  out_has "this kernel lacks what the rules need: nft numgen: Error: no numbers; to mend it: sudo modprobe nft_numgen"
  [ "$(grep -c 'this kernel lacks' "$T/out")" = 1 ] || complain "one feature named"
  PATH=$T/bin:$PATH try "$LAB" doctor --out "$T/o"
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one feature missing"
  out_has "Error: no numbers; it is needed for "
}

test_what_rules_need_is_named_when_they_are_made_anew() {
  without_numgen
  cat >"$T/anew.lua" <<END
scenario("anew", function(lab)
	local home = lab:box("home", "symmetric,ports=sequential")
	lab:host("alice", { behind = home }):udp(0)
	equal(home:run({ "touch", "$T/refuses" }):exit_status(), 0)
	pcall(home.renumber, home)
	home:renumber()
end)
END
  PATH=$T/bin:$PATH try "$LAB" run --out "$T/o" "$T/anew.lua"
  status_is 1
  out_has "this kernel lacks what the rules need: nft numgen: Error: no numbers"
  # Both times, and once more where the box had still to be measured, beside; and of nothing else.
  [ "$(grep -c "this kernel lacks what the rules need: nft numgen:" "$T/out")" -ge 2 ] || complain "it is said both times"
  if grep "this kernel lacks" "$T/out" | grep -v "need: nft numgen:"; then complain "nothing else"; fi
}

test_an_ordinary_user_is_fine() {
  let_user_in
  try "${AS_USER[@]}" "$LAB" doctor --out /tmp
  status_is 0
  out_has_not "MISSING"
}

test_a_bad_machine_is_told_with_the_fix() {
  on_a_bad_machine "$LAB" doctor --out "$T/o"
  status_is 77
  grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
  out_has "fix: sudo sysctl -w user.max_net_namespaces="
}

test_a_low_limit_is_named() {
  local limit
  for limit in "net 3" "pid 1"; do
    with_a_low_limit "max_${limit% *}_namespaces" "${limit#* }" "$LAB" doctor --out /tmp
    status_is 77
    [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one limit"
    grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
    out_has "fix: sudo sysctl -w user.max_${limit% *}_namespaces="
    with_a_low_limit "max_${limit% *}_namespaces" "${limit#* }" "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
    status_is 77
    err_is_one_line
    err_has "sudo sysctl -w user.max_${limit% *}_namespaces="
  done
}

test_too_few_processes_are_named() {
  let_user_in
  with_few_processes "$LAB" doctor --out /tmp
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one limit"
  out_has "fix: ulimit -u "
  with_few_processes "$LAB" run --out /tmp/none "$FIXTURES/quick.lua"
  status_is 77
  err_is_one_line
  err_has "ulimit -u "
}

test_no_user_namespaces() {
  let_user_in
  without_user_namespaces "$LAB" doctor --out /tmp
  status_is 77
  grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
  out_has "fix: sudo sysctl -w user.max_user_namespaces="
}

test_run_and_its_kin_exit_77_with_the_reason() {
  for command in "run --out $T/o $FIXTURES/quick.lua" "matrix --out $T/o" "check symmetric" "shell --out $T/o open -- true"; do
    # shellcheck disable=SC2086
    on_a_bad_machine "$LAB" $command
    status_is 77
    err_is_one_line
    err_has "this machine cannot run the lab: private worlds"
    err_has "sudo sysctl -w user.max_net_namespaces="
    [ ! -e "$T/o" ]
  done
}

test_must_run_turns_it_into_a_failure() {
  export PUNCHLAB_MUST_RUN=1
  on_a_bad_machine "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 1
}

# --- who forbids it, and the narrowest thing that allows it ----------------------------------------

# The capabilities that Docker gives a container's root.
DOCKER_GIVES=-all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid,+setfcap,+setpcap
DOCKER_GIVES+=,+net_bind_service,+sys_chroot,+kill,+audit_write

# as_root_with CAPABILITIES COMMAND...: root (of a user namespace) that has just these
as_root_with() {
  local caps=$1
  shift
  try unshare --map-root-user --mount setpriv --bounding-set="$caps" --inh-caps="$caps" "$@"
}

with_masked_proc() { # with_masked_proc COMMAND...: as root that needs a user namespace
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount sh -ec "$MASK_PROC"'
    exec setpriv --bounding-set=-all,+setfcap --inh-caps=-all,+setfcap "$@"' - "$@"
}

# in_a_root_with FILE COMMAND...: in a root folder that has this empty file, as containers have
# shellcheck disable=SC2016
in_a_root_with() {
  try unshare --map-root-user --mount sh -ec '
    PATH=$PATH:/usr/sbin:/sbin # an ordinary user has them not
    mkdir "$1/root" && mount -t tmpfs none "$1/root" && cd "$1/root" && file=$2 && shift 2
    for f in /*; do
      if [ -L "$f" ]; then cp -P "$f" .; elif [ -d "$f" ]; then mkdir -p ".$f" && mount --rbind "$f" ".$f"; fi
    done
    mkdir -p old && pivot_root . old && umount -l /old
    case $file in /run/*) mount -t tmpfs none /run ;; esac
    : >"$file" && exec setpriv --bounding-set=-all,+setfcap --inh-caps=-all,+setfcap "$@"' - "$T" "$@"
}

# forbidden_by DETAIL FIX: private worlds alone are missing, for that reason, and that mends it
forbidden_by() {
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one denial"
  grep '^MISSING .*private worlds ' "$T/out" | grep -qF -- "$1" || complain "private worlds missing: $1"
  grep -A1 '^MISSING' "$T/out" | grep -qF -- "fix: $2" || complain "fix: $2"
}

test_a_container_s_root_is_told_of_capabilities_and_profiles() {
  as_root_with $DOCKER_GIVES "$DENY" namespaces "$LAB" doctor --out /tmp
  forbidden_by "cannot create namespaces: Operation not permitted, and this root lacks CAP_SYS_ADMIN CAP_NET_ADMIN" \
    "start the container with --cap-add SYS_ADMIN --cap-add NET_ADMIN; --privileged allows"
}

test_only_what_is_lacking_is_to_be_added() {
  as_root_with -net_admin "$DENY" user-namespaces "$LAB" doctor --out /tmp
  forbidden_by "this root lacks CAP_NET_ADMIN" "start the container with --cap-add NET_ADMIN; --privileged"
  as_root_with -net_raw,-net_bind_service "$DENY" user-namespaces "$LAB" doctor --out /tmp
  forbidden_by "this root lacks CAP_NET_RAW CAP_NET_BIND_SERVICE" \
    "start the container with --cap-add NET_RAW --cap-add NET_BIND_SERVICE;"
}

test_root_without_a_capability_takes_a_user_namespace() {
  local capability
  for capability in net_admin net_raw net_bind_service; do
    as_root_with -$capability "$LAB" doctor --out /tmp
    status_is 0
  done
  as_root_with -net_admin,-net_raw,-net_bind_service "$LAB" run --out "$T/o" -k 'full-cone x symmetric' "$TOP/scenarios/matrix.lua"
  status_is 0
}

test_root_that_may_not_map_itself() {
  as_root_with -all "$LAB" doctor --out /tmp
  forbidden_by "cannot map the user's id: Operation not permitted" "start the container with --cap-add SETFCAP;"
}

test_a_masked_proc_is_told_from_forbidden_user_namespaces() {
  with_masked_proc "$LAB" doctor --out /tmp
  forbidden_by "cannot mount /proc: Operation not permitted: parts of /proc are masked" \
    "start the container with --security-opt systempaths=unconfined"
}

test_the_fix_is_in_the_words_of_the_container() {
  export container=podman
  with_masked_proc "$LAB" doctor --out /tmp
  forbidden_by "masked" "start the container with --security-opt unmask=ALL;"
  unset container
  KUBERNETES_SERVICE_HOST=10.0.0.1 with_masked_proc "$LAB" doctor --out /tmp
  forbidden_by "masked" "in the securityContext: procMount Unmasked (with hostUsers: false in the pod)"
  KUBERNETES_SERVICE_HOST=10.0.0.1 as_root_with $DOCKER_GIVES "$DENY" namespaces "$LAB" doctor --out /tmp
  forbidden_by "lacks" "in the securityContext: capabilities.add [SYS_ADMIN, NET_ADMIN]"
  in_a_root_with /run/.containerenv "$DENY" mounts "$LAB" doctor --out /tmp
  forbidden_by "cannot make mounts private: Permission denied" "start the container with --security-opt apparmor=unconfined;"
}

# Its user cannot become root, and root could do no more.
test_an_ordinary_user_in_a_container_is_not_told_to_be_root() {
  export container=oci
  let_user_in
  try "${AS_USER[@]}" "$DENY" namespaces "$LAB" doctor --out /tmp
  forbidden_by "cannot create namespaces: Operation not permitted" \
    "start the container with --security-opt seccomp=unconfined"
  out_has_not "as root"
}

# with_sysctl NAME VALUE COMMAND...: where the kernel has no such switch, what it does is done by seccomp
# shellcheck disable=SC2016
with_sysctl() {
  try "${AS_USER[@]}" unshare --map-root-user --mount sh -ec '
    mount -t tmpfs none /proc/sys/kernel && echo "$2" >/proc/sys/kernel/"$1" && deny=$3 && shift 3
    exec setpriv --bounding-set=-all --inh-caps=-all "$deny" user-namespaces "$@"' - "$1" "$2" "$DENY" "${@:3}"
}

test_switches_are_named() {
  let_user_in
  with_sysctl unprivileged_userns_clone 0 "$LAB" doctor --out /tmp
  forbidden_by "cannot create namespaces: " "sudo sysctl -w kernel.unprivileged_userns_clone=1"
}

test_few_files_are_named() {
  try bash -c 'ulimit -n 100; exec "$@"' - "$LAB" doctor --out /tmp
  forbidden_by "only 100 files may be open at once" "ulimit -n 1024"
}

# shellcheck disable=SC2016
test_no_proc_is_named() {
  try unshare --map-root-user --mount sh -ec 'mount -t tmpfs none /proc && exec "$@"' - "$LAB" doctor --out /tmp
  forbidden_by "/proc is not mounted" "sudo mount -t proc proc /proc"
}

# Empty folders in the place of those where administrators' programs are, in a mount namespace of its own.
# shellcheck disable=SC2016
without_programs() {
  mkdir "$T/empty"
  try unshare --map-root-user --mount sh -c '
    empty=$1; shift
    for d in /usr/sbin /sbin /usr/local/sbin; do mount --bind "$empty" $d || exit 9; done
    PATH=$empty exec "$@"' - "$T/empty" "$@"
}

test_a_missing_program_is_named() {
  without_programs "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 77
  err_has "iptables"
}

test_every_missing_program_is_named_with_its_package() {
  without_programs "$LAB" doctor --out /tmp
  status_is 77
  for package in iptables ipset nftables conntrack; do
    out_has "fix: sudo apt-get install -y --no-install-recommends $package"
  done
}

# An ipset whose kernel does not know that type.
test_every_kind_of_set_is_tried() {
  local kind
  for kind in bitmap:port hash:ip,port hash:ip,port,ip list:set; do
    mkdir -p "$T/bin"
    cat >"$T/bin/ipset" <<EOF
#!/bin/sh
[ "\$1" = restore ] || exec $(command -v ipset || echo /usr/sbin/ipset) "\$@"
sets=\$(cat)
! echo "\$sets" | grep -q ' $kind\( \|\$\)' || { echo "set type not supported" && exit 1; }
echo "\$sets" | exec $(PATH=$PATH:/usr/sbin command -v ipset) restore
EOF
    chmod +x "$T/bin/ipset"
    PATH=$T/bin:$PATH try "$LAB" doctor --out /tmp
    status_is 77
    grep -q "^MISSING  ipset $kind  *set type not supported" "$T/out" || complain "$kind missing"
  done
  out_has "fix: sudo modprobe ip_set_list_set"
  out_has "; it is needed for full-cone, restricted"
}

test_an_output_folder_that_cannot_be_written() {
  : >"$T/file"
  try "$LAB" doctor --out "$T/file/below"
  status_is 77
  out_has "MISSING  output folder"
  out_has "name another folder with --out"
}

test_a_full_disk() {
  mkdir "$T/full"
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount sh -c '
    mount -t tmpfs -o size=64k none "$1" || exit 9
    head -c 1M /dev/zero >"$1/fill" 2>/dev/null
    exec "$2" doctor --out "$1"' - "$T/full" "$LAB"
  status_is 77
  out_has "No space left on device"
  out_has "free some space there"
}

test_it_is_quick_and_leaves_nothing() {
  local took
  TIMEFORMAT='%U %S' # processor time, which other work on the machine does not change much
  took=$({ time PUNCHLAB_TEST_MARK=$T try "$LAB" doctor --out "$T"; } 2>&1)
  out_has "output folder"
  out_has_not "MISSING"
  awk '{ exit !($1 + $2 < 1) }' <<<"$took" || complain "0.2 s of processor time, not $took"
  if grep -qzx "PUNCHLAB_TEST_MARK=$T" /proc/[0-9]*/environ 2>/dev/null; then
    complain "no process left"
  fi
  [ "$(find "$T" -mindepth 1 ! -name out ! -name err)" = "" ]
}

test_a_kernel_without_ip6tables_runs_the_rest() {
  mkdir -p "$T/bin"
  printf '#!/bin/sh\ncat >/dev/null\necho "ip6tables-restore: unable to initialize table" >&2\nexit 3\n' >"$T/bin/ip6tables-restore"
  chmod +x "$T/bin/ip6tables-restore"
  PATH=$T/bin:$PATH try "$LAB" doctor --out /tmp
  status_is 0
  out_has "ip6tables (ipv6=firewall)"
  out_has "fix: sudo modprobe ip6table_filter"
  PATH=$T/bin:$PATH try "$LAB" check open
  status_is 0
}

run_tests
