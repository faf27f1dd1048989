/* The world on paper: the internet on top, boxes and hosts below what they stand behind. */

const TOPOLOGY_LEAF = 136, TOPOLOGY_ROW = 92, TOPOLOGY_BOX = 126, TOPOLOGY_HIGH = 58;

/* Trees with a box go to the two sides, hosts on the internet in the middle, so that a packet's way reads across. */
function sideOrder(nodes) {
	const top = nodes.filter((n) => !nodes.some((m) => m.name === n.behind));
	const boxed = top.filter((n) => n.kind === "box");
	const half = Math.ceil(boxed.length / 2);
	return { left: boxed.slice(0, half), middle: top.filter((n) => n.kind !== "box"), right: boxed.slice(half) };
}

const behind = (nodes, box) => nodes.filter((n) => n.behind === box.name);

/* The ladder's columns where the data name none: inside hosts outermost, boxes between them and the internet. */
function ladderColumns(detail) {
	if (detail.columns)
		return detail.columns;
	const outward = (n) => [...behind(detail.nodes, n).flatMap(outward), n.name];
	const order = sideOrder(detail.nodes);
	const names = [...order.left.flatMap(outward), ...order.middle.map((n) => n.name),
		...order.right.flatMap((n) => outward(n).reverse())];
	for (const journey of detail.journeys)
		for (const name of [...journey.legs.map((leg) => leg[1]), journey.at])
			if (name && !names.includes(name))
				names.push(name);
	return names;
}

/* Gives every node x and y; returns the width and height in units of the drawing. */
function placeNodes(nodes) {
	const at = new Map();
	let leaves = 0, deepest = 1;
	const place = (node, depth) => {
		deepest = Math.max(deepest, depth);
		const below = behind(nodes, node);
		const xs = below.map((n) => place(n, depth + 1));
		const x = xs.length ? (xs[0] + xs[xs.length - 1]) / 2 : (leaves++ + 0.5) * TOPOLOGY_LEAF;
		at.set(node.name, { node, x, y: 46 + (depth - 1) * TOPOLOGY_ROW + TOPOLOGY_HIGH / 2 });
		return x;
	};
	const order = sideOrder(nodes);
	for (const node of [...order.left, ...order.middle, ...order.right])
		place(node, 1);
	const width = Math.max(leaves, 2) * TOPOLOGY_LEAF;
	for (const spot of at.values())
		spot.x += (width - leaves * TOPOLOGY_LEAF) / 2;
	return { at, width, height: 46 + (deepest - 1) * TOPOLOGY_ROW + TOPOLOGY_HIGH + 8 };
}

function drawNode(place) {
	const { node, x, y } = place;
	const lines = [node.kind === "box" ? node.nat || "box" : null, ...node.addresses.slice(0, 2),
		node.addresses.length > 2 ? "+" + (node.addresses.length - 2) + " more" : null,
		node.kind === "box" && node.lan ? "lan " + node.lan : null].filter(Boolean).slice(0, 3);
	const room = TOPOLOGY_BOX - 12;
	const top = y - TOPOLOGY_HIGH / 2;
	const words = [node.name, node.kind === "box" ? "NAT box " + (node.nat || "") : "host", ...node.addresses,
		node.lan ? "lan " + node.lan : null].filter(Boolean);
	const box = node.kind === "box";
	return svg("g", {
		class: "node " + node.kind, "data-node": node.name, role: "listitem", "aria-label": words.join(", "),
	},
	svg("title", null, words.join("\n")),
	svg("rect", { x: x - TOPOLOGY_BOX / 2, y: top, width: TOPOLOGY_BOX, height: TOPOLOGY_HIGH, rx: box ? 2 : 9 }),
	label("title", x, top + 16, "middle", cut(node.name, room, 7)),
	lines.map((line, i) =>
		label(box && !i ? "nat" : "address", x, top + 29 + i * 11.5, "middle", cut(line, room, 5.7))));
}

function drawTopology(detail) {
	const { at, width, height } = placeNodes(detail.nodes);
	const cloud = 26;
	const links = [...at.values()].map(({ node, x, y }) => {
		const up = at.get(node.behind);
		const from = up ? up.y + TOPOLOGY_HIGH / 2 : cloud;
		const middle = (from + y - TOPOLOGY_HIGH / 2) / 2;
		const d = "M" + x + " " + (y - TOPOLOGY_HIGH / 2) + "V" + middle + "H" + (up ? up.x : x) + "V" + from;
		return svg("path", { class: "link", "data-link": node.name, d });
	});
	const picture = svg("svg", {
		class: "topology", viewBox: "0 0 " + width + " " + height, role: "list", "aria-label": "Topology",
	},
		svg("rect", { class: "cloud", x: 4, y: 4, width: width - 8, height: cloud - 4, rx: 4 }),
		label("cloud-name", width / 2, 19, "middle", "internet"),
		links, [...at.values()].map(drawNode));
	picture.style.maxWidth = width * 1.1 + 20 + "px";
	picture.style.minWidth = width * 0.7 + "px";
	return picture;
}

/* Lights the nodes and links a journey passed, and marks where it died. Without a journey: nothing. */
function lightTopology(picture, journey) {
	const died = journey && journey.fate === "dropped" ? journey.at : null;
	const seen = new Set(journey ? journey.legs.map((leg) => leg[1]) : []);
	for (const node of picture.querySelectorAll("[data-node]")) {
		node.classList.toggle("lit", seen.has(node.dataset.node));
		node.classList.toggle("died", died === node.dataset.node);
	}
	for (const link of picture.querySelectorAll("[data-link]"))
		link.classList.toggle("lit", seen.has(link.dataset.link));
}
