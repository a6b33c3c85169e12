#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Targets that fail: full, faulty, read-only, too small, cut or taken away while they are written; every strategy and every
kind of target. The restore ends with a sentence that names chunk, offset, target, cause and remedy, nothing is written
after the error, and --resume ends identical. DEPTHFINDER_ALL=1 tries the whole matrix; by default each row meets one or
two strategies, which DEPTHFINDER_SEED picks."""
import contextlib
import errno
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import unittest

from common import (CHUNK, DEADLINE_S, DONE, FAILED, PROGRAM, TestCase, USAGE, environment, main, run,
                    temporary_directory)
from restores import ALL, IMAGE_BYTES, Restores, SEED, STRATEGIES, WRITERS_MAX, preloaded

FULL, BROKEN = "No space left on device; free space", "Input/output error; the storage reports a fault"
# What io_uring writes is out of the library's sight; open, truncate and sync are not.
TARGETS = {"file": "{}", "uring": "uring:{}", "slow": "slow:latency=1us,path={}"}

# What fails, the exit status, what is said; the third column is whether a chunk is named.
REFUSED = [
    (f"open@1={errno.EACCES}", USAGE, False, ("cannot open", "Permission denied", "check its permissions")),
    (f"open@1={errno.EROFS}", USAGE, False, ("cannot open", "Read-only file system")),
    (f"open@1={errno.ENOSPC}", FAILED, False, ("cannot open", FULL)),
    (f"truncate@1={errno.EFBIG}", FAILED, False, (f"cannot set the size to {IMAGE_BYTES} bytes", "ulimit -f")),
    (f"truncate@2={errno.EIO}", FAILED, False, ("cannot set the size to 0 bytes", BROKEN)),
    (f"write@1={errno.ENOSPC}", FAILED, True, ("cannot write", FULL)),
    (f"write@3={errno.ENOSPC}", FAILED, True, ("cannot write", FULL)),
    (f"write@1=short write@4={errno.ENOSPC}", FAILED, True, ("cannot write", FULL)),
    (f"write@2={errno.EIO}", FAILED, True, ("cannot write", BROKEN)),
    (f"write@2={errno.EDQUOT}", FAILED, True, ("cannot write", "Disk quota exceeded; free space")),
    (f"sync@1={errno.EIO}", FAILED, False, ("cannot make durable what was written to", BROKEN)),
    (f"sync@1={errno.ENOSPC}", FAILED, False, ("cannot make durable what was written to", FULL)),
]
# What a restore gets over.
BORNE = ["write@1=short", "write@1=eintr", "sync@1=eintr", "open@1=eintr", "truncate@1=eintr"]


def strategies(row, count=2):
    """All of them, or some that change with the row."""
    names = list(STRATEGIES)
    return names if ALL else [names[(row + SEED + i) % len(names)] for i in range(count)]


def rows(faults):
    """Each fault with each kind of target that it concerns, and with strategies."""
    for row, fault in enumerate(faults):
        of_writes = re.search("write|allocate", fault if isinstance(fault, str) else fault[0])
        for number, (kind, pattern) in enumerate(TARGETS.items()):
            if kind == "uring" and of_writes or kind == "slow" and not of_writes and not ALL:
                continue
            for strategy in strategies(row + number, 1):
                yield fault, kind, strategy, pattern


class Calls(Restores):
    """System calls that fail, by a library that is loaded first."""

    def run_with(self, fault, target, *options):
        log = self.work / "log"
        log.unlink(missing_ok=True)
        env = preloaded("failing_files", DEPTHFINDER_FAULT_PATH=str(self.work / "disk"), DEPTHFINDER_FAULTS=fault,
                        DEPTHFINDER_FAULT_LOG=str(log))
        done = self.server.restore(target, *options, env=env)
        calls = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return done, [(name, *map(int, numbers)) for name, *numbers in calls]

    @contextlib.contextmanager
    def row(self, **named):
        """A row of a table, with a directory of its own; the path of its target."""
        with self.subTest(**named), temporary_directory() as directory:
            self.work = pathlib.Path(directory)
            yield self.work / "disk.raw"

    def check_place(self, line, path, calls):
        """The sentence names the chunk that holds the offset of the call that failed first."""
        found = re.search(r"chunk (\d+) of (\d+) at offset (\d+) \(digest [0-9a-f]{64}\): cannot write (\d+) bytes at offset "
                          r"(\d+) of '(.*)': ", line)
        self.assertTrue(found, line)
        chunk, count, chunk_offset, length, offset = map(int, found.groups()[:5])
        self.assertEqual((count, found[6]), (len(self.whole), str(path)))
        self.assertEqual((chunk, chunk_offset), (offset // CHUNK, offset // CHUNK * CHUNK), line)
        failed = [call for call in calls if call[0] == "write" and call[3] < 0]
        self.assertIn(offset, [call[1] for call in failed])
        self.assertTrue(any(length <= call[2] for call in failed if call[1] == offset))

    def check_end(self, strategy, calls):
        """After the first write that failed none is begun; those of other writers may have been under way."""
        writes = [call for call in calls if call[0] == "write"]
        first = next(i for i, call in enumerate(writes) if call[3] < 0)
        after = len(writes) - first - 1
        self.assertLess(after, WRITERS_MAX if strategy == "pipelined" else 1, writes)

    def test_a_target_that_fails(self):
        for (fault, status, in_chunk, words), kind, strategy, pattern in rows(REFUSED):
            with self.row(fault=fault, target=kind, strategy=strategy) as path:
                target = pattern.format(path)
                done, calls = self.run_with(fault, target, *STRATEGIES[strategy])
                line = self.refused(done.returncode, done.stderr, status, str(path), *words)
                self.assertTrue(any(call[3] < 0 for call in calls), "nothing failed")
                if in_chunk:
                    self.check_place(line, path, calls)
                    self.check_end(strategy, calls)
                self.assertNotIn("restore image complete", done.stderr)
                percent = max(map(int, re.findall(r"progress (\d+)%", done.stderr)), default=0)
                self.holds_only_truth(path, percent)
                self.nothing_beside(*(["disk.raw"] if path.exists() else []))
                self.resumed(path, None if kind == "slow" else target, *STRATEGIES[strategy])

    def test_short_and_interrupted_calls_are_gone_on_with(self):
        for fault, kind, strategy, pattern in rows(BORNE):
            with self.row(fault=fault, target=kind, strategy=strategy) as path:
                done, calls = self.run_with(fault, pattern.format(path), *STRATEGIES[strategy])
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertTrue(any(call[3] < call[2] for call in calls), "nothing was cut or interrupted")
                self.is_the_image(path)
                self.nothing_beside("disk.raw")

    def test_holes_over_old_data(self):
        """Zeros that a resumed restore makes: refused, interrupted, or not to be had."""
        cases = [(f"allocate@1={errno.ENOSPC}", FAILED, ("cannot zero", FULL)), ("allocate@1=eintr", DONE, ()),
                 (f"allocate@1={errno.EOPNOTSUPP}", DONE, ())]
        for row, (fault, status, words) in enumerate(cases):
            for strategy in strategies(row, 1):
                with self.subTest(fault=fault, strategy=strategy):
                    path = self.work / "disk.raw"
                    path.write_bytes(b"x" * IMAGE_BYTES)
                    done, calls = self.run_with(fault, path, "--resume", *STRATEGIES[strategy])
                    self.assertTrue(any(call[0] == "allocate" for call in calls))
                    if status == DONE:
                        self.assertEqual(done.returncode, DONE, done.stderr)
                        self.is_the_image(path)
                        continue
                    line = self.refused(done.returncode, done.stderr, status, *words)
                    chunk, chunk_offset, offset = map(int, re.search(r"chunk (\d+) .* at offset (\d+) \(.* at offset (\d+) of",
                                                                     line).groups())
                    self.assertEqual((chunk, chunk_offset), (offset // CHUNK, offset // CHUNK * CHUNK), line)
                    self.resumed(path)

    def test_an_old_file_that_cannot_be_replaced_stays(self):
        path = self.work / "disk.raw"
        path.write_bytes(b"precious")
        done, _ = self.run_with(f"truncate@1={errno.EFBIG}", path, "--overwrite")
        self.refused(done.returncode, done.stderr, FAILED, "ulimit -f")
        self.assertEqual(path.read_bytes(), b"precious")


class Limits(Restores):
    """What the system itself refuses."""

    def test_a_limit_of_the_size_of_files(self):
        """The kernel's signal for it does not end the restore without a word."""
        for target in TARGETS.values():
            with self.subTest(target):
                path = self.work / "disk.raw"
                limit = (IMAGE_BYTES // 2, resource.RLIM_INFINITY)
                process = self.start(target.format(path), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
                status, said = self.ended(process)
                self.refused(status, said, FAILED, str(path), "cannot set the size", "ulimit -f")
                self.resumed(path)
                path.unlink()

    def test_a_full_file_system(self):
        """A real one, a few MiB large, for what no library sees: io_uring, with and without direct I/O."""
        reason = run("-m", "sh", "-c", f"mount -t tmpfs none {self.work}", program="unshare").stderr.strip()
        if reason:
            self.skipTest("no file system can be mounted here: " + reason)
        for row, target in enumerate(("{}", "uring:{}", "uring:{},direct=off", "slow:latency=1us,path={}")):
            for strategy in strategies(row):
                with self.subTest(target=target, strategy=strategy):
                    self.fill(target, STRATEGIES[strategy])

    def fill(self, target, options):
        mount = self.work / "mount"
        mount.mkdir(exist_ok=True)
        path = mount / "disk.raw"
        words = " ".join(["restore", self.server.snapshot(), "drive-scsi0.img.fidx"])
        script = f"""
            mount -t tmpfs -o size=10m none '{mount}' || exit 99
            '{PROGRAM}' {words} '{target.format(path)}' {' '.join(options)}; echo status $? >&2
            ls -A '{mount}'
            mount -o remount,size=64m '{mount}' || exit 99
            '{PROGRAM}' {words} '{target.format(path) if 'slow' not in target else path}' --resume --quiet || exit 98
            cmp '{path}' '{self.whole_path}' || exit 97"""
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], env=environment(self.server.env()),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        said, status = re.fullmatch(r"(.*)status (\d+)\n", done.stderr, re.DOTALL).groups()
        line = self.refused(int(status), said, FAILED, FULL, f"'{path}'", "digest")
        chunk, chunk_offset, offset = map(int, re.search(r"chunk (\d+) of \d+ at offset (\d+) \(.*\): cannot write \d+ bytes "
                                                         r"at offset (\d+) of", line).groups())
        self.assertEqual((chunk, chunk_offset), (offset // CHUNK, offset // CHUNK * CHUNK), line)
        self.assertEqual(done.stdout, "disk.raw\n")

    def test_read_only_places(self):
        script = "mount --bind {0} {0} && mount -o remount,ro,bind {0} {0} || exit 99; exec {1} restore {2} {3} {0}/{4} {5}"
        (self.work / "there").write_bytes(bytes(IMAGE_BYTES))
        for name, options in (("new", ""), ("there", "--overwrite"), ("there", "--resume")):
            with self.subTest(name=name, options=options):
                done = subprocess.run(["unshare", "-m", "sh", "-c", script.format(
                    self.work, PROGRAM, self.server.snapshot(), "drive-scsi0.img.fidx", name, options)],
                    env=environment(self.server.env()), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    timeout=DEADLINE_S, check=False)
                if done.returncode in (1, 99):
                    self.skipTest("no file system can be mounted here: " + done.stderr.strip())
                self.refused(done.returncode, done.stderr, USAGE, f"{self.work}/{name}", "Read-only file system",
                             "check its permissions, or choose another target")
                self.nothing_beside("there")

    def test_block_devices(self):
        """Smaller than the image; a fault in the middle; full of old data."""
        backing = self.work / "backing"
        for size, fault in ((IMAGE_BYTES - 512, None), (IMAGE_BYTES + 4096, f"write@2={errno.EIO}"),
                            (IMAGE_BYTES + 4096, f"sync@1={errno.EIO}")):
            with self.subTest(size=size, fault=fault):
                backing.write_bytes(b"x" * size)
                made = run("--find", "--show", backing, program="losetup")
                if made.returncode != 0:
                    self.skipTest("no loop device can be made here: " + made.stderr.strip())
                device = made.stdout.strip()
                try:
                    self.restore_to_device(device, backing, fault)
                finally:
                    run("--detach", device, program="losetup")

    def restore_to_device(self, device, backing, fault):
        if fault is None:
            done = self.server.restore(device)
            self.refused(done.returncode, done.stderr, USAGE, device, "at least as large")
            self.assertEqual(backing.read_bytes().strip(b"x"), b"")
            return
        env = preloaded("failing_files", DEPTHFINDER_FAULT_PATH=device, DEPTHFINDER_FAULTS=fault)
        for strategy in strategies(0):
            done = self.server.restore(device, *STRATEGIES[strategy], env=env)
            self.refused(done.returncode, done.stderr, FAILED, device, BROKEN)
        done = self.server.restore(device, "--resume")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertTrue(pathlib.Path(device).read_bytes()[:IMAGE_BYTES] == b"".join(self.whole))


class Underneath(Restores):
    """A file that somebody else changes while it is restored to: an error that names it, or a true image."""
    SERVER = (*Restores.SERVER, "--latency", "100ms")  # so that there is a middle

    def stopped_in_the_middle(self, *words):
        """A restore that stands still until it is told to go on."""
        process = self.start(*words)
        self.wait_for_progress(process)
        process.send_signal(signal.SIGSTOP)
        if process.poll() is not None:
            self.skipTest("the restore was over before it could be stopped")
        return process

    def go_on(self, process):
        process.send_signal(signal.SIGCONT)
        return self.ended(process)

    def cut(self, path):
        os.truncate(path, 0)

    def remove(self, path):
        path.unlink()

    def replace(self, path):
        other = path.with_name("other")
        other.write_bytes(b"y" * IMAGE_BYTES)
        other.rename(path)

    def rename_away(self, path):
        path.rename(path.with_name("moved"))

    def test_changes(self):
        changes = {"cut": (self.cut, ("bytes instead of", "--overwrite")), "remove": (self.remove, ("was removed",)),
                   "replace": (self.replace, ("was replaced by another file",)),
                   "rename": (self.rename_away, ("was renamed",))}
        for row, (name, (change, words)) in enumerate(changes.items()):
            for kind, pattern in TARGETS.items():
                strategy = strategies(row)[-1] if kind == "file" else "pipelined"
                with self.subTest(change=name, target=kind, strategy=strategy), temporary_directory() as directory:
                    path = pathlib.Path(directory) / "disk.raw"
                    process = self.stopped_in_the_middle(pattern.format(path), "--strategy", strategy, "--depth=1")
                    change(path)
                    status, said = self.go_on(process)
                    self.refused(status, said, FAILED, f"'{path}'", *words)
                    self.assertNotIn("restore image complete", said)
                    self.assertEqual(self.server.restore(path, "--overwrite").returncode, DONE)
                    self.is_the_image(path)

    def test_a_second_restore_into_the_same_file_is_refused(self):
        path = self.work / "disk.raw"
        for first, second in (("{}", "{}"), ("{}", "uring:{}"), ("uring:{}", "{}")):
            with self.subTest(first=first, second=second):
                process = self.stopped_in_the_middle(first.format(path), "--overwrite", "--depth=1")
                for flag in ("--overwrite", "--resume"):
                    done = self.server.restore(second.format(path), flag)
                    self.refused(done.returncode, done.stderr, USAGE, str(path), "another restore")
                status, said = self.go_on(process)
                self.assertEqual(status, DONE, said)
                self.is_the_image(path)


class Results(TestCase):
    """Disks that fill under what the program writes for itself."""

    def faulty(self, path, faults):
        return preloaded("failing_files", DEPTHFINDER_FAULT_PATH=str(path), DEPTHFINDER_FAULTS=faults)

    def test_the_result_of_a_sweep_stays_the_last_good_one(self):
        scenario = self.work / "tiny.json"
        scenario.write_text(json.dumps({
            "name": "tiny", "title": "Small.", "about": "For tests.", "sources": "None.", "seed": 3, "blocks": 2,
            "image": {"size": "8MiB", "seed": 5}, "server": {"latency": "0ms"},
            "axes": {"strategy": ["spawned"], "depth": [1, 4], "threads": [2]}}))
        out = self.work / "out"
        for faults, kept in ((f"write@3={errno.ENOSPC}", 2), (f"sync@2={errno.EIO}", 1), (f"rename@2={errno.EIO}", 1)):
            with self.subTest(faults):
                done = run("sweep", scenario, "-o", out, "--no-racing", env=self.faulty(out, faults))
                self.expect(done, FAILED, str(out / "result.json"))
                self.assertEqual([p.name for p in out.iterdir()], ["result.json"], "left behind")
                result = json.loads((out / "result.json").read_text())
                self.assertFalse(result["complete"])
                self.assertLessEqual(abs(len(result["trials"]) - kept), 1)
                resumed = run("sweep", scenario, "-o", out, "--no-racing", "--resume")
                self.assertIn(resumed.returncode, (DONE, 5), resumed.stderr)
                self.assertTrue(json.loads((out / "result.json").read_text())["complete"])
                shutil.rmtree(out)

    def test_ingest_leaves_no_snapshot_and_no_temporary(self):
        image = self.work / "disk.img"
        image.write_bytes(os.urandom(6 * CHUNK))
        store = self.work / "store"
        words = ("ingest", image, "--datastore", store, "--snapshot", "vm/100/2025-07-07T08:00:00Z")
        for faults, cause in ((f"write@3={errno.ENOSPC}", "No space left"), (f"open@5={errno.ENOSPC}", "No space left"),
                              (f"sync@2={errno.EIO}", "Input/output error"), (f"rename@2={errno.EIO}", "Input/output error")):
            with self.subTest(faults):
                done = self.expect(run(*words, env=self.faulty(store, faults)), FAILED, str(store), cause)
                self.assertEqual(len([line for line in done.stderr.splitlines() if "depthfinder" in line]), 1)
                found = run(store, "-type", "f", program="find").stdout.splitlines()  # among 65536 directories
                left = [path for path in map(pathlib.Path, found) if path.name not in (".lock", "owner")]
                self.assertEqual([p for p in left if ".tmp" in p.name or p.parent.parent.name != ".chunks"], [])
                self.assertFalse((store / "vm/100/2025-07-07T08:00:00Z").exists())
        self.expect(run(*words), DONE)
        server = self.serve("--datastore", store)
        self.expect(server.restore(self.work / "out.img"), DONE)
        self.assertEqual((self.work / "out.img").read_bytes(), image.read_bytes())

    def test_short_and_interrupted_writes_of_ingest(self):
        image = self.work / "disk.img"
        image.write_bytes(os.urandom(3 * CHUNK))
        store = self.work / "store"
        for number, faults in enumerate(("write@1=short", "write@1=eintr sync@1=eintr")):
            with self.subTest(faults):
                self.expect(run("ingest", image, "--datastore", store, "--snapshot", f"vm/10{number}/2025-07-07T08:00:00Z",
                                env=self.faulty(store, faults)), DONE)


if __name__ == "__main__":
    main()
