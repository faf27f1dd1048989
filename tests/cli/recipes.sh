#!/usr/bin/env bash
# The recipes of tools/ci, each under its own denials: with all its flags worlds are made, and measured boxes punched;
# without one of them, doctor names that one. What an engine denies is denied for real: capabilities dropped, /proc
# masked, mounts and namespaces refused by a filter.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

README=$TOP/tools/ci/README.md
# The capabilities of a container's root by default: Docker, GitLab's docker executor and Kubernetes; podman gives fewer.
DOCKER=-all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid,+setfcap,+setpcap
DOCKER+=,+net_bind_service,+sys_chroot,+kill,+audit_write
PODMAN=-all,+chown,+dac_override,+fsetid,+fowner,+setgid,+setuid,+setfcap,+setpcap,+net_bind_service,+sys_chroot,+kill
ADDED=,+sys_admin,+net_admin

# container CAPABILITIES PROC FILTER COMMAND...: as its root. PROC is masked or whole, FILTER what `deny` denies, or none
# shellcheck disable=SC2016
container() {
  local capabilities=$1 masks="" denied=()
  [ "$2" = whole ] || masks=$MASK_PROC
  [ "$3" = none ] || denied=("$DENY" "$3")
  shift 3
  try unshare --map-root-user --mount --pid --fork --mount-proc sh -ec "$masks"'
    capabilities=$1; shift
    exec setpriv --bounding-set="$capabilities" --inh-caps="$capabilities" "$@"' - "$capabilities" "${denied[@]}" "$@"
}

punches() { # punches CAPABILITIES PROC FILTER: with what the recipe says
  container "$@" "$LAB" run --out "$T/o" --keep none -k 'full-cone x symmetric' "$TOP/scenarios/matrix.lua"
  status_is 0
  out_has "all as claimed"
  out_has "1 passed, 0 failed, 0 skipped"
}

lacks() { # lacks CAPABILITIES PROC FILTER FIX: doctor says so, and no more, of private worlds alone
  container "$1" "$2" "$3" "$LAB" doctor --out /tmp
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one denial"
  fix=$(sed -n '/^MISSING/ { n; s/^ *fix: //p; }' "$T/out")
  fix=${fix#start the container with } fix=${fix#in the securityContext: }
  fix=${fix%%; --privileged *}
  [ "${fix% (podman: unmask=ALL)}" = "$4" ] || complain "fix: $4"
}

told() { grep -qF -- "$1" "$README" || complain "in tools/ci/README.md: $1"; } # told WORDS: the recipe has them

test_docker() {
  touch "$T/out" "$T/err"
  told 'docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined punchlab`'
  container=docker punches $DOCKER$ADDED masked none
  container=docker lacks $DOCKER masked namespaces "--cap-add SYS_ADMIN --cap-add NET_ADMIN"
  container=docker lacks $DOCKER,+sys_admin masked user-namespaces "--cap-add NET_ADMIN"
  container=docker lacks $DOCKER$ADDED masked mounts "--security-opt apparmor=unconfined"
  container=docker lacks $DOCKER$ADDED masked namespaces "--security-opt seccomp=unconfined"
}

# Where a machine lets everybody make user namespaces, its containers' root needs no capability for them.
test_docker_where_user_namespaces_are_everybodys() {
  touch "$T/out" "$T/err"
  # shellcheck disable=SC2016 # the backquotes are the document's
  told '`--security-opt seccomp=unconfined --security-opt systempaths=unconfined` (podman: `unmask=ALL`)'
  container=docker punches $DOCKER whole none
  container=docker lacks $DOCKER masked none "--security-opt systempaths=unconfined"
}

test_gitlabs_docker_executor() {
  touch "$T/out" "$T/err"
  told 'cap_add = ["SYS_ADMIN", "NET_ADMIN"]'
  told 'security_opt = ["apparmor=unconfined"]'
  for file in tools/ci/gitlab.yml scenarios/init/gitlab.yml; do
    for line in 'cap_add = ["SYS_ADMIN", "NET_ADMIN"]' 'security_opt = ["apparmor=unconfined"]'; do
      grep -qF "$line" "$TOP/$file" || complain "both in $file"
    done
  done
  container=docker punches $DOCKER$ADDED masked none
}

test_podman() {
  touch "$T/out" "$T/err"
  told 'podman run --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add NET_RAW punchlab`'
  container=podman punches $PODMAN$ADDED,+net_raw masked user-namespaces
  # It gives no NET_RAW, for which root takes a user namespace, and this has no /proc.
  container=podman lacks $PODMAN$ADDED masked none "--cap-add NET_RAW"
  container=podman lacks $PODMAN$ADDED whole user-namespaces "--cap-add NET_RAW"
  # Without SYS_ADMIN its profile allows namespaces, but no entering of them and no names of hosts.
  container=podman lacks $PODMAN masked hosts "--security-opt seccomp=unconfined --security-opt unmask=ALL"
  container=podman lacks $PODMAN masked none "--security-opt unmask=ALL"
}

test_kubernetes() {
  local yaml=$TOP/tools/ci/kubernetes.yaml
  export KUBERNETES_SERVICE_HOST=10.0.0.1
  grep -q "hostUsers: false" "$yaml" && grep -q "procMount: Unmasked" "$yaml" && grep -qF "add: [SYS_ADMIN, NET_ADMIN]" "$yaml"
  punches $DOCKER$ADDED whole none
  lacks $DOCKER masked none "procMount Unmasked (with hostUsers: false in the pod)"
  lacks $DOCKER whole namespaces "capabilities.add [SYS_ADMIN, NET_ADMIN]"
  lacks $DOCKER$ADDED whole mounts "appArmorProfile.type Unconfined"
}

run_tests
