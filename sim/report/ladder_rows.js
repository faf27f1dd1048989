/* One row of the ladder: a journey across the columns, a line a program said, a step, a silence. */

/* The columns a journey visits, in order, each with the legs seen there. */
function stopsOf(journey) {
	const stops = [];
	for (const leg of journey.legs) {
		const last = stops[stops.length - 1];
		if (last && last.name === leg[1])
			last.legs.push(leg);
		else
			stops.push({ name: leg[1], legs: [leg] });
	}
	if (journey.fate === "dropped" && journey.at && !stops.some((stop) => stop.name === journey.at))
		stops.push({ name: journey.at, legs: [] });
	return stops;
}

/* How often the way turns round on these columns (at a hairpin it does once). */
function turns(ladder, journey) {
	const at = stopsOf(journey).map((stop) => ladder.columns.indexOf(stop.name));
	return at.filter((_, i) => i > 1 && (at[i] - at[i - 1]) * (at[i - 1] - at[i - 2]) < 0).length;
}

/* How much a row needs under its first line: for the ways after a turn, or a second change written below. */
function below(ladder, journey) {
	const twice = stopsOf(journey).some((stop) => translations(stop.legs).length > 1);
	return Math.max(TURN * turns(ladder, journey), twice ? 14 : 0);
}

/* What a box made of the addresses, in ports: [":40000 → :51234"], with both ends changed two; [] when it changed nothing. */
function translations(legs) {
	const first = legs[0], last = legs[legs.length - 1];
	return legs.length < 2 ? [] : [4, 5].filter((end) => first[end] !== last[end]).map((end) => {
		const from = portOf(first[end]), to = portOf(last[end]);
		return (end === 5 ? "dst " : "") + (from === to ? from + " kept" : from + " \u2192 " + to);
	});
}

function journeyWords(journey) {
	const first = journey.legs[0], last = journey.legs[journey.legs.length - 1];
	const words = [clock(first[0]) + " s", journey.what, "from " + first[1] + " " + first[4] + " to " + first[5]];
	for (const stop of stopsOf(journey)) {
		const changed = translations(stop.legs);
		if (changed.length)
			words.push(stop.name + " translates " + changed.join(", "));
	}
	words.push(journey.fate === "dropped" ? "dropped at " + journey.at + (journey.reason ? ": " + journey.reason : "")
		: journey.fate === "delivered" ? "delivered to " + (journey.at || last[1]) : "end unknown");
	return words;
}

/* Points of the way: each stop's x, and a lower line after a turn. */
function wayOf(ladder, stops, y) {
	let line = y, direction = 0;
	const points = [];
	stops.forEach((stop, i) => {
		const x = ladder.x(ladder.columns.indexOf(stop.name));
		const now = i ? Math.sign(x - points[points.length - 1].x) : 0;
		if (direction && now && now !== direction) {
			line += TURN;
			points.push({ x: points[points.length - 1].x, y: line, stop: null });
		}
		direction = now || direction;
		points.push({ x, y: line, stop });
	});
	return { points, direction: direction || 1 };
}

const cross = (x, y) => svg("path", { class: "cross", d: "M" + (x - 5) + " " + (y - 5) + "l10 10m0-10l-10 10" });
const head = (x, y, direction) =>
	svg("path", { class: "arrow", d: "M" + x + " " + y + "l" + -8 * direction + " -4v8z" });

/* The translations written at the boxes: above the line, a second one below it. */
function boxLabels(ladder, way) {
	return way.points.slice(1).filter((point) => point.stop).flatMap(({ x, y, stop }) => translations(stop.legs)
		.filter((text) => ladder.column >= 110 || text.includes("\u2192"))
		.map((text, i) => ({ x, y: i ? y + 13 : y - 5, text, kept: !text.includes("\u2192") })));
}

/* Where on the way there is room for the name of the packet: on the first stretch that has enough, else on the roomiest. */
function whatPlace(points, boxes, wanted) {
	const taken = (point) => boxes.filter((label) => label.x === point.x && label.y < point.y).map((label) => label.text.length * 3.3 + 5)[0] || 7;
	let best = null;
	for (let i = 0; i + 1 < points.length && !(best && best.room >= wanted); i++) {
		const [from, to] = [points[i], points[i + 1]];
		const toward = Math.sign(to.x - from.x);
		const room = Math.abs(to.x - from.x) - taken(from) - taken(to) - 4;
		if (toward && (!best || room > best.room))
			best = { x: from.x + taken(from) * toward, y: from.y, toward, room };
	}
	return best;
}

function rowLabels(ladder, journey, way) {
	const { points } = way;
	const boxes = boxLabels(ladder, way);
	const labels = boxes.map((label) => svg("text", { class: label.kept ? "nat kept" : "nat", x: label.x, y: label.y, "text-anchor": "middle" }, label.text));
	const place = whatPlace(points, boxes, journey.what.length * 6.4);
	if (place)
		labels.push(svg("text", { class: "what", x: place.x, y: place.y - 5, "text-anchor": place.toward > 0 ? "start" : "end" },
			cut(journey.what, place.room, 6.4)));
	if (journey.fate === "dropped" && journey.reason) {
		const end = points[points.length - 1];
		const left = end.x > ladder.width / 2;
		labels.push(svg("text", { class: "reason", x: end.x + (left ? 6 : -6), y: end.y + 17, "text-anchor": left ? "end" : "start" },
			cut(journey.reason, left ? end.x - LADDER.gutter : ladder.width - end.x, 5.7)));
	}
	return labels;
}

function drawJourneyRow(ladder, journey, top, height) {
	const stops = stopsOf(journey);
	const y = top + Math.min(20, (height - below(ladder, journey)) * 0.62);
	const way = wayOf(ladder, stops, y);
	const end = way.points[way.points.length - 1];
	const words = journeyWords(journey);
	const dropped = journey.fate === "dropped";
	return svg("g", {
		class: "journey " + journey.fate + " " + journey.proto, role: "option", "aria-label": words.join(", "),
		"data-journey": journey.id,
		mousemove: (e) => tip([words[0] + "  #" + journey.id + "  " + journey.proto + ", " + plural(journey.length, "byte"), ...words.slice(1)], e.clientX, e.clientY),
		mouseleave: () => tip(null),
	},
	svg("rect", { class: "band", x: 0, y: top, width: ladder.width, height }),
	svg("text", { class: "clock", x: LADDER.gutter - 10, y: y + 4 }, clock(journey.legs[0][0])),
	svg("path", { class: "way", d: "M" + way.points.map((p) => p.x + " " + p.y).join("L") }),
	way.points.filter((p) => p.stop && p.stop.legs.length).map((p) => svg("circle", { class: "dot", cx: p.x, cy: p.y, r: 2.5 })),
	dropped ? cross(end.x, end.y) : journey.fate !== "delivered" ? svg("text", { class: "lost", x: end.x + 9 * way.direction, y: end.y + 4 }, "?") : way.points.length > 1 ? head(end.x, end.y, way.direction) : null,
	ladder.zoom >= 0.7 ? rowLabels(ladder, journey, way) : null);
}

/* A line of a program stands at its host, and runs towards the wider side. */
function drawNote(ladder, item, top, height) {
	const x = ladder.x(ladder.columns.indexOf(item.program.host));
	const left = x > ladder.width / 2 + ladder.column / 4;
	const sign = { in: "\u203a ", err: "2> ", out: "" }[item.stream] || "";
	const room = left ? x - LADDER.gutter - 12 : ladder.width - x - 12;
	const words = item.program.host + " " + item.program.name + (item.stream === "in" ? " reads: " : " says: ") + item.text;
	return svg("g", { class: "note " + item.stream, mousemove: (e) => tip([clock(item.t) + " s", words], e.clientX, e.clientY), mouseleave: () => tip(null) },
		svg("text", { class: "clock", x: LADDER.gutter - 10, y: top + height - 5 }, clock(item.t)),
		svg("path", { class: "tab", d: "M" + x + " " + (top + 2) + "v" + (height - 4) }),
		svg("text", { x: x + (left ? -7 : 7), y: top + height - 5, "text-anchor": left ? "end" : "start" }, cut(sign + item.text, room, 6.8)));
}

function drawLadderRow(ladder, item, top, height) {
	if (item.kind === "journey")
		return drawJourneyRow(ladder, item.journey, top, height);
	if (item.kind === "note")
		return drawNote(ladder, item, top, height);
	const middle = top + height / 2;
	const text = item.kind === "gap" ? duration(item.us) + " pass" : cut(item.text, ladder.width - LADDER.gutter - 20);
	return svg("g", { class: item.kind },
		svg("path", { d: "M" + LADDER.gutter + " " + middle + "H" + ladder.width }),
		item.kind === "step" ? svg("text", { class: "clock", x: LADDER.gutter - 10, y: middle + 4 }, clock(item.t)) : null,
		svg("text", { x: LADDER.gutter + 8, y: middle + 4 }, text));
}
