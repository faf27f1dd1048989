/* The view of one scenario: explanation, topology, ladder, journey, timelines, programs. Built when it is opened. */

let open_parts = []; /* the ladder and timeline in sight, which watch their size */

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
	return el("header", { class: "title" },
		el("nav", { "aria-label": "Scenarios" },
			el("a", { class: "small button back", href: "#" }, icon("back"), "All scenarios"),
			el("span", { class: "dim" }, (index + 1) + " of " + run.scenarios.length),
			neighbour(run, index - 1, "Previous scenario", "previous"),
			neighbour(run, index + 1, "Next scenario", "next")),
		el("h1", { tabindex: -1, id: "scenario-name" }, scenario.name),
		el("p", { class: "facts" }, badge(scenario.result), el("span", null, seconds(scenario.seconds)),
			el("span", null, placeOf(scenario)), drawTraceLink(scenario)),
		scenario.command ? drawCommand(scenario.command) : null,
		scenario.message ? el("pre", { class: "message " + scenario.result }, scenario.message) : null);
}

/* Text in which "journey 12" leads there. */
const withLinks = (text, follow) => text.split(/\b(journey \d+)\b/).map((piece, i) => i % 2
	? el("button", { type: "button", class: "link", click: () => follow(Number(piece.slice(8))) }, piece) : piece);

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

function ladderTools(ladder, detail) {
	const again = () => {
		ladder.filter.node = tools.querySelector("select").value;
		ladder.filter.dropped = tools.querySelector("[name=dropped]").checked;
		ladder.filter.output = tools.querySelector("[name=output]").checked;
		ladder.rebuild();
		announce(plural(ladder.count, "journey") + " shown");
	};
	const check = (name, words, checked) => el("label", { class: "check" },
		el("input", { type: "checkbox", name, checked, change: again }), words);
	const names = detail.nodes.map((n) => n.name);
	const tools = el("div", { class: "tools" },
		el("label", { class: "check" }, el("span", { class: "unseen" }, "Only through"),
			el("select", { change: again }, el("option", { value: "" }, "every node"),
				names.map((name) => el("option", { value: name }, name)))),
		check("dropped", "dropped only", false), check("output", "programs", true),
		el("span", { class: "group" }, button("\u2212", "Zoom out", () => ladder.step(-1)),
			button("1:1", "Zoom to fit", () => ladder.setZoom(1)),
			button("+", "Zoom in", () => ladder.step(1))));
	return tools;
}

const timelineTools = (timeline) => el("div", { class: "tools" }, el("span", { class: "group" },
	button("\u2212", "Zoom the timeline out", () => timeline.zoom(1 / 0.6)),
	button("1:1", "Show the whole run", () => timeline.showAll()),
	button("+", "Zoom the timeline in", () => timeline.zoom(0.6))));

const eventWords = ([t, what, journey, text]) =>
	[clock(t), what, journey === null ? "" : "#" + journey, text].filter(Boolean).join(" ");

function drawMappingTable(detail) {
	if (!detail.mappings.length)
		return "";
	const rows = detail.mappings.map((m) => [m.box, m.inside, m.outside, m.peer, clock(m.born),
		m.died === null ? "alive" : clock(m.died), m.reason || "", m.events.map(eventWords).join("; ")]);
	return el("details", null, el("summary", null, "Mappings as a table (" + detail.mappings.length + ")"),
		el("div", { class: "scroll" },
			table("plain", ["box", "inside", "outside", "peer", "born", "ended", "by", "events"], rows)));
}

function drawLine([t, stream, text]) {
	const words = { in: "typed", err: "standard error", out: "output" }[stream];
	const sign = { in: "\u203a", err: "2>", out: "" }[stream];
	return el("li", { class: stream }, el("span", { class: "clock" }, clock(t)),
		el("span", { class: "sign", "aria-label": words }, sign), el("span", { class: "text" }, text));
}

function drawProgram(program) {
	const ended = program.status === null ? "running at the end" : "exit " + program.status;
	const line = [program.name, ...program.argv.slice(1)].join(" ");
	return el("section", { class: "program", "aria-label": program.name + " on " + program.host },
		el("h3", null, el("span", null, program.host),
			el("span", { class: "dim argv", title: program.argv.join(" ") }, line),
			el("span", { class: "dim status" }, ended)),
		el("ol", { class: "lines", role: "list", tabindex: 0 }, program.lines.map(drawLine)));
}

/* How many journeys there are, and what of the trace is not among them. */
function countWords(detail) {
	const dropped = detail.journeys.filter((j) => j.fate === "dropped").length;
	return [
		(detail.journeys.length ? plural(detail.journeys.length, "journey") : "no journey") + ", " +
			(dropped ? dropped + " dropped" : "none dropped"),
		detail.left_out ? plural(detail.left_out, "journey") + " more in the trace" : "",
		detail.link_only
			? plural(detail.link_only, "frame") + " of one link only (ARP and the like) not drawn" : "",
	].filter(Boolean).join("; ");
}

/* Draws the evidence; returns the parts of the page and what to do once they are in it. */
function drawEvidence(scenario, detail, journey_id) {
	const picture = drawTopology(detail);
	const follow = (id) => ladder.chooseJourney(id);
	const panel = el("div", { class: "inspector", "aria-live": "off" });
	const choose = (journey) => {
		lightTopology(picture, journey);
		inspect(panel, journey, follow);
		timeline.choose(journey);
		history.replaceState(null, "", "#" + scenario.id + (journey ? "/" + journey.id : ""));
	};
	const ladder = new Ladder(detail, choose);
	const timeline = new Timeline(detail, (journey) => follow(journey.id));
	open_parts = [ladder, timeline];
	inspect(panel, null);
	const world = part("world", "Topology", null, el("div", { class: "scroll" }, picture), drawNodeTable(detail));
	const journeys = part("journeys", "Ladder", ladderTools(ladder, detail),
		el("p", { class: "hint" }, countWords(detail)), ladder.view);
	const body = [
		el("div", { class: "pair first" }, drawWhy(detail, follow), world),
		el("div", { class: "pair wide-left" }, journeys, part("packet", "Journey", null, panel)),
		part("times", "Timeline", timelineTools(timeline), timeline.view, drawMappingTable(detail)),
		detail.programs.length ? part("programs", "Programs", null,
			el("div", { class: "panes" }, detail.programs.map(drawProgram))) : "",
	];
	const start = journey_id === null ? null : detail.journeys.find((j) => j.id === journey_id);
	return { body, ready: () => { if (start) follow(start.id); } };
}

function closeScenario() {
	for (const piece of open_parts)
		piece.stop();
	open_parts = [];
	byId("scenario").removeAttribute("aria-busy");
	byId("scenario").replaceChildren();
}

/* Draws scenario `index`: its title at once, its evidence when it is unpacked; then chooses journey_id (or null). */
async function drawScenario(run, index, journey_id) {
	const scenario = run.scenarios[index];
	closeScenario();
	const page = byId("scenario");
	const title = drawTitle(run, index);
	page.append(title);
	if (!scenario.detail) {
		page.append(el("p", { class: "notice" },
			scenario.missing || "The report has no evidence of this scenario."));
		return;
	}
	page.setAttribute("aria-busy", true);
	try {
		const detail = await unpack(scenario.detail);
		if (!title.isConnected)
			return;
		const { body, ready } = drawEvidence(scenario, detail, journey_id);
		page.append(...body.flat());
		ready();
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
