/*
 * The journeys of a trace, out of their columns (journeys.c). A hundred thousand of them are arrays of numbers; one
 * becomes an object (base.js) only when it is looked at, and what is told of a chosen one alone stays packed until then.
 */

const LEG = { node: 0, interface: 1, direction: 2, source: 3, destination: 4, ttl: 5 }; /* of a journey's leg */
const DIRECTIONS = ["", "in", "out"];
const CLOSE = ["ip_id", "cause", "repeats", "refused_by", "part_of"];
const FLOW_COLOURS = 6; /* beyond these a flow is drawn in the colour of text */

/* A column as an array of that type: a list of numbers, or all of them the same. */
const columnOf = (column, type) => Array.isArray(column) ? new type(column) : new type(column.count).fill(column.all);

/* A column of steps, summed up. */
function sumsOf(column) {
	const all = columnOf(column, Float64Array);
	for (let i = 1; i < all.length; i++)
		all[i] += all[i - 1];
	return all;
}

class Journeys {
	/* `columns`: as number_columns.c packed them; `close`: the packed ones that look() reads; `payloads`: packed
	 * pieces of `piece` each. */
	constructor(columns, close, payloads, piece) {
		const all = (name, type = Int32Array) => columnOf(columns[name], type);
		this.texts = columns.texts;
		this.id = sumsOf(columns.id);
		this.t = sumsOf(columns.t).map((ns) => ns / 1000);
		this.length = this.id.length;
		for (const name of ["proto", "what", "fate", "at", "toward", "to", "reason", "way"])
			this[name] = all(name);
		this.bytes = all("length");
		this.step = {};
		for (const name of ["node", "interface", "direction", "source", "destination", "ttl"])
			this.step[name] = all(name);
		this.findSteps(all("way_steps"));
		this.close = close;
		this.payloads = payloads;
		this.piece = piece;
		const bad = this.texts.map((text) => ["dropped", "lost", "refused"].includes(text));
		this.bad = new Uint8Array(this.length);
		for (let i = 0; i < this.length; i++)
			this.bad[i] = bad[this.fate[i]];
		this.findFlows();
	}

	/* Where each way's steps begin, and each journey's legs. */
	findSteps(count) {
		this.steps = new Int32Array(count.length + 1);
		for (let way = 0; way < count.length; way++)
			this.steps[way + 1] = this.steps[way] + count[way];
		this.first = new Int32Array(this.length + 1);
		for (let i = 0; i < this.length; i++)
			this.first[i + 1] = this.first[i] + count[this.way[i]];
	}

	text(column, i) {
		return column[i] < 0 ? null : this.texts[column[i]];
	}

	/* The names of where any journey was seen or ended. */
	places() {
		const seen = new Uint8Array(this.texts.length);
		for (const column of [this.step.node, this.at])
			for (let n = 0; n < column.length; n++)
				if (column[n] >= 0)
					seen[column[n]] = 1;
		return this.texts.filter((_, place) => seen[place]);
	}

	/* How many there are of each fate, the most frequent first: [word, how many]. */
	fates() {
		const count = new Map();
		for (let i = 0; i < this.length; i++)
			count.set(this.fate[i], (count.get(this.fate[i]) || 0) + 1);
		return [...count].sort((a, b) => b[1] - a[1]).map(([fate, n]) => [this.texts[fate], n]);
	}

	/* The two ends of a journey, as places among the texts: hosts, or addresses where the hosts are not known. */
	ends(i) {
		const first = this.steps[this.way[i]];
		const to = this.to[i] >= 0 ? this.to[i] : this.texts[this.fate[i]] === "unknown" ? -1 : this.at[i];
		return to < 0 || to === this.step.node[first] ? [this.step.source[first], this.step.destination[first]]
			: [this.step.node[first], to];
	}

	/* Those between the same two ends are a flow; the largest flows have a colour each. */
	findFlows() {
		const known = new Map();
		this.flow = new Int32Array(this.length);
		for (let i = 0; i < this.length; i++) {
			const [a, b] = this.ends(i);
			const key = a < b ? a * 1e7 + b : b * 1e7 + a;
			if (!known.has(key))
				known.set(key, { place: known.size, ends: [this.texts[a], this.texts[b]], count: 0 });
			const flow = known.get(key);
			flow.count++;
			this.flow[i] = flow.place;
		}
		const flows = [...known.values()];
		this.flows = flows.slice().sort((a, b) => b.count - a.count).slice(0, FLOW_COLOURS);
		this.colour = new Int8Array(flows.length).fill(-1);
		this.flows.forEach((flow, i) => { this.colour[flow.place] = i; });
	}

	/* Where the journey with that number stands, or -1. */
	find(id) {
		let low = 0, high = this.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.id[middle] < id)
				low = middle + 1;
			else
				high = middle;
		}
		return this.id[low] === id ? low : -1;
	}

	legs(i) {
		const legs = [];
		const { node, interface: side, direction, source, destination, ttl } = this.step;
		for (let k = this.steps[this.way[i]]; k < this.steps[this.way[i] + 1]; k++)
			legs.push([this.text(node, k), this.text(side, k), DIRECTIONS[direction[k]], this.text(source, k),
				this.text(destination, k), ttl[k]]);
		return legs;
	}

	at_index(i) {
		const journey = { index: i, id: this.id[i], t: this.t[i], legs: this.legs(i), bad: Boolean(this.bad[i]),
			colour: this.colour[this.flow[i]], length: this.bytes[i] };
		for (const name of ["proto", "what", "fate", "at", "toward", "to", "reason"])
			journey[name] = this.text(this[name], i);
		return journey;
	}

	/* What else there is to tell of the journey at that place. */
	async look(i) {
		if (typeof this.close === "string")
			this.close = unpack(this.close).then((columns) => ({
				...Object.fromEntries(CLOSE.map((name) => [name, columnOf(columns[name], Int32Array)])),
				leg_t: columnOf(columns.leg_t, Float64Array), leg_frame: sumsOf(columns.leg_frame),
			}));
		const its = await this.close, legs = [];
		for (let n = this.first[i]; n < this.first[i + 1]; n++)
			legs.push({ after: its.leg_t[n] / 1000, frame: its.leg_frame[n] || null });
		return { ip_id: its.ip_id[i], cause: its.cause[i] || null, legs,
			related: [["same bytes as", its.repeats[i]], ["refused by", its.refused_by[i]],
				["fragment of", its.part_of[i]]].filter(([, id]) => id) };
	}

	/* The first bytes of its payload in hex, when they are unpacked. */
	async payload(i) {
		const at = Math.floor(i / this.piece);
		if (typeof this.payloads[at] === "string")
			this.payloads[at] = unpack(this.payloads[at]);
		return (await this.payloads[at])[i % this.piece];
	}

	/* Which texts a word stands in. */
	hits(word) {
		const port = /^:\d+$/.test(word);
		return Uint8Array.from(this.texts, (text) =>
			port ? text.endsWith(word) : text.toLowerCase().includes(word));
	}

	/* For each way, whether a test holds for one of its steps. */
	ways(test) {
		const fits = new Uint8Array(this.steps.length - 1);
		for (let way = 0; way < fits.length; way++)
			for (let k = this.steps[way]; k < this.steps[way + 1] && !fits[way]; k++)
				fits[way] = test(k) ? 1 : 0;
		return fits;
	}

	/* A word of the filter: "#12", "alice,bob" (between the two), ":5000" (a port), or part of any text. */
	fits(word) {
		const own = [this.what, this.proto, this.fate, this.at, this.toward, this.to, this.reason];
		const { node, source, destination } = this.step;
		if (/^#\d+$/.test(word))
			return (i) => this.id[i] === Number(word.slice(1));
		const [one, other] = word.split(",").map((part) => this.hits(part));
		if (!other) {
			const ways = this.ways((k) => one[node[k]] || one[source[k]] || one[destination[k]]);
			return (i) => ways[this.way[i]] === 1 || own.some((column) => column[i] >= 0 && one[column[i]] === 1);
		}
		const any = (hits, places) => places.some((place) => place >= 0 && hits[place]);
		return (i) => {
			const k = this.steps[this.way[i]];
			const from = [node[k], source[k]];
			const to = this.to[i] >= 0 ? [this.to[i], destination[k]] : [this.at[i], destination[k]];
			return (any(one, from) && any(other, to)) || (any(other, from) && any(one, to));
		};
	}

	/* The places of all that fit every word of a filter. */
	select({ words, lost }) {
		const tests = words.toLowerCase().split(/\s+/).filter(Boolean).map((word) => this.fits(word));
		const places = [];
		for (let i = 0; i < this.length; i++)
			if ((!lost || this.bad[i]) && this.first[i] < this.first[i + 1] && tests.every((test) => test(i)))
				places.push(i);
		return places;
	}
}
