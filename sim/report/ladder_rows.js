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

/* What a box made of the addresses, in ports: [":40000 → :51234"], two where it changed both ends, [] where none. */
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
	if (journey.fate === "dropped")
		words.push("dropped at " + journey.at + (journey.reason ? ": " + journey.reason : ""));
	else
		words.push(journey.fate === "delivered" ? "delivered to " + (journey.at || last[1]) : "end unknown");
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

/* Where there is room for the name of the packet: on the first stretch that has enough, else on the roomiest. */
function whatPlace(points, boxes, wanted) {
	const taken = (point) => {
		const near = boxes.find((box) => box.x === point.x && box.y < point.y);
		return near ? near.text.length * 3.3 + 5 : 7;
	};
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

function reasonLabel(ladder, journey, end) {
	const left = end.x > ladder.width / 2;
	const room = left ? end.x - LADDER.gutter : ladder.width - end.x;
	return label("reason", end.x + (left ? 6 : -6), end.y + 17, left ? "end" : "start",
		cut(journey.reason, room, 5.7));
}

function rowLabels(ladder, journey, way) {
	const { points } = way;
	const boxes = boxLabels(ladder, way);
	const labels = boxes.map((box) => label(box.kept ? "nat kept" : "nat", box.x, box.y, "middle", box.text));
	const place = whatPlace(points, boxes, journey.what.length * 6.4);
	if (place)
		labels.push(label("what", place.x, place.y - 5, place.toward > 0 ? "start" : "end",
			cut(journey.what, place.room, 6.4)));
	if (journey.fate === "dropped" && journey.reason)
		labels.push(reasonLabel(ladder, journey, points[points.length - 1]));
	return labels;
}

/* How the way ends: a cross, an arrow, or a question mark. */
function endSign(journey, way) {
	const end = way.points[way.points.length - 1];
	if (journey.fate === "dropped")
		return cross(end.x, end.y);
	if (journey.fate !== "delivered")
		return label("lost", end.x + 9 * way.direction, end.y + 4, "middle", "?");
	return way.points.length > 1 ? head(end.x, end.y, way.direction) : null;
}

const timeLabel = (t, y) => label("clock", LADDER.gutter - 10, y, "end", clock(t));

function drawJourneyRow(ladder, journey, top, height) {
	const y = top + Math.min(20, (height - below(ladder, journey)) * 0.62);
	const way = wayOf(ladder, stopsOf(journey), y);
	const [time, ...words] = journeyWords(journey);
	const facts = "#" + journey.id + "  " + journey.proto + ", " + plural(journey.length, "byte");
	return svg("g", {
		class: "journey " + journey.fate + " " + journey.proto, role: "option", "data-journey": journey.id,
		"aria-label": [time, ...words].join(", "), ...hover([time + "  " + facts, ...words]),
	},
	svg("rect", { class: "band", x: 0, y: top, width: ladder.width, height }),
	timeLabel(journey.legs[0][0], y + 4),
	svg("path", { class: "way", d: "M" + way.points.map((p) => p.x + " " + p.y).join("L") }),
	way.points.filter((p) => p.stop && p.stop.legs.length)
		.map((p) => svg("circle", { class: "dot", cx: p.x, cy: p.y, r: 2.5 })),
	endSign(journey, way), ladder.zoom >= 0.7 ? rowLabels(ladder, journey, way) : null);
}

/* A line of a program stands at its host, and runs towards the wider side. */
function drawNote(ladder, item, top, height) {
	const { program, stream, text } = item;
	const x = ladder.x(ladder.columns.indexOf(program.host));
	const left = x > ladder.width / 2 + ladder.column / 4;
	const room = left ? x - LADDER.gutter - 12 : ladder.width - x - 12;
	const sign = { in: "\u203a ", err: "2> ", out: "" }[stream];
	const words = program.host + " " + program.name + (stream === "in" ? " reads: " : " says: ") + text;
	return svg("g", { class: "note " + stream, ...hover([clock(item.t) + " s", words]) },
		timeLabel(item.t, top + height - 5),
		svg("path", { class: "tab", d: "M" + x + " " + (top + 2) + "v" + (height - 4) }),
		label("", x + (left ? -7 : 7), top + height - 5, left ? "end" : "start", cut(sign + text, room, 6.8)));
}

function drawLadderRow(ladder, item, top, height) {
	if (item.kind === "journey")
		return drawJourneyRow(ladder, item.journey, top, height);
	if (item.kind === "note")
		return drawNote(ladder, item, top, height);
	const middle = top + height / 2;
	const room = ladder.width - LADDER.gutter - 20;
	return svg("g", { class: item.kind },
		svg("path", { d: "M" + LADDER.gutter + " " + middle + "H" + ladder.width }),
		item.kind === "step" ? timeLabel(item.t, middle + 4) : null,
		label("", LADDER.gutter + 8, middle + 4, "start",
			item.kind === "gap" ? duration(item.us) + " pass" : cut(item.text, room)));
}
