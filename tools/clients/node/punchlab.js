/*
 * punchlab for Node.js: worlds behind NATs for tests. Needs punchlab and no other module.
 *
 *     const { up } = require("./punchlab");
 *
 *     const world = await up(["port-restricted", "symmetric"]);   // alice behind the first, bob behind the second
 *     const server = await world.start("server", ["node", "rendezvous.js", "7000"], "ready");
 *     const peer = await world.run("alice", ["node", "peer.js", world.address("server") + ":7000"]);
 *     console.log(peer.status, (await world.why("alice", "bob")).text);
 *     await world.end();
 *
 * The environment variable PUNCHLAB names another punchlab than the first in PATH.
 */
"use strict";
const { spawn } = require("node:child_process");
const readline = require("node:readline");

const VERSION = 1; // of what a world says of itself (sim/README.md)
const command = () => process.env.PUNCHLAB || "punchlab";

function text(stream) {
  return new Promise((resolve, reject) => {
    let all = "";
    stream.setEncoding("utf8").on("data", (part) => (all += part));
    stream.on("end", () => resolve(all)).on("error", reject);
  });
}

const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("close", resolve));

/* The first line that contains `wanted` ("": any), or null when there is none. */
async function line(child, wanted) {
  const lines = readline.createInterface({ input: child.stdout });
  for await (const one of lines) if (one.includes(wanted)) return one;
  return null;
}

class World {
  constructor(process_, said, about) {
    this.up = process_;
    this.said = said;
    this.about = about;
  }

  /* What is told of a host or box: name, kind, addresses, public, behind, nat. */
  node(name) {
    const node = this.about.nodes.find((one) => one.name === name);
    if (!node) throw new Error(`there is no host or box named ${name}`);
    return node;
  }

  address(name) {
    return this.node(name).addresses[0];
  }

  spawn(host, argv, options = {}) {
    return spawn(command(), ["exec", "--name", this.about.name, host, "--", ...argv.map(String)], options);
  }

  /* Runs a program there to its end: { status, stdout, stderr }. */
  async run(host, argv, options) {
    const child = this.spawn(host, argv, options);
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const status = await ended(child);
    const [stdout, stderr] = await said;
    return { status, stdout, stderr };
  }

  /* Starts a program there; with `ready`, waits for a line of its output that contains it. It ends with the world. */
  async start(host, argv, ready, options) {
    const child = this.spawn(host, argv, options);
    child.stderr.resume();
    if (ready !== undefined && (await line(child, ready)) === null)
      throw new Error(`${host}: ${argv.join(" ")} ended, and never said "${ready}"`);
    child.stdout.resume();
    return child;
  }

  /*
   * Any call of the scenario language (scenarios/README.md) on "lab", a host, a box or "HOST link"; returns what it
   * returns, one value or a list of several. {node: NAME} is a host or box.
   */
  async call(on, name, ...args) {
    const words = ["call", "--json", "--name", this.about.name, on, name, ...args.map((one) => JSON.stringify(one))];
    const child = spawn(command(), words);
    const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if ((await ended(child)) !== 0) throw new Error(complaint.trim());
    const result = JSON.parse(said);
    return result.length > 1 ? result : result[0];
  }

  /* How many packets were captured at "nat-a wan" so far that match a pcap filter. */
  count(place, filter) {
    return this.call("lab", "count", place, ...(filter === undefined ? [] : [filter]));
  }

  /* What the trace tells of two hosts: outcome, cause, box, help, text, ... */
  why(one, other, protocol) {
    return this.call("lab", "why", { node: one }, { node: other }, ...(protocol === undefined ? [] : [protocol]));
  }

  /* Ends the world and all that runs in it. Fails if something of it was lost. */
  async end() {
    this.up.stdin.end();
    const status = await ended(this.up);
    if (status !== 0) throw new Error((await this.said).trim() || `punchlab up ended with ${status}`);
  }
}

/*
 * A world with a host behind each of these NATs, or of one scenario file of which `match` chooses a scenario. It ends
 * with this program, whatever ends that.
 */
async function up(specs, { match, options = [] } = {}) {
  const words = ["up", "--json", "--stdin", "--quiet", "--keep", "none", ...options];
  if (match !== undefined) words.push("-k", match);
  const child = spawn(command(), [...words, ...specs]);
  const said = text(child.stderr);
  const failed = new Promise((_, reject) => child.once("error", reject));
  const first = await Promise.race([line(child, ""), failed]);
  if (first === null) throw new Error((await said).trim());
  const world = new World(child, said, JSON.parse(first));
  if (world.about.version !== VERSION) {
    await world.end();
    throw new Error(`punchlab speaks version ${world.about.version}, and this is for version ${VERSION}`);
  }
  return world;
}

module.exports = { up, World };
