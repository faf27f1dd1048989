#!/usr/bin/env bash
# Measures boxes that are right, of mixed kinds, again and again: none may be found wrong. By hand, for it takes a while:
#     tests/soak/boxes.sh [MEASUREMENTS]     (default: 20000)
# Prints each measurement that differs, and the count; ends with status 1 if there was one.
set -euo pipefail
cd "$(dirname "$0")/../.."
measurements=${1:-20000}

specs=()
for ports in preserve random sequential; do
  for mapping in ei ad apd; do
    for filtering in ei ad apd; do specs+=("mapping=$mapping,filtering=$filtering,ports=$ports"); done
  done
done
specs+=("mapping=ei,filtering=apd,ports=overload")
for mapping in ei ad apd; do
  for ports in preserve random sequential; do specs+=("mapping=$mapping,ports=$ports,range=20000-20127"); done
done
for preset in $(./punchlab nat | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p'); do
  case $preset in
    full-cone | restricted | port-restricted | symmetric*) ;; # which are among them already
    *) specs+=("$preset") ;;
  esac
done

rounds=$(((measurements + ${#specs[@]} - 1) / ${#specs[@]}))
echo "${#specs[@]} kinds, $rounds times each"
exec nice -n 10 ./punchlab check --repeat "$rounds" "${specs[@]}"
