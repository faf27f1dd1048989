/* The world on paper: the internet on top, boxes and hosts below what they stand behind. */

const TOPOLOGY = {
	most: 230, least: 92, between: 12, line: 13, cloud: 26, above: 46, apart: 34, rail: 12, least_scale: 0.85,
};

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

/* How wide every node is drawn: all alike, for the longest text. */
function nodeWidth(nodes) {
	let wide = TOPOLOGY.least;
	for (const node of nodes)
		wide = Math.max(wide, widthOf(visible(node.name), "bold") + 20,
			...nodeLines(node).map(([, text]) => widthOf(visible(text), "mono") + 18));
	return Math.min(wide, TOPOLOGY.most);
}

const nodeHeight = (node) => 26 + nodeLines(node).length * TOPOLOGY.line;

/* Blocks side by side, in as many rows as the room makes necessary: [{ blocks, width, height }]. */
function rowsOf(blocks, room) {
	const rows = [];
	for (const block of blocks) {
		const row = rows[rows.length - 1];
		if (!row || row.width + block.width > room) {
			rows.push({ blocks: [block], width: block.width, height: block.height });
			continue;
		}
		row.blocks.push(block);
		row.width += block.width;
		row.height = Math.max(row.height, block.height);
	}
	return rows;
}

/* What stands below one thing: in one row, or in rows that a rail at their left edge leads to. */
function packBlocks(blocks, room) {
	let rows = rowsOf(blocks, room), rail = 0;
	if (rows.length > 1) {
		rail = TOPOLOGY.rail;
		rows = rowsOf(blocks, room - rail);
	}
	return {
		rows, rail, width: rail + Math.max(...rows.map((row) => row.width)),
		height: rows.reduce((sum, row) => sum + row.height + TOPOLOGY.apart, -TOPOLOGY.apart),
	};
}

/* A node with all that stands behind it; `middle`: where in its width the node itself is. */
function blockOf(nodes, node, wide, room) {
	const below = behind(nodes, node).map((n) => blockOf(nodes, n, wide, room - TOPOLOGY.rail));
	const alone = wide + TOPOLOGY.between, high = nodeHeight(node);
	if (!below.length)
		return { node, high, width: alone, height: high, middle: alone / 2, packed: null };
	const packed = packBlocks(below, room), { blocks, width } = packed.rows[0], last = blocks[blocks.length - 1];
	return {
		node, high, packed, width: packed.width, height: high + TOPOLOGY.apart + packed.height,
		middle: packed.rail + (blocks[0].middle + width - last.width + last.middle) / 2,
	};
}

/*
 * Gives what is packed its places, below `from`: y of the upper end of its links, and x of theirs, or null where each
 * goes straight up. Adds [{ node, x, y, high, link }] to `spots`; y is that of the node's upper edge.
 */
function placePacked({ rows, rail }, left, top, x, from, spots) {
	const first = (from + top) / 2;
	let y = top;
	rows.forEach((row, i) => {
		const bus = i ? y - TOPOLOGY.apart / 2 : first;
		let at = left + rail;
		for (const block of row.blocks) {
			const middle = at + block.middle, up = x === null ? middle : x;
			const way = i ? "H" + (left + rail / 2) + "V" + (x === null ? from : first + "H" + up + "V" + from)
				: "H" + up + "V" + from;
			const low = y + block.high;
			spots.push({ node: block.node, x: middle, y, high: block.high, link: "M" + middle + " " + y + "V" + bus + way });
			if (block.packed)
				placePacked(block.packed, at, low + TOPOLOGY.apart, middle, low, spots);
			at += block.width;
		}
		y += row.height + TOPOLOGY.apart;
	});
}

/* Where every node is; the width and height in units of the drawing, no wider than the room where one node is not. */
function placeNodes(nodes, wide, room) {
	const order = sideOrder(nodes), spots = [];
	const top = [...order.left, ...order.middle, ...order.right].map((n) => blockOf(nodes, n, wide, room));
	const packed = packBlocks(top, room), width = Math.max(packed.width, 2 * (wide + TOPOLOGY.between));
	placePacked(packed, packed.rail ? 0 : (width - packed.width) / 2, TOPOLOGY.above, null, TOPOLOGY.cloud, spots);
	return { spots, width, height: TOPOLOGY.above + packed.height + 8 };
}

function drawNode({ node, x, y, high }, wide) {
	const room = wide - 12;
	const words = [node.name, node.kind === "box" ? "NAT box " + (node.nat || "") : "host", ...node.addresses,
		node.lan ? "lan " + node.lan : null].filter(Boolean);
	return svg("g", {
		class: "node " + node.kind, "data-node": node.name, role: "listitem", "aria-label": words.join(", "),
	},
	svg("title", null, words.join("\n")),
	svg("rect", { x: x - wide / 2, y, width: wide, height: high, rx: node.kind === "box" ? 2 : 9 }),
	label("title", x, y + 17, "middle", cut(node.name, room, "bold")),
	nodeLines(node).map(([kind, line], i) =>
		label(kind, x, y + 31 + i * TOPOLOGY.line, "middle", cut(line, room, "mono"))));
}

/*
 * Drawn for a card with room for so many pixels: what does not fit beside the others goes into a row of its own, so that the
 * text stays as large as text is elsewhere.
 */
function drawTopology(detail, card) {
	const wide = nodeWidth(detail.nodes);
	const { spots, width, height } = placeNodes(detail.nodes, wide, card / TOPOLOGY.least_scale);
	const picture = svg("svg", {
		class: "topology", viewBox: "0 0 " + width + " " + height, role: "list", "aria-label": "Topology",
	},
		svg("rect", { class: "cloud", x: 4, y: 4, width: width - 8, height: TOPOLOGY.cloud - 4, rx: 4 }),
		label("cloud-name", width / 2, 19, "middle", "internet"),
		spots.map(({ node, link }) => svg("path", { class: "link", "data-link": node.name, d: link })),
		spots.map((spot) => drawNode(spot, wide)));
	picture.style.maxWidth = width * 1.7 + 20 + "px"; /* larger than text of a heading it need not be */
	picture.style.minWidth = Math.min(width * TOPOLOGY.least_scale, card) + 20 + "px";
	picture.style.maxHeight = "max(76vh, " + (height * TOPOLOGY.least_scale + 20) + "px)";
	return picture;
}

/* Lights the nodes and links a journey passed, and marks where it died. Without a journey: nothing. */
function lightTopology(picture, journey) {
	const died = journey && journey.bad ? journey.at : null;
	const seen = new Set(journey ? journey.legs.map((leg) => leg[LEG.node]) : []);
	for (const node of picture.querySelectorAll("[data-node]")) {
		node.classList.toggle("lit", seen.has(node.dataset.node));
		node.classList.toggle("died", died === node.dataset.node);
	}
	for (const link of picture.querySelectorAll("[data-link]"))
		link.classList.toggle("lit", seen.has(link.dataset.link));
}
