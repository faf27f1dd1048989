#!/usr/bin/env bash
# tools/layers finds what must not be, in a small tree: src/low below sim/high.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A tree in which all is well. parts.h has no .c beside it.
plant() {
  mkdir -p "$T/tools" "$T/src/low" "$T/sim/high"
  cp "$TOP/tools/layers" "$T/tools"
  cd "$T"
  : >tools/none.c
  printf '#ifndef PARTS_H\n#define PARTS_H\nstruct part {\n\tint x;\n};\n#endif\n' >src/low/parts.h
  printf '#ifndef TEXT_H\n#define TEXT_H\n#include "low/parts.h"\nint text(struct part p);\n#endif\n' >src/low/text.h
  printf '#ifndef LAB_H\n#define LAB_H\n#include "low/text.h"\nint lab(void);\n#endif\n' >sim/high/lab.h
  printf '#include "low/text.h"\nint text(struct part p) { return p.x; }\n' >src/low/text.c
  printf '#include "high/lab.h"\nint lab(void) { return text((struct part){ 1 }); }\n' >sim/high/lab.c
}

layers() {
  local file
  for file in src/low/text sim/high/lab; do
    mkdir -p "build/${file%/*}"
    cc -MMD -MP -I. -Isrc -Isim -c -o "build/$file.o" "$file.c"
  done
  try tools/layers build "src/low sim/high" "src/low"
}

finds() { # finds LINE: that, and nothing else
  layers
  status_is 1
  [ "$(head -n -1 "$T/out")" = "$1" ] || complain "$1"
}

test_what_holds_is_silent() {
  plant
  layers
  status_is 0
  out_is_empty
}

test_an_upward_include_however_it_is_written() {
  local include
  plant
  cp src/low/text.c text.c
  for include in '#include "high/lab.h"' '#include "sim/high/lab.h"' '#include "../../sim/high/lab.h"' '#include <high/lab.h>' \
    '#  include "high/lab.h"' "#include \"$T/sim/high/lab.h\"" $'#define LAB "high/lab.h"\n#include LAB'; do
    { echo "$include" && cat text.c; } >src/low/text.c
    finds "upward: src/low/text includes sim/high/lab"
  done
}

test_a_header_is_told_and_not_all_who_include_it() {
  plant
  sed -i '/struct part {/i #include "high/top.h"' src/low/parts.h
  printf '#ifndef TOP_H\n#define TOP_H\n#endif\n' >sim/high/top.h
  finds "upward: src/low/parts includes sim/high/top"
}

test_an_upward_call() {
  plant
  printf 'int lab(void);\nint more(void);\nint more(void) { return lab(); }\n' >>src/low/text.c
  finds "upward: src/low/text calls sim/high/lab (lab)"
}

test_a_circle() {
  plant
  printf '#include "high/map.h"\n' >>sim/high/lab.h
  printf '#ifndef MAP_H\n#define MAP_H\n#include "high/lab.h"\n#endif\n' >sim/high/map.h
  layers
  status_is 1
  out_has "circle: sim/high/lab and sim/high/map"
}

test_what_is_not_pure() {
  plant
  printf '#include <stdlib.h>\nvoid *more(void);\nvoid *more(void) { return malloc(1); }\n' >>src/low/text.c
  finds "impure: src/low/text needs malloc"
}

test_a_tag_that_means_two_things() {
  plant
  printf 'struct part { int y; };\n' >sim/high/other.h
  finds "twice: part is defined in src/low/parts.h and sim/high/other.h"
}

run_tests
