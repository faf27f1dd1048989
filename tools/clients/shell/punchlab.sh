# punchlab from bash: a world behind NATs, to be sourced. It needs punchlab in PATH, or its path in PUNCHLAB.
# shellcheck shell=bash
#
#   lab_up SPEC...          a world stands; with two: alice behind the first, bob behind the second, and a server. What is
#                           wrong with a spec is said on standard error, and the status is 1. It ends when descriptor 9 is
#                           closed: by lab_end, or by the end of the script, whatever ends that
#   lab HOST PROGRAM...     runs a program there; its input, output and status are its own
#   lab_ask CALL...         what a call of the scenario language returns: lab_ask bob public_address
#   lab_why HOST HOST       sentences; the first one begins "alice and bob: open"
#   lab_count LINK FILTER   how many packets that match were captured: lab_count 'nat-a wan' 'udp port 7000'
#   lab_end                 ends it

lab_up() {
  local folder about
  folder=$(mktemp -d) && mkfifo "$folder"/{hold,about} || return
  "${PUNCHLAB:-punchlab}" up --json --stdin --quiet --keep none "$@" 9>&- <"$folder/hold" >"$folder/about" &
  lab_pid=$!
  exec 9>"$folder/hold"
  read -r about <"$folder/about" || about=
  rm -r "$folder"
  lab_name=$(grep -o '"name":"[^"]*","pid"' <<<"$about" | cut -d'"' -f4) && return
  lab_end
  return 1
}

lab_verb() { # lab_verb VERB WORDS...
  [ "$BASHPID" = "$$" ] || exec 9>&- # what is in the background does not hold the world
  "${PUNCHLAB:-punchlab}" "$1" --name "$lab_name" "${@:2}" 9>&-
}

lab() { lab_verb exec "$1" -- "${@:2}"; }
lab_ask() { lab_verb call "$@"; }
lab_why() { lab_verb why "$@"; }
lab_count() { lab_verb count "$@"; }

lab_end() {
  exec 9>&-
  wait "$lab_pid"
}
