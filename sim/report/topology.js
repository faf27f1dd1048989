/* The world on paper: the internet on top, boxes and hosts below what they stand behind. */

const TOPOLOGY = { most: 230, least: 92, between: 12, line: 13, above: 46, apart: 34 };

/* Trees with a box go to the two sides, hosts on the internet in the middle, so that a packet's way reads across. */
function sideOrder(nodes) {
	const top = nodes.filter((n) => !nodes.some((m) => m.name === n.behind));
	const boxed = top.filter((n) => n.kind === "box");
	const half = Math.ceil(boxed.length / 2);
	return { left: boxed.slice(0, half), middle: top.filter((n) => n.kind !== "box"), right: boxed.slice(half) };
}

const behind = (nodes, box) => nodes.filter((n) => n.behind === box.name);

/*
 * The ladder's columns; where the data name none, inside hosts outermost, boxes between them and the internet. What
 * packets were seen at and is no node (an interface whose owner is not known) comes last.
 */
function ladderColumns({ nodes, columns, journeys }) {
	const outward = (n) => [...behind(nodes, n).flatMap(outward), n.name];
	const order = sideOrder(nodes);
	const names = columns || [...order.left.flatMap(outward), ...order.middle.map((n) => n.name),
		...order.right.flatMap((n) => outward(n).reverse())];
	return [...new Set([...names, ...journeys.places()])];
}

/* A NAT spec in lines that fit: parted at its commas. */
function specLines(spec) {
	const lines = [];
	for (const part of spec.split(/(?<=,)/)) {
		const last = lines[lines.length - 1];
		if (last !== undefined && widthOf(last + part, "mono") <= TOPOLOGY.most - 16)
			lines[lines.length - 1] = last + part;
		else
			lines.push(part);
	}
	return lines;
}

/* What stands in a node, below its name: [class, text]. */
function nodeLines(node) {
	const addresses = node.addresses.slice(0, 3).map((text) => ["address", text]);
	if (node.addresses.length > 3)
		addresses.push(["address", "+" + (node.addresses.length - 3) + " more"]);
	if (node.kind !== "box")
		return addresses;
	return [...specLines(node.nat || "box").map((text) => ["nat", text]), ...addresses,
		...(node.lan ? [["address", "lan " + node.lan]] : [])];
}

/* How wide and high every node is drawn: all alike, for the longest text and the most lines. */
function nodeSize(nodes) {
	let wide = TOPOLOGY.least, lines = 1;
	for (const node of nodes) {
		const inside = nodeLines(node);
		lines = Math.max(lines, inside.length);
		wide = Math.max(wide, widthOf(visible(node.name), "bold") + 20,
			...inside.map(([, text]) => widthOf(visible(text), "mono") + 18));
	}
	return { wide: Math.min(wide, TOPOLOGY.most), high: 26 + lines * TOPOLOGY.line };
}

/* Gives every node x and y; returns the width and height in units of the drawing. */
function placeNodes(nodes, size) {
	const at = new Map();
	const leaf = size.wide + TOPOLOGY.between, row = size.high + TOPOLOGY.apart;
	let leaves = 0, deepest = 1;
	const place = (node, depth) => {
		deepest = Math.max(deepest, depth);
		const below = behind(nodes, node);
		const xs = below.map((n) => place(n, depth + 1));
		const x = xs.length ? (xs[0] + xs[xs.length - 1]) / 2 : (leaves++ + 0.5) * leaf;
		at.set(node.name, { node, x, y: TOPOLOGY.above + (depth - 1) * row + size.high / 2 });
		return x;
	};
	const order = sideOrder(nodes);
	for (const node of [...order.left, ...order.middle, ...order.right])
		place(node, 1);
	const width = Math.max(leaves, 2) * leaf;
	for (const spot of at.values())
		spot.x += (width - leaves * leaf) / 2;
	return { at, width, height: TOPOLOGY.above + (deepest - 1) * row + size.high + 8 };
}

function drawNode({ node, x, y }, { wide, high }) {
	const room = wide - 12;
	const top = y - high / 2;
	const words = [node.name, node.kind === "box" ? "NAT box " + (node.nat || "") : "host", ...node.addresses,
		node.lan ? "lan " + node.lan : null].filter(Boolean);
	return svg("g", {
		class: "node " + node.kind, "data-node": node.name, role: "listitem", "aria-label": words.join(", "),
	},
	svg("title", null, words.join("\n")),
	svg("rect", { x: x - wide / 2, y: top, width: wide, height: high, rx: node.kind === "box" ? 2 : 9 }),
	label("title", x, top + 17, "middle", cut(node.name, room, "bold")),
	nodeLines(node).map(([kind, line], i) =>
		label(kind, x, top + 31 + i * TOPOLOGY.line, "middle", cut(line, room, "mono"))));
}

function drawTopology(detail) {
	const size = nodeSize(detail.nodes);
	const { at, width, height } = placeNodes(detail.nodes, size);
	const cloud = 26;
	const links = [...at.values()].map(({ node, x, y }) => {
		const up = at.get(node.behind);
		const from = up ? up.y + size.high / 2 : cloud;
		const middle = (from + y - size.high / 2) / 2;
		const d = "M" + x + " " + (y - size.high / 2) + "V" + middle + "H" + (up ? up.x : x) + "V" + from;
		return svg("path", { class: "link", "data-link": node.name, d });
	});
	const picture = svg("svg", {
		class: "topology", viewBox: "0 0 " + width + " " + height, role: "list", "aria-label": "Topology",
	},
		svg("rect", { class: "cloud", x: 4, y: 4, width: width - 8, height: cloud - 4, rx: 4 }),
		label("cloud-name", width / 2, 19, "middle", "internet"),
		links, [...at.values()].map((spot) => drawNode(spot, size)));
	picture.style.maxWidth = width * 1.7 + 20 + "px"; /* larger than text of a heading it need not be */
	picture.style.minWidth = Math.min(width * 0.75, 640) + "px";
	return picture;
}

/* Lights the nodes and links a journey passed, and marks where it died. Without a journey: nothing. */
function lightTopology(picture, journey) {
	const died = journey && journey.bad ? journey.at : null;
	const seen = new Set(journey ? journey.legs.map((leg) => leg[1]) : []);
	for (const node of picture.querySelectorAll("[data-node]")) {
		node.classList.toggle("lit", seen.has(node.dataset.node));
		node.classList.toggle("died", died === node.dataset.node);
	}
	for (const link of picture.querySelectorAll("[data-link]"))
		link.classList.toggle("lit", seen.has(link.dataset.link));
}
