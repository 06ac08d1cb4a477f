"""The report's page in headless Chromium: what each view shows, what filters and fragments of the URL do, and how
long 5,000 definitions take.

usage: test_page.py PAGE_FOLDER. Status 77: skipped, where there is no Chromium. KDEX_SHOTS: a folder for screenshots
at 360, 1400 and 2560 pixels; KDEX_REPORT: a report.html to take instead of a made one.
"""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(sys.argv[1])
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
failed = 0


def check(ok: bool, what: str) -> None:
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what)


def sums(launches: int) -> dict:
    return {"launches": launches, "flops": 10 * launches, "bytes": 100 * launches}


def model(name: str, deployment: str, definitions: list[int]) -> dict:
    without = {"function": "lib.rope", "role": "rope", **sums(3)}
    step = {
        "mode": "decode",
        "sizes": "1 request",
        "status": "ok",
        "all": sums(10),
        "whole": sums(5),
    }
    step |= {"part": sums(2), "without": [without], "unknown": []}
    lists = dict.fromkeys(("changed", "log", "remarks", "not_launched", "assumptions", "notes"), [])
    unmatched = {"path": "m.*.act", "class": "Act", "count": 3, "source": "e/f.py:3", "reasons": []}
    out = {"checkpoint": name, "deployment": deployment, "status": "ok", "architecture": "A"}
    out |= {"dtype": "bfloat16", "quantization": "", "modules": 7, "definitions": definitions}
    return out | lists | {"resolved": {}, "unmatched": [unmatched], "steps": [step], "unknowns": 0}


def sample(count: int) -> dict:
    """`count` definitions of two op types in three deployments; one more is refused."""
    definitions = []
    for i in range(count):
        n, k = 64 * (i + 1), 128 * (i % 40 + 1)
        axes = [["M", None, 0, "tokens"], ["N", n, 2, ""], ["K", k, 1, ""]]
        one = {"name": f"gemm_n{n}_k{k}", "op_type": ("gemm", "other")[i % 2], "status": "new"}
        one |= {"file": "f.json", "family": "gemm", "what": "model.*.w", "modes": ["decode"]}
        one |= {
            "models": [i % 3],
            "earlier": [],
            "axes": axes,
            "tags": [],
            "constraints": ["N > 0"],
        }
        definitions.append(one | {"description": 0, "reference": 1, "inputs": 2, "outputs": 2})
    numbers = range(count)
    models = [
        model("org/a", "tp1", [i for i in numbers if i % 3 == 0]),
        model("org/a", "tp8", [i for i in numbers if i % 3 == 1]),
        model("org/b", "tp1", [i for i in numbers if i % 3 == 2]),
    ]
    refused = {"status": "refused", "error_type": "AssertionError", "error": "<b>no</b> way"}
    models.append(
        model("org/b", "tp3", []) | refused | {"steps": [], "unmatched": [], "where": ["x"]}
    )
    origins = [
        {"k": "unknown"},
        {"k": "config", "t": "hidden_size", "s": "/model/org/config.json", "v": 8},
    ]
    origins.append({"k": "operation", "t": "*", "s": "e/f.py:12", "v": 64, "i": [1, 1]})
    run = {
        "id": "r1",
        "kdex": "0.1.0",
        "engine": "e",
        "started": "t",
        "sources": [],
        "pipeline": {},
        "platforms": {},
    }
    texts = [
        "A product.",
        "def run(a):\n    # sum\n    return a + 1\n",
        '[["a",["M","K"],"bfloat16","rows"]]',
    ]
    empty = dict.fromkeys(
        ("conflicts", "plugins", "errors", "warnings", "suggestions", "deviations"), []
    )
    return {
        "run": run,
        "dataset": "d",
        **empty,
        "interrupted": False,
        "timings": {"seconds": 1.5},
        "models": models,
        "definitions": definitions,
        "texts": texts,
        "origins": origins,
        "lines": {"e/f.py:12": "self.n = 8 * hidden_size  # wide"},
    }


def page(data: dict, more: str = "") -> str:
    out = (FOLDER / "page.html").read_text()
    text = json.dumps(data).replace("<", "\\u003c")
    for mark, by in (
        ("/*STYLE*/", (FOLDER / "page.css").read_text()),
        ("/*SCRIPT*/", (FOLDER / "page.js").read_text()),
        ("/*DATA*/", text),
    ):
        check(out.count(mark) == 1, f"{mark} is there once")
        out = out.replace(mark, by)
    return out.replace("</body>", more + "</body>")


class Browser:
    def __init__(self, work: pathlib.Path):
        self.work = work
        self.words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        self.words += ["--disable-dev-shm-usage", f"--user-data-dir={work / 'profile'}"]
        self.words += ["--virtual-time-budget=3000"]

    def run(self, *more: str) -> str:
        r = subprocess.run([*self.words, *more], capture_output=True, text=True, timeout=120)
        for line in r.stderr.splitlines():
            check("CONSOLE" not in line, f"{more[-1]}: {line}")
        return r.stdout

    def text(self, file: pathlib.Path, fragment: str) -> str:
        """What is shown, without markup."""
        dom = self.run(
            "--enable-logging=stderr",
            "--window-size=1400,900",
            "--dump-dom",
            f"file://{file}#{fragment}",
        )
        body = re.sub(r"<(script|style)\b.*?</\1>", "", dom, flags=re.S)
        body = re.sub(r"<select.*?</select>", "", body, flags=re.S)
        return html.unescape(re.sub(r"<[^>]*>", " ", body))


def views(browser: Browser, file: pathlib.Path) -> None:
    for fragment, wanted, not_wanted in (
        ("", ["31 definitions", "org/a", "70.0 %", "1 of 2"], []),
        ("view=definitions", ["31 definitions", "gemm_n64_k128", "N=64 K=128"], []),
        ("view=definitions&q=gemm+n%3D128", ["1 definition of 31", "gemm_n128_k256"], ["gemm_n64_k128"]),
        ("view=definitions&op=other&model=org%2Fb", ["5 definitions of 31"], ["gemm_n64_k128"]),
        ("view=definitions&deployment=tp8&status=new", ["10 definitions of 31"], []),
        ("model=org%2Fb", ["<b>no</b> way", "refused"], ["org/a "]),
        ("view=models&status=refused", ["1 deployment", "AssertionError: <b>no</b> way"], []),
        ("view=functions", ["1 kernel function", "lib.rope", "30.0 %"], []),
        ("view=plots", ["31 definitions; colour", "one definition"], []),
        ("view=run", ["This run", "r1"], []),
        ("item=definition:gemm_n64_k128", ["A product.", "8 * hidden_size", "config.json: hidden_size", "Reference", "[M, K]", "N > 0", "Copy kdex explain"], []),
        ("item=model:0", ["org/a tp1", "lib.rope", "m.*.act"], []),
    ):  # fmt: skip
        text = browser.text(file, fragment)
        for word in wanted:
            check(word in text, f"#{fragment} shows '{word}': {text[-1500:]}")
        for word in not_wanted:
            check(word not in text, f"#{fragment} does not show '{word}'")


TIMER = """<script>
addEventListener('load', () => {
  const shown = performance.now();
  const box = document.querySelector('.rows'), field = document.getElementById('q');
  const rows = document.querySelectorAll('.rows .row').length;
  location.hash = 'view=definitions&q=n%3D128';
  dispatchEvent(new HashChangeEvent('hashchange'));
  const filtered = performance.now();
  document.title = JSON.stringify({shown, rows, filter: filtered - shown, size: !!box});
});
</script>"""


def is_fluid(browser: Browser, work: pathlib.Path) -> None:
    file = work / "large.html"
    file.write_text(page(sample(5000), TIMER))
    dom = browser.run("--window-size=1400,900", "--dump-dom", f"file://{file}#view=definitions")
    told = json.loads(html.unescape(re.search(r"<title>(.*?)</title>", dom).group(1)))
    print(f"5,000 definitions: {file.stat().st_size >> 10} KiB, shown after {told['shown']:.0f} ms, "
          f"filtered in {told['filter']:.0f} ms, {told['rows']} rows in the page")  # fmt: skip
    check(0 < told["rows"] < 100, f"rows that cannot be seen are not there: {told}")
    check(told["shown"] < 10000 and told["filter"] < 2000, f"it is fluid: {told}")


def shots(browser: Browser, file: pathlib.Path, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in ((360, 780), (1400, 1000), (2560, 1400)):
        for view in ("matrix", "definitions", "models", "functions", "plots", "run"):
            target = folder / f"{view}-{width}.png"
            browser.run(
                f"--window-size={width},{height}",
                f"--screenshot={target}",
                f"file://{file}#view={view}",
            )


def main() -> int:
    if BROWSER is None:
        print("skipped: no chromium; apt-get install chromium")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        file = work / "report.html"
        file.write_text(page(sample(31)))
        browser = Browser(work)
        views(browser, file)
        is_fluid(browser, work)
        if to := os.environ.get("KDEX_SHOTS"):
            given = os.environ.get("KDEX_REPORT")
            shots(browser, pathlib.Path(given).resolve() if given else file, pathlib.Path(to))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
