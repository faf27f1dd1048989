#!/usr/bin/env bash
# A world from a shell: p2pchat through two NATs, and what the lab says of it. PUNCHLAB names another punchlab than the
# first in PATH, P2PCHAT the client to try. usage: two_homes.sh [SPEC SPEC]
set -euo pipefail
lab=${PUNCHLAB:-punchlab}
client=${P2PCHAT:-p2pchat-client}

# The world stands as long as descriptor 9 is open: it ends with this script, whatever ends that.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder"/{hold,about,to_alice,to_bob}
"$lab" up --json --stdin --quiet --keep none "${1:-port-restricted}" "${2:-port-restricted}" \
  9>&- <"$folder/hold" >"$folder/about" &
exec 9>"$folder/hold"
read -r about <"$folder/about"
world=$(grep -o '"name":"[^"]*","pid"' <<<"$about" | cut -d'"' -f4)

start() { # start HOST: p2pchat's client there, which reads what is typed into its pipe
  "$lab" exec --name "$world" "$1" -- "$client" --strategy basic server:3478 <"$folder/to_$1" >"$folder/$1" 2>&1 &
}

exec 6<> <(:) # to which nothing ever comes: a read of it is a pause
said() { # said HOST PATTERN: what it has said that matches, within a minute
  local end=$((SECONDS + 60))
  until grep -m 1 -E "$2" "$folder/$1"; do
    [ $SECONDS -lt $end ] || { cat "$folder/$1" >&2; return 1; }
    read -r -t 0.05 -u 6 || true
  done
}

start alice && exec 7>"$folder/to_alice"
start bob && exec 8>"$folder/to_bob"
echo login >&7 && echo login >&8
said alice '^logged in as' >&2
bob=$(said bob '^logged in as' | cut -d' ' -f4)
echo "punch $bob" >&7
said alice '^punch(ed| failed)'
"$lab" why --name "$world" alice bob
echo "$("$lab" count --name "$world" "nat-a wan" udp) datagrams went through nat-a"
