/* What changed since an earlier run: verdicts, causes, cells that opened or shut. */

const pairName = (pair) => pair.a + " and " + (pair.b === null ? "addresses that no host has" : pair.b) +
	(pair.protocol === "udp" ? "" : ", " + pair.protocol.toUpperCase());

/* What is said of a pair, as can be compared. */
const pairWords = (pair) => [pair.outcome,
	pair.cause ? pair.cause + (pair.box ? " at " + pair.box : "") : "",
	pair.because && pair.because !== "unknown" ? pair.because : ""].filter(Boolean).join(", ");

const opensWord = (opened) => opened ? "opens" : "stays shut";

/* [what, before, now] of two tellings of a scenario; null stands for nothing. */
function changesOf(before, now) {
	const changes = [];
	if (before.result !== now.result)
		changes.push(["verdict", before.result, now.result]);
	if (typeof before.opened === "boolean" && typeof now.opened === "boolean" && before.opened !== now.opened)
		changes.push(["the cell", opensWord(before.opened), opensWord(now.opened)]);
	const known = new Map((before.pairs || []).map((pair) => [pairName(pair), pairWords(pair)]));
	for (const pair of now.pairs || []) {
		const was = known.has(pairName(pair)) ? known.get(pairName(pair)) : null;
		known.delete(pairName(pair));
		if (was !== pairWords(pair))
			changes.push([pairName(pair), was, pairWords(pair)]);
	}
	for (const [name, was] of known)
		changes.push([name, was, null]);
	return changes;
}

/* Each scenario that changed: [scenario or null, its name, changes]; two pages of one trace each are compared as such. */
function compareRuns(run) {
	const key = (s) => run.alone ? "" : s.file + "\n" + s.name;
	const before = new Map(run.against.scenarios.map((s) => [key(s), s]));
	const list = [];
	for (const index of run.order) {
		const now = run.scenarios[index], was = before.get(key(now));
		before.delete(key(now));
		const changes = was ? changesOf(was, now) : [["the scenario", null, "is new"]];
		if (changes.length)
			list.push([now, now.name, changes]);
	}
	for (const was of before.values())
		list.push([null, was.name, [["the scenario", was.result, null]]]);
	return list;
}

/* The block of the page, or "" where nothing is compared. */
function drawChanges(run) {
	if (!run.against)
		return "";
	const list = compareRuns(run);
	const words = (text) => text === null ? el("i", null, "not there") : whole(text);
	const since = el("p", { class: "hint" }, "compared with ", whole(run.against.title), " of ", whole(run.against.started));
	return el("section", { class: "block changes", "aria-labelledby": "changes-title" },
		el("div", { class: "head" }, el("h2", { id: "changes-title" }, "What changed"), since),
		list.length ? el("ul", { role: "list" }, list.map(([scenario, name, changes]) => el("li", null,
			run.alone ? null : el("h3", null, scenario ? el("a", { href: "#" + scenario.id }, whole(name)) : whole(name)),
			changes.map(([what, was, now]) => el("p", null, el("b", null, whole(what)), ": ", words(was),
				" \u2192 ", words(now))))))
			: el("p", { class: "notice" }, "Nothing: the same verdicts, causes and cells."));
}
