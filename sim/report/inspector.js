/* One journey from end to end: every leg with the addresses it bore there, its fields, its payload. */

/* Payload bytes as hex and text, `per` to a line. */
function hexDump(hex, per) {
	const lines = [];
	for (let i = 0; i < hex.length; i += per * 2) {
		const bytes = hex.slice(i, i + per * 2).match(/[0-9a-fA-F]{2}/g) || [];
		const codes = bytes.map((byte) => parseInt(byte, 16));
		const text = codes.map((c) => c >= 32 && c < 127 ? String.fromCharCode(c) : ".").join("");
		lines.push((i / 2).toString(16).padStart(4, "0") + "  " + bytes.join(" ").padEnd(per * 3) + " " + text);
	}
	return lines.join("\n");
}

const number = (value) => el("td", { class: "number" }, value);

function drawLeg(journey, close, i) {
	const leg = journey.legs[i];
	const side = leg[LEG.interface] + (leg[LEG.direction] ? " " + leg[LEG.direction] : "");
	const end = (field, sign) => el("span", {
		class: i > 0 && journey.legs[i - 1][field] !== leg[field] ? "changed" : null,
	}, sign + leg[field]);
	return [
		[leg[LEG.node], " ", el("span", { class: "dim" }, side)],
		number(duration(close.legs[i].after)),
		el("td", { class: "ends" }, end(LEG.source, ""), end(LEG.destination, "\u2192 ")),
		number(leg[LEG.ttl]), number(close.legs[i].frame),
	];
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function drawFate(journey) {
	const sign = journey.bad ? "failed"
		: ["delivered", "for the box"].includes(journey.fate) ? "passed" : "skipped";
	return el("p", { class: "fate " + (journey.bad ? "bad" : journey.fate.replaceAll(" ", "-")) }, icon(sign),
		el("span", null, el("b", null, whole(capital(fateWords(journey).join(" ")))),
			journey.reason ? [": ", whole(journey.reason)] : null));
}

/* Another journey, to follow. */
const linkTo = (id, follow) =>
	el("button", { type: "button", class: "link", click: () => follow(id) }, "journey #" + id);

/* What caused an ICMP error; nothing for other journeys. */
const drawCause = (close, follow) =>
	close.cause === null ? "" : el("p", null, "Caused by ", linkTo(close.cause, follow));

const drawRelated = (close, follow) => close.related.length ? el("dl", { class: "fields" },
	close.related.map(([how, id]) => [el("dt", null, how), el("dd", null, linkTo(id, follow))])) : "";

/* The payload's first bytes. */
function drawPayload(hex, length, per) {
	return el("pre", { class: "payload", tabindex: 0, "aria-label": "Payload", hidden: !hex },
		hexDump(hex, per) + (hex.length / 2 < length ? "\n\u2026" : ""));
}

/* Fills the inspector when what there is to tell is unpacked; follow(id) goes to another journey. */
async function inspect(panel, journeys, journey, follow) {
	panel.chosen = journey;
	panel.parentElement?.classList.toggle("filled", Boolean(journey));
	if (!journey) {
		panel.replaceChildren(el("p", { class: "hint" },
			"Choose a journey in the ladder: click it, or focus the ladder and use the arrow keys."));
		return;
	}
	const [close, hex] = await Promise.all([journeys.look(journey.index), journeys.payload(journey.index)]);
	if (panel.chosen !== journey) /* another one meanwhile */
		return;
	const facts = [journey.proto, plural(journey.length, "byte"), "at " + moment(journey.t), "IP id " + close.ip_id];
	panel.replaceChildren(
		el("h3", null, el("span", { class: "dim" }, "#" + journey.id), " ", whole(journey.what)),
		el("p", { class: "facts" }, facts.map((fact) => el("span", null, fact))),
		drawFate(journey), drawCause(close, follow),
		el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Legs of the journey" },
			table("legs", ["where", "after", "from, to", "TTL", "frame"],
				journey.legs.map((_, i) => drawLeg(journey, close, i)))),
		drawRelated(close, follow), drawPayload(hex, journey.length, panel.clientWidth < 560 ? 8 : 16));
}
