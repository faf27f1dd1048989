#!/bin/sh
echo "said $1"
echo "by $(hostname)" >"$1/shared"
# what scenarios look for:
echo "by alice" >/dev/null
