#!/usr/bin/env bash
# The smallest thing that punches, by socat: a rendezvous (peer.sh PORT) and a peer (peer.sh SERVER:PORT NAME OTHER).
#
# Two peers tell the rendezvous their names and each other's; it answers with the address that it saw of the other, once it
# knows. Each sends to that address from the same port, four times a second, and says "through" and exits 0 when the other
# has heard it; 10 seconds after it was told, or after a minute if it is not, "shut", and 1.
#
# socat sends to one address: it goes on to the one that it was told, and not, as the peers in other languages do, to where the
# other is heard from. So a symmetric NAT stays shut to it, also where the other's box lets anybody in.
set -euo pipefail
own_port=5000

answer() { # to one datagram, on standard input; socat tells whose it is
  local name other
  read -r name other
  [[ $name$other =~ ^[a-z]+$ ]] || return 0
  echo "at $SOCAT_PEERADDR:$SOCAT_PEERPORT" >"$folder/$name.$BASHPID"
  mv "$folder/$name.$BASHPID" "$folder/$name"
  [ ! -e "$folder/$other" ] || cat "$folder/$other"
}

rendezvous() { # rendezvous PORT
  folder=$(mktemp -d)
  trap 'rm -r "$folder"' EXIT
  trap exit TERM
  export folder
  export -f answer
  socat -t 10 UDP4-RECVFROM:"$1",fork EXEC:'bash -c answer' &
  wait $!
}

# A socket of that port that sends to one address and hears everybody: lines go out by socket[1], come by socket[0].
open() { # open ADDRESS:PORT
  coproc socket { exec socat - "UDP4-DATAGRAM:$1,bind=:$own_port"; }
  socket_pid=$!
}

peer() { # peer SERVER:PORT NAME OTHER
  local say="$2 $3" told=false until=$((SECONDS + 60)) line
  open "$1"
  while [ "$SECONDS" -lt "$until" ]; do
    echo "$say" >&"${socket[1]}"
    read -r -t 0.25 -u "${socket[0]}" line || continue
    case $told,$line in
    false,at\ *)
      kill "$socket_pid"
      wait "$socket_pid" || true
      open "${line#at }"
      told=true say=hello until=$((SECONDS + 10))
      ;;
    true,hello) say=heard ;;
    true,heard)
      echo heard >&"${socket[1]}"
      eval "exec ${socket[1]}>&-"
      wait "$socket_pid" # has sent it
      echo through
      return
      ;;
    esac
  done
  kill "$socket_pid"
  echo shut
  return 1
}

case $1 in
*:*) peer "$@" ;;
*) rendezvous "$1" ;;
esac
