#!/bin/sh
# One node of a tinc network: tinc_node.sh FOLDER NAME OVERLAY-ADDRESS PUBLIC-ADDRESS [SETTING...]. Others connect to the
# PUBLIC-ADDRESS, if it is not empty; a SETTING is a line of its tinc.conf. FOLDER is shared by all: hosts/ has everybody's
# public keys, NAME/ the rest. It says "keys made", and goes on when a line is typed.
set -eu
folder=$1 name=$2 address=$3 public=$4
shift 4
net=$folder/$name
mkdir -p "$net" "$folder/hosts"
ln -s ../hosts "$net/hosts"
{
  echo "Name = $name"
  echo "Interface = tinc0"
  [ $# = 0 ] || printf '%s\n' "$@"
} >"$net/tinc.conf"
{
  [ -z "$public" ] || echo "Address = $public"
  echo "Subnet = $address/32"
} >"$folder/hosts/$name"
printf '#!/bin/sh\nip addr add %s/24 dev tinc0 && ip link set tinc0 up\n' "$address" >"$net/tinc-up"
chmod +x "$net/tinc-up"
tincd -c "$net" -K2048 </dev/null >"$net/keys" 2>&1
echo "keys made"
read -r _
exec tincd -c "$net" -D -d5 --pidfile="$net/pid"
