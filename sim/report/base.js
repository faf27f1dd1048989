/*
 * The data (one JSON block, written by report.c) and the few helpers everything else is built with.
 *
 * Every time is in microseconds since the scenario's start; null where there is none. Every text may come from a
 * program or a packet and is untrusted: it reaches the page as a text node or an attribute value only, by el() and
 * visible().
 *
 *   run       title, tool, command, started (text), seconds, not_run (an interrupted run: how many), machine, matrix
 *             (or null), scenarios [..], alone (true: the page is of one trace), against (an earlier run: title,
 *             started, scenarios [name, file, result, pairs, opened]; or none)
 *   matrix    rows and columns [label, heading [line]], row_title, column_title, cells [..]
 *   cell      row, column (indexes), scenario (index), observed "open"|"shut"|"none", expected "open"|"shut"|null,
 *             deviates (bool), path (text or null), ms (number or null), note (text or null)
 *   scenario  id (unique, of a-z 0-9 -), name, file, line, result "passed"|"failed"|"skipped" (null: a trace without a
 *             verdict), seconds, message (or null), trace (path relative to the page, or null), command (reproduces it),
 *             missing (why there is no detail), pairs [pair], and packed (JSON, compressed by zlib, in base64):
 *             detail (or null), journeys, close, payloads [pieces of payloads_a_piece each]
 *   pair      a, b (or null), protocol, outcome, cause, box, because: words of explain_json.h that can be compared
 *   detail    nodes, columns [node name] (the ladder's, left to right; null: laid out here), payloads_a_piece, until (when the last packet was seen),
 *             left_out (journeys too many for the page), not_wanted (what was asked for is without them),
 *             link_only (ARP and the like, not drawn), why [[heading, paragraph ..]], mappings, programs, steps
 *   node      name, kind "host"|"box", behind (name or null), addresses [..], nat (or null), lan (or null)
 *   journeys  columns (journeys.c); journeys.js makes one journey of them:
 *   journey   index, id, t, proto "udp"|"icmp"|.., what (short), fate "delivered"|"refused"|"dropped"|"lost"|"for the box"|
 *             "moving"|"unknown", bad (refused, dropped or lost), at (node where it ended), toward (lost: where it should have come in),
 *             to (whom it was meant for, or null), reason (or null), length (bytes), colour (of its flow, or -1),
 *             legs [leg]
 *   leg       [node, interface, "in"|"out"|"", source, destination, ttl]
 *   close     columns, too: what is told of a journey that was chosen; unpacked when the first one is (Journeys.look()):
 *             ip_id, cause (journey id, or null), related [[how, journey id]], legs [after (since the
 *             first one), frame (number in the trace, or null)]
 *   mapping   box, proto, kind (in words), inside, outside, peer, recorded (conntrack told of it; else seen in packets
 *             alone), timeout (s; 0: not told), born, died (or null), reason (of its end, or null),
 *             events [[t, "new"|"refresh"|"reply", journey id or null, text]]
 *   program   id, host, name, argv [..], started, ended, status, lines [[t, "in"|"out"|"err", text]]
 *   step      [t, text]
 */
"use strict";

const SVG_NS = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

/* What was packed (compressed_json.h). */
async function unpack(packed) {
	const text = atob(packed);
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		bytes[i] = text.charCodeAt(i);
	return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}

/* Text as it may be shown: control characters become visible escapes, and none can turn the reading direction. */
function visible(text) {
	return String(text)
		.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, 
			(c) => "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0"))
		.replace(/[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
			(c) => "\\u{" + c.charCodeAt(0).toString(16) + "}");
}

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (typeof value === "function")
			node.addEventListener(name, value);
		else
			node.setAttribute(name, value === true ? "" : visible(value));
	}
	for (const child of children.flat(Infinity)) {
		if (child === null || child === undefined || child === false)
			continue;
		node.append(child instanceof Node ? child : visible(child));
	}
	return node;
}

/* An element with attributes (functions are event listeners) and children (nodes or text). */
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG_NS, tag), attributes, children);
const icon = (name) => svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" },
	svg("use", { href: "#i-" + name }));

/*
 * Text whose words stay whole: none is broken at a hyphen or inside a number, unless it is longer than the line.
 * A list of nodes and text.
 */
const whole = (text) => visible(text).split(/(\S*[-\d]\S*)/).map((piece, i) =>
	i % 2 ? el("span", { class: "whole" }, piece) : piece);

/* "0.012345": seconds, as in a packet list; after a day "1d 02:03:04". */
function clock(us) {
	if (us === null || us === undefined)
		return "";
	if (Math.abs(us) < 864e8)
		return (us / 1e6).toFixed(6);
	const s = Math.floor(Math.abs(us) / 1e6), two = (n) => String(Math.floor(n)).padStart(2, "0");
	return (us < 0 ? "-" : "") + Math.floor(s / 86400) + "d " + two(s / 3600 % 24) + ":" + two(s / 60 % 60) + ":" + two(s % 60);
}

/* The same with its unit. */
const moment = (us) => clock(us) + (Math.abs(us) < 864e8 ? " s" : "");

/* A duration in the unit a person would say. */
function duration(us) {
	const a = Math.abs(us);
	if (a < 1000)
		return us.toFixed(0) + " \u00b5s";
	if (a < 1e6)
		return (us / 1000).toFixed(a < 1e4 ? 1 : 0) + " ms";
	if (a < 12e7)
		return (us / 1e6).toFixed(a < 1e7 ? 2 : 1) + " s";
	const minutes = Math.round(us / 6e7), hours = Math.floor(minutes / 60);
	if (hours < 1)
		return minutes + " min";
	return hours < 48 ? hours + " h " + minutes % 60 + " min"
		: Math.floor(hours / 24) + " days " + hours % 24 + " h";
}

const seconds = (s) => (s === null || s === undefined) ? "" : duration(s * 1e6);
const milliseconds = (ms) => duration(ms * 1000);

/* A table with a heading row; rows are lists of cells: the first one heads its row. */
const table = (kind, heads, rows) => el("table", { class: kind },
	el("thead", null, el("tr", null, heads.map((head) => el("th", { scope: "col" }, head)))),
	el("tbody", null, rows.map(([first, ...rest]) => el("tr", null, el("th", { scope: "row" }, first),
		rest.map((cell) => cell instanceof Node && cell.tagName === "TD" ? cell : el("td", null, cell))))));

const plural = (n, word, words) => n.toLocaleString("en") + " " + (n === 1 ? word : words || word + "s");

/* A relative link made of data: each part is encoded, so that no scheme can be smuggled in. */
const relative = (path) => "./" + path.split("/").map(encodeURIComponent).join("/");

/* The port part of "10.0.1.2:5000", with its colon; all of it where there is none. */
function portOf(endpoint) {
	const at = endpoint.lastIndexOf(":");
	return at < 0 ? endpoint : endpoint.slice(at);
}

/* The fonts of text in drawings, as base.css has them. */
const FONTS = (() => {
	const { fontFamily } = getComputedStyle(document.body);
	const mono = getComputedStyle(byId("tip")).fontFamily;
	return { sans: "11px " + fontFamily, bold: "600 12.5px " + fontFamily, mono: "10.5px " + mono, line: "11px " + mono };
})();
const measure = document.createElement("canvas").getContext("2d");

/* How wide a text will be drawn, in pixels. */
function widthOf(text, font) {
	measure.font = FONTS[font];
	return measure.measureText(text).width;
}

/* The text where there is room for it in that font, else as much as there is room for. */
function cut(raw, room, font) {
	const text = visible(raw);
	if (text.length * 20 < room || widthOf(text, font) <= room)
		return text;
	let low = 0, high = text.length;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (widthOf(text.slice(0, middle) + "\u2026", font) <= room)
			low = middle;
		else
			high = middle - 1;
	}
	return low < 2 ? "" : text.slice(0, low).trimEnd() + "\u2026";
}

function announce(text) {
	byId("live").textContent = visible(text);
}

/* The tooltip at a point of the window, its lines as text; hides without lines. */
function tip(lines, x, y) {
	const box = byId("tip");
	box.hidden = !lines;
	if (!lines)
		return;
	box.replaceChildren(...lines.filter(Boolean).map((line) => el("div", null, line)));
	const room = 12;
	const left = Math.min(x + room, document.documentElement.clientWidth - box.offsetWidth - room);
	const below = y + room + box.offsetHeight < window.innerHeight;
	box.style.left = Math.max(room / 2, left) + "px";
	box.style.top = (below ? y + room : y - box.offsetHeight - room) + "px";
}

/* Listeners that show lines (a list, or what makes one) in the tooltip. */
const hover = (lines) => ({
	mousemove: (e) => tip(typeof lines === "function" ? lines() : lines, e.clientX, e.clientY),
	mouseleave: () => tip(null),
});

/* Text in a drawing; `anchor` is "start", "middle" or "end". */
const label = (kind, x, y, anchor, text) => svg("text", { class: kind, x, y, "text-anchor": anchor }, text);

/* Arrow keys, Home and End move the focus in a group of which one element is in the tab order. */
function rove(container, selector, columns) {
	const items = () => [...container.querySelectorAll(selector)].filter((n) => !n.closest("[hidden]"));
	const across = columns ? 1 : 0, down = columns || 1;
	const step = { ArrowRight: across, ArrowLeft: -across, ArrowDown: down, ArrowUp: -down };
	container.addEventListener("focusin", (event) => {
		const now = event.target.closest(selector);
		if (!now)
			return;
		for (const item of items())
			item.tabIndex = item === now ? 0 : -1;
	});
	container.addEventListener("keydown", (event) => {
		const all = items();
		const at = all.indexOf(event.target.closest(selector));
		if (at < 0 || event.ctrlKey || event.altKey || event.metaKey)
			return;
		let to = at + (step[event.key] || 0);
		if (columns && step[event.key] && Math.abs(step[event.key]) === 1 &&
		    Math.floor(to / columns) !== Math.floor(at / columns))
			return;
		if (event.key === "Home")
			to = columns ? at - at % columns : 0;
		else if (event.key === "End")
			to = columns ? at - at % columns + columns - 1 : all.length - 1;
		if (to === at || !all[to])
			return;
		event.preventDefault();
		all[to].focus();
	});
}
