/* peer.js through two NATs. Run it in this folder: PUNCHLAB=../../../punchlab node --test */
"use strict";
const assert = require("node:assert");
const path = require("node:path");
const { test } = require("node:test");
const { up } = require("./punchlab");

const PEER = path.join(__dirname, "peer.js");

/* Both peers' exit statuses. */
async function punch(world) {
  await world.start("server", [process.execPath, PEER, 7000], "ready");
  const server = world.address("server") + ":7000";
  const peers = ["alice", "bob"].map((host) => world.run(host, [process.execPath, PEER, server]));
  return (await Promise.all(peers)).map((peer) => peer.status);
}

test("two cones open", async () => {
  const world = await up(["port-restricted", "port-restricted"]);
  assert.deepStrictEqual(await punch(world), [0, 0]);
  assert.strictEqual((await world.why("alice", "bob")).outcome, "open");
  assert.ok((await world.count("nat-a wan", "udp and src host " + world.address("nat-b"))) > 0);
  await world.end();
});

test("symmetric stays shut, and why", async () => {
  const world = await up(["port-restricted", "symmetric"]);
  assert.deepStrictEqual(await punch(world), [1, 1]);
  assert.strictEqual((await world.why("alice", "bob")).outcome, "shut");
  await world.end();
});

test("a wrong spec says what there is", async () => {
  await assert.rejects(up(["conical"]), /conical/);
});
