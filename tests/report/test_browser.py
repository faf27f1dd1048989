"""The report in a real browser: pages of made-up data, and of real runs where this machine can run the lab.

    /usr/bin/python3 tests/report/test_browser.py BUILD_FOLDER PUNCHLAB [pictures]

Pages go to BUILD_FOLDER/browser. With `pictures` there are screenshots of every view, too, and the large pages are
larger still (SIZES) and timed. With PUNCHLAB_MUST_RUN=1 nothing is skipped.
"""
import itertools
import json
import math
import os
import pathlib
import re
import subprocess
import sys

from selenium.webdriver.common.keys import Keys

from browser import DESKTOP, PHONE, Browser, Tally

HERE = pathlib.Path(__file__).parent
SIZES = {"many": (100, 500), "long": (10000, 100000)}  # scenarios, and journeys: in a test, and where they are timed


def same(seen, wanted):
    assert seen == wanted, "expected %r, saw %r" % (wanted, seen)


def has(text, part):
    assert part in text, "expected %r in %r" % (part, text[:400])


def quiet(b):
    same(b.complaints(), [])
    same(b.requests(), [])


def fits(b):
    """Nothing makes the page itself wider than the window."""
    wide = b.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    same(wide, 0)


CONTRAST = """
const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); const k = c.startsWith('color(') ? 255 : 1;
    return [m[0] * k, m[1] * k, m[2] * k, m.length > 3 ? m[3] : 1]; };
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const light = (c) => { const l = c.slice(0, 3).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92
        : ((v + .055) / 1.055) ** 2.4);
    return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
const ground = (e) => { const own = e ? parse(getComputedStyle(e).backgroundColor) : [255, 255, 255, 1];
    return own[3] === 1 ? own : over(own, ground(e.parentElement)); };
return [...document.querySelectorAll('main *')].filter((e) => !e.closest('svg, .unseen, [hidden]')
        && e.getClientRects().length &&
    [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
    const under = ground(e), text = over(parse(getComputedStyle(e).color), under);
    const [a, b] = [light(text), light(under)].sort((x, y) => y - x);
    return [Math.round((a + .05) / (b + .05) * 100) / 100, e.className || e.tagName, e.textContent.trim().slice(0, 30)];
}).filter((r) => r[0] < 4.5);
"""


def overview(b, t, page):
    b.open(page)
    with t.check("the matrix shows 25 cells, each with a word for its verdict"):
        words = [cell.text.split("\n")[0] for cell in b.all(".matrix a.cell")]
        same((len(words), words.count("opens"), words.count("shut")), (25, 21, 4))
    with t.check("the deviating cell says so in words, to a screen reader too"):
        cell = b.one(".cell.deviates")
        has(cell.text, "expected open")
        has(cell.get_attribute("aria-label"), "restricted punches port-restricted: shut, deviates, expected opens")
    with t.check("the search and the filter narrow the list, and say how many are left"):
        b.one("#search").send_keys("port-restricted symmetric")
        b.wait(lambda: len([r for r in b.all(".rows > li") if r.is_displayed()]) == 2, "two rows")
        same(b.text("#live") or b.run("return document.getElementById('live').textContent"), "2 scenarios shown")
        b.press(Keys.ESCAPE)
        b.run("arguments[0].click()", b.one("input[name=result][value=failed]"))
        rows = [r.text for r in b.all(".rows > li") if r.is_displayed()]
        same(len(rows), 1)
        has(rows[0], "expected the punch to open, but it stayed shut")
    with t.check("a search without a match says so"):
        b.one("#search").send_keys("no such scenario")
        has(b.text("#overview .notice"), "No scenario matches")
    with t.check("the overview made no complaint and asked the network for nothing"):
        quiet(b)


def failed_cell(b, t, page):
    b.open(page)
    with t.check("a click on the failed cell opens its scenario and its address"):
        b.one(".cell.deviates").click()
        b.wait(lambda: b.all("#scenario .ladder"), "the scenario is drawn")
        same(b.text("#scenario h1"), "restricted punches port-restricted")
        has(b.driver.current_url, "#restricted-punches-port-restricted")
        has(b.driver.title, "failed")
    with t.check("it shows the explanation, the message, the command, and a relative link to the trace"):
        has(b.text("#scenario .why .prose"), "nat-b took them itself")
        has(b.text("pre.message"), "scenarios/matrix.lua:58")
        has(b.text(".command code"), "./punchlab run -k 'restricted punches port-restricted'")
        same(b.run("return document.querySelector('.title a[download]').getAttribute('href')"),
                "./traces/restricted-punches-port-restricted.pcapng")
    with t.check("every node of the topology is drawn and named"):
        same(sorted(n.get_attribute("data-node") for n in b.all(".topology .node")),
                ["alice", "bob", "nat-a", "nat-b", "server"])
    with t.check("a dropped packet is marked, and its reason can be read"):
        b.run("document.querySelector('.ladder').focus()")
        b.press(Keys.END)
        b.press(Keys.ARROW_UP)
        has(b.text(".inspector .fate"), "Dropped at nat-b: the wan side's INPUT took the packet")
        assert b.all(".ladder .chosen .cross"), "no cross on the chosen row"
    with t.check("its journey is followed end to end: leg by leg, in the topology, on the timeline"):
        same([row.text.split("\n")[0].split()[0:2] for row in b.all("table.legs tbody tr")],
             [["alice", "eth0"], ["nat-a", "lan"], ["nat-a", "wan"], ["nat-b", "wan"]])
        same(sorted(n.get_attribute("data-node") for n in b.all(".topology .node.lit")), ["alice", "nat-a", "nat-b"])
        same([n.get_attribute("data-node") for n in b.all(".topology .node.died")], ["nat-b"])
        assert b.all(".timeline .cursor"), "no cursor on the timeline"
    with t.check("the journey is in the address, and the address opens it"):
        address = b.driver.current_url
        number = address.rsplit("/", 1)[1]
        b.open(page, "#" + address.split("#")[1])
        b.wait(lambda: b.all(".inspector .fate"), "the journey is chosen")
        has(b.text(".inspector h3"), "#" + number)
    with t.check("each program's lines stand beside their times"):
        has(b.text(".programs"), "punch-failed 203.0.113.20:5000")
        same(len(b.all(".program")), 3)
    with t.check("the scenario made no complaint and asked the network for nothing"):
        quiet(b)


def keyboard(b, t, page):
    b.open(page)
    with t.check("the matrix is one stop of the Tab key, and arrows move in it"):
        b.one("body").send_keys(Keys.TAB)
        b.press(Keys.TAB)
        focus = lambda: b.run("return document.activeElement.getAttribute('aria-label') || document.activeElement.id")
        has(focus(), "restricted punches port-restricted")
        b.press(Keys.ARROW_LEFT, Keys.ARROW_UP)
        has(focus(), "full-cone punches restricted")
        b.press(Keys.HOME)
        has(focus(), "full-cone punches open")
        b.press(Keys.ARROW_LEFT)
        has(focus(), "full-cone punches open")
    with t.check("Enter opens the cell, Escape leads back to it"):
        b.press(Keys.ENTER)
        b.wait(lambda: b.all("#scenario .ladder"), "the scenario is drawn")
        same(b.run("return document.activeElement.id"), "scenario-name")
        b.press(Keys.ESCAPE)
        b.wait(lambda: not b.all("#scenario h1"), "the overview is back")
        has(focus(), "full-cone punches open")
    with t.check("a slash goes to the search"):
        b.press("/")
        same(focus(), "search")
    with t.check("in the ladder arrows choose journeys, plus and minus zoom, and a reader hears them"):
        b.open(page, "#full-cone-punches-symmetric")
        b.run("document.querySelector('.ladder').focus()")
        b.press(Keys.ARROW_DOWN)
        row = b.run("return document.getElementById(document.querySelector('.ladder').getAttribute('aria-activedescendant')).getAttribute('aria-label')")
        has(row, "LOGIN, from alice 10.0.1.2:5000 to 203.0.113.2:3333, nat-a translates :5000 kept, delivered to server")
        before = b.run("return document.querySelector('.ladder').clientWidth")
        b.press("+", "+")
        assert b.run("return document.querySelector('.ladder').clientWidth") > before, "plus did not zoom in"
        b.press("0")
        same(b.run("return document.querySelector('.ladder').clientWidth"), before)
    with t.check("a port that a box changed is shown where it happens"):
        has(" ".join(n.text for n in b.all(".ladder .nat")), ":5000 \u2192 :49190")
    with t.check("every control has a name"):
        same(b.run("return [...document.querySelectorAll('button, a, input, select')].filter(n => !n.closest('[hidden]') && "
                   "!(n.textContent.trim() || n.getAttribute('aria-label') || n.closest('label'))).map(n => n.outerHTML)"), [])


def hostile(b, t, page):
    with t.check("text from the network runs no script, opens no element and loads nothing"):
        b.open(page)
        names = b.run("return run.scenarios.map(s => s.id)")
        for name in names:
            b.go("#" + name + "/1")
            same(b.run("return [typeof window.pwned, document.querySelectorAll('main b b, main img, main svg svg, main script').length]"), ["undefined", 0])
            href = b.run("const a = document.querySelector('.title a[download]'); return a && a.protocol")
            assert href in (None, "file:"), "a link leads to " + href
            fits(b)
        quiet(b)
    with t.check("control characters are shown, not obeyed"):
        text = b.run("return document.body.innerText")
        assert not any(ord(c) < 32 and c not in "\n\t" or 0x202a <= ord(c) <= 0x202e for c in text), "a control character is in the page"
        has(text, "\\x1b[2J")


def shapes(b, t, page):
    with t.check("81 cells, their long specs as headings with the full text for a reader"):
        b.open(page)
        same(len(b.all(".matrix a.cell")), 81)
        same(b.all(".matrix thead th")[8].get_attribute("aria-label"),
                "mapping=address-and-port-dependent,filtering=address-and-port-dependent")
        has(b.all(".matrix a.cell")[43].get_attribute("aria-label"),
                "netfilter answers an admitted flow from the port it came in by")
        has(b.all(".matrix a.cell")[43].text, "*")
        has(b.text(".notes"), "* 1 cell: netfilter answers")
        fits(b)
    with t.check("a hairpin turns round at its box, both changes written there"):
        b.open(page, "#two-homes/2")
        same([n.text for n in b.all("[data-journey='2'] .nat:not(.kept)")],
                [":5000 \u2192 :5001", "dst :5002 \u2192 :5000"])
        same(len(b.all("table.legs tbody tr")), 8)
    with t.check("an ICMP error leads to the journey that caused it"):
        b.open(page, "#two-homes/4")
        b.one(".inspector .link").click()
        has(b.text(".inspector h3"), "#1")
        has(b.text(".inspector .fate"), "no mapping of nat-b lets in 203.0.113.10:5001")
    with t.check("what is not on the page is said"):
        has(b.text(".journeys .hint"), "12 journeys more in the trace; 6 frames of one link only")
    quiet(b)


FRAMES = """
const [selector, step, done] = arguments, times = [];
const view = selector ? document.querySelector(selector) : document.scrollingElement;
view.scrollIntoView();
let last = performance.now();
requestAnimationFrame(function frame(now) {
    times.push(now - last); last = now;
    view.scrollTop += step;
    if (times.length < 80) requestAnimationFrame(frame); else done(times.slice(2).sort((x, y) => x - y));
});"""
SEARCH = """
const s = document.getElementById('search'), t = performance.now();
s.value = 'symmetric'; s.dispatchEvent(new Event('input'));
document.body.offsetHeight; return performance.now() - t;"""


def many(b, t, page, count):
    """How fast many scenarios are is told, not judged: what else the machine does would decide."""
    b.open(page)
    drawn = b.run("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    frames = b.driver.execute_async_script(FRAMES, "", 160) if b.shots else None
    found = b.run(SEARCH)
    if frames:
        print("    %d scenarios: drawn %.0f ms after the page was asked for; frames while scrolling: median %.1f ms, "
              "95 %% within %.1f ms; the search answers in %.1f ms" % (count, drawn, frames[39], frames[74], found))
    with t.check("all of many scenarios are there and the search finds what it should"):
        same(len(b.all(".rows > li")), count)
        same(b.run("return [...document.querySelectorAll('.rows > li')].filter(r => !r.hidden).length"), count * 9 // 25)
    quiet(b)


def shown(b):
    return b.run("return [...document.querySelectorAll('.ladder .journey')].map(n => Number(n.dataset.journey))")


def type_filter(b, words):
    b.run("const f = document.getElementById('filter'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))", words)


def filters(b, t, page):
    b.open(page, "#restricted-punches-port-restricted")
    count = lambda: int(re.match(r"([\d,]+) journey", b.text(".journeys .hint"))[1].replace(",", ""))
    everything = count()
    with t.check("a slash goes to the ladder's filter; a pair, a port, a kind and what was lost narrow it"):
        b.press("/")
        same(b.run("return document.activeElement.id"), "filter")
        type_filter(b, "alice,bob")
        probes = count()
        assert 0 < probes < everything, (probes, everything)
        has(b.text(".journeys .hint"), "journeys shown of %d journeys" % everything)
        same(set(b.run("return [...document.querySelectorAll('.journey .what')].map(n => n.textContent)")), {"PROBE"})
        type_filter(b, ":3333 logged-in")
        same(count(), 2)
        type_filter(b, "#5")
        same(shown(b), [5])
        type_filter(b, "no-such-thing")
        same(shown(b), [])
    with t.check("lost only shows what was dropped or lost, in the words of the terminal"):
        type_filter(b, "")
        b.run("document.querySelector('[name=lost]').click()")
        assert shown(b) and all(n.startswith("dropped: ") for n in
                                b.run("return [...document.querySelectorAll('.ladder .reason')].map(n => n.textContent)"))
        same(b.run("return document.querySelectorAll('.ladder .note').length"), 0)
    with t.check("Escape empties the filter; a flow's button sets it, and again takes it back"):
        b.run("document.querySelector('[name=lost]').click()")
        type_filter(b, "bob")
        b.run("document.getElementById('filter').focus()")
        b.press(Keys.ESCAPE)
        same(count(), everything)
        b.run("[...document.querySelectorAll('.flow')].find(n => n.textContent.startsWith('alice \u2013 bob')).click()")
        same((b.run("return document.getElementById('filter').value"), count()), ("alice,bob", probes))
        b.run("document.querySelector('.flow[aria-pressed=true]').click()")
        same(count(), everything)
    with t.check("each row tells the time since the row before"):
        since = b.run("return [...document.querySelectorAll('.ladder .journey')].slice(0, 3)"
                      ".map(n => n.querySelector('.since').textContent)")
        assert all(re.fullmatch(r"\+[\d.]+ (\u00b5s|ms)", text) for text in since[1:]), since
    with t.check("failed scenarios stand first"):
        b.open(page)
        rows = b.run("return [...document.querySelectorAll('.rows .badge')].map(n => n.textContent)")
        same(rows, ["failed"] + ["skipped"] + ["passed"] * 24)
    quiet(b)


WRAPS = """
const bad = [], range = document.createRange();
const walk = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    const node = walk.currentNode, text = node.data;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest('svg, pre, .payload, .lines, code')) continue;
    for (const word of text.matchAll(/\\S*[-\\d]\\S*/g)) {
        range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
        const tops = new Set([...range.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top)));
        if (tops.size > 1 && word[0].length < 34) bad.push(word[0]);
    }
}
return bad;"""


def words_stay_whole(b, t, page):
    for size, width in ((DESKTOP, "desktop"), (PHONE, "phone")):
        with t.check("no word is broken at a hyphen or inside a number: " + width):
            for fragment in ("", "#restricted-punches-port-restricted/20"):
                b.open(page, fragment, size)
                same(b.run(WRAPS), [])
    quiet(b)


SIGHTS = {  # linear RGB as it is seen: by everybody; without red, green, blue cones (Machado, Oliveira, Fernandes 2009)
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((.152286, 1.052583, -.204868), (.114503, .786281, .099216), (-.003882, -.048116, 1.051998)),
    "deutan": ((.367322, .860646, -.227968), (.280085, .672501, .047413), (-.011820, .042940, .968881)),
    "tritan": ((1.255528, -.076749, -.178779), (-.078411, .930809, .147602), (.004733, .691367, .303900)),
}


def lab_of(colour, sight):
    """CIE L*a*b* of #rrggbb as somebody sees it."""
    linear = [(c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4)
              for c in (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))]
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, linear)))) for row in SIGHTS[sight])
    f = lambda v: v ** (1 / 3) if v > .008856 else 7.787 * v + 16 / 116
    x, y, z = (f(v) for v in ((.4124 * r + .3576 * g + .1805 * b) / .95047, .2126 * r + .7152 * g + .0722 * b,
                              (.0193 * r + .1192 * g + .9505 * b) / 1.08883))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def colours(b, t, page):
    names = ["--flow-%d" % i for i in range(6)] + ["--bad", "--ink"]
    for dark in (False, True):
        with t.check("flows can be told apart without any one kind of cone: " + ("dark" if dark else "light")):
            b.open(page, "", DESKTOP, dark)
            values = b.run("const s = getComputedStyle(document.documentElement);"
                           "return arguments[0].map((n) => s.getPropertyValue(n).trim())", names)
            for sight in SIGHTS:
                seen = [lab_of(value, sight) for value in values]
                for (m, one), (n, other) in itertools.combinations(zip(names, seen), 2):
                    apart = math.dist(one, other)
                    assert apart > 15, "%s and %s are %.1f apart (%s)" % (m, n, apart, sight)


NODES = """
const boxes = [...document.querySelectorAll('.topology .node rect')].map((r) => r.getBoundingClientRect());
const meet = (p, q) => p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom;
const picture = document.querySelector('.topology'), around = picture.closest('.scroll');
return { nodes: boxes.length, meeting: boxes.filter((p, i) => boxes.some((q, k) => k < i && meet(p, q))).length,
    beyond: around.scrollWidth - around.clientWidth, text: 10.5 * picture.getScreenCTM().a };
"""


def crowd(b, t, page):
    for size, width in ((DESKTOP, "desktop"), (PHONE, "phone")):
        with t.check("a topology of 44 nodes is no wider than its card, and its text as large as elsewhere: " + width):
            b.open_trace(page, size=size)
            seen = b.run(NODES)
            same({name: seen[name] for name in ("nodes", "meeting", "beyond")}, dict(nodes=44, meeting=0, beyond=0))
            assert seen["text"] >= 8.8, seen
            fits(b)
    quiet(b)


def long_trace(b, t, page):
    """How fast a long ladder is is told, not judged: what else the machine does would decide."""
    b.cdp("Performance.enable", timeDomain="threadTicks")
    b.driver.get(page.resolve().as_uri())
    b.wait(lambda: b.run("return performance.getEntriesByName('evidence').length"), "the evidence is drawn", 60)
    drawn = b.run("return performance.getEntriesByName('evidence')[0].startTime")
    busy = next(m["value"] for m in b.cdp("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")
    journeys = b.run("return open_parts[0].journeys.length")
    frames = b.driver.execute_async_script(FRAMES, ".ladder-view", 400) if b.shots else None
    found = b.run("const t = performance.now(), f = document.getElementById('filter'); f.value = 'bob :3333';"
                  "f.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - t")
    if frames:
        print("    %d journeys: drawn %.0f ms after the page was asked for, %.0f ms of them processor time; frames while "
              "scrolling: median %.1f ms, 95 %% within %.1f ms; the filter answers in %.1f ms" %
              (journeys, drawn, busy * 1000, frames[39], frames[74], found))
    with t.check("of a long trace only what is in sight is in the document, at the end of the ladder too"):
        assert journeys >= SIZES["long"][bool(b.shots)], journeys
        type_filter(b, "")
        b.run("const v = document.querySelector('.ladder-view'); v.scrollTop = v.scrollHeight")
        b.wait(lambda: b.run("return open_parts[0].journeys.length") in shown(b), "the end is drawn")
        assert b.run("return document.querySelectorAll('#scenario *').length") < 4000
        b.run("document.querySelector('.ladder').focus()")
        b.press(Keys.HOME)
        b.wait(lambda: 1 in shown(b), "the start is drawn")
    with t.check("a page of one trace has no way back to a list, and its time axis is whole"):
        same(b.all(".title nav"), [])
        same(b.all("h1")[0].text, "restricted punches port-restricted")
    quiet(b)


def trace_page(b, t, punchlab, folder, trace):
    """A page made by `punchlab trace`, of a scenario's trace and of the bare capture."""
    page, bare = folder / "trace.html", folder / "bare.pcapng"
    subprocess.run([punchlab, "trace", str(trace), "--html", str(page)], check=True)
    with t.check("real: the page of a trace shows why, the ladder and the lines of programs"):
        b.open_trace(page)
        has(b.text(".why"), "alice and bob: shut")
        assert b.all(".ladder .bad .cross") and b.all(".programs .lines li"), "no cross, or no lines"
    bare.write_bytes(trace.read_bytes())
    subprocess.run([punchlab, "trace", str(bare), "--host", "server", "--html", str(page)], check=True)
    with t.check("real: so does the page of a capture without its record"):
        b.open_trace(page)
        same(b.all(".title .badge"), [])
        has(b.text(".facts"), "UTC")
        assert len(b.all(".ladder .journey")) > 5
        has(b.text(".journeys .hint"), "not asked for")
    quiet(b)


def changes(b, t, build):
    """A page that is compared with an earlier run: one verdict, one cause and one cell are others, one is new."""
    folder = build / "browser"
    data = json.loads((folder / "matrix.json").read_text())
    pair = dict(a="alice", b="bob", protocol="udp", outcome="open", cause=None, box=None, because=None)
    old = []
    for i, s in enumerate(data["scenarios"]):
        s["pairs"] = [dict(pair)]
        s["opened"] = True
        old.append(dict({k: s[k] for k in ("name", "file", "result", "opened")}, pairs=[dict(pair)]))
    failed = next(s for s in data["scenarios"] if s["result"] == "failed")
    failed["pairs"][0].update(outcome="shut", cause="filtered", box="nat-b")
    failed["opened"] = False
    next(s for s in old if s["name"] == failed["name"])["result"] = "passed"
    old.pop(3)
    old.append(dict(name="<b>gone</b>", file="x.lua", result="passed", pairs=[], opened=None))
    data["against"] = dict(title="punchlab matrix", started="2025-01-01 00:00:00 UTC", scenarios=old)
    (folder / "changes.json").write_text(json.dumps(data))
    page = folder / "changes.html"
    subprocess.run([str(build / "page_of"), str(folder / "changes.json"), str(page)], check=True)
    b.open(page)
    with t.check("what changed since an earlier run is told first: verdicts, causes, cells, who is new and who is gone"):
        lines = [n.text.split("\n") for n in b.all(".changes li")]
        same(lines, [
            [failed["name"], "verdict: passed \u2192 failed", "the cell: opens \u2192 stays shut",
             "alice and bob: open \u2192 shut, filtered at nat-b"],
            [data["scenarios"][3]["name"], "the scenario: not there \u2192 is new"],
            ["<b>gone</b>", "the scenario: passed \u2192 not there"]])
    quiet(b)
    pictures(b, t, page, {"changes": ""})


def run_lab(punchlab, folder, *words):
    """A run with a report in `folder`. Returns its page, or None if the machine cannot run the lab."""
    done = subprocess.run([punchlab, *words, "--html", str(folder), "--out", str(folder / "out")],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 77 and os.environ.get("PUNCHLAB_MUST_RUN") != "1":
        return None
    assert done.returncode in (0, 1), done.stdout
    has(done.stdout, "report: %s/index.html" % folder)
    return folder / "index.html"


def real_failure(b, t, page):
    """A real run with a cell that deviates."""
    b.open(page)
    with t.check("real: the deviating cell is marked, the other shows its milliseconds"):
        same([cell.text.split("\n")[0] for cell in b.all(".matrix a.cell")], ["opens", "shut"])
        assert re.fullmatch(r"opens\n[\d.]+ \S?s", b.one(".matrix a.cell").text), b.one(".matrix a.cell").text
        has(b.one(".cell.deviates").text, "expected open")
    with t.check("real: a click on it leads to the explanation, which names the box and the port"):
        b.one(".cell.deviates").click()
        b.wait(lambda: b.all("#scenario .ladder"), "the scenario is drawn")
        has(b.text("#scenario .why h3"), "alice and bob: shut")
        has(b.text("#scenario .why"), "never reached bob")
        assert re.search(r"nat-b:\d+", b.text("#scenario .why .prose")), b.text("#scenario .why .prose")
        has(b.text("pre.message"), "the punch opens")
        assert "never reached" not in b.text("pre.message"), "the explanation stands there twice"
    with t.check("real: a dropped probe is followed from its host to the box that dropped it"):
        b.run("document.querySelector('[name=lost]').click(); document.querySelector('.ladder').focus()")
        b.press(Keys.ARROW_DOWN)
        has(b.text(".inspector h3"), "probe")
        box = re.match(r"Dropped at (nat-[ab]): .+", b.text(".inspector .fate"))
        assert box, b.text(".inspector .fate")
        rows = [row.text.split()[0] for row in b.all("table.legs tbody tr")]
        assert rows[0] in ("alice", "bob") and rows[-1] == box[1], rows
        same([n.get_attribute("data-node") for n in b.all(".topology .node.died")], [box[1]])
    with t.check("real: each leg's frame is in the linked trace, with the address it bore there"):
        href = b.run("return document.querySelector('.title a[download]').getAttribute('href')")
        trace = page.parent / href
        assert trace.is_file() and trace.with_suffix(".jsonl").is_file(), trace
        frames_match(b, t, trace)
    with t.check("real: both boxes' mappings stand on the time axis of the programs"):
        b.run("document.querySelector('[name=lost]').click()")
        b.run("document.querySelector('.times details').open = true")
        b.wait(lambda: b.all(".times details th[scope=row]"), "the table is made")
        same(sorted(set(b.run("return [...document.querySelectorAll('.times details th[scope=row]')].map(n => n.textContent)"))), ["nat-a", "nat-b"])
        assert len(b.all(".timeline .mapping")) >= 4, "too few mappings"
        has(b.text(".programs"), "punch failed")
    with t.check("real: the command reproduces it"):
        has(b.text(".command code"), "./punchlab run -k 'port-restricted x symmetric' ")
    quiet(b)


def frames_match(b, t, trace):
    """tshark sees in the frames of the chosen journey what the page says of them."""
    rows = b.run("return [...document.querySelectorAll('table.legs tbody tr')].map(r => [...r.children].map(c => c.innerText))")
    wanted = [(row[-1].strip(), *[end.replace("\u2192", "").strip() for end in row[2].split("\n")]) for row in rows]
    try:
        seen = subprocess.run(["tshark", "-n", "-r", str(trace), "-Y",
                "frame.number in {%s}" % ",".join(w[0] for w in wanted), "-T", "fields",
                               "-E", "separator=/s", "-e", "frame.number", "-e", "ip.src", "-e", "udp.srcport", "-e", "ip.dst", "-e", "udp.dstport"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    except FileNotFoundError:
        t.skip("tshark compares the frames", "tshark is not installed")
        return
    same([(n, "%s:%s" % (a, p), "%s:%s" % (c, q)) for n, a, p, c, q in (line.split() for line in seen.splitlines())],
            wanted)


def real_matrix(b, t, page):
    b.open(page)
    with t.check("real: the matrix has 25 cells, 22 that open and 3 that stay shut, and none deviates"):
        words = [cell.text.split("\n")[0] for cell in b.all(".matrix a.cell")]
        same((len(words), words.count("opens"), words.count("shut"), len(b.all(".cell.deviates"))), (25, 22, 3, 0))
    with t.check("real: every scenario has its evidence, every journey its legs and its end"):
        counts = b.driver.execute_async_script("""
            const done = arguments[0];
            Promise.all(run.scenarios.map(async (s) => {
                const d = await unpack(s.detail), j = new Journeys(await unpack(s.journeys), s.close, s.payloads, 1);
                const all = j.select(NO_FILTER).map((i) => j.at_index(i));
                return [j.length, j.length - all.length + all.filter((one) => one.fate === "unknown"
                        || /did not arrive/.test(one.reason)).length, d.mappings.length, d.programs.length];
            })).then(done);""")
        assert all(journeys > 20 and not bad and programs == 3 for journeys, bad, _, programs in counts), counts
        assert sum(mappings > 0 for _, _, mappings, _ in counts) == 24, counts
    quiet(b)


def pictures(b, t, page, names):
    """That every view fits its window, in each width and in each colour scheme, which do not depend on each other."""
    for size, dark, look in ((DESKTOP, False, "desktop-light"), (PHONE, True, "phone-dark")):
        b.open(page, "", size, dark)
        for view, fragment in names.items():
            name = "%s-%s" % (view, look)
            with t.check("fits its window, text in contrast of 4.5 and more: " + name):
                b.look(size, dark)
                b.go(fragment)
                fits(b)
                same(b.run(CONTRAST), [])
                b.shot(name, whole=True)
    quiet(b)


def page_of(build, kind, whole):
    folder = build / "browser"
    data, page = folder / (kind + ".json"), folder / (kind + ".html")
    size = [str(SIZES[kind][whole])] if kind in SIZES else []
    subprocess.run([sys.executable, str(HERE / "sample.py"), kind, str(data), *size], check=True)
    subprocess.run([str(build / "page_of"), str(data), str(page)], check=True)
    return page


def real(b, t, folder, punchlab):
    failed = run_lab(punchlab, folder / "real-failure", "run", str(HERE / "cells.lua"))
    if failed is None:
        t.skip("real runs", "this machine cannot run the lab (punchlab doctor says why)")
        return
    real_failure(b, t, failed)
    pictures(b, t, failed, {"real-failure": "#port-restricted-x-symmetric/20"})
    trace_page(b, t, punchlab, folder, next((folder / "real-failure" / "traces").glob("port-*.pcapng")))
    matrix = run_lab(punchlab, folder / "real-matrix", "matrix")
    real_matrix(b, t, matrix)
    pictures(b, t, matrix, {"real-matrix": "", "real-shut": "#symmetric-x-symmetric/20",
            "real-open": "#restricted-x-symmetric"})


def main():
    build = pathlib.Path(sys.argv[1])
    (build / "browser").mkdir(parents=True, exist_ok=True)
    whole = bool(sys.argv[3:])
    pages = {kind: page_of(build, kind, whole) for kind in ("matrix", "wide", "hostile", "many", "long", "crowd")}
    t, b = Tally(), Browser(build / "browser" if whole else None)
    try:
        overview(b, t, pages["matrix"])
        failed_cell(b, t, pages["matrix"])
        keyboard(b, t, pages["matrix"])
        shapes(b, t, pages["wide"])
        hostile(b, t, pages["hostile"])
        many(b, t, pages["many"], SIZES["many"][whole])
        long_trace(b, t, pages["long"])
        crowd(b, t, pages["crowd"])
        filters(b, t, pages["matrix"])
        changes(b, t, build)
        words_stay_whole(b, t, pages["matrix"])
        colours(b, t, pages["matrix"])
        pictures(b, t, pages["matrix"],
                {"overview": "", "failed": "#restricted-punches-port-restricted/20",
                "passed": "#full-cone-punches-symmetric/13"})
        real(b, t, build / "browser", sys.argv[2])
    finally:
        b.close()
    return t.close()


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main())
