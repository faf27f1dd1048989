#!/bin/sh
# One node of a Nebula network: nebula_node.sh FOLDER NAME OVERLAY-ADDRESS LIGHTHOUSE-OVERLAY LIGHTHOUSE-PUBLIC. The
# lighthouse, first, makes the authority in FOLDER, which all share.
set -eu
folder=$1 name=$2 address=$3 lighthouse=$4 public=$5
cd "$folder"
is_lighthouse=false hosts="'$lighthouse'" port=0
if [ "$address" = "$lighthouse" ]; then
  is_lighthouse=true hosts='' port=4242
  nebula-cert ca -name lab
fi
nebula-cert sign -name "$name" -ip "$address/24"
cat >"$name.yml" <<END
pki: { ca: $folder/ca.crt, cert: $folder/$name.crt, key: $folder/$name.key }
static_host_map: { '$lighthouse': ['$public:4242'] }
lighthouse: { am_lighthouse: $is_lighthouse, interval: 1, hosts: [$hosts] }
listen: { host: 0.0.0.0, port: $port }
punchy: { punch: true, respond: true, delay: 1s }
tun: { dev: nebula0, mtu: 1300 }
logging: { level: debug }
firewall:
  outbound: [{ port: any, proto: any, host: any }]
  inbound: [{ port: any, proto: any, host: any }]
END
exec nebula -config "$name.yml"
