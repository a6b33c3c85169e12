# SPDX-License-Identifier: MIT
"""What the tests of failing targets, signals and clocks share: one image on one server, restored in many ways, and what a
target must hold afterwards."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from common import CHUNK, DEADLINE_S, DONE, PROGRAM, Server, environment, temporary_directory

ALL = bool(os.environ.get("DEPTHFINDER_ALL"))  # whole matrices, not a share of them
SEED = int(os.environ.get("DEPTHFINDER_SEED", "1"))
PRELOAD = pathlib.Path(os.environ.get("DEPTHFINDER_PRELOAD", "build/release/harness/preload"))
IMAGE_BYTES = 8 * CHUNK + (1 << 20)  # with a short last chunk
SYNTHETIC = f"size={IMAGE_BYTES}B,zeros=0.25,duplicates=0.1,seed=11"
# With several writers, so that runs of neighbours are written in one go.
STRATEGIES = {"spawned": ("--strategy", "spawned", "--depth", "4"),
              "pipelined": ("--strategy", "pipelined", "--depth", "4"),
              "threads": ("--strategy", "threads", "--depth", "4"),
              "buffered": ("--strategy", "buffered", "--depth", "4"),
              "sequential": ("--strategy", "sequential")}
WRITERS_MAX = 4  # how many writes may be under way when one fails


def preloaded(library, **variables):
    """An environment that loads one of our libraries first."""
    return {"LD_PRELOAD": str((PRELOAD / f"{library}.so").resolve()), "ASAN_OPTIONS": "verify_asan_link_order=0", **variables}


def chunks_of(path):
    with open(path, "rb") as image:
        while chunk := image.read(CHUNK):
            yield chunk


class Restores(unittest.TestCase):
    """Tests with one server for all; each in a directory of its own."""
    SERVER = ("--synthetic", SYNTHETIC)

    @classmethod
    def setUpClass(cls):
        cls.holder = temporary_directory()
        cls.addClassCleanup(cls.holder.cleanup)
        cls.server = Server(*cls.SERVER)
        cls.addClassCleanup(cls.server.stop)
        path = pathlib.Path(cls.holder.name) / "whole.raw"
        done = cls.server.restore(path, "--quiet")
        assert done.returncode == DONE, done.stderr
        cls.whole_path = path
        cls.whole = list(chunks_of(path))

    def setUp(self):
        self.work = pathlib.Path(self.enterContext(temporary_directory()))

    def start(self, target, *options, env=None, **keywords):
        """A restore as a process; what it says comes over a pipe."""
        keywords = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **keywords}
        process = subprocess.Popen([PROGRAM, "restore", self.server.snapshot(), "drive-scsi0.img.fidx", str(target),
                                    *map(str, options)], env=environment(self.server.env(env)), text=True, **keywords)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def wait_for_progress(self, process, lines=1):
        """The percentage of that line, or of the last one before the process ended."""
        percent = 0
        for line in process.stderr:
            if found := re.match(r"progress (\d+)%", line):
                percent = int(found[1])
                lines -= 1
                if lines == 0:
                    break
        return percent

    def ended(self, process):
        """Its exit status, and the rest of what it said."""
        said = process.stderr.read()
        return process.wait(DEADLINE_S), said

    def refused(self, status, said, expected, *words):
        """The status, and one last line with all the words; no second line of the program's own."""
        self.assertEqual(status, expected, said)
        lines = [line for line in said.splitlines() if line.startswith("depthfinder: ")]
        self.assertEqual(len(lines), 1, said)
        self.assertEqual(said.rstrip("\n").splitlines()[-1], lines[0])
        for word in words:
            self.assertIn(word, lines[0])
        return lines[0]

    def holds_only_truth(self, path, percent=0):
        """What a fresh target holds: the image's bytes or holes, and at least the chunks that were reported."""
        held = list(chunks_of(path)) if path.exists() else []
        whole = 0
        for position, chunk in enumerate(self.whole):
            there = held[position] if position < len(held) else b""
            if there == chunk:
                whole += 1
                continue
            for at in range(0, len(there), 4096):
                block = there[at:at + 4096]
                if block != chunk[at:at + 4096] and block.strip(b"\0"):
                    # A write may have ended in the middle of a block.
                    end = next(i for i in range(len(block)) if block[i] != chunk[at + i])
                    self.assertFalse(block[end:].strip(b"\0"), f"chunk {position}: bytes that are not the image's")
        self.assertGreaterEqual(whole, percent * len(self.whole) // 100, "less than was reported")
        return whole

    def is_the_image(self, path):
        self.assertTrue(list(chunks_of(path)) == self.whole, "the target is not the image")

    def resumed(self, path, target=None, *options):
        """Goes on with --resume until the image is whole, and fetches no chunk that was there."""
        held = list(chunks_of(path)) if path.exists() else []
        missing = sum(1 for i, chunk in enumerate(self.whole) if i >= len(held) or held[i] != chunk)
        done = self.server.restore(target or path, "--resume", "--json", *options)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.is_the_image(path)
        self.assertLessEqual(json.loads(done.stdout)["requests"], missing)

    def nothing_beside(self, *names):
        self.assertEqual(sorted(p.name for p in self.work.iterdir()), sorted(names), "left behind")
