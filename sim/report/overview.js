/* The first view: what was run, the matrix as a heat map, and the list of scenarios with search and filter. */

const OBSERVED = { open: "opens", shut: "shut", none: "no verdict" };
const RESULTS = ["failed", "skipped", "passed"];

function countResults(scenarios) {
	const count = { passed: 0, failed: 0, skipped: 0 };
	for (const s of scenarios)
		count[s.result] = (count[s.result] || 0) + 1;
	return count;
}

const badge = (result, text) => el("span", { class: "badge " + result }, icon(result), text || result);

const drawCount = (kind, n, words) =>
	el("span", { class: "count " + kind + (n ? "" : " zero") }, icon(kind), el("b", null, n), " ", words);

/* "scenarios/pairs.lua:31", as far as it is known. */
const placeOf = (scenario) => scenario.file ? scenario.file + (scenario.line ? ":" + scenario.line : "") : "";

function drawMasthead(run) {
	const count = countResults(run.scenarios);
	const facts = [run.started, seconds(run.seconds), run.tool, run.machine].filter(Boolean);
	return el("header", { class: "masthead" },
		el("div", null,
			el("h1", null, run.title),
			el("p", { class: "facts" }, facts.map((fact) => el("span", null, fact)))),
		el("p", { class: "tally" },
			RESULTS.filter((r) => count[r] || r !== "skipped").map((r) => drawCount(r, count[r], r)),
			run.not_run ? drawCount("error", run.not_run, "interrupted") : null));
}

/* How warm a cell is: 0 for 1 ms and less, 1 for 1 s and more, by the logarithm. */
const warmth = (ms) => Math.min(1, Math.max(0, Math.log10(Math.max(ms, 1)) / 3));

function cellWords(matrix, cell) {
	const who = matrix.rows[cell.row].label + " punches " + matrix.columns[cell.column].label;
	const words = [who + ": " + OBSERVED[cell.observed]];
	if (cell.ms !== null)
		words.push("in " + milliseconds(cell.ms));
	if (cell.path)
		words.push("path " + cell.path);
	if (cell.deviates)
		words.push("deviates" + (cell.expected ? ", expected " + OBSERVED[cell.expected] : ""));
	if (cell.note)
		words.push(cell.note);
	return words;
}

const heading = (scope, { label, heading: lines }) => el("th", { scope, title: label, "aria-label": label },
	lines.map((line) => el("span", null, line.split(/(?<==)/).map((piece) => el("b", { class: "whole" }, piece)))));

function signOf(cell) {
	if (cell.deviates)
		return "deviates";
	return cell.observed === "none" ? "skipped" : cell.observed;
}

function drawCell(run, cell) {
	const scenario = run.scenarios[cell.scenario];
	const words = cellWords(run.matrix, cell);
	const node = el("a", {
		class: "cell " + cell.observed + (cell.deviates ? " deviates" : ""), tabindex: -1,
		href: scenario ? "#" + scenario.id : null, "aria-label": words.join(", "),
		...hover(words),
	},
	el("span", { class: "verdict" }, icon(signOf(cell)), OBSERVED[cell.observed] + (cell.note ? " *" : "")),
	el("span", { class: "detail" }, cell.deviates && cell.expected ? "expected " + cell.expected
		: cell.ms !== null ? milliseconds(cell.ms) : ""),
	el("span", { class: "path" }, cell.path));
	if (cell.observed === "open" && cell.ms !== null)
		node.style.setProperty("--warm", warmth(cell.ms).toFixed(2));
	return node;
}

function drawLegend() {
	const warm = el("span", { class: "ramp", "aria-hidden": "true" });
	return el("p", { class: "legend" },
		el("span", null, icon("open"), "opens"), el("span", null, "1 ms", warm, "1 s and more"),
		el("span", null, icon("shut"), "stays shut"),
		el("span", { class: "bad" }, icon("deviates"), "deviates from what is expected"));
}

/* Each note once, with how many cells bear it. */
function drawNotes(matrix) {
	const count = new Map();
	for (const { note } of matrix.cells)
		if (note)
			count.set(note, (count.get(note) || 0) + 1);
	return [...count].map(([note, cells]) =>
		el("p", { class: "hint" }, "* " + plural(cells, "cell") + ": " + note));
}

function drawMatrix(run) {
	const matrix = run.matrix;
	const at = new Map(matrix.cells.map((cell) => [cell.row + "," + cell.column, cell]));
	const rows = matrix.rows.map((row, r) => el("tr", null, heading("row", row),
		matrix.columns.map((_, c) => {
			const cell = at.get(r + "," + c);
			return el("td", { role: "gridcell" },
				cell ? drawCell(run, cell) : el("span", { class: "cell empty" }, "\u2013"));
		})));
	const kind = matrix.columns.length > 6 ? "matrix wide" : "matrix";
	const grid = el("table", { class: kind, role: "grid", "aria-labelledby": "matrix-title" },
		el("thead", null, el("tr", null,
			el("td", { class: "corner" }, el("span", null, matrix.column_title, " \u2192"),
				el("span", null, matrix.row_title, " \u2193")),
			matrix.columns.map((column) => heading("col", column)))),
		el("tbody", null, rows));
	rove(grid, "a.cell", matrix.columns.length);
	const first = grid.querySelector("a.cell.deviates") || grid.querySelector("a.cell");
	if (first)
		first.tabIndex = 0;
	return el("section", { class: "block", "aria-labelledby": "matrix-title" },
		el("div", { class: "head" }, el("h2", { id: "matrix-title" }, "Matrix"), drawLegend()),
		el("div", { class: "scroll matrix-scroll" }, grid), el("div", { class: "notes" }, drawNotes(matrix)));
}

function drawRow(scenario) {
	const why = scenario.message && scenario.result !== "passed" ? scenario.message.split("\n")[0] : null;
	return el("li", null, el("a", { href: "#" + scenario.id, class: "row " + scenario.result, tabindex: -1 },
		badge(scenario.result),
		el("span", { class: "name" }, whole(scenario.name)),
		el("span", { class: "where" }, whole(placeOf(scenario))),
		el("span", { class: "took" }, seconds(scenario.seconds)),
		why ? el("span", { class: "why" }, whole(why)) : null));
}

/* What the search looks through, in lower case. */
const haystack = (s) => [s.name, s.file, s.result, s.message].filter(Boolean).join("\n").toLowerCase();

function drawFilters(run, apply) {
	const count = countResults(run.scenarios);
	const choice = (value, words, n) => el("label", { class: "choice" },
		el("input", { type: "radio", name: "result", value, checked: value === "", change: apply }),
		el("span", null, value ? icon(value) : null, words, el("b", null, n)));
	return el("div", { class: "filters", role: "search" },
		el("label", { class: "search" }, el("span", { class: "unseen" }, "Search scenarios"),
			el("input", { type: "search", id: "search", placeholder: "Search: name, file, message",
				autocomplete: "off", spellcheck: "false", input: apply }),
			el("kbd", { "aria-hidden": "true" }, "/")),
		el("fieldset", { class: "choices" }, el("legend", { class: "unseen" }, "Result"),
			choice("", "all", run.scenarios.length), RESULTS.map((r) => choice(r, r, count[r]))));
}

function drawList(run) {
	const scenarios = run.order.map((i) => run.scenarios[i]);
	const list = el("ol", { class: "rows", role: "list" }, scenarios.map(drawRow));
	const rows = [...list.children];
	const text = scenarios.map(haystack);
	const none = el("p", { class: "notice", hidden: true }, "No scenario matches.");
	const section = el("section", { class: "block", "aria-labelledby": "list-title" });

	const firstInTabOrder = () => {
		const links = rows.filter((row) => !row.hidden).map((row) => row.firstChild);
		for (const row of rows)
			row.firstChild.tabIndex = -1;
		if (links[0])
			links[0].tabIndex = 0;
		return links.length;
	};
	const apply = () => {
		const words = section.querySelector("#search").value.toLowerCase().split(/\s+/).filter(Boolean);
		const result = section.querySelector("input[name=result]:checked").value;
		rows.forEach((row, i) => {
			row.hidden = (result && scenarios[i].result !== result) ||
				!words.every((word) => text[i].includes(word));
		});
		const shown = firstInTabOrder();
		none.hidden = shown > 0;
		announce(plural(shown, "scenario") + " shown");
	};
	section.append(el("div", { class: "head" }, el("h2", { id: "list-title" }, "Scenarios"),
		drawFilters(run, apply)), list, none);
	firstInTabOrder();
	rove(list, "a.row");
	return section;
}

function drawOverview(run) {
	byId("overview").replaceChildren(drawMasthead(run), drawChanges(run), run.matrix ? drawMatrix(run) : "", drawList(run),
		run.command ? el("p", { class: "foot" }, "Made by ", el("code", null, run.command)) : "");
}
