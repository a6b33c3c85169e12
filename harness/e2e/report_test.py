#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recommend, merge and report as processes, on results that were edited by hand; the pages in a real browser."""
import copy
import csv
import io
import json
import math
import pathlib
import re
import statistics
import unittest

import browser
from common import DONE, FAILED, INVALID, TestCase, USAGE, main, run

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "reports/testdata"
SAMPLE = json.loads((TESTDATA / "link_limited.result.json").read_text())
KIB = 1000
CONTROL = "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]"  # but for the line feed

# The page's tables as [{caption, columns, rows}], its charts, and what a reader without a mouse or eyes needs.
READ_PAGE = """(() => {
  const text = e => e ? e.textContent.trim() : '';
  const luminance = c => { const p = c.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126*p[0] + 0.7152*p[1] + 0.0722*p[2]; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/rgba\\(.*, 0(\\.\\d+)?\\)/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
  const contrast = e => { const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05); };
  return {
    tables: [...document.querySelectorAll('table')].map(t => ({caption: text(t.caption),
      columns: [...t.querySelectorAll('thead th')].map(text),
      rows: [...t.querySelectorAll('tbody tr')].map(r => [...r.children].map(text))})),
    charts: [...document.querySelectorAll('svg[role=img]')].map(s => ({
      title: text(s.querySelector('title')), desc: text(s.querySelector('desc')), box: s.getBoundingClientRect().height,
      marks: s.querySelectorAll('path, rect').length})),
    headings: [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1]),
    scripts: document.scripts.length, width: document.documentElement.scrollWidth,
    unreachable: [...document.querySelectorAll('.scroll')].filter(e => e.tabIndex !== 0 || !e.ariaLabel).length,
    ids: [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.querySelector(a.getAttribute('href'))).length,
    contrast: Math.min(...[...document.querySelectorAll('p, td, th, li, summary, dt, dd, h1, h2, h3')].filter(
      e => e.checkVisibility()).map(contrast)),
    h1: text(document.querySelector('h1')), setting: (document.querySelector('.setting') || {textContent: ''}).textContent,
  }; })()"""


def set_at(document, path, value):
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def edited(*changes):
    document = copy.deepcopy(SAMPLE)
    for path, value in changes:
        set_at(document, path, value)
    return document


def for_all_trials(change):
    document = copy.deepcopy(SAMPLE)
    for trial in document["trials"]:
        change(trial)
    return document


def without_blocks(*blocks):
    document = copy.deepcopy(SAMPLE)
    document["trials"] = [t for t in document["trials"] if t["block"] not in blocks]
    return document


def fail_trial(trial):
    trial.update(outcome="failed", reason="made to fail")
    for member in ("metrics", "timeline"):
        trial.pop(member, None)


def metric(name, value):
    def change(trial):
        if "metrics" in trial:
            trial["metrics"][name] = value
    return change


# Markup of every kind, and what moves a terminal's cursor: C0, DEL and C1 characters.
HOSTILE = "<script>alert(1)</script> | **b** `c` [x](javascript:y) \x1b[2J\x07 \x7f\x9b31m \r\n\n# h\n- l & ' \" \\"


class Written(TestCase):
    def write(self, name, document):
        path = self.work / name
        if isinstance(document, bytes):
            path.write_bytes(document)
        else:
            path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    def twelve(self):
        """One scenario each, faster or slower, and one on another host."""
        paths = []
        for i in range(12):
            document = edited((["scenario", "name"], f"scenario-{i:02}"), (["scenario_sha256"], f"{i:064x}"))
            for trial in document["trials"]:
                if "metrics" in trial:
                    trial["metrics"]["throughput_mib_per_s"] *= 1 - 0.03 * i
            if i == 11:
                document["scenario"]["name"] = "scenario-10"
                document["host"]["cpu_model"] = "Another CPU"
            paths.append(self.write(f"r{i:02}.json", document))
        return paths


class HandEdited(Written):
    # What was edited, the exit status of `recommend`, words of its last line on standard error or of its output.
    ANSWERED = [
        ("a block missing", without_blocks(1), DONE, ""),
        ("one block only", without_blocks(0, 1, 2), DONE, "unknown, one block is too few"),
        ("no orders", edited((["block_orders"], [])), DONE, ""),
        ("not complete", edited((["complete"], False)), DONE, "warning"),
        ("no trials", edited((["trials"], [])), INVALID, "no trial"),
        ("all failed", for_all_trials(fail_trial), INVALID, "no trial"),
        ("largest rates", for_all_trials(metric("throughput_mib_per_s", 1e9)), DONE, ""),
        ("smallest rates", for_all_trials(metric("throughput_mib_per_s", 1e-6)), DONE, ""),
        ("smallest times", for_all_trials(metric("duration_s", 1e-6)), DONE, ""),
        ("largest times", for_all_trials(metric("duration_s", 1e9)), DONE, ""),
        ("largest sizes", for_all_trials(metric("logical_bytes", 2**63 - 1)), DONE, ""),
        ("smallest sizes", for_all_trials(lambda t: [metric("zero_bytes", 0)(t), metric("logical_bytes", 1)(t)]), DONE, ""),
        ("no CPU time", for_all_trials(lambda t: [metric("cpu_user_s", 0)(t), metric("cpu_sys_s", 0)(t)]), DONE, ""),
        ("no audits", for_all_trials(lambda t: t.pop("audit", None)), DONE, "without an audit"),
        ("a text of markup", edited((["host", "cpu_model"], "<img src=x onerror=alert(1)>")), DONE, ""),
        ("text of markup in a reason", edited((["trials", 0], {**{k: v for k, v in SAMPLE["trials"][0].items()
                                                                  if k not in ("metrics", "timeline")},
                                                               "outcome": "failed", "reason": HOSTILE})), DONE, "2 trials failed"),
        ("text of markup in a fault", edited((["trials", 0, "audit", "faults"], {HOSTILE: 3})), DONE, "1 trial"),
        ("text of markup everywhere", edited((["host", "kernel"], HOSTILE), (["host", "governor"], HOSTILE),
                                             (["tool", "version"], HOSTILE), (["scenario", "title"], HOSTILE),
                                             (["scenario", "about"], HOSTILE), (["tool", "libraries"], {HOSTILE: HOSTILE}),
                                             (["trials", 0, "metrics", "sha256_kernel"], HOSTILE)), DONE, ""),
        ("a long reason", for_all_trials(lambda t: [fail_trial(t), t.update(reason="r" * 100000)]), INVALID, "no trial"),
        ("blocks beyond the orders", for_all_trials(lambda t: t.update(block=t["block"] + 500)), DONE, ""),
        ("complete without blocks", edited((["block_orders"], []), (["trials"], [])), INVALID, "no trial"),
        ("least times of the stages", for_all_trials(metric("stages", {stage: {"busy_s": 5e-324, "wait_s": 0} for stage in
                                                     ("receive", "crc", "decrypt", "decompress", "hash", "write")})), DONE, ""),
        ("least times of chunks", for_all_trials(metric("chunk_ms", dict.fromkeys(("p50", "p90", "p99", "max"), 5e-324))),
         DONE, ""),
        ("a timeline of no time", edited((["trials", 0, "timeline"], [dict.fromkeys(
            ("arrival_ms", "ready_ms", "first_byte_ms", "last_byte_ms"), 0)] * 48)), DONE, ""),
        ("all cells dropped", edited((["racing"], [{"block": 3, "cell_id": cell["id"], "decision": "dropped",
                                                    "reason": HOSTILE} for cell in SAMPLE["cells"]])), DONE, "dropped 20 of 20"),
        ("version 4", {**for_all_trials(lambda t: t.pop("timeline", None)), "schema_version": 4}, DONE, ""),
        ("budget of nothing", edited((["scenario", "memory_budget"], "8MiB")), None, ""),
    ]
    REFUSED = [
        ("not JSON", "{", "not valid JSON"), ("empty", "", "not valid JSON"), ("a list", [], "not a depthfinder result"),
        ("NaN", json.dumps(SAMPLE).replace('"duration_s": 0.', '"duration_s": NaN, "x": 0.', 1), "not valid JSON"),
        ("infinite", json.dumps(edited((["trials", 0, "metrics", "duration_s"], math.inf))), "not valid JSON"),
        ("beyond double", json.dumps(SAMPLE).replace('"duration_s": 0.', '"duration_s": 1e999, "x": 0.', 1), "not valid JSON"),
        ("huge", edited((["trials", 0, "metrics", "throughput_mib_per_s"], 1e300)), "throughput_mib_per_s"),
        ("negative", edited((["trials", 0, "metrics", "cpu_user_s"], -1)), "cpu_user_s"),
        ("a wide integer", json.dumps(SAMPLE).replace('"logical_bytes": ', '"logical_bytes": 9', 1).replace(
            '"logical_bytes": 9', '"logical_bytes": 99999999999999999999', 1), "logical_bytes"),
        ("text for a number", edited((["trials", 0, "metrics", "duration_s"], "fast")), "duration_s"),
        ("an unknown key", edited((["colour"], "blue")), "colour"),
        ("an unknown key inside", edited((["trials", 0, "metrics", "colour"], 1)), "colour"),
        ("a missing key", {k: v for k, v in SAMPLE.items() if k != "host"}, "host"),
        ("version 1", edited((["schema_version"], 1)), "schema_version 1"),
        ("version 99", edited((["schema_version"], 99)), "schema_version 99"),
        ("version of text", edited((["schema_version"], "4")), 'has the schema_version "4", which is no whole number'),
        ("an unknown cell", edited((["trials", 0, "cell"], "no-such-cell")), "no-such-cell"),
        ("a trial twice", edited((["trials", 1], SAMPLE["trials"][0])), "a second time"),
        ("ok without metrics", {**SAMPLE, "trials": [{k: v for k, v in SAMPLE["trials"][0].items() if k != "metrics"}]},
         "no metrics"),
        ("no time", edited((["trials", 0, "metrics", "duration_s"], 0)), "is 0"),
        ("absurdly slow", edited((["trials", 0, "metrics", "throughput_mib_per_s"], 1e-300)), "below 0.000001"),
        ("absurdly short", edited((["trials", 0, "metrics", "duration_s"], 5e-324)), "below 0.000001"),
        ("a key twice", json.dumps(SAMPLE).replace('"seed": 7', '"seed": 7, "seed": 8', 1), "twice"),
        ("deep", "[" * 100 + "]" * 100, "deep"),
        ("cut in the middle", json.dumps(SAMPLE)[:100_000], "not valid JSON"),
        ("not UTF-8", json.dumps(SAMPLE).replace("Example CPU", "Ex\xe9mple", 1).encode("latin-1"), "not valid JSON"),
        ("version 0", edited((["schema_version"], 0)), "schema_version 0"),
        ("a version too wide", edited((["schema_version"], 2**70)), "schema_version"),
        ("depth 0", edited((["cells", 0, "depth"], 0)), "depth"),
        ("no cells", edited((["cells"], [])), "not listed"),
        ("a cell twice", edited((["cells", 1], SAMPLE["cells"][0])), "listed twice"),
        ("a text of 10 MB", edited((["host", "cpu_model"], "x" * 10_000_000)), "cpu_model"),
        ("a key of 10 MB", edited((["k" * 10_000_000], 1)), "unknown key"),
        ("a key of control characters", edited((["host", HOSTILE], 1)), "host: unknown key"),
        ("a name of two lines", edited((["scenario", "name"], "quickstart\nreboot")), "name"),
        ("a timeline that runs backwards", edited((["trials", 0, "timeline", 0, "last_byte_ms"], 1)),
         "trials.0.timeline.0: last_byte_ms is 1, before first_byte_ms"),
        ("an unknown outcome", edited((["trials", 0, "outcome"], "fine")), "outcome"),
    ]

    def check_outputs(self, path):
        """What is answered holds finite numbers only, on every page."""
        recommended = run("recommend", path)
        self.assertNotRegex(recommended.stdout, r"\b(nan|inf)\b")
        self.assertNotRegex(recommended.stdout + recommended.stderr, CONTROL)
        page, text, table, bench = (self.work / name for name in ("p.html", "p.md", "p.csv", "p.json"))
        run("report", path, "-o", page, "--markdown", text, "--csv", table, "--benchmark-json", bench)
        for output in (page, text, table, bench):
            self.assertNotRegex(output.read_text(), r"(?<![\w-])-?(nan|inf)(?![\w-])", output.name)
            self.assertNotRegex(output.read_text().replace("\r\n", "\n"), "[\x00-\x08\x0b-\x1f]", output.name)
        self.assertNotRegex(page.read_text(), "<script|<b>")
        self.assertNotRegex(text.read_text(), re.compile(r"(?<!\\)(<script|\[x\]|\*\*b)|^# h", re.M))
        self.assertLess(page.stat().st_size, 150 * KIB)
        json.loads(bench.read_text())

    def test_are_answered(self):
        for name, document, status, words in self.ANSWERED:
            with self.subTest(name):
                path = self.write("edited.json", document)
                finished = run("recommend", path)
                if status is None:
                    self.assertIn(finished.returncode, (DONE, USAGE, INVALID), finished.stderr)
                else:
                    self.assertEqual(finished.returncode, status, finished.stderr)
                self.assertIn(words, " ".join((finished.stdout + finished.stderr).split()))
                if finished.returncode != USAGE:
                    self.check_outputs(path)
                if finished.returncode == DONE:
                    json.loads(run("recommend", "--json", path).stdout)

    def test_are_refused(self):
        for name, document, words in self.REFUSED:
            with self.subTest(name):
                path = self.write("edited.json", document)
                for arguments in (["recommend", path], ["merge", path, "-o", self.work / "m.json"],
                                  ["report", path, "-o", self.work / "p.html"]):
                    finished = self.expect(run(*arguments), USAGE, "edited.json", words)
                    self.assertEqual(finished.stdout, "")
                    self.assertLess(len(finished.stderr), 5 * KIB)
                    self.assertNotRegex(finished.stderr, CONTROL)
                self.expect(run("compare", TESTDATA / "link_limited.result.json", path), USAGE, "edited.json", words)
        self.assertFalse((self.work / "m.json").exists() or (self.work / "p.html").exists())


class Several(Written):
    def test_merge_does_not_depend_on_the_order(self):
        paths = self.twelve()
        for name, order in (("a", paths), ("b", paths[::-1])):
            self.expect(run("merge", *order, "-o", self.work / name), DONE)
        self.expect(run("merge", *paths[6:], "-o", self.work / "half"), DONE)
        self.expect(run("merge", self.work / "half", *paths[:6], "-o", self.work / "c"), DONE)
        merged = (self.work / "a").read_bytes()
        for name in ("b", "c"):
            self.assertEqual((self.work / name).read_bytes(), merged)
        self.assertEqual(json.loads(merged)["results"][0], json.loads(paths[0].read_text()), "each is kept whole")

    def test_a_directory_is_no_result(self):
        for arguments in (["recommend", self.work], ["report", self.work, "-o", self.work / "p.html"],
                          ["merge", self.work, "-o", self.work / "m"], ["compare", self.work, self.work]):
            self.expect(run(*arguments), USAGE, str(self.work), "is a directory: give the result.json in it")

    def test_merge_refuses_duplicates_and_missing_files(self):
        paths = self.twelve()
        self.expect(run("merge", paths[0], paths[1], paths[0], "-o", self.work / "m"), USAGE, "same sweep", "scenario-00")
        self.expect(run("merge", paths[0], self.work / "none.json", "-o", self.work / "m"), FAILED, "none.json")
        self.assertFalse((self.work / "m").exists())

    def test_recommends_one_setting_with_the_whole_table(self):
        paths = self.twelve()
        self.expect(run("merge", *paths, "-o", self.work / "m.json"), DONE)
        finished = self.expect(run("recommend", *paths[::-1]), DONE)
        self.assertEqual(finished.stdout, run("recommend", self.work / "m.json").stdout)
        self.assertLessEqual(max(map(len, finished.stdout.splitlines())), 80)
        chosen = json.loads(run("recommend", "--json", self.work / "m.json").stdout)
        self.assertEqual((chosen["depth"], chosen["threads"]), (4, 1))
        table = chosen["regret_table"]
        self.assertEqual(len(table["rows"]), 10)
        self.assertEqual([row["name"] for row in table["baselines"]],
                         ["upstream's 16/4", "one at a time, 1/4", "half the cores"])
        self.assertEqual(table["results"][-2:], ["scenario-10 (1)", "scenario-10 (2)"])
        # The rate of every cell was scaled alike, so each result has the regrets that the medians of the sample give.
        rates = {}
        for trial in SAMPLE["trials"]:
            if "metrics" in trial and trial["cell"].endswith("-t1-c1-shani-on"):
                rates.setdefault(trial["cell"], []).append(math.log(trial["metrics"]["throughput_mib_per_s"]))
        mean = {cell: statistics.fmean(values) for cell, values in rates.items()}
        row = next(r for r in table["rows"] if (r["depth"], r["threads"]) == (1, 1))
        best = max(r for r in mean.values())
        self.assertAlmostEqual(row["regret_max"], 1 - math.exp(mean["spawned-d1-t1-c1-shani-on"] - best), delta=0.01)

    def test_settings_are_pasted_as_they_are(self):
        text = self.expect(run("recommend", "--settings", *self.twelve()), DONE).stdout
        self.assertIn("PBS_RESTORE_FETCH_CONCURRENCY=4\nPBS_RESTORE_MAX_THREADS=1\n", text)
        self.assertIn("# const MAX_BUFFERED_FUTURES: usize = 4;", text)

    def test_depend_on_the_files_alone(self):
        paths = self.twelve()
        outputs = set()
        for env in ({"TZ": "UTC", "LC_ALL": "C"}, {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
                    {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"}):
            names = [self.work / name for name in ("m", "p.html", "p.md", "p.csv", "p.json")]
            self.expect(run("merge", *paths, "-o", names[0], env=env), DONE)
            self.expect(run("report", names[0], "-o", names[1], "--markdown", names[2], "--csv", names[3],
                            "--benchmark-json", names[4], env=env), DONE)
            outputs.add((*(name.read_bytes() for name in names), run("recommend", names[0], env=env).stdout,
                         run("recommend", "--json", names[0], env=env).stdout,
                         run("recommend", "--settings", names[0], env=env).stdout))
        self.assertEqual(len(outputs), 1)


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed: the pages were not opened in a browser")
class Page(Written):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()

    def read(self, path, **options):
        self.browser.console.clear()
        self.browser.requests.clear()
        self.browser.open(path, **options)
        return self.browser.evaluate(READ_PAGE)

    def check(self, path):
        """What holds of every page, at every width, light and dark."""
        self.assertLessEqual(pathlib.Path(path).stat().st_size, 150 * KIB)
        for width, dark in ((1280, False), (400, False), (400, True)):
            page = self.read(path, width=width, dark=dark)
            self.assertEqual(self.browser.console, [], "the console")
            self.assertEqual(self.browser.requests, ["file://" + str(path)], "no request but for the page")
            self.assertEqual(page["scripts"], 0)
            self.assertLessEqual(page["width"], width, "it scrolls sideways")
            self.assertEqual(page["headings"][0], 1)
            self.assertEqual(page["headings"].count(1), 1)
            for before, after in zip(page["headings"], page["headings"][1:]):
                self.assertLessEqual(after, before + 1, "a heading level is left out")
            self.assertEqual(page["unreachable"], 0, "tables that scroll and no key reaches")
            self.assertEqual(page["ids"], 0, "links that lead nowhere")
            self.assertGreaterEqual(page["contrast"], 4.5, f"dark: {dark}")
            self.assertTrue(page["charts"])
            for chart in page["charts"]:
                self.assertTrue(chart["title"] and chart["desc"], chart)
                self.assertGreater(chart["box"], 20, chart)
                self.assertGreater(chart["marks"], 1, chart)
            for table in page["tables"]:
                self.assertTrue(table["caption"] and table["rows"], table["caption"])
                for row in table["rows"]:
                    self.assertEqual(len(row), len(table["columns"]), table["caption"])
        return page

    def test_of_one_result_has_the_figures_of_the_file(self):
        path = self.work / "report.html"
        self.expect(run("report", TESTDATA / "link_limited.result.json", "-o", path), DONE)
        page = self.check(path)
        self.assertEqual(page["h1"], "Use depth 4 with 1 thread")
        self.assertEqual(page["setting"], "PBS_RESTORE_FETCH_CONCURRENCY=4 PBS_RESTORE_MAX_THREADS=1")
        table = next(t for t in page["tables"] if t["caption"].startswith("Every cell"))
        self.assertEqual(len(table["rows"]), len(SAMPLE["cells"]))
        for cell, row in zip(SAMPLE["cells"], table["rows"]):
            trials = [t["metrics"] for t in SAMPLE["trials"] if t["cell"] == cell["id"] and t["outcome"] == "ok"]
            figures = dict(zip(table["columns"], row))
            rate = statistics.median(t["throughput_mib_per_s"] for t in trials)
            self.assertAlmostEqual(float(figures["MiB/s"]), rate, delta=0.5001)
            self.assertLessEqual(float(figures["from"]), float(figures["MiB/s"]))
            self.assertLessEqual(float(figures["MiB/s"]), float(figures["to"]))
            self.assertEqual(int(figures["blocks"]), len(trials))
            cpu = statistics.median((t["cpu_user_s"] + t["cpu_sys_s"]) / (t["logical_bytes"] / 2**30) for t in trials)
            self.assertAlmostEqual(float(figures["CPU s/GiB"]), cpu, delta=0.00501)
            self.assertAlmostEqual(float(figures["p99 ms"]), statistics.median(t["chunk_ms"]["p99"] for t in trials),
                                   delta=0.0501)
        raw = next(t for t in page["tables"] if t["caption"].startswith("Every trial"))
        self.assertEqual(len(raw["rows"]), len(SAMPLE["trials"]))
        followed = next(t for t in page["tables"] if t["caption"].startswith("Request by request"))
        of_pick = next(t["timeline"] for t in SAMPLE["trials"] if t["cell"] == "spawned-d4-t1-c1-shani-on")
        self.assertEqual([[float(v) for v in row[1:5]] for row in followed["rows"]],
                         [[round(row[key], 2) for key in ("arrival_ms", "ready_ms", "first_byte_ms", "last_byte_ms")]
                          for row in of_pick])
        titles = " ".join(chart["title"] for chart in page["charts"])
        for words in ("Throughput against depth", "CPU time against depth", "Peak memory against depth", "Time of a chunk",
                      "Chunks in flight", "Time of each stage", "Timeline of one trial", "block by block"):
            self.assertIn(words, titles)

    def test_of_several_results_says_the_verdict_first(self):
        path = self.work / "report.html"
        self.expect(run("report", *self.twelve(), "-o", path, "--csv", self.work / "cells.csv"), DONE)
        page = self.check(path)
        self.assertEqual(page["h1"], "Use depth 4 with 1 thread")
        self.assertTrue(page["tables"][0]["caption"].startswith("Per cent of the fastest common setting"))
        regrets = json.loads(run("recommend", "--json", *self.twelve()).stdout)["regret_table"]
        for row, expected in zip(page["tables"][0]["rows"], [*regrets["rows"], *regrets["baselines"]]):
            if expected["regret_max"] is not None:
                self.assertAlmostEqual(float(row[1]), 100 * expected["regret_max"], delta=0.0551)
        cells = list(csv.DictReader(io.StringIO((self.work / "cells.csv").read_text())))
        self.assertEqual(len(cells), 12 * len(SAMPLE["cells"]))

    def test_with_traces_and_a_bystander(self):
        page = self.check(TESTDATA / "auto_and_bystander.html")
        captions = " ".join(table["caption"] for table in page["tables"])
        self.assertIn("Decisions", captions)
        self.assertIn("beside the restore over alone", captions)
        self.assertIn("Depth over time", [chart["title"] for chart in page["charts"]])

    def test_without_a_verdict(self):
        path = self.work / "report.html"
        self.expect(run("report", self.write("edited.json", for_all_trials(fail_trial)), "-o", path), INVALID)
        page = self.read(path, width=400)
        self.assertEqual(page["h1"], "No recommendation")
        self.assertLessEqual(page["width"], 400)


if __name__ == "__main__":
    main()
