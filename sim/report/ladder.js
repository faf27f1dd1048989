/*
 * The ladder: a column per host and box, a row per journey in the order of time, drawn as SVG. Only the rows in sight
 * exist in the document, so a long run scrolls as smoothly as a short one. ladder_rows.js draws one row.
 */

const LADDER = { gutter: 74, column: 132, least: 62, row: 30, note: 17, gap: 20, head: 30, long_us: 200000 };
const TURN = 16; /* how much lower a way goes on after it turned round */
const ZOOMS = [0.5, 0.7, 1, 1.3, 1.7, 2.2];

/* Rows in time order: journeys, what programs said and read, steps of the scenario, and long silences. */
function ladderItems(detail, filter) {
	const items = [];
	for (const journey of detail.journeys) {
		const visits = [journey.at, ...journey.legs.map((leg) => leg[1])];
		const passes = (!filter.node || visits.includes(filter.node)) &&
			(!filter.dropped || journey.fate === "dropped");
		if (passes && journey.legs.length)
			items.push({ kind: "journey", t: journey.legs[0][0], journey });
	}
	if (filter.output)
		for (const program of detail.programs)
			for (const [t, stream, text] of program.lines)
				if (!filter.node || program.host === filter.node)
					items.push({ kind: "note", t, program, stream, text });
	if (filter.output)
		for (const [t, text] of detail.steps)
			items.push({ kind: "step", t, text });
	items.sort((a, b) => a.t - b.t);
	return items.flatMap((item, i) => i && item.t - items[i - 1].t > LADDER.long_us
		? [{ kind: "gap", t: item.t, us: item.t - items[i - 1].t }, item] : [item]);
}

class Ladder {
	/* select(journey) is called when a journey is chosen here. */
	constructor(detail, select) {
		this.detail = detail;
		this.columns = ladderColumns(detail);
		this.filter = { node: "", dropped: false, output: true };
		this.zoom = 1;
		this.current = 0;
		this.chosen = null;
		this.select = select;
		this.drawn = new Map();
		this.head = el("div", { class: "columns", "aria-hidden": "true" });
		this.canvas = svg("svg", {
			class: "ladder", role: "listbox", "aria-label": "Journeys, in the order of time", tabindex: 0,
		});
		this.view = el("div", { class: "ladder-view scroll" }, this.head, this.canvas);
		this.view.addEventListener("scroll", () => this.schedule(), { passive: true });
		this.view.addEventListener("wheel", (e) => {
			if (!e.ctrlKey)
				return;
			e.preventDefault();
			this.step(e.deltaY < 0 ? 1 : -1);
		}, { passive: false });
		this.canvas.addEventListener("keydown", (e) => this.key(e));
		this.canvas.addEventListener("mouseleave", () => tip(null));
		this.watcher = new ResizeObserver(() => this.layout());
		this.watcher.observe(this.view);
		this.rebuild();
	}

	rebuild() {
		this.items = ladderItems(this.detail, this.filter);
		this.count = 0;
		for (const item of this.items)
			item.position = item.kind === "journey" ? ++this.count : 0;
		const at = this.items.findIndex((item) => item.journey && item.journey === this.chosen);
		this.current = Math.max(0, at);
		this.layout();
	}

	heightOf(item) {
		if (item.kind === "journey")
			return (LADDER.row + (item.journey.fate === "dropped" ? 10 : 0) + below(this, item.journey)) *
				Math.max(this.zoom, 0.6);
		return (item.kind === "gap" ? LADDER.gap : LADDER.note) * Math.max(Math.min(this.zoom, 1.2), 0.85);
	}

	/* Places rows and columns for the zoom and the room there is, then draws what is in sight. */
	layout() {
		const room = this.view.clientWidth || 900;
		const n = Math.max(this.columns.length, 1);
		const fit = (room - LADDER.gutter - 2) / n;
		this.column = Math.max(LADDER.least, Math.max(Math.min(fit, 240), 84) * this.zoom);
		this.width = Math.max(LADDER.gutter + this.column * n, room - 2);
		this.tops = [];
		let y = 4;
		for (const item of this.items) {
			this.tops.push(y);
			y += this.heightOf(item);
		}
		this.tops.push(y);
		this.height = y + 8;
		for (const [name, value] of [["width", this.width], ["height", this.height]])
			this.canvas.setAttribute(name, value);
		this.head.style.width = this.width + "px";
		this.head.replaceChildren(el("span", { class: "clock" }, "seconds"), ...this.columns.map((name, i) => {
			const span = el("span", null, name);
			span.style.left = this.x(i) + "px";
			span.style.maxWidth = this.column - 8 + "px";
			return span;
		}));
		this.drawn.clear();
		this.canvas.replaceChildren(...this.columns.map((_, i) =>
			svg("line", { class: "life", x1: this.x(i), x2: this.x(i), y1: 0, y2: this.height })));
		this.draw();
	}

	x(column) {
		return LADDER.gutter + this.column * (column + 0.5);
	}

	schedule() {
		if (this.pending)
			return;
		this.pending = requestAnimationFrame(() => {
			this.pending = 0;
			this.draw();
		});
	}

	/* Index of the last row that starts at or above y. */
	rowAt(y) {
		let low = 0, high = this.items.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.tops[middle] <= y)
				low = middle;
			else
				high = middle - 1;
		}
		return low;
	}

	draw() {
		if (!this.items.length)
			return;
		const top = this.view.scrollTop;
		const first = this.rowAt(top - 400), last = this.rowAt(top + (this.view.clientHeight || 600) + 400);
		for (const [i, node] of this.drawn)
			if ((i < first || i > last) && i !== this.current) {
				node.remove();
				this.drawn.delete(i);
			}
		for (let i = first; i <= last; i++)
			this.drawRow(i);
	}

	drawRow(i) {
		if (this.drawn.has(i))
			return this.drawn.get(i);
		const item = this.items[i];
		const row = drawLadderRow(this, item, this.tops[i], this.tops[i + 1] - this.tops[i]);
		row.id = "row-" + i;
		if (item.kind === "journey") {
			row.setAttribute("aria-setsize", this.count);
			row.setAttribute("aria-posinset", item.position);
			row.setAttribute("aria-selected", item.journey === this.chosen);
			row.classList.toggle("chosen", item.journey === this.chosen);
			row.addEventListener("click", () => this.choose(i));
		}
		this.drawn.set(i, row);
		this.canvas.append(row);
		return row;
	}

	/* Makes row i the chosen one, in sight, and tells the rest of the page. */
	choose(i, quiet) {
		const item = this.items[i];
		this.current = i;
		this.chosen = item.journey;
		for (const node of this.canvas.querySelectorAll(".chosen")) {
			node.classList.remove("chosen");
			node.setAttribute("aria-selected", false);
		}
		const row = this.drawRow(i);
		row.classList.add("chosen");
		row.setAttribute("aria-selected", true);
		this.canvas.setAttribute("aria-activedescendant", row.id);
		const top = this.tops[i], bottom = this.tops[i + 1], seen = this.view.clientHeight - LADDER.head;
		if (top < this.view.scrollTop)
			this.view.scrollTop = top - 8;
		else if (bottom > this.view.scrollTop + seen)
			this.view.scrollTop = bottom - seen + 8;
		if (!quiet)
			this.select(item.journey);
	}

	chooseJourney(id) {
		const find = () => this.items.findIndex((item) => item.kind === "journey" && item.journey.id === id);
		if (find() < 0) {
			Object.assign(this.filter, { node: "", dropped: false });
			this.rebuild();
		}
		if (find() >= 0)
			this.choose(find());
	}

	/* The next journey from row i in a direction, or -1. */
	nextJourney(i, direction) {
		for (i += direction; i >= 0 && i < this.items.length; i += direction)
			if (this.items[i].kind === "journey")
				return i;
		return -1;
	}

	key(event) {
		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		const to = {
			ArrowDown: () => this.nextJourney(this.chosen ? this.current : -1, 1),
			ArrowUp: () => this.nextJourney(this.current, -1),
			Home: () => this.nextJourney(-1, 1),
			End: () => this.nextJourney(this.items.length, -1),
		}[event.key];
		if (event.key === "+" || event.key === "=" || event.key === "-")
			this.step(event.key === "-" ? -1 : 1);
		else if (event.key === "0")
			this.setZoom(1);
		else if (!to)
			return;
		event.preventDefault();
		const i = to ? to() : -1;
		if (i >= 0)
			this.choose(i);
	}

	step(direction) {
		const at = ZOOMS.indexOf(this.zoom);
		this.setZoom(ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, at + direction))]);
	}

	/* The row at the top stays at the top. */
	setZoom(zoom) {
		if (zoom === this.zoom || !this.items.length)
			return;
		const i = this.rowAt(this.view.scrollTop);
		this.zoom = zoom;
		this.layout();
		this.view.scrollTop = this.tops[i];
		this.draw();
		announce("zoom " + Math.round(zoom * 100) + " percent");
	}

	stop() {
		this.watcher.disconnect();
	}
}
