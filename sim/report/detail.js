/* The view of one scenario: explanation, topology, ladder, journey, timelines, programs. Built when it is opened. */

let open_parts = []; /* the ladder and timeline in sight, which watch their size */

const part = (id, title, tools, ...body) => el("section", { class: "block " + id, "aria-labelledby": id + "-title" },
	el("div", { class: "head" }, el("h2", { id: id + "-title" }, title), tools || ""), body);

const button = (label, words, act) => el("button", { type: "button", class: "small", "aria-label": words, title: words, click: act }, label);

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
	return el("div", { class: "command" }, el("span", { class: "dim" }, "reproduce"), el("code", { tabindex: 0 }, command), copy);
}

function drawTitle(run, index) {
	const scenario = run.scenarios[index];
	const neighbour = (at, words, sign) => run.scenarios[at]
		? el("a", { class: "small button", href: "#" + run.scenarios[at].id, "aria-label": words + ": " + run.scenarios[at].name, title: words }, icon(sign)) : null;
	return el("header", { class: "title" },
		el("nav", { "aria-label": "Scenarios" },
			el("a", { class: "small button back", href: "#" }, icon("back"), "All scenarios"),
			el("span", { class: "dim" }, (index + 1) + " of " + run.scenarios.length),
			neighbour(index - 1, "Previous scenario", "previous"), neighbour(index + 1, "Next scenario", "next")),
		el("h1", { tabindex: -1, id: "scenario-name" }, scenario.name),
		el("p", { class: "facts" }, badge(scenario.result),
			el("span", null, seconds(scenario.seconds)),
			scenario.file ? el("span", null, scenario.file + (scenario.line ? ":" + scenario.line : "")) : null,
			scenario.trace ? el("a", { href: relative(scenario.trace), download: true }, icon("file"), scenario.trace.split("/").pop()) : null),
		scenario.command ? drawCommand(scenario.command) : null,
		scenario.message ? el("pre", { class: "message " + scenario.result }, scenario.message) : null);
}

/* Text in which "journey 12" leads there. */
const withLinks = (text, follow) => text.split(/\b(journey \d+)\b/).map((piece, i) =>
	i % 2 ? el("button", { type: "button", class: "link", click: () => follow(Number(piece.slice(8))) }, piece) : piece);

function drawWhy(detail, follow) {
	if (!detail.why.length)
		return "";
	return part("why", "Why", null, el("div", { class: "prose" }, detail.why.map((pair) => el("section", null,
		pair.length > 1 ? el("h3", null, withLinks(pair[0], follow)) : el("p", null, withLinks(pair[0], follow)),
		pair.slice(1).map((text) => el("p", null, withLinks(text, follow)))))));
}

function drawNodeTable(detail) {
	return el("details", null, el("summary", null, "Addresses as a table"),
		el("div", { class: "scroll" }, el("table", { class: "plain" },
			el("thead", null, el("tr", null, ["name", "what", "behind", "addresses", "lan"].map((h) => el("th", { scope: "col" }, h)))),
			el("tbody", null, detail.nodes.map((n) => el("tr", null, el("th", { scope: "row" }, n.name),
				el("td", null, n.kind === "box" ? n.nat : n.kind), el("td", null, n.behind || "the internet"),
				el("td", null, n.addresses.join(", ")), el("td", null, n.lan || "")))))));
}

function ladderTools(ladder, detail) {
	const again = () => {
		ladder.filter.node = tools.querySelector("select").value;
		ladder.filter.dropped = tools.querySelector("[name=dropped]").checked;
		ladder.filter.output = tools.querySelector("[name=output]").checked;
		ladder.rebuild();
		announce(plural(ladder.count, "journey") + " shown");
	};
	const check = (name, words, checked) => el("label", { class: "check" }, el("input", { type: "checkbox", name, checked, change: again }), words);
	const tools = el("div", { class: "tools" },
		el("label", { class: "check" }, el("span", { class: "unseen" }, "Only through"), el("select", { change: again },
			el("option", { value: "" }, "every node"), detail.nodes.filter((n) => n.kind !== "router").map((n) => el("option", { value: n.name }, n.name)))),
		check("dropped", "dropped only", false), check("output", "programs", true),
		el("span", { class: "group" }, button("\u2212", "Zoom out", () => ladder.step(-1)), button("1:1", "Zoom to fit", () => ladder.setZoom(1)), button("+", "Zoom in", () => ladder.step(1))));
	return tools;
}

function drawMappingTable(detail) {
	if (!detail.mappings.length)
		return "";
	const rows = detail.mappings.map((m) => el("tr", null, el("th", { scope: "row" }, m.box), [m.inside, m.outside, m.peer,
		clock(m.born), m.died === null ? "alive" : clock(m.died), m.reason || "", m.events.map((e) => clock(e[0]) + " " + e[1] +
		(e[2] === null ? "" : " #" + e[2]) + (e[3] ? " " + e[3] : "")).join("; ")].map((text) => el("td", null, text))));
	return el("details", null, el("summary", null, "Mappings as a table (" + detail.mappings.length + ")"),
		el("div", { class: "scroll" }, el("table", { class: "plain" },
			el("thead", null, el("tr", null, ["box", "inside", "outside", "peer", "born", "ended", "by", "events"].map((h) => el("th", { scope: "col" }, h)))),
			el("tbody", null, rows))));
}

function drawProgram(program) {
	const ended = program.status === null ? "running at the end" : "exit " + program.status;
	return el("section", { class: "program", "aria-label": program.name + " on " + program.host },
		el("h3", null, el("span", null, program.host), el("span", { class: "dim argv", title: program.argv.join(" ") }, [program.name, ...program.argv.slice(1)].join(" ")), el("span", { class: "dim status" }, ended)),
		el("ol", { class: "lines", role: "list", tabindex: 0 }, program.lines.map(([t, stream, text]) => el("li", { class: stream },
			el("span", { class: "clock" }, clock(t)), el("span", { class: "sign", "aria-label": { in: "typed", err: "standard error", out: "output" }[stream] },
				{ in: "\u203a", err: "2>", out: "" }[stream]), el("span", { class: "text" }, text)))));
}

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
	const timeline = new Timeline(detail, (journey) => ladder.chooseJourney(journey.id));
	open_parts = [ladder, timeline];
	inspect(panel, null);
	const dropped = detail.journeys.filter((j) => j.fate === "dropped").length;
	const count = (detail.journeys.length ? plural(detail.journeys.length, "journey") : "no journey") + ", " + (dropped ? dropped + " dropped" : "none dropped");
	const body = [
		el("div", { class: "pair first" }, drawWhy(detail, follow), part("world", "Topology", null, el("div", { class: "scroll" }, picture), drawNodeTable(detail))),
		el("div", { class: "pair wide-left" },
			part("journeys", "Ladder", ladderTools(ladder, detail), el("p", { class: "hint" }, count + (detail.left_out ? "; " + plural(detail.left_out, "journey") + " more in the trace" : "") +
				(detail.link_only ? "; " + plural(detail.link_only, "frame") + " of one link only (ARP and the like) not drawn" : "")), ladder.view),
			part("packet", "Journey", null, panel)),
		part("times", "Timeline", el("div", { class: "tools" }, el("span", { class: "group" },
			button("\u2212", "Zoom the timeline out", () => timeline.zoom(1 / 0.6)), button("1:1", "Show the whole run", () => timeline.show(timeline.bounds[0], timeline.bounds[1] - timeline.bounds[0])),
			button("+", "Zoom the timeline in", () => timeline.zoom(0.6)))), timeline.view, drawMappingTable(detail)),
		detail.programs.length ? part("programs", "Programs", null, el("div", { class: "panes" }, detail.programs.map(drawProgram))) : "",
	];
	const start = journey_id === null ? null : detail.journeys.find((j) => j.id === journey_id);
	return { body, ready: () => { if (start) ladder.chooseJourney(start.id); } };
}

function closeScenario() {
	for (const piece of open_parts)
		piece.stop();
	open_parts = [];
	byId("scenario").removeAttribute("aria-busy");
	byId("scenario").replaceChildren();
}

/* Draws scenario `index`: its title at once, its evidence when that is unpacked. journey_id (or null) is then chosen. */
async function drawScenario(run, index, journey_id) {
	const scenario = run.scenarios[index];
	closeScenario();
	const page = byId("scenario");
	const title = drawTitle(run, index);
	page.append(title);
	if (!scenario.detail) {
		page.append(el("p", { class: "notice" }, scenario.missing || "There is no evidence of this scenario in the report."));
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
			page.append(el("p", { class: "notice" }, "The evidence cannot be shown in this browser: " + error.message));
		throw error;
	} finally {
		if (title.isConnected)
			page.removeAttribute("aria-busy");
	}
}
