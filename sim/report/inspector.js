/* One journey from end to end: every leg with the addresses it bore there, its fields, its payload. */

const LEG = { t: 0, node: 1, interface: 2, direction: 3, source: 4, destination: 5, ttl: 6, ip_id: 7, frame: 8 };

/* Payload bytes as hex and text, 16 to a line (8 where there is little room). */
function hexDump(hex, per) {
	const lines = [];
	for (let i = 0; i < hex.length; i += per * 2) {
		const bytes = hex.slice(i, i + per * 2).match(/[0-9a-fA-F]{2}/g) || [];
		const text = bytes.map((b) => parseInt(b, 16)).map((b) => b >= 32 && b < 127 ? String.fromCharCode(b) : ".").join("");
		lines.push((i / 2).toString(16).padStart(4, "0") + "  " + bytes.join(" ").padEnd(per * 3) + " " + text);
	}
	return lines.join("\n");
}

function drawLegs(journey) {
	const start = journey.legs[0][LEG.t];
	const changed = (leg, i, field) => i > 0 && journey.legs[i - 1][field] !== leg[field] ? "changed" : null;
	return el("table", { class: "legs" },
		el("caption", { class: "unseen" }, "Where the packet was seen"),
		el("thead", null, el("tr", null, ["where", "after", "from, to", "TTL", "frame"].map((h) => el("th", { scope: "col" }, h)))),
		el("tbody", null, journey.legs.map((leg, i) => el("tr", null,
			el("th", { scope: "row" }, leg[LEG.node], " ", el("span", { class: "dim" }, leg[LEG.interface], leg[LEG.direction] ? " " + leg[LEG.direction] : "")),
			el("td", { class: "number" }, duration(leg[LEG.t] - start)),
			el("td", { class: "ends" }, el("span", { class: changed(leg, i, LEG.source) }, leg[LEG.source]),
				el("span", { class: changed(leg, i, LEG.destination) }, "\u2192 " + leg[LEG.destination])),
			el("td", { class: "number" }, leg[LEG.ttl] === null ? "" : leg[LEG.ttl]),
			el("td", { class: "number" }, leg[LEG.frame] === null ? "" : leg[LEG.frame])))));
}

function drawFate(journey) {
	const last = journey.legs[journey.legs.length - 1];
	const text = {
		delivered: "Delivered to " + (journey.at || last[LEG.node]),
		dropped: "Dropped at " + journey.at,
	}[journey.fate] || "How it ended is not known";
	return el("p", { class: "fate " + journey.fate }, icon(journey.fate === "dropped" ? "failed" : journey.fate === "delivered" ? "passed" : "skipped"),
		el("span", null, el("b", null, text), journey.reason ? ": " + journey.reason : null));
}

/* Fills the inspector; follow(id) goes to another journey. */
function inspect(panel, journey, follow) {
	panel.parentElement?.classList.toggle("filled", Boolean(journey));
	if (!journey) {
		panel.replaceChildren(el("p", { class: "hint" }, "Choose a journey in the ladder: click it, or focus the ladder and use the arrow keys."));
		return;
	}
	const per = panel.clientWidth < 560 ? 8 : 16;
	panel.replaceChildren(
		el("h3", null, el("span", { class: "dim" }, "#" + journey.id), " ", journey.what),
		el("p", { class: "facts" }, [journey.proto, plural(journey.length, "byte"), "at " + clock(journey.legs[0][LEG.t]) + " s", "IP id " + journey.legs[0][LEG.ip_id]].map((f) => el("span", null, f))),
		drawFate(journey),
		journey.cause === null ? "" : el("p", null, "Caused by ",
			el("button", { type: "button", class: "link", click: () => follow(journey.cause) }, "journey #" + journey.cause)),
		el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Legs of the journey" }, drawLegs(journey)),
		journey.fields.length ? el("dl", { class: "fields" }, journey.fields.map(([name, value]) => [el("dt", null, name), el("dd", null, value)])) : "",
		journey.payload ? el("pre", { class: "payload", tabindex: 0, "aria-label": "Payload" }, hexDump(journey.payload, per),
			journey.payload.length / 2 < journey.length ? "\n\u2026" : "") : "");
}
