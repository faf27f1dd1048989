/* Which view is shown: "#" is the overview, "#scenario" one scenario, "#scenario/12" journey 12 of it. */

const run = JSON.parse(byId("data").textContent);
const index_of = new Map(run.scenarios.map((scenario, i) => [scenario.id, i]));
/* Failed scenarios first, then as they were run. */
run.order = run.scenarios.map((_, i) => i).sort((a, b) =>
	RESULTS.indexOf(run.scenarios[a].result) - RESULTS.indexOf(run.scenarios[b].result) || a - b);
let shown = null; /* the scenario in sight */
let left_at = 0;  /* where the overview was scrolled to */

function route() {
	const [id, journey] = decodeURIComponent(location.hash.slice(1)).split("/");
	const index = index_of.has(id) ? index_of.get(id) : run.alone ? 0 : null;
	if (index === null)
		showOverview();
	else if (shown !== index || journey === undefined)
		showScenario(index, /^\d+$/.test(journey || "") ? Number(journey) : null);
	else
		follow_journey(Number(journey));
}

function showOverview() {
	const from = shown;
	tip(null);
	shown = null;
	closeScenario();
	byId("scenario").hidden = true;
	byId("overview").hidden = false;
	document.title = run.title + " \u00b7 punchlab report";
	if (from === null)
		return;
	scrollTo(0, left_at);
	const back = byId("overview").querySelector("a[href=\"#" + CSS.escape(run.scenarios[from].id) + "\"]");
	if (back)
		back.focus({ preventScroll: true });
}

function showScenario(index, journey) {
	if (shown === null)
		left_at = scrollY;
	tip(null);
	shown = index;
	byId("overview").hidden = true;
	byId("scenario").hidden = false;
	drawScenario(run, index, journey);
	const { name, result } = run.scenarios[index];
	document.title = [visible(name), result, "punchlab report"].filter(Boolean).join(" \u00b7 ");
	scrollTo(0, 0);
	byId("scenario-name").focus({ preventScroll: true });
}

addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
	const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
	if (event.key === "Escape" && typing && typing.value) {
		typing.value = "";
		typing.dispatchEvent(new Event(typing.tagName === "SELECT" ? "change" : "input"));
	} else if (event.key === "Escape" && shown !== null && !run.alone) {
		location.hash = "";
	} else if (event.key === "/" && !typing) {
		event.preventDefault();
		byId(shown === null ? "search" : "filter")?.focus();
	}
});
document.querySelector(".skip").addEventListener("click", (event) => {
	event.preventDefault();
	byId("main").focus();
});

if (!run.alone)
	drawOverview(run);
route();
