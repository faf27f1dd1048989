/*
 * The data (one JSON block, written by report.c) and the few helpers everything else is built with.
 *
 * Every time is in microseconds since the scenario's start; null where there is none. Every text may come from a
 * program or a packet and is untrusted: it reaches the page as a text node or an attribute value only, by el() and
 * visible().
 *
 *   run       title, tool, command, started (text), seconds, not_run (an interrupted run: how many), machine, matrix
 *             (or null), scenarios [..]
 *   matrix    rows [label], columns [label], row_title, column_title, cells [..]
 *   cell      row, column (indexes), scenario (index), observed "open"|"shut"|"none", expected "open"|"shut"|null,
 *             deviates (bool), path (text or null), ms (number or null), note (text or null)
 *   scenario  id (unique, of a-z 0-9 -), name, file, line, result "passed"|"failed"|"skipped", seconds, message (or
 *             null), trace (path relative to the page, or null), command (reproduces it), missing (why there is no
 *             detail), detail (packed: JSON, compressed by zlib, in base64; or null)
 *   detail    nodes, columns [node name] (the ladder's, left to right; null: laid out here), journeys,
 *             left_out (journeys too many for the page), link_only (ARP and the like, not drawn), why [[heading,
 *             paragraph ..]], mappings, programs, steps
 *   node      name, kind "host"|"box", behind (name or null), addresses [..], nat (or null), lan (or null)
 *   journey   id, proto "udp"|"icmp"|.., what (short), fate "delivered"|"dropped"|"unknown", at (node where it ended),
 *             reason (or null), length (bytes), payload (hex of its first bytes), cause (journey id, or null),
 *             fields [[name, value]], legs [leg]
 *   leg       [t, node, interface, "in"|"out"|"", source, destination, ttl, ip id, frame number in the trace]
 *   mapping   box, proto, kind (in words), inside, outside, peer, recorded (conntrack told of it; else seen in packets
 *             alone), timeout (s; 0: not told), born, died (or null), reason (of its end, or null),
 *             events [[t, "new"|"refresh"|"reply", journey id or null, text]]
 *   program   id, host, name, argv [..], started, ended, status, lines [[t, "in"|"out"|"err", text]]
 *   step      [t, text]
 */
"use strict";

const SVG_NS = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

/* A scenario's detail out of its packed form (pack.c). */
async function unpack(packed) {
	const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
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

/* "0.012345": seconds, as in a packet list. */
const clock = (us) => (us === null || us === undefined) ? "" : (us / 1e6).toFixed(6);

/* A duration in the unit a person would say. */
function duration(us) {
	const a = Math.abs(us);
	if (a < 1000)
		return us.toFixed(0) + " \u00b5s";
	if (a < 1e6)
		return (us / 1000).toFixed(a < 1e4 ? 1 : 0) + " ms";
	return (us / 1e6).toFixed(a < 1e7 ? 2 : 1) + " s";
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

/* Cuts text to about `room` pixels at a width per character. */
function cut(raw, room, per) {
	const text = visible(raw);
	const most = Math.floor(room / (per || 6.3));
	if (text.length <= most)
		return text;
	return most < 3 ? "" : text.slice(0, most - 1).trimEnd() + "\u2026";
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

/* Listeners that show lines in the tooltip. */
const hover = (lines) => ({ mousemove: (e) => tip(lines, e.clientX, e.clientY), mouseleave: () => tip(null) });

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
