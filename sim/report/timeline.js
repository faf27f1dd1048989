/*
 * Everything on one axis of time: what the scenario did, each program's lines, each box's mappings from birth to end,
 * and the packets. Zoom and pan change the window of time; the lanes stay.
 */

const TIMELINE = { lane: 22, bar: 15, axis: 22, rows_per_box: 40, wide: 640, label: 176 };

/* The shapes of marks, from the foot of their lane; a bar where none is named. */
const MARKS = {
	in: "v-5m-3.5 0h7l-3.5 -5z", step: "m0-3l4-4-4-4-4 4z", err: "v-8", "packet bad": "m-3-4l6-6m0 6l-6-6",
};

function timeBounds(detail) {
	const { journeys } = detail;
	const times = [
		...detail.programs.flatMap((p) => [p.started, p.ended, ...p.lines.map((line) => line[0])]),
		...detail.mappings.flatMap((m) => [m.born, m.died]),
		...detail.steps.map((step) => step[0]),
	].filter((t) => t !== null && t !== undefined);
	let low = 0, high = Math.max(1000, detail.until);
	for (const t of times) {
		low = Math.min(low, t);
		high = Math.max(high, t);
	}
	for (let i = 0; i < journeys.length; i++)
		low = Math.min(low, journeys.t[i]);
	return [low, high + (high - low) * 0.01];
}

/* Units of the axis: sign, microseconds, from which length of a window on. */
const UNITS = [["d", 864e8, 3 * 864e8], ["h", 36e8, 3 * 36e8], ["min", 6e7, 6e8], ["s", 1e6, 0]];

/* A step of 1, 2 or 5 times a power of ten, for about `most` marks in a window. */
function niceStep(us, most) {
	const raw = us / most;
	const power = Math.pow(10, Math.floor(Math.log10(raw)));
	return power * [1, 2, 5, 10].find((n) => n * power >= raw);
}

/* A lane for each of a box's mappings, the first ones where there are many. */
function mappingLanes(detail, box) {
	const own = detail.mappings.filter((m) => m.box === box.name);
	const most = TIMELINE.rows_per_box;
	const sub = own.length > most ? most + " of " + own.length + " mappings" : "mappings";
	if (!own.length)
		return [{ label: box.name, sub: "no mapping", marks: [] }];
	return own.slice(0, most).map((mapping, i) =>
		({ label: i ? "" : box.name, sub: i ? "" : sub, mapping, marks: [] }));
}

/* The lanes from top to bottom: label, sub, marks, and a span, a mapping or words to say. */
function timelineLanes(detail) {
	const lanes = [];
	if (detail.steps.length)
		lanes.push({
			label: "scenario", say: true,
			marks: detail.steps.map(([t, text]) => ({ t, kind: "step", words: text })),
		});
	for (const program of detail.programs)
		lanes.push({
			label: program.host, sub: program.name, span: [program.started, program.ended],
			marks: program.lines.map(([t, stream, text]) => ({ t, kind: stream, words: text })),
		});
	lanes.push({ label: "packets", journeys: detail.journeys, marks: [] });
	return [...lanes, ...detail.nodes.filter((n) => n.kind === "box").flatMap((box) => mappingLanes(detail, box))];
}

function mappingWords(m) {
	const end = m.died === null ? "alive at the end"
		: "ended " + moment(m.died) + (m.reason ? ": " + m.reason : "");
	return [
		m.box + ": " + m.inside + " \u2192 " + m.outside, "to " + m.peer + ", " + m.kind,
		"born " + moment(m.born) + ", " + end,
		plural(m.events.length, "packet") + (m.timeout ? ", idle life " + m.timeout + " s" : ""),
		m.recorded ? "" : "seen in the packets alone",
	];
}

class Timeline {
	/* select(place of a journey) when its mark is clicked. */
	constructor(detail, select) {
		this.bounds = timeBounds(detail);
		this.window = this.bounds.slice();
		this.lanes = timelineLanes(detail);
		this.select = select;
		this.chosen = null;
		this.view = el("div", {
			class: "timeline-view", tabindex: 0, role: "group", keydown: (e) => this.key(e),
			"aria-label": "Timeline of " + duration(this.bounds[1] - this.bounds[0]) +
				"; plus and minus zoom, arrows move",
		});
		this.view.addEventListener("wheel", (e) => {
			if (!e.ctrlKey)
				return;
			e.preventDefault();
			const x = e.clientX - this.view.getBoundingClientRect().left;
			this.zoom(e.deltaY < 0 ? 0.7 : 1 / 0.7, (x - this.left) / this.span);
		}, { passive: false });
		this.watcher = new ResizeObserver(() => this.draw());
		this.watcher.observe(this.view);
	}

	x(t) {
		return this.left + (t - this.window[0]) / (this.window[1] - this.window[0]) * this.span;
	}

	/* True for a place in the window of time. */
	shows(x) {
		return x >= this.left && x <= this.left + this.span;
	}

	drawAxis(height) {
		const [low, high] = this.window;
		const right = this.left + this.span;
		const [sign, us] = UNITS.find(([, , from]) => high - low >= from);
		const step = niceStep((high - low) / us, Math.max(3, this.span / 90)) * us;
		const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step / us) + 1e-9)));
		const marks = [];
		for (let t = Math.ceil(low / step) * step; t <= high; t += step) {
			const x = this.x(t);
			const anchor = x > right - 26 ? "end" : x < this.left + 20 ? "start" : "middle";
			marks.push(svg("line", { class: "grid", x1: x, x2: x, y1: TIMELINE.axis - 4, y2: height }),
				label("axis", x, 12, anchor, (t / us).toFixed(digits) + " " + sign));
		}
		return marks;
	}

	/* The packets' marks in the window: of those on one pixel the bad one, or the first, is drawn. */
	drawPackets({ journeys }, y) {
		const at = new Map();
		for (let i = 0; i < journeys.length; i++) {
			const x = Math.round(this.x(journeys.t[i]) * 2) / 2;
			if (this.shows(x) && (!at.has(x) || (journeys.bad[i] && !journeys.bad[at.get(x)])))
				at.set(x, i);
		}
		if (this.chosen && this.shows(this.x(this.chosen.t)))
			at.set(Math.round(this.x(this.chosen.t) * 2) / 2, this.chosen.index);
		return [...at].map(([x, i]) => {
			const kind = "packet" + (journeys.bad[i] ? " bad" : "");
			return svg("path", {
				class: "mark " + kind + (this.chosen && this.chosen.index === i ? " chosen" : ""),
				d: "M" + x + " " + (y + 16) + (MARKS[kind] || "v-11"), click: () => this.select(i),
				...hover(() => {
					const journey = journeys.at_index(i);
					return [moment(journey.t),
						"#" + journey.id + " " + journey.what + ": " + journeyWords(journey).pop()];
				}),
			});
		});
	}

	/* The lane's marks in the window; equal ones on one pixel are drawn once. */
	drawMarks(lane, y) {
		const seen = new Set();
		const nodes = [];
		for (const mark of lane.marks) {
			const x = Math.round(this.x(mark.t) * 2) / 2;
			if (!this.shows(x) || seen.has(mark.kind + x))
				continue;
			seen.add(mark.kind + x);
			const node = svg("path", {
				class: "mark " + mark.kind, d: "M" + x + " " + (y + 16) + (MARKS[mark.kind] || "v-11"),
				...hover([moment(mark.t), mark.words]),
			});
			nodes.push(node);
		}
		return nodes;
	}

	/* The words of marks that have room before the next one. */
	drawWords(lane, y) {
		const right = this.left + this.span;
		return lane.marks.map((mark, i) => {
			const x = this.x(mark.t);
			const next = i + 1 < lane.marks.length ? Math.min(right, this.x(lane.marks[i + 1].t)) : right;
			const text = this.shows(x) ? cut(mark.words, next - x - 14, "sans") : "";
			return text ? label("said", x + 8, y + 15, "start", text) : null;
		});
	}

	drawSpan([started, ended], y) {
		const from = Math.max(this.left, this.x(started));
		const to = Math.min(this.left + this.span, this.x(ended === null ? this.bounds[1] : ended));
		return to > from ? svg("path", { class: "run", d: "M" + from + " " + (y + 16) + "H" + to }) : "";
	}

	drawMapping(mapping, y) {
		const right = this.left + this.span;
		const end = this.x(mapping.died === null ? this.bounds[1] : mapping.died);
		const from = Math.max(this.left, this.x(mapping.born)), to = Math.min(right, end);
		if (to < from)
			return null;
		const mine = this.chosen && mapping.events.some((e) => e[2] === this.chosen.id);
		const text = portOf(mapping.inside) + " \u2192 " + portOf(mapping.outside) + "  to " + mapping.peer;
		const touches = mapping.events.map(([t]) => this.x(t)).filter((x) => this.shows(x));
		const bar = (kind, x, top, high) => svg("path", { class: kind, d: "M" + x + " " + top + "v" + high });
		return svg("g", { class: "mapping" + (mine ? " chosen" : ""), ...hover(mappingWords(mapping)) },
			svg("rect", { x: from, y: y + 3, width: Math.max(2, to - from), height: TIMELINE.bar, rx: 2 }),
			touches.filter((x, i) => !i || x - touches[i - 1] > 1)
				.map((x) => bar("touch", x, y + 3, TIMELINE.bar)),
			label("", from + 6, y + 14, "start", cut(text, right - from - 8, "mono")),
			mapping.died !== null && end <= right ? bar("end", to, y + 1, TIMELINE.bar + 4) : null);
	}

	/* The lane's name: beside it, or above it in a narrow window. */
	drawLabel(lane, y, width, narrow) {
		const line = svg("line", { class: "edge", x1: 0, x2: width, y1: y, y2: y });
		const both = [lane.label, lane.sub].filter(Boolean).join(" \u00b7 ");
		if (narrow)
			return [line, label("label", 4, y + 12, "start", cut(both, width, "bold"))];
		return [line, label("label", 4, y + 15, "start", cut(lane.label, 84, "bold")),
			label("sub", 88, y + 15, "start", cut(lane.sub || "", TIMELINE.label - 92, "mono"))];
	}

	draw() {
		const width = this.view.clientWidth;
		if (!width)
			return;
		const narrow = width < TIMELINE.wide;
		this.left = narrow ? 4 : TIMELINE.label;
		this.span = width - this.left - 10;
		let y = TIMELINE.axis;
		const nodes = [];
		for (const lane of this.lanes) {
			if (lane.label)
				nodes.push(this.drawLabel(lane, y, width, narrow));
			y += lane.label && narrow ? 15 : 0;
			nodes.push(lane.span && lane.span[0] !== null ? this.drawSpan(lane.span, y) : null,
				lane.say ? this.drawWords(lane, y) : null,
				lane.journeys ? this.drawPackets(lane, y)
					: lane.mapping ? this.drawMapping(lane.mapping, y) : this.drawMarks(lane, y));
			y += TIMELINE.lane;
		}
		const height = y + 4;
		const x = this.chosen ? this.x(this.chosen.t) : -1;
		const cursor = svg("line", { class: "cursor", x1: x, x2: x, y1: TIMELINE.axis - 6, y2: height });
		this.view.replaceChildren(svg("svg", { class: "timeline", width, height, "aria-hidden": "true" },
			this.drawAxis(height), nodes, this.shows(x) ? cursor : null));
	}

	choose(journey) {
		this.chosen = journey;
		this.schedule();
	}

	/* Draws before the next frame, once however often it is asked. */
	schedule() {
		this.pending ||= requestAnimationFrame(() => {
			this.pending = 0;
			this.draw();
		});
	}

	zoom(factor, at) {
		const [low, high] = this.window, [least, most] = this.bounds;
		const whole = Math.min(most - least, Math.max(50, (high - low) * factor));
		const pivot = low + (high - low) * (at === undefined ? 0.5 : at);
		this.show(pivot - whole * (at === undefined ? 0.5 : at), whole);
	}

	/* Shows a window of `whole` microseconds from `low`, kept within the run. */
	show(low, whole) {
		const [least, most] = this.bounds;
		low = Math.max(least, Math.min(most - whole, low));
		this.window = [low, low + whole];
		this.schedule();
	}

	showAll() {
		this.show(this.bounds[0], this.bounds[1] - this.bounds[0]);
	}

	key(event) {
		const whole = this.window[1] - this.window[0];
		const act = {
			"+": () => this.zoom(0.6), "=": () => this.zoom(0.6), "-": () => this.zoom(1 / 0.6),
			"0": () => this.showAll(),
			ArrowLeft: () => this.show(this.window[0] - whole / 5, whole),
			ArrowRight: () => this.show(this.window[0] + whole / 5, whole),
		}[event.key];
		if (!act || event.ctrlKey || event.altKey || event.metaKey)
			return;
		event.preventDefault();
		act();
	}

	stop() {
		this.watcher.disconnect();
	}
}
