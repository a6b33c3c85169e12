#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A restore that is killed at random moments and gone on with, and a restore onto an older copy: the bytes are the image's,
and no more is fetched than differs. DEPTHFINDER_KILLS (20) is how often; DEPTHFINDER_SEED picks the moments."""
import json
import os
import pathlib
import random
import re
import subprocess
import unittest

from common import CHUNK, DEADLINE_S, DONE, FAILED, INTEGRITY, PROGRAM, TestCase, USAGE, Server, environment, main, \
    temporary_directory, write_key

KILLS = int(os.environ.get("DEPTHFINDER_KILLS", "20"))
SEED = int(os.environ.get("DEPTHFINDER_SEED", "1"))
IMAGE_BYTES = 24 * CHUNK + (1 << 20)  # with a short last chunk
SYNTHETIC = f"size={IMAGE_BYTES}B,zeros=0.25,duplicates=0.1,seed=7"
DEPTH = 4
STRATEGIES = ("spawned", "pipelined", "threads", "buffered", "sequential")
TARGETS = ("{}", "uring:{}")


def chunks_of(path):
    """An image's chunks, one after another."""
    with open(path, "rb") as image:
        while chunk := image.read(CHUNK):
            yield chunk


def read_chunks(path):
    return list(chunks_of(path)) if path.exists() else []


class Resume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = temporary_directory()
        cls.directory = pathlib.Path(cls.holder.name)
        cls.key = write_key(cls.directory / "key.json")
        cls.servers = {"plain": Server("--synthetic", SYNTHETIC, "--latency", "5ms", "--rate", "1GB/s"),
                       "encrypted": Server("--synthetic", SYNTHETIC, "--keyfile", cls.key, "--latency", "5ms")}
        cls.whole = {}
        for name in cls.servers:
            path = cls.directory / (name + ".raw")
            done = cls.restore(name, path, "--quiet")
            assert done.returncode == DONE, done.stderr
            cls.whole[name] = list(chunks_of(path))

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers.values():
            server.stop()
        cls.holder.cleanup()

    @classmethod
    def words(cls, name, *options):
        return (*options, *(("--keyfile", cls.key) if name == "encrypted" else ()))

    @classmethod
    def restore(cls, name, target, *options):
        return cls.servers[name].restore(target, *cls.words(name, *options))

    def missing(self, name, path):
        """Positions that the target does not hold; of those, how many have to be fetched."""
        held = read_chunks(path) or [None] * len(self.whole[name])
        missing = [i for i, chunk in enumerate(self.whole[name]) if i >= len(held) or held[i] != chunk]
        return missing, [i for i in missing if self.whole[name][i].strip(b"\0") or len(self.whole[name][i]) < CHUNK]

    def go_on(self, name, path, target, *options):
        """Goes on with --resume or --reuse-target: identical, and exactly the differing chunks were fetched."""
        missing, to_fetch = self.missing(name, path)
        if not path.exists() or path.stat().st_size == 0:  # then holes need no writing, but all count as missing
            reused = 0
        else:
            reused = IMAGE_BYTES - sum(len(self.whole[name][i]) for i in missing)
        done = self.restore(name, target, "--json", *options)
        self.assertEqual(done.returncode, DONE, done.stderr)
        said = json.loads(done.stdout)
        same = list(chunks_of(path)) == self.whole[name]
        self.assertTrue(same, "the target is not the image")
        self.assertEqual(said["requests"] + said["coalesced"], len(to_fetch))
        self.assertEqual(said["reused_bytes"], reused)
        self.assertEqual(said["logical_bytes"], IMAGE_BYTES)
        return said

    def killed(self, name, target, lines, *options):
        """A restore that is killed when it has printed that many lines of progress; how many chunks it said were done."""
        process = subprocess.Popen([PROGRAM, "restore", self.servers[name].snapshot(), "drive-scsi0.img.fidx", target,
                                    *map(str, self.words(name, *options))], env=environment(self.servers[name].env()),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        percent = 0
        seen = 0
        with process.stderr:
            for line in process.stderr:
                if found := re.match(r"progress (\d+)%", line):
                    percent = int(found[1])
                    seen += 1
                if seen == lines:
                    process.kill()
        process.wait(DEADLINE_S)
        return -(-percent * len(self.whole[name]) // 100)

    def test_killed_at_random_moments(self):
        for kill in range(KILLS):
            moment = random.Random(SEED * 1000 + kill)
            name = moment.choice(("plain", "encrypted"))
            strategy = moment.choice(STRATEGIES)
            depth = () if strategy == "sequential" else ("--depth", DEPTH)
            options = ("--strategy", strategy, *depth)
            lines = moment.randrange(len(self.whole[name]))
            with self.subTest(kill=kill, name=name, strategy=strategy, lines=lines), temporary_directory() as directory:
                path = pathlib.Path(directory) / "disk.raw"
                target = moment.choice(TARGETS).format(path)
                done = self.killed(name, target, lines, *options)
                if moment.random() < 0.3:  # and once more
                    done = max(done, self.killed(name, target, moment.randrange(len(self.whole[name])), *options,
                                                 "--resume"))
                said = self.go_on(name, path, target, *options, "--resume")
                self.assertLessEqual(said["requests"], len(self.whole[name]) - done + DEPTH,
                                     "more than the remainder and one window")

    def test_a_missing_target_is_begun_and_a_whole_one_left(self):
        path = self.directory / "begun.raw"
        said = self.go_on("plain", path, path, "--resume")
        self.assertEqual(said["reused_bytes"], 0)
        before = path.stat().st_mtime_ns
        said = self.go_on("plain", path, path, "--resume")
        self.assertEqual((said["requests"], said["reused_bytes"]), (0, IMAGE_BYTES))
        self.assertEqual(path.stat().st_mtime_ns, before, "nothing is written where nothing is missing")

    def test_an_older_copy(self):
        """Data that changed, data where zeros belong, zeros where data belongs, and a changed end."""
        for name in self.servers:
            for strategy in ("spawned", "pipelined"):
                with self.subTest(name=name, strategy=strategy), temporary_directory() as directory:
                    path = pathlib.Path(directory) / "disk.raw"
                    old = list(self.whole[name])
                    zeros = [i for i, chunk in enumerate(old) if not chunk.strip(b"\0")]
                    data = [i for i in range(len(old)) if i not in zeros]
                    old[zeros[0]] = os.urandom(CHUNK)
                    old[data[0]] = bytes(CHUNK)
                    old[data[1]] = old[data[1]][:-1] + bytes([old[data[1]][-1] ^ 1])
                    old[-1] = os.urandom(len(old[-1]))
                    path.write_bytes(b"".join(old))
                    said = self.go_on(name, path, path, "--strategy", strategy, "--reuse-target")
                    self.assertEqual(said["requests"] + said["coalesced"], 3)

    def test_the_wrong_key_reuses_nothing(self):
        path = self.directory / "keyed.raw"
        path.write_bytes(b"".join(self.whole["encrypted"]))
        other = write_key(self.directory / "other.json", bytes(32))
        server = self.servers["encrypted"]
        for words in ((), ("--keyfile", other)):
            done = server.restore(path, "--resume", *words)
            self.assertIn(done.returncode, (USAGE, INTEGRITY, FAILED), done.stderr)
            self.assertEqual(list(chunks_of(path)), self.whole["encrypted"])


class Refusals(TestCase):
    def test_what_cannot_be_gone_on_from(self):
        server = self.serve("--synthetic", "size=16MiB")
        path = self.work / "disk.raw"
        for flag in ("--resume", "--reuse-target"):
            self.expect(server.restore("null", flag), USAGE, flag, "null")
            self.expect(server.restore(f"slow:latency=1ms,path={path}", flag), USAGE, flag, "slow:")
            self.expect(server.restore(path, flag, "--digest"), USAGE, flag, "--digest")
            for size in (1, (16 << 20) - 1, (16 << 20) + 1):
                path.write_bytes(bytes(size))
                self.expect(server.restore(path, flag), USAGE, str(size), str(16 << 20), "--overwrite")
                self.assertEqual(path.stat().st_size, size)
                path.unlink()
        self.expect(server.restore(path, "--resume", "--reuse-target"), USAGE, "--resume", "--reuse-target")
        self.expect(server.restore(path, "--reuse-target"), USAGE, str(path), "not there")
        self.assertFalse(path.exists())
        path.touch()
        self.expect(server.restore(path, "--reuse-target"), USAGE, str(path), "empty")


if __name__ == "__main__":
    main()
