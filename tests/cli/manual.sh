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

commands() { "$LAB" --help | awk '/^  [a-z]/ { print $1 }'; }

# The options in the list of a --help, one a line.
help_options() { grep -E '^ {2,6}-' | cut -c -30 | grep -oE -- '(^| )--?[a-z0-9][a-z0-9-]*' | tr -d ' ' | sort; }

# The options of the lists of a man page, from its source, one a line.
man_options() { sed -n 's/^\.It Fl //p' | sed -E 's/ (Ar|Ns) .*//; s/ , (Fl )?/\n/g' | sed 's/^/-/' | sort; }

# The part of punchlab(1) about a command.
man_of() { awk -v command="$1" '/^\.S[sh] / { in_it = $1 == ".Ss" && $2 == command } in_it' "$MAN/punchlab.1"; }

# Presses Tab behind the words (the last may be empty); the candidates, sorted.
complete_words() { # complete_words FUNCTION WORD...
  local function=$1
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$function" "$1" "${@: -1}" "${@: -2:1}"
  printf '%s\n' "${COMPREPLY[@]}" | sort
}

completes() { # completes EXPECTED WORD...: the candidates of punchlab, in one line
  local expected=$1 seen
  shift
  seen=$(complete_words _punchlab "$LAB" "$@" | paste -sd ' ')
  [ "$seen" = "$expected" ] || { echo "$*: expected '$expected', seen '$seen'"; return 1; }
}

same() { # same WHAT FILE FILE
  diff "$2" "$3" || { echo "$1 differ (< the help)"; return 1; }
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
  for name in $(commands); do
    "$LAB" "$name" --help >"$T/help"
    try "$LAB" "$name" -h
    status_is 0
    cmp "$T/help" "$T/out"
  done
}

test_help_fits_a_terminal() {
  local command
  for command in help $(commands); do
    try "$LAB" "$command" --help
    status_is 0
    if grep -n ' $' "$T/out"; then complain "no line of $command --help that ends with a blank"; fi
    if grep -nE '.{81}' "$T/out"; then complain "no line of $command --help wider than 80 columns"; fi
  done
}

test_every_command_is_in_the_man_page_and_completed() {
  commands | sort >"$T/commands"
  [ -s "$T/commands" ]
  sed -n 's/^\.Ss \([a-z]*\).*/\1/p' "$MAN/punchlab.1" | sort >"$T/man"
  same "commands" "$T/commands" "$T/man"
  complete_words _punchlab "$LAB" "" | grep -vxE 'help|--help|--version' >"$T/completed"
  same "completed commands" "$T/commands" "$T/completed"
}

test_every_option_of_punchlab() {
  local command
  for command in $(commands); do
    "$LAB" "$command" --help | help_options >"$T/help"
    grep -qx -- --help "$T/help"
    {
      man_of "$command" | man_options
      [ "$command" != matrix ] || man_of run | man_options
      printf '%s\n' -h --help # said once, of all
    } | sort >"$T/man"
    same "options of $command in the man page" "$T/help" "$T/man"
    complete_words _punchlab "$LAB" "$command" - >"$T/completed"
    same "completed options of $command" "$T/help" "$T/completed"
  done
}

test_every_option_of_p2pchat_and_nat_type() {
  local name page
  for name in p2pchat/client p2pchat/server tools/nat_type; do
    "$TOP/$name" --help | help_options >"$T/help"
    grep -qx -- --help "$T/help"
    page=${name#tools/}
    man_options <"$MAN/${page/\//-}.1" >"$T/man"
    same "options of $name in the man page" "$T/help" "$T/man"
    complete_words _p2pchat "$TOP/$name" - >"$T/completed"
    same "completed options of $name" "$T/help" "$T/completed"
  done
}

test_every_nat_type_and_behaviour() {
  "$LAB" nat | awk '{ print $1 }' | sort >"$T/types"
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
  local name value count=0
  for name in $(complete_words _punchlab "$LAB" shell symmetric, | sed -n 's/^symmetric,\(.*\)=$/\1/p'); do
    for value in $(complete_words _punchlab "$LAB" nat "open,$name" =); do
      try "$LAB" nat "symmetric,$name=$value"
      if grep -q "is one of" "$T/err"; then complain "$name=$value"; fi
    done
    try "$LAB" nat "symmetric,$name=no-such-value"
    grep -q "is one of" "$T/err" || continue # a number
    count=$((count + 1))
    sed 's/.*is one of //; s/, /\n/g' "$T/err" | sort >"$T/known"
    complete_words _punchlab "$LAB" nat "open,$name" = | grep -vxE 'ei|ad|apd' >"$T/completed"
    same "values of $name" "$T/known" "$T/completed"
  done
  [ $count -ge 17 ] || { echo "only $count behaviours have words" && return 1; }
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
