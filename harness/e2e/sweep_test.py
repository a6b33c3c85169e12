#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sweeps with real processes: results, resumption, the recommendation, the report."""
import json
import os
import pathlib
import signal
import subprocess

from common import (DEADLINE_S, DONE, INTERRUPTED, INVALID, PROGRAM, TestCase, USAGE, environment, main, run,
                    write_key)

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
            # The first valid trial of each cell keeps when its first chunks were served.
            self.assertEqual("timeline" in trial, trial["block"] == 0, trial["cell"])
            for row in trial.get("timeline", []):
                self.assertAlmostEqual(row["ready_ms"] - row["arrival_ms"], 20, delta=0.4)
                self.assertLessEqual(row["first_byte_ms"], row["last_byte_ms"])
            if "timeline" in trial:
                self.assertEqual(len(trial["timeline"]), 8)
                self.assertEqual(trial["timeline"][0]["arrival_ms"], 0)
        page = (self.work / "out" / "report.html").read_text()
        self.assertIn("<html", page)
        self.assertIn("Timeline of one trial", page)

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
        self.assertIn("off target in 1 single trial", " ".join(finished.stdout.split()))

        always = self.edited(late=lambda trial: trial["cell"] == best)
        finished = self.expect(run("recommend", always), INVALID, "off target")
        first = " ".join(finished.stdout.split("\n\n")[0].split())
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
        self.expect(run("recommend", old), USAGE, "old.json has schema_version 1", "reads 2 to 5 only")

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
        counted = [(t["block"], t["cell"]) for t in after["trials"] if t["outcome"] != "cancelled"]
        self.assertEqual(len(set(counted)), 3 * self.cells())
        self.assertEqual(len(counted), 3 * self.cells())

    def racing_scenario(self):
        """Depth 1 and 2 are far slower than 4 and 8 whatever the host does: 24 chunks of 40 ms each."""
        return self.write(image={"size": "96MiB", "compress": 2, "seed": 5}, server={"latency": "40ms"}, blocks=8,
                          axes={"strategy": ["spawned"], "depth": [1, 2, 4, 8], "threads": [2], "sha_ni": ["off"]})

    def test_a_race_drops_what_is_slow_and_a_resumed_one_decides_the_same(self):
        path = self.racing_scenario()
        self.sweep(path, "--no-racing", "--blocks", "3")
        # A busy host puts cells off target, and then there is less to drop: the pilot is made to be on target.
        os.replace(self.edited(), self.work / "out/result.json")
        self.sweep(path, "--resume")
        raced = self.result()
        self.assertTrue(raced["complete"])
        self.assertLessEqual(len(raced["trials"]), 4 * 8)
        dropped = {d["cell_id"]: d["block"] for d in raced["racing"] if d["decision"] == "dropped"}
        self.assertEqual(dropped["spawned-d1-t2-c1-shani-off"], 2, "right after the pilot")
        self.assertEqual([d["decision"] for d in raced["racing"]].count("stopped"), 1)
        for trial in raced["trials"]:
            self.assertLessEqual(trial["block"], dropped.get(trial["cell"], 1000), "a dropped cell ran")
        for block, order in enumerate(raced["block_orders"]):
            self.assertEqual(sorted(order), sorted({t["cell"] for t in raced["trials"] if t["block"] == block}))

        # As if it had been interrupted in its fourth block, with what was decided lost.
        cut = {**raced, "complete": False, "racing": [], "block_orders": raced["block_orders"][:4],
               "trials": [t for t in raced["trials"] if t["block"] < 3]}
        (self.work / "out/result.json").write_text(json.dumps(cut))
        self.sweep(path, "--resume")
        resumed = self.result()
        early = [d for d in raced["racing"] if d["block"] == 2]
        self.assertEqual([d for d in resumed["racing"] if d["block"] == 2], early)
        self.assertEqual(resumed["block_orders"][:4], raced["block_orders"][:4])
        self.expect(run("sweep", path, "-o", self.work / "out", "--resume", "--no-racing"), USAGE, "with a race")

    def test_without_a_race_every_cell_runs_in_every_block(self):
        self.sweep(self.racing_scenario(), "--no-racing", "--blocks", "4")
        result = self.result()
        self.assertEqual(len(result["trials"]), 4 * 4)
        self.assertEqual(result["racing"], [])

    def test_a_fixed_number_of_blocks_is_kept_by_a_race_too(self):
        self.sweep(self.racing_scenario(), "--blocks", "4")
        result = self.result()
        self.assertEqual(len(result["block_orders"]), 4)
        self.assertLess(len(result["block_orders"][3]), 4)

    def test_json_lines(self):
        finished = run("sweep", self.racing_scenario(), "-o", self.work / "out", "--blocks", "3", "--json-lines")
        self.assertIn(finished.returncode, (DONE, INVALID), finished.stderr)
        events = [json.loads(line) for line in finished.stdout.splitlines()]
        self.assertEqual({e["event"] for e in events} - {"estimate"}, {"begin", "block", "trial", "decision", "end"})
        self.assertEqual(events[0]["event"], "begin")
        trials = [e for e in events if e["event"] == "trial"]
        self.assertEqual([(t["block"], t["cell"]) for t in self.result()["trials"]],
                         [(t["block"], t["cell_id"]) for t in trials])
        self.assertEqual(events[-1]["event"], "end")
        self.assertEqual(events[-1]["status"], finished.returncode)
        self.assertEqual(events[-1]["trials"], 12)

    def test_axes_from_flags(self):
        finished = self.expect(run("sweep", self.racing_scenario(), "--dry-run", "--depth", "1,2,4..12/4",
                                   "--threads", "1,3", "--strategy", "spawned,buffered", "--sha-ni", "off"), DONE)
        cells = finished.stdout.splitlines()
        self.assertEqual(len(cells), 5 * 2 + 5)
        self.assertIn("spawned-d12-t3-c1-shani-off", cells)
        self.assertRegex(finished.stderr, r"15 cells, a race of at most 120 trials, roughly .+ to .+")
        for flags, word in ((("--depth", "4..1"), "ends before"), (("--depth", "0"), "--depth"),
                            (("--depth", "1..4000"), "--depth"), (("--threads", "many"), "--threads"),
                            (("--strategy", "luck"), "axes.strategy"), (("--snapshot", "vm/1"), "--repository"),
                            (("--depth", "4,4"), "depth")):
            self.expect(run("sweep", self.racing_scenario(), "--dry-run", *flags), USAGE, word)

    def test_a_noisy_host_is_said_to_be_one(self):
        hogs = [subprocess.Popen(["python3", "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
        try:
            path = self.write(blocks=1)
            self.expect(run("sweep", path, "-o", self.work / "out", "--require-quiet"), INVALID, "noisy")
            self.assertFalse((self.work / "out").exists(), "nothing was measured")
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()

    def real(self, server, *options, env=None, **changes):
        arguments = {"--snapshot": server.snapshot(), "--archive": "drive-scsi0.img", "--depth": "1,4",
                     "--threads": "2", "--sha-ni": "off", "-o": self.work / "out", **changes}
        environment = {"PBS_PASSWORD": server.ready["password"], "PBS_FINGERPRINT": server.ready["fingerprint"]}
        return run("sweep", "--repository", server.ready["repository"], *options,
                   *(word for pair in arguments.items() for word in pair), env=environment if env is None else env)

    def test_a_real_server(self):
        server = self.serve("--synthetic", "size=32MiB,compress=2,seed=5", "--latency", "20ms")
        self.expect(self.real(server, "--blocks", "2"), DONE)
        text = (self.work / "out/result.json").read_text()
        result = json.loads(text)
        self.assertEqual(result["server_kind"], "real")
        self.assertEqual({t["outcome"] for t in result["trials"]}, {"ok"})
        self.assertEqual(len(result["trials"]), 4)
        self.assertFalse(any("audit" in t or "timeline" in t for t in result["trials"]))
        self.assertEqual(result["scenario"]["image"]["size"], "32MiB")
        for secret in (server.ready["password"], server.ready["host"], server.ready["fingerprint"], "root@pam"):
            self.assertNotIn(secret, text)
        chosen = json.loads(self.expect(run("recommend", "--json", self.work / "out/result.json"), DONE).stdout)
        self.assertEqual(chosen["depth"], 4)
        self.expect(run("report", self.work / "out/result.json", "-o", self.work / "r.html"), DONE)
        self.assertNotIn("Timeline of one trial", (self.work / "r.html").read_text())
        # Resumed, with more blocks: what is there is not made again.
        self.expect(self.real(server, "--blocks", "3", "--resume"), DONE)
        self.assertEqual(self.result()["trials"][:4], result["trials"])
        self.assertEqual(len(self.result()["trials"]), 6)

    def test_a_real_servers_bytes_are_limited(self):
        server = self.serve("--synthetic", "size=32MiB,compress=1,seed=5")
        self.expect(self.real(server, "--bytes-limit", "16MiB"), USAGE, "--bytes-limit")
        self.assertFalse((self.work / "out").exists())
        self.expect(self.real(server, "--bytes-limit", "100MiB"), DONE)
        result = self.result()
        self.assertEqual(len(result["trials"]), 3, "32 MiB each: a fourth might go beyond 100 MiB")
        self.assertLessEqual(sum(t["metrics"]["wire_bytes"] for t in result["trials"]), 100 << 20)

    def test_what_an_interrupted_trial_has_read_counts(self):
        server = self.serve("--synthetic", "size=32MiB,compress=1,seed=5")
        self.expect(self.real(server, "--blocks", "1"), DONE)
        result = self.result()
        result["trials"][1] = {"block": 0, "position": 1, "cell": result["trials"][1]["cell"], "outcome": "cancelled",
                               "reason": "interrupted"}
        (self.work / "out/result.json").write_text(json.dumps({**result, "complete": False}))
        self.expect(self.real(server, "--blocks", "2", "--resume", "--bytes-limit", "100MiB"), DONE)
        self.assertEqual([t["outcome"] for t in self.result()["trials"]], ["ok", "cancelled", "ok"])

    def test_a_real_server_is_asked_for_properly(self):
        server = self.serve("--synthetic", "size=8MiB")
        self.expect(self.real(server, env={"PBS_FINGERPRINT": server.ready["fingerprint"]}), USAGE, "PBS_PASSWORD")
        self.expect(self.real(server, env={"PBS_PASSWORD": "wrong", "PBS_FINGERPRINT": server.ready["fingerprint"]}), 6)
        self.expect(self.real(server, **{"--archive": "drive-scsi9.img"}), 6, "drive-scsi9")
        self.expect(run("sweep", "--repository", server.ready["repository"], env=server.env()), USAGE, "--snapshot")

    def test_a_real_servers_encrypted_image(self):
        keyfile = write_key(self.work / "key.json")
        server = self.serve("--synthetic", "size=16MiB", "--keyfile", keyfile)
        self.assertIn("key file", self.real(server).stderr)
        self.expect(self.real(server, "--blocks", "1", "--keyfile", keyfile), DONE)
        self.assertEqual({t["outcome"] for t in self.result()["trials"]}, {"ok"})

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
