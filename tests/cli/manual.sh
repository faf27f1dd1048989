#!/usr/bin/env bash
# What is said of the programs is said everywhere: --help, the man pages of tools/man and the completion of
# tools/completion name the same commands, options and NAT types.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

MAN=$TOP/tools/man
# shellcheck source=tools/completion/punchlab
. "$TOP/tools/completion/punchlab"
# shellcheck source=tools/completion/p2pchat
. "$TOP/tools/completion/p2pchat"

compopt() { :; } # bash has it only while someone presses Tab

# Every help is asked for once: COMMANDS, in their order, and what each says of itself. Other programs go by their paths.
mapfile -t COMMANDS < <("$LAB" --help | awk '/^  [a-z]/ { print $1 }')
PROGRAMS=(p2pchat/client p2pchat/server tools/nat_type)
declare -A HELP
for name in "${COMMANDS[@]}"; do HELP[$name]=$("$LAB" "$name" --help); done
for name in "${PROGRAMS[@]}"; do HELP[$name]=$("$TOP/$name" --help); done

# What completion asks, answered from there.
told() { # told help COMMAND
  printf '%s\n' "${HELP[$2]}"
}

# The options in the list of each help, "NAME OPTION" a line.
help_options() { # help_options NAME...
  local name
  for name; do printf '%s\n' "== $name" "${HELP[$name]}"; done | awk '
    /^== / { name = $2 }
    /^  ? ? ? ? ? ?-/ {
      for (line = substr($0, 1, 30); match(line, /(^| )--?[a-z0-9][a-z0-9-]*/); line = substr(line, RSTART + RLENGTH)) {
        option = substr(line, RSTART, RLENGTH)
        sub(/^ /, "", option)
        print name, option
      }
    }'
}

# The options of the lists of man pages, from their sources; in punchlab(1) those of each command.
man_options() { # man_options FILE...
  awk '
    FNR == 1 { name = FILENAME; sub(/.*\//, "", name); sub(/\.1$/, "", name) }
    /^\.S[sh] / && FILENAME ~ /punchlab\.1$/ { name = $1 == ".Ss" ? $2 : "-" }
    /^\.It Fl / && name != "-" {
      line = substr($0, 8)
      sub(/ (Ar|Ns) .*/, "", line)
      count = split(line, options, / , (Fl )?/)
      for (i = 1; i <= count; i++) print name, "-" options[i]
    }' "$@"
}

# Presses Tab behind the words (the last may be empty); the candidates are in COMPREPLY.
press_tab() { # press_tab FUNCTION WORD...
  local function=$1
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$function" "$1" "${@: -1}" "${@: -2:1}"
}

complete_words() { # complete_words FUNCTION WORD...: the candidates, sorted
  press_tab "$@"
  printf '%s\n' "${COMPREPLY[@]}" | sort
}

completes() { # completes EXPECTED WORD...: the candidates of punchlab, in one line
  local expected=$1 seen
  shift
  seen=$(complete_words _punchlab "$LAB" "$@" | paste -sd ' ')
  [ "$seen" = "$expected" ] || { echo "$*: expected '$expected', seen '$seen'"; return 1; }
}

same() { # same WHAT FILE FILE: their lines, in whatever order
  diff <(sort "$2") <(sort "$3") || { echo "$1 differ (< the help)"; return 1; }
}

test_help_says_what_else_matters() {
  try "$LAB" --help
  out_has "130 interrupted"
  cp "$T/out" "$T/usage"
  try "$LAB" help --help
  status_is 0
  cmp "$T/usage" "$T/out"
  try "$LAB" run --help
  out_has "PUNCHLAB_MUST_RUN=1"
}

test_h_is_help_everywhere() {
  local name
  for name in punchlab p2pchat/client p2pchat/server tools/nat_type tools/udp_client tools/udp_server run_test.sh tools/deps tools/layers tools/lint; do
    "$TOP/$name" --help >"$T/help"
    try "$TOP/$name" -h
    status_is 0
    cmp "$T/help" "$T/out"
  done
  for name in "${COMMANDS[@]}"; do
    try "$LAB" "$name" -h
    status_is 0
    [ "$(<"$T/out")" = "${HELP[$name]}" ] || complain "as $name --help"
  done
}

test_help_fits_a_terminal() {
  local command
  try "$LAB" help --help
  status_is 0
  for command in "${COMMANDS[@]}"; do printf '== %s\n%s\n' "$command" "${HELP[$command]}" >>"$T/out"; done
  if grep -nE ' $|.{81}' "$T/out"; then complain "no line that ends with a blank or is wider than 80 columns"; fi
}

test_every_command_is_in_the_man_page_and_completed() {
  [ ${#COMMANDS[@]} -ge 15 ]
  printf '%s\n' "${COMMANDS[@]}" >"$T/commands"
  sed -n 's/^\.Ss \([a-z]*\).*/\1/p' "$MAN/punchlab.1" >"$T/man"
  same "commands" "$T/commands" "$T/man"
  complete_words _punchlab "$LAB" "" | grep -vxE 'help|--help|--version' >"$T/completed"
  same "completed commands" "$T/commands" "$T/completed"
}

test_every_option_of_punchlab() {
  local command
  help_options "${COMMANDS[@]}" >"$T/help"
  {
    man_options "$MAN/punchlab.1"
    man_options "$MAN/punchlab.1" | sed -n 's/^run /matrix /p'
    for command in "${COMMANDS[@]}"; do printf '%s -h\n%s --help\n' "$command" "$command"; done # said once, of all
  } >"$T/man"
  for command in "${COMMANDS[@]}"; do
    press_tab _punchlab told "$command" -
    printf "$command %s\n" "${COMPREPLY[@]}"
  done >"$T/completed"
  [ "$(grep -c -- ' --help$' "$T/help")" = ${#COMMANDS[@]} ]
  same "options in the man page" "$T/help" "$T/man"
  same "completed options" "$T/help" "$T/completed"
}

test_every_option_of_p2pchat_and_nat_type() {
  local name
  help_options "${PROGRAMS[@]}" >"$T/help"
  man_options "$MAN"/{p2pchat-client,p2pchat-server,nat_type}.1 | sed 's/^p2pchat-/p2pchat\//; s/^nat_type/tools\/nat_type/' >"$T/man"
  for name in "${PROGRAMS[@]}"; do
    press_tab _p2pchat "$TOP/$name" -
    printf "$name %s\n" "${COMPREPLY[@]}"
  done >"$T/completed"
  [ "$(grep -c -- ' --help$' "$T/help")" = ${#PROGRAMS[@]} ]
  same "options in the man pages" "$T/help" "$T/man"
  same "completed options" "$T/help" "$T/completed"
}

# Behind an option that takes no argument the first --help ends the program, behind another at the latest the second one.
test_every_option_of_a_help_is_taken() {
  local name option program
  for name in tools/udp_client tools/udp_server; do HELP[$name]=$("$TOP/$name" --help); done
  while read -r name option; do
    program=("$LAB" "$name")
    [[ $name != */* ]] || program=("$TOP/$name")
    try "${program[@]}" "$option" --help --help
    ! holds "$T/err" "unknown option" || complain "$name knows $option"
  done < <(help_options "${!HELP[@]}")
}

test_every_nat_type_and_behaviour() {
  "$LAB" nat | awk '{ print $1 }' >"$T/types"
  awk '/^The types are$/ { in_it = 1 } /^The behaviours are$/ { in_it = 0 } in_it && /^\.Cm/ { print $2 }' \
    "$MAN/punchlab.1" | sort >"$T/man"
  same "types in the man page" "$T/types" "$T/man"
  complete_words _punchlab "$LAB" shell "" >"$T/completed"
  same "completed types" "$T/types" "$T/completed"

  try "$LAB" nat open,no-such-behaviour
  sed 's/.*they are //' "$T/err" | grep -oE '[a-z0-9.-]+' | sort >"$T/behaviours"
  grep -qx mapping "$T/behaviours"
  awk '/^\.Sh/ { in_it = 0 } /^The behaviours are$/ { in_it = 1 } in_it && /^\.It/' "$MAN/punchlab.1" |
    grep -oE 'Cm [a-z0-9.-]+' | cut -c 4- | sort -u >"$T/man"
  same "behaviours in the man page" "$T/behaviours" "$T/man"
  complete_words _punchlab "$LAB" shell symmetric, | sed 's/^symmetric,//; s/=$//' | sort -u >"$T/completed"
  same "completed behaviours" "$T/behaviours" "$T/completed"
}

test_every_value_of_a_behaviour_that_is_completed_exists() {
  local name value said count=0
  for name in $(complete_words _punchlab "$LAB" shell symmetric, | sed -n 's/^symmetric,\(.*\)=$/\1/p'); do
    try "$LAB" nat "symmetric,$name=no-such-value"
    said=$(<"$T/err")
    [[ $said == *"is one of "* ]] || continue # a number
    count=$((count + 1))
    said=${said##*is one of }
    for value in ${said//, / }; do echo "$name $value" >>"$T/known"; done
    press_tab _punchlab told nat "open,$name" =
    for value in "${COMPREPLY[@]}"; do
      case $value in
      ei | ad | apd) # short for one of them
        try "$LAB" nat "symmetric,$name=$value"
        [[ $(<"$T/err") != *"is one of "* ]] || complain "$name=$value"
        ;;
      *) echo "$name $value" >>"$T/completed" ;;
      esac
    done
  done
  [ $count -ge 17 ] || { echo "only $count behaviours have words" && return 1; }
  same "values" "$T/known" "$T/completed"
}

test_files_and_arguments_are_completed() {
  cd "$T"
  mkdir deep
  touch mine.lua notes.txt seen.pcapng
  completes "deep mine.lua" run ""
  completes "mine.lua" run m
  completes "deep seen.pcapng" trace ""
  completes "deep mine.lua" run -j 4 ""
  completes "" run -j ""
  completes "deep" run --out ""
  completes "all failed none" matrix --keep ""
  completes "symmetric-preserving symmetric-sequential" up open symmetric-
  completes "symmetric,ports=" up open symmetric,por
  completes "random" up "symmetric,ports" = r
  completes "sequential,timeout=" up "symmetric,ports" = sequential,ti
}

run_tests
