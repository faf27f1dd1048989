/*
 * The ladder: a column per host and box, a row per journey in the order of time, drawn as SVG. Only the rows in sight
 * exist in the document, and the drawing is never taller than a sheet, which moves along: a hundred thousand rows
 * scroll as smoothly as ten. ladder_rows.js draws one row.
 */

const LADDER = {
	gutter: 98, column: 132, least: 62, row: 30, bad: 10, note: 17, gap: 20, head: 30, long_us: 200000, sheet: 60000,
};
const TURN = 16; /* how much lower a way goes on after it turned round */
const ZOOMS = [0.5, 0.7, 1, 1.3, 1.7, 2.2];
const NO_FILTER = { words: "", lost: false, output: true };

/* What programs said and read, and steps of the scenario, as far as they fit the words. */
function noteItems(detail, words) {
	const fits = (...texts) => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
	const items = [];
	for (const program of detail.programs)
		for (const [t, stream, text] of program.lines)
			if (!words.length || fits(program.host, program.name, text))
				items.push({ kind: "note", t, program, stream, text });
	for (const [t, text] of detail.steps)
		if (!words.length || fits(text))
			items.push({ kind: "step", t, text });
	return items;
}

/* Rows in time order: journeys, notes, and long silences. Each knows the time of the row before it. */
function ladderItems(detail, filter) {
	const { journeys } = detail;
	const items = journeys.select(filter).map((index) => ({ kind: "journey", t: journeys.t[index], index }));
	const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
	if (filter.output && !filter.lost)
		items.push(...noteItems(detail, words));
	items.sort((a, b) => a.t - b.t);
	const rows = [];
	let before = null;
	for (const item of items) {
		if (before !== null && item.t - before > LADDER.long_us)
			rows.push({ kind: "gap", t: item.t, us: item.t - before });
		item.before = before;
		before = item.t;
		rows.push(item);
	}
	return rows;
}

class Ladder {
	/* select(journey) is called when a journey is chosen here, filtered(filter) when others are shown. */
	constructor(detail, select, filtered) {
		this.detail = detail;
		this.journeys = detail.journeys;
		this.columns = ladderColumns(detail);
		this.extra = rowExtras(this.journeys, this.columns);
		this.filter = { ...NO_FILTER };
		this.zoom = 1;
		this.current = 0;
		this.chosen = null; /* place of a journey */
		this.base = 0;      /* where the sheet begins */
		this.select = select;
		this.filtered = filtered;
		this.drawn = new Map();
		this.head = el("div", { class: "columns", "aria-hidden": "true" });
		this.canvas = svg("svg", {
			class: "ladder", role: "listbox", "aria-label": "Journeys, in the order of time", tabindex: 0,
		});
		this.sheet = el("div", { class: "sheet" }, this.canvas);
		this.view = el("div", { class: "ladder-view scroll" }, this.head, this.sheet);
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
		const at = this.chosen === null ? -1
			: this.items.findIndex((item) => item.kind === "journey" && item.index === this.chosen);
		this.current = Math.max(0, at);
		this.layout();
		if (at >= 0)
			this.bringIntoSight(at);
	}

	heightOf(item) {
		if (item.kind === "journey")
			return (LADDER.row + (this.journeys.bad[item.index] ? LADDER.bad : 0) + this.extra[this.journeys.way[item.index]]) *
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
		this.tops = new Float64Array(this.items.length + 1);
		let y = 4;
		this.items.forEach((item, i) => {
			this.tops[i] = y;
			y += this.heightOf(item);
		});
		this.tops[this.items.length] = y;
		this.height = y + 8;
		this.sheet.style.height = this.height + "px";
		this.sheet.style.width = this.width + "px";
		this.head.style.width = this.width + "px";
		this.head.replaceChildren(el("span", { class: "clock" }, "seconds"), ...this.columns.map((name, i) => {
			const span = el("span", { title: name }, name);
			span.style.left = this.x(i) + "px";
			span.style.maxWidth = this.column - 8 + "px";
			return span;
		}));
		this.moveSheet(true);
		this.draw();
	}

	/* The drawing covers a sheet of the whole height, round what is in sight. */
	moveSheet(anew) {
		const top = this.view.scrollTop, bottom = top + this.view.clientHeight;
		const high = Math.min(this.height, LADDER.sheet);
		const near = LADDER.sheet / 20;
		const covers = (this.base === 0 || top - this.base > near) &&
			(this.base + high >= this.height || this.base + high - bottom > near);
		if (covers && !anew)
			return;
		this.base = Math.max(0, Math.min(this.height - high, Math.round(top - high / 2)));
		this.canvas.setAttribute("width", this.width);
		this.canvas.setAttribute("height", high);
		this.canvas.style.top = this.base + "px";
		this.drawn.clear();
		this.canvas.replaceChildren(...this.columns.map((_, i) =>
			svg("line", { class: "life", x1: this.x(i), x2: this.x(i), y1: 0, y2: high })));
	}

	/* The middle of a column. A column alone stands to the left: what its packets say goes beside it. */
	x(column) {
		if (this.columns.length === 1)
			return LADDER.gutter + 40;
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
		this.moveSheet(false);
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
		const row = drawLadderRow(this, item, this.tops[i] - this.base, this.tops[i + 1] - this.tops[i]);
		row.id = "row-" + i;
		if (item.kind === "journey") {
			row.setAttribute("aria-setsize", this.count);
			row.setAttribute("aria-posinset", item.position);
			row.setAttribute("aria-selected", item.index === this.chosen);
			row.classList.toggle("chosen", item.index === this.chosen);
			row.addEventListener("click", () => this.choose(i));
		}
		this.drawn.set(i, row);
		this.canvas.append(row);
		return row;
	}

	bringIntoSight(i) {
		const top = this.tops[i], bottom = this.tops[i + 1], seen = this.view.clientHeight - LADDER.head;
		if (top < this.view.scrollTop)
			this.view.scrollTop = top - 8;
		else if (bottom > this.view.scrollTop + seen)
			this.view.scrollTop = bottom - seen + 8;
		this.draw();
	}

	/* Makes row i the chosen one, in sight, and tells the rest of the page. */
	choose(i) {
		const item = this.items[i];
		this.current = i;
		this.chosen = item.index;
		this.bringIntoSight(i);
		for (const node of this.canvas.querySelectorAll(".chosen")) {
			node.classList.remove("chosen");
			node.setAttribute("aria-selected", false);
		}
		const row = this.drawRow(i);
		row.classList.add("chosen");
		row.setAttribute("aria-selected", true);
		this.canvas.setAttribute("aria-activedescendant", row.id);
		this.select(this.journeys.at_index(item.index));
	}

	/* Chooses the journey at that place; what hides it from view is given up. */
	chooseJourney(index) {
		const find = () => this.items.findIndex((item) => item.kind === "journey" && item.index === index);
		if (find() < 0)
			this.setFilter({ ...NO_FILTER, output: this.filter.output });
		if (find() >= 0)
			this.choose(find());
	}

	setFilter(filter) {
		Object.assign(this.filter, filter);
		this.rebuild();
		this.filtered(this.filter);
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
			ArrowDown: () => this.nextJourney(this.chosen === null ? -1 : this.current, 1),
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
