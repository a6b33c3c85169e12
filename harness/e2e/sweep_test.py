#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sweeps with real processes: results, resumption, the recommendation, the report."""
import json
import os
import pathlib
import signal
import subprocess

from common import DEADLINE_S, DONE, INTERRUPTED, INVALID, PROGRAM, TestCase, USAGE, environment, main, run

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

    def sweep(self, path, *options):
        """A whole sweep. A busy host makes the mock late: then status 5, which is right, and not what these tests ask."""
        finished = run("sweep", path, "-o", self.work / "out", *options)
        self.assertIn(finished.returncode, (DONE, INVALID), finished.stderr)
        if finished.returncode == INVALID:
            self.assertIn("off target", finished.stderr.splitlines()[-1])
        lines = finished.stdout.splitlines()
        if finished.returncode == DONE or lines:
            self.assertRegex(lines[0], r"^PBS_RESTORE_FETCH_CONCURRENCY=\d+ PBS_RESTORE_MAX_THREADS=\d+$")
            self.assertTrue(lines[1])

    def edited(self, late=lambda trial: False):
        """The result, as if the mock had been on target in every trial but those that were `late`."""
        result = self.result()
        for trial in result["trials"]:
            audit = trial["audit"]
            audit.update(latency_asked_p50_ms=20, latency_asked_p99_ms=20, latency_served_p50_ms=20,
                         latency_served_p99_ms=22.5 if late(trial) else 20, link_lost_s=0,
                         busiest_connection_cpu_share=0.1)
        path = self.work / "edited.json"
        path.write_text(json.dumps(result))
        return path

    def cells(self):
        return 4 if HAS_SHA_NI else 2

    def test_measures_every_cell_in_every_block(self):
        self.sweep(self.write())
        result = self.result()
        self.assertTrue(result["complete"])
        self.assertEqual(len(result["trials"]), 2 * self.cells())
        self.assertEqual({t["outcome"] for t in result["trials"]}, {"ok"})
        for trial in result["trials"]:
            masked = trial["cell"].endswith("shani-off")
            self.assertEqual("sha-ni" in trial["metrics"]["sha256_kernel"], not masked, trial["cell"])
            audit = trial["audit"]
            self.assertEqual(audit["chunk_requests"], 8, "the audit is of this trial alone")
            self.assertGreater(audit["bytes_served"], 0)
            self.assertAlmostEqual(audit["latency_asked_p50_ms"], 20, delta=0.4)
            self.assertGreaterEqual(audit["latency_served_p50_ms"], 0.99 * 20)
            self.assertEqual(audit["link_asked_bytes_per_s"], 0)
            self.assertEqual(audit["faults"], {})
        self.assertIn("<html", (self.work / "out" / "report.html").read_text())

    def test_deeper_is_faster_behind_latency(self):
        # 8 chunks of 20 ms each: depth 4 needs a quarter of depth 1's time, whatever else the host does.
        self.sweep(self.write())
        chosen = json.loads(self.expect(run("recommend", "--json", self.edited()), DONE).stdout)
        self.assertEqual(chosen["depth"], 4)
        self.assertIs(chosen["rests_on_off_target"], False)
        lines = run("recommend", self.edited()).stdout.splitlines()
        self.assertIn("    PBS_RESTORE_FETCH_CONCURRENCY=4 PBS_RESTORE_MAX_THREADS=2", lines)

    def test_a_verdict_on_cells_off_target_is_not_to_be_trusted(self):
        self.sweep(self.write(blocks=3))
        best = json.loads(run("recommend", "--json", self.edited()).stdout)["best"]["id"]

        once = self.edited(late=lambda trial: trial["cell"] == best and trial["block"] == 0)
        finished = self.expect(run("recommend", once), DONE)
        self.assertNotIn("Not to be trusted", finished.stdout)
        self.assertIn("off target in 1 single trial", finished.stdout)

        always = self.edited(late=lambda trial: trial["cell"] == best)
        finished = self.expect(run("recommend", always), INVALID, "off target")
        first = finished.stdout.splitlines()[0]
        for words in ("Not to be trusted", "p99 22.5 ms served, 20.0 ms asked (allowed: 1.0 ms off)", "off in 3 of 3"):
            self.assertIn(words, first)
        self.assertIn("PBS_RESTORE_FETCH_CONCURRENCY=1", finished.stdout)
        finished = self.expect(run("recommend", "--json", always), INVALID, "off target")
        chosen = json.loads(finished.stdout)
        self.assertIs(chosen["rests_on_off_target"], True)
        self.assertNotEqual(chosen["best"]["id"], best)
        report = self.work / "report.html"
        self.expect(run("report", always, "-o", report), DONE)
        self.assertIn("Not to be trusted", report.read_text())

    def test_without_a_cell_on_target_nothing_is_recommended(self):
        self.sweep(self.write(blocks=1))
        all_late = self.edited(late=lambda trial: True)
        finished = self.expect(run("recommend", all_late), INVALID, "off target in every cell", "quieter host")
        self.assertEqual(finished.stdout, "")
        report = self.work / "report.html"
        self.expect(run("report", all_late, "-o", report), INVALID, "off target in every cell")
        self.assertIn("No recommendation", report.read_text())

    def test_refuses_results_of_version_1(self):
        self.sweep(self.write(blocks=1))
        result = self.result()
        result["schema_version"] = 1
        old = self.work / "old.json"
        old.write_text(json.dumps(result))
        self.expect(run("recommend", old), USAGE, "old.json has schema_version 1", "reads 2 and 3 only")

    def test_encrypted_image(self):
        path = self.write(image={"size": "16MiB", "encrypt": True}, blocks=1)
        self.sweep(path)
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

        self.sweep(path, "--resume")
        after = self.result()
        self.assertTrue(after["complete"])
        self.assertEqual(after["trials"][:len(before)], before, "a measured trial was lost or made again")
        self.assertEqual(len({(t["block"], t["cell"]) for t in after["trials"]}), 3 * self.cells())
        self.assertEqual(len(after["trials"]), 3 * self.cells())

    def test_resume_refuses_another_experiment(self):
        self.sweep(self.write(blocks=1))
        other = self.write(blocks=1, image={"size": "16MiB"})
        self.expect(run("sweep", other, "-o", self.work / "out", "--resume"), USAGE, "another scenario")
        self.expect(run("sweep", other, "-o", self.work / "none", "--resume"), 6, "result.json")

    def test_an_earlier_result_is_kept(self):
        path = self.write(blocks=1)
        for _ in range(2):
            self.sweep(path)
        self.assertTrue((self.work / "out" / "result.previous.json").exists())

    def test_reports_depend_on_the_result_alone(self):
        self.sweep(self.write(blocks=1))
        result = self.edited()
        outputs = set()
        for index, env in enumerate(({"TZ": "UTC", "LC_ALL": "C"}, {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})):
            report = self.work / f"report{index}.html"
            self.expect(run("report", result, "-o", report, env=env), DONE)
            outputs.add((report.read_text(), run("recommend", result, env=env).stdout))
        self.assertEqual(len(outputs), 1)

    def test_secrets_are_in_no_result(self):
        self.sweep(self.write(blocks=1))
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
