#!/usr/bin/env bash
# The documents: what they point to is there.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# shellcheck disable=SC2015 # ls is for a tree without git
documents() { (cd "$TOP" && git ls-files --cached --others --exclude-standard -- '*.md' 2>/dev/null || ls ./*.md ./*/*.md); }

# anchors FILE: the anchors of its headings, as GitHub makes them
anchors() { sed -n 's/^#\{1,6\} //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'; }

test_every_link_leads_somewhere() {
  local file link path anchor bad=0
  for file in $(documents); do
    while read -r link; do
      path=${link%%#*} anchor=
      [[ $link != *#* ]] || anchor=${link#*#}
      path=$TOP/$(dirname "$file")/$path
      [[ $link != \#* ]] || path=$TOP/$file
      [ -e "$path" ] || { echo "$file: nothing is at $link" && bad=1 && continue; }
      [ -z "$anchor" ] || anchors "$path" | grep -qxF -- "$anchor" || { echo "$file: no heading $link" && bad=1; }
    done < <(grep -oE '\]\([^)]+\)' "$TOP/$file" | sed 's/^](//; s/)$//' | grep -vE '^https?:')
  done
  [ $bad = 0 ]
}

test_the_first_page_stays_short() {
  [ "$(wc -l <"$TOP/README.md")" -le 200 ] || { wc -l "$TOP/README.md" && return 1; }
}

# Every call that Lua is given, by the tables that give it.
test_every_call_of_a_scenario_is_told() {
  local class call of count=0 bad=0
  for class in lab node program socket tcp link globals; do
    # shellcheck disable=SC2013 # they are words
    for call in $(grep -ohE '\{ "[a-z][a-z_]*", (l|script)_[a-z_]+ \}' "$TOP/sim/script/script_$class.c" | cut -d'"' -f2); do
      case $class:$call in
        globals:*) of= ;;
        node:nat | node:mappings | node:conntrack | node:re* | node:forget* | node:iptables) of=box: ;;
        node:*) of=host: ;;
        tcp:*) of='[a-z]*:' ;;
        *) of=$class: ;;
      esac
      count=$((count + 1))
      grep -qE "\`$of${call}[({]" "$TOP/scenarios/README.md" || { echo "scenarios/README.md: no $of$call" && bad=1; }
    done
  done
  [ $count -ge 60 ] || { echo "only $count calls were found" && return 1; }
  [ $bad = 0 ]
}

# A preset's figures stand in the document beside where they come from, as they are.
test_every_preset_of_a_links_weather_is_told_as_it_is() {
  local row name text count=0 bad=0
  while read -r row; do
    name=$(cut -d'"' -f2 <<<"$row") text=$(cut -d'"' -f4 <<<"$row")
    [ "$name" != fair ] || continue
    count=$((count + 1))
    grep -qF "| \`$name\` | \`$text\` | " "$TOP/scenarios/README.md" || { echo "scenarios/README.md: no row $name, $text" && bad=1; }
  done < <(sed -n '/weather_presets\[\] = {/,/NULL/p' "$TOP/sim/model/weather.c" | grep -oE '\{ "[^"]+", "[^"]*" \}')
  [ $count = 9 ] || { echo "$count presets were found" && return 1; }
  [ $bad = 0 ]
}

# What --why advises was done by a scenario, against every cause there is (scenarios/lib/advice.lua).
test_every_advice_is_tried() {
  local name helps causes bad=0
  "$LAB" run --list "$TOP/scenarios/why_advice.lua" >"$T/list"
  helps=$(grep -oE 'ROW\([A-Z_]+, "[a-z-]+"' "$TOP/sim/trace/help_list.h" | cut -d'"' -f2)
  causes=$(grep -oE 'ROW\([A-Z_]+, "[a-z-]+", [0-9]+,' "$TOP/sim/trace/cause_list.h" | cut -d'"' -f2)
  for name in $helps; do
    grep -qE "advice $name helps with " "$T/list" || { echo "no scenario does as '$name' says" && bad=1; }
  done
  for name in $causes; do
    # Every scenario has a record, which tells of a mapping that timed out; that it may have is said, and advised, without
    # one: tests/unit/test_trace_idle.c reads the captures of these very scenarios so.
    [ "$name" != mapping-idle ] || name=mapping-expired
    grep -qE "advice [a-z-]+ helps with ([a-z-]+ \\+ )?$name:" "$T/list" || { echo "no advice is tried against '$name'" && bad=1; }
  done
  if [ "$(wc -w <<<"$helps")" -lt 29 ] || [ "$(wc -w <<<"$causes")" -lt 30 ]; then echo "the lists were not read" && return 1; fi
  [ $bad = 0 ]
}

run_tests
