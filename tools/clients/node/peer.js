/*
 * The smallest thing that punches: a rendezvous (peer.js PORT) and a peer (peer.js SERVER:PORT).
 *
 * Two peers say hello to the rendezvous, which tells each the address it saw of the other. Each sends to that address,
 * four times a second, and says "through" and exits 0 when something of the other has come; 10 seconds after it was told,
 * or after a minute if it is not, "shut", 1.
 */
"use strict";
const dgram = require("node:dgram");

function address(text) {
  const [host, port] = text.split(":");
  return { address: host, port: Number(port) };
}

const same = (a, b) => a.address === b.address && a.port === b.port;

function rendezvous(port) {
  const here = dgram.createSocket("udp4");
  let peers = [];
  here.on("message", (_, seen) => {
    if (!peers.some((one) => same(one, seen))) peers.push(seen);
    if (peers.length < 2) return;
    for (const [one, other] of [peers, [...peers].reverse()])
      here.send(`${other.address}:${other.port}`, one.port, one.address);
    peers = [];
  });
  here.bind(port, () => console.log("ready"));
}

function peer(server) {
  const here = dgram.createSocket("udp4");
  let to = server;
  let heard = false;
  let patience;
  const say = (word, status) => {
    console.log(word);
    process.exit(status);
  };
  const send = () => here.send(heard ? "heard" : "hello", to.port, to.address);
  here.on("message", (message, sender) => {
    if (same(sender, server)) {
      to = address(String(message));
      clearTimeout(patience);
      patience = setTimeout(() => say("shut", 1), 10000);
    } else if (String(message) === "heard") {
      here.send("heard", sender.port, sender.address, () => say("through", 0));
    } else {
      to = sender;
      heard = true;
    }
  });
  send();
  setInterval(send, 250);
  patience = setTimeout(() => say("shut", 1), 60000);
}

if (process.argv[2].includes(":")) peer(address(process.argv[2]));
else rendezvous(Number(process.argv[2]));
