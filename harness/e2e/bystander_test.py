# SPDX-License-Identifier: MIT
"""depthfinder bystander: its lines, its ends and its refusals. No test asserts how long anything took."""
import json
import os
import select
import signal
import subprocess

from common import DEADLINE_S, DONE, FAILED, PROGRAM, USAGE, TestCase, environment, main, run


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


class Bystander(TestCase):
    def start(self, *arguments):
        process = subprocess.Popen([PROGRAM, "bystander", *map(str, arguments)], env=environment({}), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait, DEADLINE_S)
        for stream in (process.stderr, process.stdout):
            self.addCleanup(stream.close)
        self.addCleanup(process.kill)
        return process

    def samples(self, lines):
        return [sample for line in lines for sample in line.get("samples_ms", ())]

    def test_one_sample_per_period_and_nothing_left_behind(self):
        finished = self.expect(run("bystander", "--kind", "both", "--duration", "300ms", "--directory", self.work,
                                   "--json"), DONE)
        first, *reports, last = lines_of(finished.stdout)
        self.assertEqual(set(first), {"kind", "period_ms", "work_units"})
        self.assertEqual((first["kind"], first["period_ms"]), ("both", 5))
        self.assertGreater(first["work_units"], 0)
        for report in reports:
            self.assertEqual(set(report), {"t_s", "samples_ms"})
        times = [report["t_s"] for report in reports]
        self.assertEqual(times, sorted(times))
        samples = self.samples(reports)
        self.assertEqual(len(samples), 60)
        self.assertGreater(min(samples), 0)
        summary = last["summary"]
        self.assertEqual(summary["samples"], 60)
        self.assertIsNone(summary["p999_ms"])
        self.assertAlmostEqual(summary["max_ms"], max(samples), places=3)
        self.assertAlmostEqual(summary["p50_ms"], sorted(samples)[29], places=3)
        self.assertEqual(list(self.work.iterdir()), [])

    def test_the_same_amount_of_work_again(self):
        finished = self.expect(run("bystander", "--work-units", 3, "--duration", "20ms", "--json"), DONE)
        self.assertEqual(lines_of(finished.stdout)[0]["work_units"], 3)

    def test_a_summary_for_people(self):
        finished = self.expect(run("bystander", "--duration", "1s", "--period", "1ms", "--work-units", 3), DONE)
        for word in ("cpu", "1 ms", "3 units", "1000 samples", "p50", "p99 ", "p99.9"):
            self.assertIn(word, finished.stdout)

    def test_it_is_followed_live_and_ends_with_its_input(self):
        process = self.start("--kind", "sync-write", "--directory", self.work, "--json")
        first = json.loads(process.stdout.readline())
        self.assertEqual(first["work_units"], 0)
        (file,) = self.work.iterdir()
        self.assertEqual(file.stat().st_size, 1 << 20)
        seen = json.loads(process.stdout.readline())
        self.assertTrue(seen["samples_ms"])
        self.assertNotEqual(file.read_bytes(), bytes(1 << 20))
        process.stdin.write("\n")
        process.stdin.flush()
        before = []
        while "mark" not in (line := json.loads(process.stdout.readline())):
            before.append(line)
        self.assertEqual(line, {"mark": 1})
        process.stdin.close()
        rest = lines_of(process.stdout.read())
        self.assertEqual(process.wait(DEADLINE_S), DONE)
        self.assertEqual(rest[-1]["summary"]["samples"], len(self.samples([seen, *before, *rest])))
        self.assertEqual(list(self.work.iterdir()), [])

    def test_a_signal_ends_it_with_its_summary(self):
        process = self.start("--kind", "cpu", "--json")
        process.stdout.readline()
        self.assertTrue(json.loads(process.stdout.readline())["samples_ms"])
        process.send_signal(signal.SIGTERM)
        self.assertIn("summary", lines_of(process.stdout.read())[-1])
        self.assertEqual(process.wait(DEADLINE_S), DONE)

    def test_a_signal_ends_a_command_and_all_that_it_started(self):
        pid_pipe = self.work / "pid"
        os.mkfifo(pid_pipe)
        process = self.start("--command", f"sleep 600 & echo $! >{pid_pipe}; wait", "--json")
        process.stdout.readline()
        sleeper = os.pidfd_open(int(pid_pipe.read_text()))
        self.addCleanup(os.close, sleeper)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(lines_of(process.stdout.read()), [{"summary": None}])
        self.assertEqual(process.wait(DEADLINE_S), DONE)
        self.assertEqual(select.select([sleeper], [], [], DEADLINE_S)[0], [sleeper])

    def test_commands_are_counted_by_their_runs(self):
        runs = self.work / "runs"
        finished = self.expect(run("bystander", "--command", f"echo >>{runs}", "--period", "1ms", "--duration", "100ms",
                                   "--json"), DONE)
        self.assertEqual(len(runs.read_text().splitlines()), lines_of(finished.stdout)[-1]["summary"]["samples"])

    def test_a_command_that_fails(self):
        self.expect(run("bystander", "--command", "exit 7", "--duration", "1s"), FAILED, "exit 7", "status 7")
        self.expect(run("bystander", "--command", "kill -9 $$", "--duration", "1s"), FAILED, "status 137")

    def test_a_reader_that_goes_away_ends_it(self):
        process = self.start("--kind", "cpu", "--json")
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(DEADLINE_S), DONE)

    def test_wrong_settings_are_refused(self):
        for arguments in (("--kind", "disk"), ("--kind", "command:x"), ("--command", " "), ("--period", "0"),
                          ("--period", "1us"), ("--period", "5"), ("--work", "5ms"), ("--work", "1h"),
                          ("--work-units", "0"), ("--work-units", "x"), ("--duration", "soon"), ("--duration", "0"),
                          ("--kind", "sync-write", "--work", "1ms"), ("--command", "true", "--work-units", "5"),
                          ("--kind", "cpu", "--directory", "/tmp"), ("--kind", "cpu", "--command", "true"),
                          ("--work", "1ms", "--work-units", "5")):
            self.expect(run("bystander", *arguments), USAGE)
        self.expect(run("bystander", "--kind", "both", "--directory", "/nonexistent"), FAILED, "/nonexistent")

    def test_help(self):
        finished = self.expect(run("bystander", "--help"), DONE)
        self.assertIn("Example", finished.stdout)
        self.assertLessEqual(max(map(len, finished.stdout.splitlines())), 80)


if __name__ == "__main__":
    main()
