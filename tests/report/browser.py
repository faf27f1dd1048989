"""A headless Chromium on report pages, and a count of what passed."""
import contextlib
import json
import pathlib
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DESKTOP, PHONE = (1280, 860, 1), (360, 740, 2)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
         "--disable-extensions", "--window-size=1280,860"]


class Browser:
    """One Chromium. Opens files only; remembers what the page complained of and what it asked the network for."""

    def __init__(self, shots):
        self.shots = shots  # the folder for pictures; None: none are taken, which take as long as all the rest
        self.profile = tempfile.mkdtemp(prefix="punchlab-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser")
        for flag in [*FLAGS, "--user-data-dir=" + self.profile]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(120)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def open_trace(self, page, fragment="", size=DESKTOP, dark=False):
        """A page of one trace: there is no overview."""
        self.show(page, fragment, size, dark)
        self.wait(lambda: self.all(".ladder") and not self.all("[aria-busy]"), "the trace is drawn")

    def open(self, page, fragment="", size=DESKTOP, dark=False):
        self.show(page, fragment, size, dark)
        self.wait(lambda: self.all(".masthead") and not self.all("[aria-busy]"), "the page is drawn")

    def show(self, page, fragment, size, dark):
        self.look(size, dark)
        self.driver.get("about:blank")
        self.driver.get(pathlib.Path(page).resolve().as_uri() + fragment)

    def go(self, fragment):
        """Another view of the page that is open, as a link to it leads there: no page is read again."""
        self.driver.execute_async_script("""
            const [hash, done] = arguments;
            if (location.hash === hash) return done();
            addEventListener("hashchange", () => done(), { once: true });
            location.hash = hash;""", fragment)
        self.wait(lambda: not self.all("[aria-busy]"), "the view is drawn")

    def look(self, size, dark):
        width, height, scale = size
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                mobile=size is PHONE)
        self.cdp("Emulation.setEmulatedMedia",
                features=[dict(name="prefers-color-scheme", value="dark" if dark else "light")])

    def cdp(self, method, **arguments):
        return self.driver.execute_cdp_cmd(method, arguments)

    def wait(self, condition, what, seconds=60):
        WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: condition(),
                "not within %d s: %s" % (seconds, what))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.one(selector).text

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def shot(self, name, whole=False):
        """Keeps a picture, if any; `whole`: of the page to its end instead of what is in sight."""
        if self.shots is None:
            return
        if whole:
            width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
            scale = self.run("return devicePixelRatio")
            self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                    mobile=False)
        self.driver.save_screenshot(str(self.shots / (name + ".png")))

    def complaints(self):
        """Errors, warnings and policy violations on the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Every address asked for since the last call that is neither a file nor the browser's own."""
        sent = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        urls = [event["params"]["request"]["url"] for event in sent if event["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "about:", "data:", "chrome:", "chrome-untrusted:"))]


class Tally:
    """Runs checks by name, goes on after a failure, prints a TAP-like line for each and the count at the end."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except Exception as error:  # a check that cannot be made has failed as well
            self.failed += 1
            print("not ok - %s\n    %s: %s" % (name, type(error).__name__, str(error).strip().replace("\n", "\n    ")),
                    flush=True)
        else:
            self.passed += 1
            print("ok - %s" % name, flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print("skip - %s: %s" % (name, reason), flush=True)

    def close(self):
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped))
        return 1 if self.failed else 0
