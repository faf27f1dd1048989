#!/bin/sh
# One node of a tinc network: tinc_node.sh FOLDER NAME OVERLAY-ADDRESS [PUBLIC-ADDRESS]. The first one, with an address,
# is who the others connect to. FOLDER is shared by all: hosts/ has everybody's public keys, NAME/ the rest.
set -eu
folder=$1 name=$2 address=$3 public=${4-}
net=$folder/$name
mkdir -p "$net" "$folder/hosts"
ln -s ../hosts "$net/hosts"
{
  echo "Name = $name"
  echo "Interface = tinc0"
  [ -n "$public" ] || echo "ConnectTo = server"
} >"$net/tinc.conf"
{
  [ -z "$public" ] || echo "Address = $public"
  echo "Subnet = $address/32"
} >"$folder/hosts/$name"
printf '#!/bin/sh\nip addr add %s/24 dev tinc0 && ip link set tinc0 up\n' "$address" >"$net/tinc-up"
chmod +x "$net/tinc-up"
tincd -c "$net" -K2048 </dev/null >"$net/keys" 2>&1
echo "keys made"
exec tincd -c "$net" -D -d5 --pidfile="$net/pid"
