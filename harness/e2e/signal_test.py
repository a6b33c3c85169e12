#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Restores that are told to stop, lose their readers, start without standard streams, or see the clock jump. The moments
are random: DEPTHFINDER_SEED (1) picks them; DEPTHFINDER_ALL=1 tries every signal with every strategy and target."""
import json
import os
import pathlib
import random
import re
import signal
import socket
import struct
import subprocess
import time
import unittest

from common import CHUNK, DEADLINE_S, DONE, FAILED, INTERRUPTED, PROGRAM, Server, TestCase, environment, main, run, \
    sanitized_by, temporary_directory
from nbd_test import MISSING, QemuNbd
from restores import ALL, IMAGE_BYTES, Restores, SEED, STRATEGIES, preloaded

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TARGETS = ("{}", "uring:{}", "slow:latency=1us,path={}", "nbd")
HANG_S = 60  # half of what a silent NBD server is borne; nothing here takes a second of it


class Stops(Restores):
    SERVER = (*Restores.SERVER, "--latency", "10ms", "--rate", "400MB/s")

    def target(self, pattern, path):
        """A target over the file, with an NBD server where it is one."""
        if pattern != "nbd":
            return pattern.format(path)
        with open(path, "wb") as file:
            file.truncate(IMAGE_BYTES)
        return self.enterContext(QemuNbd(path.parent / "socket", "--format=raw", "--shared=4", path)).uri()

    def rows(self):
        cases = [(number, strategy, target) for number in (*STOPS, signal.SIGKILL) for strategy in STRATEGIES
                 for target in TARGETS if target != "nbd" or not MISSING]
        return cases if ALL else random.Random(SEED).sample(cases, 24)

    def test_at_random_moments(self):
        for row, (number, strategy, pattern) in enumerate(self.rows()):
            lines = random.Random(SEED * 1000 + row).randrange(1, len(self.whole))
            with self.subTest(signal=number.name, strategy=strategy, target=pattern, lines=lines), \
                    temporary_directory() as directory:
                path = pathlib.Path(directory) / "disk.raw"
                target = self.target(pattern, path)
                process = self.start(target, *STRATEGIES[strategy])
                percent = self.wait_for_progress(process, lines)
                process.send_signal(number)
                status, said = self.ended(process)
                if status == DONE:  # it was faster
                    self.assertIn("restore image complete", said)
                    self.is_the_image(path)
                    continue
                if number == signal.SIGKILL:
                    self.assertEqual(status, -number)
                else:
                    done, total = map(int, re.search(r"cancelled after (\d+) of (\d+) chunks", self.refused(
                        status, said, INTERRUPTED, "the target is incomplete")).groups())
                    self.assertEqual(total, len(self.whole))
                    percent = max(percent, done * 100 // total)
                self.assertGreaterEqual(self.holds_only_truth(path, percent), 0)
                self.resumed(path, path if pattern.startswith("slow") else target, *STRATEGIES[strategy])

    @unittest.skipIf(MISSING, "not installed: qemu-nbd (qemu-utils)")
    def test_a_silent_nbd_server_does_not_hold_a_restore_back(self):
        for strategy in ("spawned", "pipelined"):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(strategy=strategy, signal=number.name), temporary_directory() as directory:
                    path = pathlib.Path(directory) / "disk.raw"
                    path.write_bytes(bytes(IMAGE_BYTES))
                    with QemuNbd(path.with_name("socket"), "--format=raw", "--shared=4", path) as nbd:
                        process = self.start(nbd.uri(), *STRATEGIES[strategy])
                        self.wait_for_progress(process)
                        nbd.process.send_signal(signal.SIGSTOP)
                        process.send_signal(number)
                        self.assertEqual(process.wait(HANG_S), INTERRUPTED)
                        self.assertIn("restore cancelled after", process.stderr.read())

    def test_an_nbd_server_that_never_speaks(self):
        path = self.work / "socket"
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(path))
            silent.listen()
            process = self.start(f"nbd+unix:///?socket={path}")
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(HANG_S), INTERRUPTED)
                self.assertIn(str(path), process.stderr.read())

    @unittest.skipIf(sanitized_by("tsan"), "it has a report of its own for the full pipe")
    def test_a_second_signal_ends_what_is_stuck(self):
        """In a message that nobody reads: the pipe is full before the restore begins."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        try:
            while os.write(writer, bytes(4096)):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(writer, True)
        process = self.start(self.work / "disk.raw", stderr=writer)
        os.close(writer)
        ready = self.work / "disk.raw"
        while process.poll() is None and not ready.exists():
            pass  # until it has come as far as its first message
        for _ in range(HANG_S * 10):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(0.1)
                break
            except subprocess.TimeoutExpired:
                continue
        self.assertEqual(process.returncode, INTERRUPTED)

    def test_nohup(self):
        path = self.work / "disk.raw"
        process = self.start(path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.wait_for_progress(process)
        process.send_signal(signal.SIGHUP)
        status, said = self.ended(process)
        self.assertEqual(status, DONE, said)
        self.is_the_image(path)

    def test_a_server_that_is_hung_up_on_ends_like_one_that_is_told_to(self):
        for number in STOPS:
            with Server("--synthetic", "size=8MiB") as server:
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(DEADLINE_S), DONE)


class Streams(Restores):
    """Readers that hang up, and standard streams that are closed."""

    def gone(self):
        """A pipe without a reader."""
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        return writer

    def test_progress_that_nobody_reads_costs_no_restore(self):
        full = self.enterContext(open("/dev/full", "wb"))
        for number, (name, stream) in enumerate({"pipe": self.gone(), "full": full}.items()):
            for strategy in STRATEGIES:
                with self.subTest(stream=name, strategy=strategy):
                    path = self.work / f"{number}-{strategy}.raw"
                    process = self.start(path, *STRATEGIES[strategy], stderr=stream)
                    self.assertEqual(process.wait(DEADLINE_S), DONE)
                    self.is_the_image(path)

    def test_a_result_that_cannot_be_written_is_a_failure(self):
        full = self.enterContext(open("/dev/full", "wb"))
        for name, stream in {"pipe": self.gone(), "full": full}.items():
            with self.subTest(name):
                process = self.start(self.work / name, "--json", stdout=stream)
                status, said = self.ended(process)
                self.refused(status, said, FAILED, "standard output")
                self.is_the_image(self.work / name)
        process = self.start(self.work / "both", "--json", stdout=full, stderr=full)
        self.assertEqual(process.wait(DEADLINE_S), FAILED)
        self.is_the_image(self.work / "both")

    def test_head_in_a_pipeline(self):
        words = f"'{PROGRAM}' restore {self.server.snapshot()} drive-scsi0.img '{self.work}/disk.raw'"
        done = subprocess.run(["bash", "-c", f"{words} 2>&1 >/dev/null | head -1; exit ${{PIPESTATUS[0]}}"],
                              env=environment(self.server.env()), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.is_the_image(self.work / "disk.raw")

    def test_closed_streams_do_not_become_the_target(self):
        """The first descriptor that is free would be the one that messages go to."""
        for closed in ((2,), (1, 2), (0, 1, 2), (0,)):
            for pattern in ("{}", "uring:{}"):
                with self.subTest(closed=closed, target=pattern), temporary_directory() as directory:
                    path = pathlib.Path(directory) / "disk.raw"
                    process = self.start(pattern.format(path), stdin=None, stdout=None, stderr=None,
                                         preexec_fn=lambda: [os.close(fd) for fd in closed])
                    self.assertEqual(process.wait(DEADLINE_S), DONE)
                    self.is_the_image(path)
        process = self.start(self.work / "disk.raw", "--json", stdout=None, preexec_fn=lambda: os.close(1))
        status, said = self.ended(process)
        self.refused(status, said, FAILED, "standard output")


class Clocks(TestCase):
    """The wall clock of either side jumps by hours and days, and back."""
    JUMPS_S = (3 * 3600, -3 * 3600, 86400, -86400, 5 * 365 * 86400, -5 * 365 * 86400)

    def clock(self, name):
        """A file that sets the clock of the processes that have this environment."""
        path = self.work / name
        path.write_bytes(struct.pack("q", 0))
        return path, preloaded("jumping_clock", DEPTHFINDER_CLOCK_FILE=str(path))

    def jump(self, path, seconds):
        with open(path, "r+b") as file:
            file.write(struct.pack("q", seconds))

    def restore(self, server, target, jumps, *options, env=None):
        """A restore with a jump at each line of progress; its summary."""
        begun = time.monotonic()
        with subprocess.Popen([PROGRAM, "restore", server.snapshot(), "drive-scsi0.img", str(target), "--json", *options],
                              env=environment(server.env(env)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            said = []
            for line in process.stderr:
                said.append(line)
                if line.startswith("progress "):
                    jumps()
            summary = process.stdout.read()
            self.assertEqual(process.wait(DEADLINE_S), DONE, "".join(said))
        elapsed_s = time.monotonic() - begun
        result = json.loads(summary)
        self.assertGreater(result["duration_s"], 0)
        self.assertLessEqual(result["duration_s"], elapsed_s, "measured by a clock that jumps")
        for line in said:
            if found := re.search(r"duration (\d+) sec|duration=([\d.]+)s", line):
                self.assertLessEqual(float(found[1] or found[2]), elapsed_s)
        return result

    def jumper(self, *paths):
        moments = random.Random(SEED)

        def jumps():
            for path in paths:
                self.jump(path, moments.choice(self.JUMPS_S))

        return jumps

    def test_of_the_client(self):
        path, env = self.clock("client")
        server = self.serve("--synthetic", f"size={8 * CHUNK}B", "--latency", "10ms")
        whole = self.work / "whole"
        self.expect(server.restore(whole), DONE)
        for strategy, options in STRATEGIES.items():
            with self.subTest(strategy):
                self.jump(path, 0)
                self.restore(server, self.work / strategy, self.jumper(path), *options, env=env)
                self.assertEqual((self.work / strategy).read_bytes(), whole.read_bytes())

    def test_of_the_server(self):
        """A ticket of before the jump is too old or not yet valid: the client logs in again, and goes on."""
        for kind in ("reset", "goaway"):
            for jump_s in self.JUMPS_S:
                with self.subTest(kind=kind, jump_s=jump_s):
                    path, env = self.clock("server")
                    server = self.serve("--synthetic", f"size={8 * CHUNK}B", "--latency", "10ms", "--fault",
                                        f"kind={kind},request=5,times=1", env=env)
                    self.restore(server, "null", lambda path=path, s=jump_s: self.jump(path, s), "--depth", "1")

    def test_of_both_while_the_mock_measures(self):
        """What the mock says of its requests is measured by the steady clock too."""
        path, env = self.clock("both")
        server = self.serve("--synthetic", f"size={8 * CHUNK}B", "--latency", "10ms", env=env)
        self.restore(server, "null", self.jumper(path), env=env)
        for timeline in server.requests():
            waited_ns = timeline["released_unix_ns"] - timeline["arrival_unix_ns"]
            self.assertTrue(0 <= waited_ns < DEADLINE_S * 10**9, timeline)


if __name__ == "__main__":
    main()
