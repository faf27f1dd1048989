/* The view of one scenario: explanation, topology, ladder, journey, timelines, programs. Built when it is opened. */

let open_parts = []; /* the ladder and timeline in sight, which watch their size */
let follow_journey = () => null; /* chooses the journey with that number there */

const part = (id, title, tools, ...body) => el("section", { class: "block " + id, "aria-labelledby": id + "-title" },
	el("div", { class: "head" }, el("h2", { id: id + "-title" }, title), tools || ""), body);

const button = (label, words, act) =>
	el("button", { type: "button", class: "small", "aria-label": words, title: words, click: act }, label);

function drawCommand(command) {
	const copy = el("button", { type: "button", class: "small", click: async () => {
		try {
			await navigator.clipboard.writeText(visible(command));
			copy.textContent = "copied";
			announce("copied");
		} catch {
			getSelection().selectAllChildren(copy.previousSibling);
			copy.textContent = "selected";
		}
	} }, "copy");
	return el("div", { class: "command" },
		el("span", { class: "dim" }, "reproduce"), el("code", { tabindex: 0 }, command), copy);
}

/* A link to the scenario before or after; none at the end. */
function neighbour(run, at, words, sign) {
	const scenario = run.scenarios[at];
	return scenario ? el("a", { class: "small button", href: "#" + scenario.id,
		"aria-label": words + ": " + scenario.name, title: words }, icon(sign)) : null;
}

const drawTraceLink = (scenario) => scenario.trace ? el("a", { href: relative(scenario.trace), download: true },
	icon("file"), scenario.trace.split("/").pop()) : null;

function drawTitle(run, index) {
	const scenario = run.scenarios[index];
	const place = run.order.indexOf(index);
	return el("header", { class: "title" },
		run.alone ? null : el("nav", { "aria-label": "Scenarios" },
			el("a", { class: "small button back", href: "#" }, icon("back"), "All scenarios"),
			el("span", { class: "dim" }, (place + 1) + " of " + run.scenarios.length),
			neighbour(run, run.order[place - 1], "Previous scenario", "previous"),
			neighbour(run, run.order[place + 1], "Next scenario", "next")),
		el("h1", { tabindex: -1, id: "scenario-name" }, whole(scenario.name)),
		el("p", { class: "facts" }, scenario.result ? badge(scenario.result) : null,
			run.alone ? el("span", null, run.started) : null, el("span", null, seconds(scenario.seconds)),
			placeOf(scenario) === scenario.name ? null : el("span", null, whole(placeOf(scenario))),
			drawTraceLink(scenario), run.alone ? el("span", null, run.tool) : null),
		scenario.command ? drawCommand(scenario.command) : null,
		scenario.message ? el("pre", { class: "message " + scenario.result }, scenario.message) : null);
}

/* Text in which "journey 12" leads there. */
const withLinks = (text, follow) => text.split(/(\(?\bjourney \d+\b[.,;)]*)/).map((piece, i) => {
	if (i % 2 === 0)
		return whole(piece);
	const [, before, words, id, after] = piece.match(/^(\(?)(journey (\d+))(.*)$/);
	return el("span", { class: "whole" }, before,
		el("button", { type: "button", class: "link", click: () => follow(Number(id)) }, words), after);
});

function drawWhy(detail, follow) {
	if (!detail.why.length)
		return "";
	return part("why", "Why", null, el("div", { class: "prose" }, detail.why.map((pair) => el("section", null,
		el(pair.length > 1 ? "h3" : "p", null, withLinks(pair[0], follow)),
		pair.slice(1).map((text) => el("p", null, withLinks(text, follow)))))));
}

function drawNodeTable(detail) {
	return el("details", null, el("summary", null, "Addresses as a table"), el("div", { class: "scroll" },
		table("plain", ["name", "what", "behind", "addresses", "lan"], detail.nodes.map((n) =>
			[n.name, n.kind === "box" ? n.nat : n.kind, n.behind || "the internet",
				n.addresses.join(", "), n.lan]))));
}

/* What a filter may be told, for the browser to offer. */
function filterOffers(ladder, detail) {
	const words = new Set(detail.journeys.flows.map((flow) => flow.ends.join(",")));
	for (const name of ladder.columns)
		words.add(name);
	for (const [fate] of detail.journeys.fates())
		words.add(fate);
	return el("datalist", { id: "filter-words" }, [...words].slice(0, 60).map((value) => el("option", { value })));
}

/* The filter box, and what else decides which rows there are. Returns the tools and what brings them up to date. */
function ladderTools(ladder, detail) {
	const check = (name, words) => el("label", { class: "check" },
		el("input", { type: "checkbox", name, change: again }), words);
	const box = el("input", {
		type: "search", id: "filter", placeholder: "Filter: alice,bob :5000 probe", list: "filter-words",
		autocomplete: "off", spellcheck: "false", input: again,
		title: "Words that all must fit: a host or address; alice,bob (between the two); :5000 (a port); " +
			"what a packet says or came to; #12 (a journey)",
	});
	const tools = el("div", { class: "tools" },
		el("label", { class: "search" }, el("span", { class: "unseen" }, "Filter the ladder"), box,
			el("kbd", { "aria-hidden": "true" }, "/")), filterOffers(ladder, detail),
		check("lost", "lost only"), detail.programs.length || detail.steps.length ? check("output", "programs") : null,
		el("span", { class: "group" }, button("\u2212", "Zoom out", () => ladder.step(-1)),
			button("1:1", "Zoom to fit", () => ladder.setZoom(1)),
			button("+", "Zoom in", () => ladder.step(1))));
	const [lost, output] = ["lost", "output"].map((name) => tools.querySelector("[name=" + name + "]"));
	function again() {
		ladder.setFilter({ words: box.value, lost: lost.checked, output: !output || output.checked });
	}
	const show = (filter) => {
		if (box.value !== filter.words)
			box.value = filter.words;
		lost.checked = filter.lost;
		if (output)
			output.checked = filter.output;
	};
	show(ladder.filter);
	return { tools, show };
}

/* The largest flows with their colours; one shows that flow alone, and all again. */
function flowLegend(ladder, { journeys }) {
	if (journeys.flows.length < 2)
		return { legend: "", show: () => null };
	const buttons = journeys.flows.map((flow, i) => el("button", {
		type: "button", class: "flow flow-" + i, "aria-pressed": "false",
		click: () => ladder.setFilter({ words: ladder.filter.words === flow.ends.join(",") ? "" : flow.ends.join(",") }),
	}, el("span", { class: "swatch", "aria-hidden": "true" }), el("span", null, whole(flow.ends.join(" \u2013 "))),
	el("span", { class: "dim" }, flow.count.toLocaleString("en"))));
	const show = (filter) => buttons.forEach((node, i) =>
		node.setAttribute("aria-pressed", filter.words === journeys.flows[i].ends.join(",")));
	return { legend: el("p", { class: "flows", role: "group", "aria-label": "Flows" }, buttons), show };
}

const timelineTools = (timeline) => el("div", { class: "tools" }, el("span", { class: "group" },
	button("\u2212", "Zoom the timeline out", () => timeline.zoom(1 / 0.6)),
	button("1:1", "Show the whole run", () => timeline.showAll()),
	button("+", "Zoom the timeline in", () => timeline.zoom(0.6))));

const eventWords = ([t, what, journey, text]) =>
	[clock(t), what, journey === null ? "" : "#" + journey, text].filter(Boolean).join(" ");

const MAPPING_ROWS = 1000; /* in the table: more, nobody reads there */

/* The table is made when it is looked at. */
function drawMappingTable(detail) {
	const count = detail.mappings.length;
	if (!count)
		return "";
	const body = el("div", { class: "scroll" });
	const rows = () => detail.mappings.slice(0, MAPPING_ROWS).map((m) =>
		[m.box, m.inside, m.outside, m.peer, clock(m.born), m.died === null ? "alive" : clock(m.died),
			m.reason || "", m.events.map(eventWords).join("; ")]);
	return el("details", {
		toggle: () => body.firstChild || body.append(
			table("plain", ["box", "inside", "outside", "peer", "born", "ended", "by", "events"], rows()),
			count > MAPPING_ROWS ? el("p", { class: "notice" }, "and " + plural(count - MAPPING_ROWS, "more", "more")
				+ ": punchlab trace --mappings") : ""),
	}, el("summary", null, "Mappings as a table (" + count.toLocaleString("en") + ")"), body);
}

function drawLine([t, stream, text]) {
	const words = { in: "typed", err: "standard error", out: "output" }[stream];
	const sign = { in: "\u203a", err: "2>", out: "" }[stream];
	return el("li", { class: stream }, el("span", { class: "clock" }, clock(t)),
		el("span", { class: "sign", "aria-label": words }, sign), el("span", { class: "text" }, text));
}

const LINES_AT_ONCE = 200;

/* A program's lines; many of them are put in when they come into sight. */
function drawLines(lines) {
	const list = el("ol", { class: "lines", role: "list", tabindex: 0 }, lines.slice(0, LINES_AT_ONCE).map(drawLine));
	if (lines.length > LINES_AT_ONCE)
		new IntersectionObserver((seen, observer) => {
			if (!seen.some((entry) => entry.isIntersecting))
				return;
			observer.disconnect();
			list.append(...lines.slice(LINES_AT_ONCE).map(drawLine));
		}).observe(list);
	return list;
}

function drawProgram(program) {
	const ended = program.status === null ? "running at the end" : "exit " + program.status;
	const line = [program.name, ...program.argv.slice(1)].join(" ");
	return el("section", { class: "program", "aria-label": program.name + " on " + program.host },
		el("h3", null, el("span", null, program.host),
			el("span", { class: "dim argv", title: program.argv.join(" ") }, line),
			el("span", { class: "dim status" }, ended)), drawLines(program.lines));
}

/* How many journeys there are and what became of them, and what of the trace is not among them. */
function countWords(detail) {
	const { journeys } = detail;
	const fates = journeys.fates().map(([fate, n]) => n.toLocaleString("en") + " " + fate).join(", ");
	return [
		journeys.length ? plural(journeys.length, "journey") + ": " + fates : "no journey",
		detail.not_wanted ? plural(detail.not_wanted, "journey") + " not asked for" : "",
		detail.left_out ? plural(detail.left_out, "journey") + " more in the trace" : "",
		detail.link_only
			? plural(detail.link_only, "frame") + " of one link only (ARP and the like) not drawn" : "",
	].filter(Boolean).join("; ");
}

const TOPOLOGY_CARD = 476; /* px inside, where the explanation stands beside it */

/* Draws the evidence; returns the parts of the page and what to do once they are in it. */
function drawEvidence(scenario, detail, journey_id) {
	const picture = drawTopology(detail, Math.min(byId("main").clientWidth - 44, TOPOLOGY_CARD));
	const { journeys } = detail;
	const follow = (id) => {
		const index = journeys.find(id);
		if (index >= 0)
			ladder.chooseJourney(index);
		else
			announce("journey " + id + " is not on this page");
	};
	const panel = el("div", { class: "inspector", "aria-live": "off" });
	const choose = (journey) => {
		lightTopology(picture, journey);
		inspect(panel, journeys, journey, follow);
		timeline.choose(journey);
		history.replaceState(null, "", "#" + scenario.id + "/" + journey.id);
	};
	const shown = el("p", { class: "hint" }, whole(countWords(detail)));
	const ladder = new Ladder(detail, choose, (filter) => {
		tools.show(filter);
		flows.show(filter);
		const all = ladder.count === journeys.length;
		shown.replaceChildren(...fill(el("span"), null, [all ? "" : [el("b", null, plural(ladder.count, "journey") +
			" shown"), " of "], whole(countWords(detail))]).childNodes);
		announce(plural(ladder.count, "journey") + " shown");
	});
	const tools = ladderTools(ladder, detail), flows = flowLegend(ladder, detail);
	const timeline = new Timeline(detail, (index) => ladder.chooseJourney(index));
	open_parts = [ladder, timeline];
	inspect(panel, journeys, null);
	const world = detail.nodes.length < 2 ? "" /* one place alone has no topology */
		: part("world", "Topology", null, el("div", { class: "scroll world-view" }, picture), drawNodeTable(detail));
	const ladder_part = part("journeys", "Ladder", tools.tools, shown, flows.legend, ladder.view);
	const body = [
		el("div", { class: "pair first" }, drawWhy(detail, follow), world),
		el("div", { class: "pair wide-left" }, ladder_part, part("packet", "Journey", null, panel)),
		part("times", "Timeline", timelineTools(timeline), timeline.view, drawMappingTable(detail)),
		detail.programs.length ? part("programs", "Programs", null,
			el("div", { class: "panes" }, detail.programs.map(drawProgram))) : "",
	];
	return { body, follow, ready: () => { if (journey_id !== null) follow(journey_id); } };
}

function closeScenario() {
	for (const piece of open_parts)
		piece.stop();
	open_parts = [];
	follow_journey = () => null;
	byId("scenario").removeAttribute("aria-busy");
	byId("scenario").replaceChildren();
}

/* Draws scenario `index`: its title at once, its evidence when it is unpacked; then chooses journey_id (or null). */
async function drawScenario(run, index, journey_id) {
	const scenario = run.scenarios[index];
	closeScenario();
	const page = byId("scenario");
	const title = drawTitle(run, index);
	page.append(title, run.alone ? drawChanges(run) : "");
	if (!scenario.detail) {
		page.append(el("p", { class: "notice" },
			scenario.missing || "The report has no evidence of this scenario."));
		return;
	}
	page.setAttribute("aria-busy", true);
	try {
		const [detail, columns] = await Promise.all([unpack(scenario.detail), unpack(scenario.journeys)]);
		if (!title.isConnected)
			return;
		detail.journeys = new Journeys(columns, scenario.close, scenario.payloads, detail.payloads_a_piece);
		const { body, follow, ready } = drawEvidence(scenario, detail, journey_id);
		page.append(...body.flat());
		follow_journey = follow;
		ready();
		performance.mark("evidence");
	} catch (error) {
		if (title.isConnected)
			page.append(el("p", { class: "notice" },
				"This browser cannot show the evidence: " + error.message));
		throw error;
	} finally {
		if (title.isConnected)
			page.removeAttribute("aria-busy");
	}
}
