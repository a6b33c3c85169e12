#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sweeps with real processes: results, resumption, the recommendation, the report."""
import json
import os
import pathlib
import signal
import subprocess

from common import DEADLINE_S, DONE, INTERRUPTED, PROGRAM, TestCase, USAGE, environment, main, run

HAS_SHA_NI = "sha_ni" in pathlib.Path("/proc/cpuinfo").read_text()


def scenario(**changes):
    base = {"name": "tiny", "title": "A small image behind 20 ms", "about": "For tests.", "sources": "None.",
            "image": {"size": "32MiB", "compress": 2, "seed": 5}, "server": {"latency": "20ms"},
            "axes": {"strategy": ["spawned"], "depth": [1, 4], "threads": [2], "sha_ni": ["on", "off"]},
            "blocks": 2, "seed": 3}
    base.update(changes)
    return base


class Sweep(TestCase):
    def write(self, **changes):
        path = self.work / "tiny.json"
        path.write_text(json.dumps(scenario(**changes)))
        return path

    def result(self, name="out"):
        return json.loads((self.work / name / "result.json").read_text())

    def cells(self):
        return 4 if HAS_SHA_NI else 2

    def test_measures_every_cell_in_every_block(self):
        finished = self.expect(run("sweep", self.write(), "-o", self.work / "out"), DONE)
        result = self.result()
        self.assertTrue(result["complete"])
        self.assertEqual(len(result["trials"]), 2 * self.cells())
        self.assertEqual({t["outcome"] for t in result["trials"]}, {"ok"})
        for trial in result["trials"]:
            masked = trial["cell"].endswith("shani-off")
            self.assertEqual("sha-ni" in trial["metrics"]["sha256_kernel"], not masked, trial["cell"])
        self.assertEqual(len(result["audits"]), 2)
        self.assertRegex(finished.stdout.splitlines()[0],
                         r"^PBS_RESTORE_FETCH_CONCURRENCY=\d+ PBS_RESTORE_MAX_THREADS=\d+$")
        self.assertTrue(finished.stdout.splitlines()[1])
        self.assertIn("<html", (self.work / "out" / "report.html").read_text())

    def test_deeper_is_faster_behind_latency(self):
        # 8 chunks of 20 ms each: depth 4 needs a quarter of depth 1's time, whatever else the host does.
        self.expect(run("sweep", self.write(), "-o", self.work / "out"), DONE)
        chosen = json.loads(self.expect(run("recommend", "--json", self.work / "out/result.json"), DONE).stdout)
        self.assertEqual(chosen["depth"], 4)

    def test_encrypted_image(self):
        path = self.write(image={"size": "16MiB", "encrypt": True}, blocks=1)
        self.expect(run("sweep", path, "-o", self.work / "out"), DONE)
        self.assertEqual({t["outcome"] for t in self.result()["trials"]}, {"ok"})

    def test_interrupted_sweep_is_resumed(self):
        path = self.write(blocks=3, server={"latency": "50ms"})
        child = subprocess.Popen([PROGRAM, "sweep", str(path), "-o", str(self.work / "out")], env=environment({}),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in child.stderr:
            if line.startswith("block 2"):
                break
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=DEADLINE_S)
        self.assertEqual(child.returncode, INTERRUPTED)
        before = [t for t in self.result()["trials"] if t["outcome"] == "ok"]
        self.assertGreaterEqual(len(before), self.cells())

        self.expect(run("sweep", path, "-o", self.work / "out", "--resume"), DONE)
        after = self.result()
        self.assertTrue(after["complete"])
        self.assertEqual(after["trials"][:len(before)], before, "a measured trial was lost or made again")
        self.assertEqual(len({(t["block"], t["cell"]) for t in after["trials"]}), 3 * self.cells())
        self.assertEqual(len(after["trials"]), 3 * self.cells())

    def test_resume_refuses_another_experiment(self):
        self.expect(run("sweep", self.write(blocks=1), "-o", self.work / "out"), DONE)
        other = self.write(blocks=1, image={"size": "16MiB"})
        self.expect(run("sweep", other, "-o", self.work / "out", "--resume"), USAGE, "another scenario")
        self.expect(run("sweep", other, "-o", self.work / "none", "--resume"), 6, "result.json")

    def test_an_earlier_result_is_kept(self):
        path = self.write(blocks=1)
        for _ in range(2):
            self.expect(run("sweep", path, "-o", self.work / "out"), DONE)
        self.assertTrue((self.work / "out" / "result.previous.json").exists())

    def test_reports_depend_on_the_result_alone(self):
        self.expect(run("sweep", self.write(blocks=1), "-o", self.work / "out"), DONE)
        result = self.work / "out/result.json"
        outputs = set()
        for index, env in enumerate(({"TZ": "UTC", "LC_ALL": "C"}, {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})):
            report = self.work / f"report{index}.html"
            self.expect(run("report", result, "-o", report, env=env), DONE)
            outputs.add((report.read_text(), run("recommend", result, env=env).stdout))
        self.assertEqual(len(outputs), 1)

    def test_secrets_are_in_no_result(self):
        self.expect(run("sweep", self.write(blocks=1), "-o", self.work / "out"), DONE)
        text = (self.work / "out/result.json").read_text()
        for word in ("password", "secret", "ticket"):
            self.assertNotIn(word, text.lower())

    def test_dry_run_and_list_run_nothing(self):
        finished = self.expect(run("sweep", self.write(), "-o", self.work / "out", "--dry-run"), DONE)
        self.assertEqual(len(finished.stdout.splitlines()), self.cells())
        self.assertFalse((self.work / "out").exists())
        names = self.expect(run("sweep", "--list"), DONE).stdout
        for name in ("quickstart", "local-nvme", "ten-gbit-sha-ni", "two-socket-no-sha-ni", "zeros-69"):
            self.assertIn(name, names)

    def test_refuses_bad_scenarios_and_results(self):
        self.expect(run("sweep", "no-such-scenario", "-o", self.work / "out"), USAGE, "no-such-scenario")
        self.expect(run("sweep", self.write(colour="blue"), "-o", self.work / "out"), USAGE, "colour")
        self.expect(run("sweep", self.write(), "-o", self.work / "out", "--blocks", "0"), USAGE, "--blocks")
        self.expect(run("recommend", self.work / "none.json"), 6, "none.json")
        broken = self.work / "broken.json"
        broken.write_text("{\"schema\": 7")
        self.expect(run("recommend", broken), USAGE, "broken.json")
        self.assertFalse(os.path.exists(self.work / "out"))


if __name__ == "__main__":
    main()
