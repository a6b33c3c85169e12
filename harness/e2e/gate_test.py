#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate with real processes: exit statuses and every output; the shell template end to end."""
import json
import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from common import DEADLINE_S, DONE, FAILED, PROGRAM, TestCase, USAGE, environment, main, run

REGRESSION, INCONCLUSIVE = 1, 3
TEMPLATES = pathlib.Path(__file__).resolve().parents[2] / "ci/templates"
HAS_SHA_NI = "sha_ni" in pathlib.Path("/proc/cpuinfo").read_text()
FIGURES = ["throughput", "elapsed", "cpu_time", "peak_memory"]


class Gate(TestCase):
    def setUp(self):
        super().setUp()
        self.program = os.path.abspath(PROGRAM)
        self.scenario = self.work / "tiny.json"
        self.scenario.write_text(json.dumps({
            "name": "tiny", "title": "t", "about": "For tests.", "sources": "None.",
            "image": {"size": "16MiB", "compress": 2, "seed": 5}, "server": {"latency": "5ms"},
            "axes": {"strategy": ["spawned"], "depth": [4], "threads": [1], "sha_ni": ["on" if HAS_SHA_NI else "off"]},
            "blocks": 1, "seed": 3}))

    def wrapper(self, name, script):
        """A program that does something before it becomes the real one."""
        path = self.work / name
        path.write_text("#!/bin/sh\n" + script.replace("PROGRAM", "'" + self.program + "'") + "\n")
        path.chmod(0o755)
        return path

    def gate(self, *options):
        return run("gate", "--scenario", self.scenario, "--time-budget", "2m", "--repeats", "1", "-o", self.work / "gate.json",
                   "--markdown", self.work / "gate.md", "--junit", self.work / "gate.xml", *options)

    def result(self):
        return json.loads((self.work / "gate.json").read_text())

    def cases(self):
        return {case.get("name"): case for case in ElementTree.parse(self.work / "gate.xml").iter("testcase")}

    def test_the_same_program_passes_without_a_run(self):
        copy = self.work / "copy"
        shutil.copy(self.program, copy)
        finished = self.expect(self.gate("--base", self.program, "--head", copy), DONE)
        self.assertIn("nothing was run", finished.stdout)
        result = self.result()
        self.assertEqual((result["verdict"], result["identical"]), ("pass", True))
        self.assertEqual(result["scenarios"][0]["trials"], [])
        self.assertEqual(list(self.cases()), ["identical"])

    def test_a_clear_regression(self):
        # Slower before it becomes the program: only a clock outside of it can see that.
        slow = self.wrapper("slow", 'sleep 0.25\nexec PROGRAM "$@"')
        finished = self.expect(self.gate("--base", self.program, "--head", slow), REGRESSION)
        self.assertIn("regression: ", finished.stdout)
        self.assertTrue(all(len(line) <= 80 for line in finished.stdout.splitlines()), finished.stdout)
        result = self.result()
        self.assertEqual(result["schema"], "depthfinder-gate")
        figures = {figure["figure"]: figure for figure in result["scenarios"][0]["figures"]}
        self.assertEqual(list(figures), FIGURES)
        self.assertEqual(figures["elapsed"]["verdict"], "regression")
        self.assertTrue(figures["elapsed"]["confirmation"]["confirmed"])
        trials = result["scenarios"][0]["trials"]
        self.assertEqual({trial["side"] for trial in trials}, {"base", "head"})
        self.assertTrue(any(trial["confirmation"] for trial in trials))
        self.assertEqual({trial["side"] for trial in trials if trial["first"]}, {"base", "head"}, "the order is random")
        self.assertIsNotNone(self.cases()["elapsed"].find("failure"))
        self.assertIn("## Restore gate: regression", (self.work / "gate.md").read_text())

    def test_two_settings(self):
        # 4 chunks of 5 ms each, one after the other or all at once.
        self.gate("--a", "depth=4", "--b", "depth=1")
        result = self.result()
        self.assertEqual((result["base"]["label"], result["head"]["label"]), ("a", "b"))
        self.assertIn("-d4-", result["scenarios"][0]["base_cell"])
        self.assertIn("-d1-", result["scenarios"][0]["head_cell"])
        self.assertEqual(result["base"]["program_sha256"], result["head"]["program_sha256"])
        self.assertIs(result["identical"], False)

    def test_too_little_time_is_inconclusive(self):
        finished = run("gate", "--a", "depth=4", "--b", "depth=3", "--scenario", self.scenario, "--time-budget", "1ms",
                       "--json")
        self.assertEqual(finished.returncode, INCONCLUSIVE, finished.stderr)
        result = json.loads(finished.stdout)
        self.assertEqual({figure["doubt"] for figure in result["scenarios"][0]["figures"]}, {"too_few_pairs"})

    def test_a_build_that_cannot_restore_is_no_verdict(self):
        broken = self.wrapper("broken", "echo no luck >&2; exit 6")
        self.expect(self.gate("--base", self.program, "--head", broken), FAILED, "head", "no luck")

    def test_a_build_that_hangs_is_no_verdict(self):
        hanging = self.wrapper("hanging", 'sleep 1000\nexec PROGRAM "$@"')
        self.expect(self.gate("--base", self.program, "--head", hanging, "--trial-timeout", "5s"), FAILED, "head", "longer than 5 s")

    def test_what_a_build_prints_is_checked(self):
        """A head that claims what cannot be is no verdict, and certainly no pass."""
        edit = "import json, sys; said = json.load(sys.stdin); {}; print(json.dumps(said))"
        for what, script in (
                ("nothing", 'PROGRAM "$@" >/dev/null'), ("no JSON", "echo fast"), ("another thing", "echo '[1, 2]'"),
                ("half of it", 'PROGRAM "$@" | head -c 200'), ("too much", "head -c 99000000 /dev/zero | tr '\\0' '['"),
                *((edited, f'PROGRAM "$@" | python3 -c "{edit.format(edited)}"') for edited in (
                    "said.clear()", "said.update(duration_s=float('nan'))", "said.update(duration_s=-1)",
                    "said.update(duration_s='1')", "said.update(logical_bytes=10**30)"))):
            with self.subTest(what):
                head = self.wrapper("head", script)
                self.expect(self.gate("--base", self.program, "--head", head), FAILED, "head")

    def test_refuses_what_cannot_be_compared(self):
        for options, words in (
                ((), ["--base"]), (("--base", self.program), ["--head"]),
                (("--base", self.program, "--head", self.program, "--a", "depth=1", "--b", "depth=2"), ["--a"]),
                (("--base", self.work / "none", "--head", self.program), ["base", "none"]),
                (("--base", self.scenario, "--head", self.program), ["base", "tiny.json"]),
                (("--a", "depth=0", "--b", "depth=4"), ["depth"]),
                (("--a", "colour=1", "--b", "depth=4"), ["colour"]),
                (("--a", "fast", "--b", "depth=4"), ["fast"])):
            with self.subTest(options=options):
                self.expect(self.gate(*options), USAGE, *words)

    def test_the_shell_template(self):
        head = self.wrapper("head", 'sleep 0.25\nexec PROGRAM "$@"')
        out = self.work / "results"
        summary = self.work / "summary.md"
        finished = subprocess.run(
            [str(TEMPLATES / "restore-gate.sh"), "--scenario", str(self.scenario), "--time-budget", "2m",
             "--repeats", "1"],
            env=environment({"BASE": self.program, "HEAD": str(head), "GATE": self.program, "OUT": str(out),
                             "GITHUB_STEP_SUMMARY": str(summary)}),
            capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(finished.returncode, REGRESSION, finished.stdout + finished.stderr)
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["gate.json", "gate.md", "gate.xml"])
        self.assertEqual(summary.read_text(), (out / "gate.md").read_text())

    def test_the_shell_template_and_what_cannot_be_told(self):
        other = self.wrapper("other", 'exec PROGRAM "$@"')
        for means, status in (("fail", INCONCLUSIVE), ("pass", DONE), ("perhaps", USAGE)):
            finished = subprocess.run(
                [str(TEMPLATES / "restore-gate.sh"), "--scenario", str(self.scenario), "--time-budget", "1ms"],
                env=environment({"BASE": self.program, "HEAD": str(other), "GATE": self.program,
                                 "OUT": str(self.work / "results"), "INCONCLUSIVE": means}),
                capture_output=True, text=True, timeout=DEADLINE_S, check=False)
            self.assertEqual(finished.returncode, status, finished.stdout + finished.stderr)


if __name__ == "__main__":
    main()
