#!/usr/bin/env bash
# run_test.sh: install what is missing, build, run every test. The last line reads "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")" || exit 2
tools/deps build lab || exit
make -j "$(nproc)" all unit || exit 1
