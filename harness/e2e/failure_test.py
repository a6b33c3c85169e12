#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What goes wrong, its exit status, and the one sentence that is said of it."""
import pathlib
import re
import shutil
import signal
import subprocess

from common import (CHUNK, DEADLINE_S, DONE, FAILED, INTEGRITY, INTERRUPTED, PROGRAM, TestCase, USAGE, VECTORS,
                    environment, main, run, temporary_directory, write_key)


class Settings(TestCase):
    """Refused before the network is touched: port 1 would be a connection error."""

    def restore(self, *options, env=None):
        return run("restore", "vm/100/2025-07-07T08:00:00Z", "drive-scsi0.img", "null", *options, "--repository",
                   "root@pam@127.0.0.1:1:store", env={"PBS_PASSWORD": "x", **(env or {})})

    def test_counts(self):
        for option in ("--depth", "--threads", "--connections"):
            for value in ("0", "-1", "1.5", "many", "", "99999999999999999999", "100000"):
                with self.subTest(option=option, value=value):
                    self.expect(self.restore(f"{option}={value}"), USAGE)

    def test_variables(self):
        for name in ("PBS_RESTORE_FETCH_CONCURRENCY", "PBS_RESTORE_MAX_THREADS"):
            for value in ("0", "-4", "sixteen", "", "1e9", "100000"):
                with self.subTest(name=name, value=value):
                    self.expect(self.restore(env={name: value}), USAGE, name)

    def test_other_settings(self):
        self.expect(self.restore("--strategy", "magic"), USAGE, "magic", "spawned")
        self.expect(self.restore("--strategy", "sequential", "--depth", "2"), USAGE, "sequential")
        self.expect(self.restore("--zeros", "last"), USAGE, "last")
        self.expect(self.restore("--timeout", "soon"), USAGE, "soon")
        self.expect(self.restore("--fingerprint", "ab:cd"), USAGE, "fingerprint")
        self.expect(self.restore("--keyfile", "/nonexistent"), USAGE, "/nonexistent")
        self.expect(self.restore("--ns", "../x"), USAGE, "namespace")
        self.expect(run("restore", "vm/100", "drive", "null", "--repository", "a:b:c:d"), USAGE)
        self.expect(run("frobnicate"), USAGE)
        self.expect(run(), USAGE)

    def test_no_password(self):
        finished = run("restore", "vm/100/2025-07-07T08:00:00Z", "drive-scsi0.img", "null", "--repository",
                       "root@pam@127.0.0.1:1:store")
        self.expect(finished, USAGE, "PBS_PASSWORD")

    def test_help_succeeds(self):
        for command in ((), ("serve",), ("ingest",), ("restore",), ("sweep",), ("recommend",), ("report",)):
            finished = self.expect(run(*command, "--help"), DONE)
            self.assertIn("Example", finished.stdout)
            self.assertLessEqual(max(map(len, finished.stdout.splitlines())), 80)


class Access(TestCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve("--synthetic", "size=16MiB")

    def test_nobody_listens(self):
        self.expect(self.server.restore("null", "--repository", "root@pam@127.0.0.1:1:store"), FAILED, "127.0.0.1:1")

    def test_wrong_fingerprint(self):
        finished = self.server.restore("null", "--fingerprint", ":".join(["00"] * 32))
        self.expect(finished, FAILED, "fingerprint")

    def test_unknown_authority_names_the_fingerprint(self):
        finished = self.server.restore("null", env={"PBS_FINGERPRINT": ""})
        self.expect(finished, FAILED, self.server.ready["fingerprint"])

    def test_wrong_password_and_token(self):
        finished = self.server.restore("null", env={"PBS_PASSWORD": "hunter2-wrong"})
        self.expect(finished, FAILED, "root@pam")
        self.assertNotIn("hunter2", finished.stderr)
        repository = self.server.ready["repository"].replace("root@pam", "root@pam!depthfinder")
        finished = self.server.restore("null", "--repository", repository, env={"PBS_PASSWORD": "hunter2-wrong"})
        self.expect(finished, FAILED, "root@pam!depthfinder")
        self.assertNotIn("hunter2", finished.stderr)

    def test_missing_things(self):
        self.expect(self.server.restore("null", snapshot="vm/999/2025-07-07T08:00:00Z"), FAILED, "vm/999")
        self.expect(self.server.restore("null", snapshot="vm/999"), FAILED, "vm/999")
        self.expect(self.server.restore("null", archive="drive-scsi9.img"), FAILED, "drive-scsi9.img.fidx")
        self.expect(self.server.restore("null", "--ns", "nowhere"), FAILED)
        repository = self.server.ready["repository"].rsplit(":", 1)[0] + ":otherstore"
        self.expect(self.server.restore("null", "--repository", repository), FAILED, "otherstore")

    def test_targets(self):
        occupied = self.work / "occupied"
        occupied.write_text("precious")
        self.expect(self.server.restore(occupied), USAGE, str(occupied), "--overwrite")
        self.assertEqual(occupied.read_text(), "precious")
        self.expect(self.server.restore(occupied, "--overwrite"), DONE)
        self.assertEqual(occupied.stat().st_size, 16 << 20)
        self.expect(self.server.restore(self.work), USAGE, str(self.work))
        self.expect(self.server.restore(self.work / "no" / "such"), FAILED, "such")
        self.expect(self.server.restore("/dev/full"), USAGE, "/dev/full")


class Damage(TestCase):
    """A datastore that lost or changed a chunk."""

    @classmethod
    def setUpClass(cls):
        shared = pathlib.Path(cls.enterClassContext(temporary_directory()))
        image = shared / "disk.img"
        image.write_bytes(b"".join(bytes([i + 1]) * CHUNK for i in range(12)))
        cls.store = shared / "store"
        finished = run("ingest", image, "--datastore", cls.store, "--snapshot", "vm/100/2025-07-07T08:00:00Z")
        if finished.returncode != DONE:
            raise RuntimeError(finished.stderr)
        cls.index = cls.store / "vm/100/2025-07-07T08:00:00Z/drive-scsi0.img.fidx"
        cls.digest = cls.index.read_bytes()[4096 + 32 * 5:4096 + 32 * 6].hex()
        cls.chunk = cls.store / ".chunks" / cls.digest[:4] / cls.digest

    def setUp(self):
        super().setUp()
        for file in (self.chunk, self.index):
            self.addCleanup(file.write_bytes, file.read_bytes())  # every test finds the store whole

    def restore(self, *options):
        return self.serve("--datastore", self.store).restore(self.work / "out.img", *options)

    def test_missing_chunk(self):
        self.chunk.unlink()
        for strategy in ("sequential", "buffered", "spawned", "threads"):
            self.expect(self.restore("--overwrite", "--strategy", strategy), FAILED, self.digest[:8], str(5 * CHUNK))

    def test_flipped_bit(self):
        blob = bytearray(self.chunk.read_bytes())
        blob[len(blob) // 2] ^= 1
        self.chunk.write_bytes(blob)
        for strategy in ("sequential", "buffered", "spawned", "threads"):
            self.expect(self.restore("--overwrite", "--strategy", strategy), INTEGRITY, self.digest[:8], str(5 * CHUNK),
                        "CRC")

    def test_valid_blob_of_another_chunk(self):
        other = next(p for p in self.store.glob(".chunks/*/*") if p.name != self.digest)
        shutil.copyfile(other, self.chunk)
        self.expect(self.restore(), INTEGRITY, self.digest[:8], "digest")

    def test_truncated_chunk(self):
        self.chunk.write_bytes(self.chunk.read_bytes()[:-10])
        self.expect(self.restore(), INTEGRITY, self.digest[:8])

    def test_sequential_restore_writes_nothing_after_the_error(self):
        self.chunk.unlink()
        self.expect(self.restore("--strategy", "sequential"), FAILED)
        written = (self.work / "out.img").read_bytes()
        self.assertEqual(written[:5 * CHUNK], b"".join(bytes([i + 1]) * CHUNK for i in range(5)))
        self.assertEqual(written[5 * CHUNK:].count(0), 7 * CHUNK)

    def test_truncated_index(self):
        self.index.write_bytes(self.index.read_bytes()[:-32])
        self.assertIn(self.restore().returncode, (INTEGRITY, FAILED))


class Sentences(TestCase):
    """What is said of a chunk that cannot be had: which one, where, why, and what to do."""

    CHUNK_5 = re.compile(r"depthfinder: chunk 5 of 12 at offset 20971520 \(digest [0-9a-f]{64}\): (?P<cause>[^;]+); (?P<remedy>[^;]+)")
    FAULTS = {
        "kind=status,status=503": (FAILED, "answered 503", "--resume"),
        "kind=status,status=404": (FAILED, "answered 404", "verify the snapshot"),
        "kind=status,status=403": (FAILED, "answered 403", "--resume"),
        "kind=status,status=400": (FAILED, "answered 400", "server's log"),
        "kind=stream-reset": (FAILED, "broke off the answer", "--resume"),
        "kind=missing": (FAILED, "No such file", "verify the snapshot"),
        "kind=truncate": (INTEGRITY, "CRC", "verify the snapshot"),
        "kind=flip-payload": (INTEGRITY, "CRC", "verify the snapshot"),
        "kind=flip-crc": (INTEGRITY, "CRC", "verify the snapshot"),
        "kind=wrong-chunk": (INTEGRITY, "digest", "verify the snapshot"),
    }

    def test_of_a_chunk(self):
        for fault, (status, cause, remedy) in self.FAULTS.items():
            server = self.serve("--synthetic", "size=48MiB,compress=4", "--fault", fault + ",position=5")
            for strategy in ("sequential", "pipelined"):
                with self.subTest(fault=fault, strategy=strategy):
                    done = server.restore("null", "--strategy", strategy, "--quiet", "--retry-for", "0ms")
                    self.assertEqual(done.returncode, status, done.stderr)
                    said = self.CHUNK_5.fullmatch(done.stderr.strip())
                    self.assertTrue(said, done.stderr)
                    self.assertIn(cause, said["cause"])
                    self.assertIn(remedy, said["remedy"])

    def test_of_a_file(self):
        for on, name in (("index", "drive-scsi0.img.fidx"), ("manifest", "index.json.blob")):
            for kind, status in (("truncate", INTEGRITY), ("missing", FAILED), ("status", FAILED)):
                with self.subTest(on=on, kind=kind):
                    server = self.serve("--synthetic", "size=8MiB", "--fault", f"kind={kind},on={on},share=1")
                    done = server.restore(self.work / "out", "--quiet", "--retry-for", "0ms")
                    self.expect(done, status, name, "; ")
                    self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
                    self.assertFalse((self.work / "out").exists())


class Keys(TestCase):
    def restore(self, snapshot, *options, env=None):
        server = self.serve("--datastore", VECTORS / "real-store")
        name = next(s["snapshot"] for s in server.ready["snapshots"] if s["snapshot"].startswith(snapshot))
        return server.restore("null", *options, snapshot=name, env=env)

    def test_missing_and_wrong_keys(self):
        other = write_key(self.work / "other.json")
        self.expect(self.restore("vm/901/"), USAGE, "key")
        self.expect(self.restore("vm/901/", "--keyfile", other), USAGE, "key")
        self.expect(self.restore("vm/902/"), USAGE, "key")

    def test_wrong_password_of_a_key(self):
        finished = self.restore("vm/903/", "--keyfile", VECTORS / "real-store-key-scrypt.json",
                                env={"PBS_ENCRYPTION_PASSWORD": "not-the-password"})
        self.expect(finished, USAGE, "password")
        self.assertNotIn("not-the-password", finished.stderr)


class Ends(TestCase):
    """Servers and restores that end in the middle."""

    def start(self, server, target, *options):
        return subprocess.Popen([PROGRAM, "restore", server.snapshot(), "drive-scsi0.img", str(target), *options],
                                env=environment(server.env()), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_for_progress(self, child):
        for line in child.stderr:
            if line.startswith("progress "):
                return
        self.fail("the restore made no progress")

    def test_server_killed(self):
        server = self.serve("--synthetic", "size=1GiB,compress=4", "--latency", "100ms")
        child = self.start(server, "null", "--depth", "4", "--retry-for", "500ms")
        self.wait_for_progress(child)
        server.process.kill()
        rest = child.stderr.read()
        self.assertEqual(child.wait(DEADLINE_S), FAILED, rest)
        self.assertIn(f"{server.ready['host']}:{server.ready['port']}", rest.strip().splitlines()[-1])
        child.stderr.close()

    def test_silent_server_is_given_up(self):
        server = self.serve("--synthetic", "size=1GiB,compress=4", "--latency", "100ms")
        child = self.start(server, "null", "--depth", "4", "--timeout", "300ms", "--retry-for", "0ms")
        self.wait_for_progress(child)
        server.process.send_signal(signal.SIGSTOP)
        try:
            rest = child.stderr.read()
            self.assertEqual(child.wait(DEADLINE_S), FAILED, rest)
        finally:
            server.process.send_signal(signal.SIGCONT)
        child.stderr.close()

    def test_interrupted(self):
        server = self.serve("--synthetic", "size=1GiB,compress=4", "--latency", "100ms")
        for number in (signal.SIGINT, signal.SIGTERM):
            child = self.start(server, self.work / f"out-{number}", "--depth", "4")
            self.wait_for_progress(child)
            child.send_signal(number)
            rest = child.stderr.read()
            self.assertEqual(child.wait(DEADLINE_S), INTERRUPTED, rest)
            self.assertNotIn("restore image complete", rest)
            child.stderr.close()

    def test_interrupted_while_connecting(self):
        # A server that accepts and says nothing.
        import socket
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            child = subprocess.Popen([PROGRAM, "restore", "vm/100/2025-07-07T08:00:00Z", "drive.img", "null",
                                      "--repository", f"root@pam@127.0.0.1:{port}:store"],
                                     env=environment({"PBS_PASSWORD": "x"}), stderr=subprocess.PIPE, text=True)
            connection, _ = silent.accept()
            with connection:
                child.send_signal(signal.SIGINT)
                self.assertEqual(child.wait(DEADLINE_S), INTERRUPTED)
            child.stderr.close()

    def test_password_is_not_in_the_process_list(self):
        server = self.serve("--synthetic", "size=1GiB,compress=4", "--latency", "100ms")
        child = self.start(server, "null", "--depth", "4")
        self.wait_for_progress(child)
        arguments = pathlib.Path(f"/proc/{child.pid}/cmdline").read_bytes()
        self.assertNotIn(server.ready["password"].encode(), arguments)
        child.kill()
        child.wait(DEADLINE_S)
        child.stderr.close()


if __name__ == "__main__":
    main()
