/* One row of the ladder: a journey across the columns, a line a program said, a step, a silence. */

/* The columns a journey visits, in order, each with the legs seen there. */
function stopsOf(journey) {
	const stops = [];
	for (const leg of journey.legs) {
		const last = stops[stops.length - 1];
		if (last && last.name === leg[LEG.node])
			last.legs.push(leg);
		else
			stops.push({ name: leg[LEG.node], legs: [leg] });
	}
	if (journey.fate === "dropped" && journey.at && !stops.some((stop) => stop.name === journey.at))
		stops.push({ name: journey.at, legs: [] });
	return stops;
}

/*
 * How much a row needs, for each way, under its first line: for the ways after a turn (at a hairpin there is one), or a second
 * change written below.
 */
function rowExtras(journeys, columns) {
	const { node, source, destination } = journeys.step;
	const column = journeys.texts.map((text) => columns.indexOf(text));
	const extra = new Uint8Array(journeys.steps.length - 1);
	for (let way = 0; way < extra.length; way++) {
		let turns = 0, direction = 0, twice = false, entered = journeys.steps[way];
		for (let k = entered + 1; k < journeys.steps[way + 1]; k++) {
			const step = Math.sign(column[node[k]] - column[node[k - 1]]);
			if (step)
				entered = k;
			twice ||= source[k] !== source[entered] && destination[k] !== destination[entered];
			turns += step && direction && step !== direction ? 1 : 0;
			direction = step || direction;
		}
		extra[way] = Math.min(255, Math.max(TURN * turns, twice ? 14 : 0));
	}
	return extra;
}

/* What a box made of the addresses, in ports: [":40000 → :51234"], two where it changed both ends, [] where none. */
function translations(legs) {
	const first = legs[0], last = legs[legs.length - 1];
	return legs.length < 2 ? [] : [LEG.source, LEG.destination].filter((end) => first[end] !== last[end]).map((end) => {
		const from = portOf(first[end]), to = portOf(last[end]);
		return (end === LEG.destination ? "dst " : "") + (from === to ? from + " kept" : from + " \u2192 " + to);
	});
}

/* How a journey ended, in the words of the terminal: [what, where]. */
function fateWords(journey) {
	const last = journey.at || journey.legs[journey.legs.length - 1][LEG.node];
	return {
		delivered: ["delivered", "to " + last],
		refused: ["refused", "by " + last],
		dropped: ["dropped", "at " + last],
		lost: ["lost", "after " + last + (journey.toward ? ", before " + journey.toward : "")],
		"for the box": ["for the box", last + " itself"],
		moving: ["under way", "when the capture ended, last seen at " + last],
	}[journey.fate] || ["left our view", "at " + last];
}

function journeyWords(journey) {
	const first = journey.legs[0];
	const words = [moment(journey.t), journey.what,
		"from " + first[LEG.node] + " " + first[LEG.source] + " to " + first[LEG.destination]];
	for (const stop of stopsOf(journey)) {
		const changed = translations(stop.legs);
		if (changed.length)
			words.push(stop.name + " translates " + changed.join(", "));
	}
	words.push(fateWords(journey).join(" ") + (journey.bad && journey.reason ? ": " + journey.reason : ""));
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

/* Where a journey that was lost is given up: half way to where it should have come in, or a little further on. */
function lostPoint(ladder, journey, way) {
	const last = way.points[way.points.length - 1];
	const toward = ladder.columns.indexOf(journey.toward);
	const on = toward >= 0 ? (ladder.x(toward) - last.x) / 2 : 0;
	const step = Math.min(40, ladder.column / 2 - 12);
	return { x: last.x + (on || step * (last.x > ladder.width - step - 20 ? -1 : way.direction)), y: last.y, stop: null };
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

/* The two addresses, where columns do not tell who sends to whom. */
const saysWho = (journey) => journey.fate === "unknown"
	? journey.legs[0][LEG.source] + " \u2192 " + journey.legs[0][LEG.destination] + "  " + journey.what : journey.what;

/*
 * Where there is room for the name of the packet: on the first stretch that has enough, else beside the way's end if
 * that is wider, else below it where nothing else is written (`free`), else on the roomiest.
 */
function whatPlace(ladder, points, boxes, wanted, free) {
	const taken = (point) => {
		const near = boxes.find((box) => box.x === point.x && box.y < point.y);
		return near ? widthOf(near.text, "mono") / 2 + 5 : 7;
	};
	const stretches = points.slice(1).map((to, i) => {
		const from = points[i];
		const toward = Math.sign(to.x - from.x);
		return { x: from.x + taken(from) * toward, y: from.y - 5, toward,
			room: toward ? Math.abs(to.x - from.x) - taken(from) - taken(to) - 4 : 0 };
	});
	const enough = stretches.find((place) => place.room >= wanted);
	if (enough)
		return enough;
	const right = points.reduce((a, b) => b.x > a.x ? b : a), left = points.reduce((a, b) => b.x < a.x ? b : a);
	stretches.push({ x: right.x + 14, y: right.y + 4, toward: 1, room: ladder.width - right.x - 18 },
		{ x: left.x - 14, y: left.y + 4, toward: -1, room: left.x - LADDER.gutter - 18 },
		{ x: left.x + 7, y: left.y + 13, toward: 1, room: free ? right.x - left.x - 14 : 0 });
	return stretches.find((place) => place.room >= wanted) ||
		stretches.reduce((a, b) => b.room > a.room ? b : a);
}

/* What became of a bad one and why, under its way. */
function reasonLabel(ladder, journey, end) {
	const text = fateWords(journey)[0] + (journey.reason ? ": " + journey.reason : "");
	const wide = widthOf(text, "sans");
	const left = end.x + 6 + wide > ladder.width - 4 && end.x > ladder.width / 2;
	const from = left ? Math.min(end.x + 6, ladder.width - 4) : end.x - 6;
	const shift = !left && from + wide > ladder.width ? Math.max(LADDER.gutter, ladder.width - wide - 4) : from;
	return label("reason", shift, end.y + 17, left ? "end" : "start",
		cut(text, left ? from - LADDER.gutter : ladder.width - shift - 2, "sans"));
}

function rowLabels(ladder, journey, way) {
	const { points } = way;
	const boxes = boxLabels(ladder, way);
	const labels = boxes.map((box) => label(box.kept ? "nat kept" : "nat", box.x, box.y, "middle", box.text));
	const words = saysWho(journey);
	const free = !journey.bad && points.every((point) => point.y === points[0].y) &&
		boxes.every((box) => box.y < points[0].y);
	const place = whatPlace(ladder, points, boxes, widthOf(words, "sans") + 2, free);
	labels.push(label("what", place.x, place.y, place.toward > 0 ? "start" : "end", cut(words, place.room, "sans")));
	if (journey.bad)
		labels.push(reasonLabel(ladder, journey, points[points.length - 1]));
	return labels;
}

/* How the way ends: a cross, an arrow, or a question mark. */
function endSign(journey, way) {
	const end = way.points[way.points.length - 1];
	if (journey.bad)
		return cross(end.x, end.y);
	if (journey.fate !== "delivered" && journey.fate !== "for the box")
		return way.points.length > 1 ? label("asked", end.x + 9 * way.direction, end.y + 4, "middle", "?") : null;
	return way.points.length > 1 ? head(end.x, end.y, way.direction) : null;
}

/* When it was, and below how long after the row before. */
function timeLabels(item, y) {
	const since = item.before === null || item.before === undefined ? "" : "+" + duration(item.t - item.before);
	return [label("clock", LADDER.gutter - 10, y - 3, "end", clock(item.t)),
		label("since", LADDER.gutter - 10, y + 9, "end", since)];
}

function drawJourneyRow(ladder, item, top, height) {
	const journey = ladder.journeys.at_index(item.index);
	const y = top + Math.min(20, (height - ladder.extra[ladder.journeys.way[item.index]]) * 0.62);
	const way = wayOf(ladder, stopsOf(journey), y);
	if (journey.fate === "lost")
		way.points.push(lostPoint(ladder, journey, way));
	const [time, ...words] = journeyWords(journey);
	const facts = "#" + journey.id + "  " + journey.proto + ", " + plural(journey.length, "byte");
	return svg("g", {
		class: "journey " + journey.fate.replaceAll(" ", "-") + " " + journey.proto + (journey.bad ? " bad" : "") +
			(journey.colour >= 0 ? " flow-" + journey.colour : ""),
		role: "option", "data-journey": journey.id,
		"aria-label": [time, ...words].join(", "), ...hover([time + "  " + facts, ...words]),
	},
	svg("rect", { class: "band", x: 0, y: top, width: ladder.width, height }),
	ladder.zoom >= 0.7 ? timeLabels(item, y) : label("clock", LADDER.gutter - 10, y + 3, "end", clock(item.t)),
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
	return svg("g", { class: "note " + stream, ...hover([moment(item.t), words]) },
		label("clock", LADDER.gutter - 10, top + height - 5, "end", clock(item.t)),
		svg("path", { class: "tab", d: "M" + x + " " + (top + 2) + "v" + (height - 4) }),
		label("", x + (left ? -7 : 7), top + height - 5, left ? "end" : "start", cut(sign + text, room, "line")));
}

function drawLadderRow(ladder, item, top, height) {
	if (item.kind === "journey")
		return drawJourneyRow(ladder, item, top, height);
	if (item.kind === "note")
		return drawNote(ladder, item, top, height);
	const middle = top + height / 2;
	const room = ladder.width - LADDER.gutter - 20;
	return svg("g", { class: item.kind },
		svg("path", { d: "M" + LADDER.gutter + " " + middle + "H" + ladder.width }),
		item.kind === "step" ? label("clock", LADDER.gutter - 10, middle + 4, "end", clock(item.t)) : null,
		label("", LADDER.gutter + 8, middle + 4, "start",
			item.kind === "gap" ? duration(item.us) + " pass" : cut(item.text, room, "sans")));
}
