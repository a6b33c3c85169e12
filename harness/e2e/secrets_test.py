#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where secrets are not: the memory of a restore that goes on, its command line and environment, what it prints and writes,
and what the mock writes. Markers are counted in the memory of a child that is stopped while it restores."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import unittest
import urllib.request

from common import (DEADLINE_S, DONE, FAILED, PROGRAM, Server, TestCase, USAGE, VECTORS, environment, main, run,
                    sanitized_by, write_key)

SLOW = ("--latency", "100ms")


def mappings(pid):
    """(begin, end, its line in /proc, left out of core dumps?) of what can be read."""
    begin = end = line = None
    for text in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if head := re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", text):
            begin, end, line = int(head[1], 16), int(head[2], 16), text
            readable = "r" in head[3] and not re.search(r"\[v(var|syscall)", text)
        elif text.startswith("VmFlags:") and readable:
            yield begin, end, line, " dd" in text


def places(pid, marker):
    """In which mappings the marker stands: (those left out of core dumps, all others)."""
    guarded, open_to_dumps = [], []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, line, excluded in mappings(pid):
            content = bytearray()
            with contextlib.suppress(OSError):
                memory.seek(begin)
                while len(content) < end - begin and (data := memory.read(end - begin - len(content))):
                    content += data
            (guarded if excluded else open_to_dumps).extend([line] * content.count(marker))
    return guarded, open_to_dumps


@unittest.skipIf(sanitized_by("asan", "tsan"), "a sanitizer keeps what was freed, and has terabytes of memory of its own")
class Memory(TestCase):
    def stopped(self, server, env, *options, repository=None, snapshot=None):
        """A restore in the middle, stopped; it ends with the test."""
        child = subprocess.Popen([PROGRAM, "restore", snapshot or server.snapshot(), "drive-scsi0.img", "null", "--depth", "2",
                                  "--repository", repository or server.ready["repository"], *map(str, options)],
                                 env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)
        self.stack.callback(child.stderr.close)
        self.stack.callback(child.wait, DEADLINE_S)
        self.stack.callback(child.kill)
        seen = []
        for line in child.stderr:
            seen.append(line)
            if line.startswith("progress "):
                child.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, child.pid, os.WSTOPPED)
                return child
        self.fail("the restore ended by itself: " + "".join(seen))

    def expect_one_place(self, child, marker, what):
        guarded, elsewhere = places(child.pid, marker)
        self.assertEqual(elsewhere, [], f"{what} outside of the memory for secrets")
        self.assertEqual(len(guarded), 1, f"{what}: {guarded}")

    def expect_nowhere_in_proc(self, child, marker):
        for name in ("cmdline", "environ"):
            self.assertNotIn(marker, pathlib.Path(f"/proc/{child.pid}/{name}").read_bytes(), name)

    def test_the_scan_finds_what_is_there(self):
        """Else the other tests would say nothing: the name of the user is no secret."""
        server = self.serve("--synthetic", "size=512MiB,compress=4", *SLOW)
        child = self.stopped(server, {"PBS_PASSWORD": server.ready["password"], "PBS_FINGERPRINT": server.ready["fingerprint"]})
        self.assertTrue(places(child.pid, b"root@pam")[1])

    def test_password_and_token_are_in_one_place(self):
        server = self.serve("--synthetic", "size=512MiB,compress=4", *SLOW)
        pin = {"PBS_FINGERPRINT": server.ready["fingerprint"]}
        token = server.ready["repository"].replace("root@pam@", "root@pam!depthfinder@")
        secret_file = self.work / "secret"
        for name, secret, repository in (("password", server.ready["password"], None),
                                         ("token", server.ready["token_secret"], token)):
            secret_file.write_text(secret + "\nsecond line\n")
            for source, env in (("variable", {"PBS_PASSWORD": secret}), ("file", {"PBS_PASSWORD_FILE": str(secret_file)}),
                                ("command", {"PBS_PASSWORD_CMD": f"cat {secret_file}"})):
                with self.subTest(name, source=source):
                    child = self.stopped(server, {**pin, **env}, "--connections", "2", repository=repository)
                    self.expect_one_place(child, secret.encode(), name)
                    self.expect_nowhere_in_proc(child, secret.encode())

    def test_a_group_is_looked_up_without_leaving_the_password(self):
        server = self.serve("--synthetic", "size=512MiB,compress=4", *SLOW)
        child = self.stopped(server, server.env(), snapshot=server.snapshot().rsplit("/", 1)[0])
        self.expect_one_place(child, server.ready["password"].encode(), "password")

    def test_a_key_and_its_password(self):
        key = hashlib.sha256(b"a key for this test").digest()
        password = "marker-password-of-a-key"
        key_file = self.locked_key_file()
        plain_key = write_key(self.work / "plain.json", key)
        server = self.serve("--synthetic", "size=512MiB,compress=4", "--keyfile", plain_key, *SLOW)
        env = {**server.env(), "PBS_ENCRYPTION_PASSWORD": password}
        child = self.stopped(server, env, "--keyfile", key_file)
        guarded, elsewhere = places(child.pid, password.encode())
        self.assertEqual((guarded, elsewhere), ([], []), "the password is needed once")
        self.expect_nowhere_in_proc(child, password.encode())
        guarded, elsewhere = places(child.pid, key)
        self.assertEqual(len(guarded), 1, guarded)
        # OpenSSL's contexts of the chunks that are being decrypted: it cleanses them itself.
        self.assertLessEqual(len(elsewhere), 4, elsewhere)
        derived = hashlib.scrypt(password.encode(), salt=b"salt", n=1024, r=8, p=1, dklen=32)
        self.assertEqual(places(child.pid, derived), ([], []))

    def locked_key_file(self):
        """The test's key behind the test's password; sealed once, by another program, with AES-256-GCM."""
        path = self.work / "locked.json"
        path.write_text(json.dumps({
            "kdf": {"Scrypt": {"n": 1024, "r": 8, "p": 1, "salt": base64.b64encode(b"salt").decode()}},
            "created": "2025-07-07T08:00:00Z", "modified": "2025-07-07T08:00:00Z",
            "data": "AAAAAAAAAAAAAAAAAAAAADWRre4I2VRSkCsMSVnWDv4Xgk6WaHfnEqDDxB1VAGcvyKDwuVK5At93Fgkc5pqqxQ=="}))
        path.chmod(0o600)
        return path


class Words(TestCase):
    """What is printed and written, also when something goes wrong."""

    def test_results_and_messages(self):
        server = self.serve("--synthetic", "size=32MiB")
        trace = self.work / "trace.json"
        done = self.expect(server.restore("null", "--json", "--record-latency", trace), DONE)
        wrong = self.expect(server.restore("null", env={"PBS_PASSWORD": "marker-wrong-password"}), FAILED)
        ends = [server.restore("null", snapshot="vm/999/2025-07-07T08:00:00Z"), server.restore("null", "--ns", "nowhere"),
                server.restore("null", archive="drive-scsi9.img"), server.restore("null", env={"PBS_FINGERPRINT": ""}),
                server.restore("/nonexistent/x"), server.restore("null", "--depth", "x")]
        for finished in (done, wrong, *ends):
            self.assertNotIn(server.ready["password"], finished.stdout + finished.stderr)
            self.assertNotIn("marker-wrong-password", finished.stdout + finished.stderr)
            self.assertNotIn("PBS:", finished.stdout + finished.stderr)
        self.assertNotIn(server.ready["password"], trace.read_text())

    def test_a_repository_with_a_password_in_it_is_not_repeated(self):
        for repository in ("root@pam:marker-password@host:store", "https://root:marker-password@host:8007/store",
                           "root@pam!token=marker-password@host:store", "root@pam@host:marker-password:store"):
            finished = run("restore", "vm/100", "drive.img", "null", env={"PBS_PASSWORD": "x", "PBS_REPOSITORY": repository})
            self.expect(finished, USAGE, "PBS_REPOSITORY")
            self.assertNotIn("marker-password", finished.stderr)

    def test_a_sweep_of_a_real_server(self):
        server = self.serve("--synthetic", "size=16MiB")
        finished = run("sweep", "--repository", server.ready["repository"], "--snapshot", server.snapshot(), "--archive",
                       "drive-scsi0.img", "--depth", "1", "--threads", "1", "--blocks", "1", "--json-lines", "-o",
                       self.work / "out", env=server.env())
        written = [path.read_bytes() for path in (self.work / "out").rglob("*") if path.is_file()]
        self.assertTrue(written, finished.stderr)
        for text in (finished.stdout.encode(), finished.stderr.encode(), *written):
            self.assertNotIn(server.ready["password"].encode(), text)

    def test_control_characters_of_a_server_stay_out_of_the_terminal(self):
        scenario = self.work / "bad.json"
        scenario.write_text('{"name":"a","a\\u001b[31m\\nb":1,"a\\u001b[31m\\nb":2}')
        finished = run("sweep", scenario, "--dry-run")
        self.assertEqual(finished.returncode, USAGE, finished.stderr)
        self.assertNotIn("\x1b", finished.stderr)
        self.assertEqual(len(finished.stderr.strip().splitlines()), 1, finished.stderr)


class KeyFiles(TestCase):
    def test_a_key_file_that_others_may_read_is_named(self):
        key = write_key(self.work / "key.json")
        for mode, noted in ((0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o620, True)):
            key.chmod(mode)
            finished = run("restore", "vm/100/2025-07-07T08:00:00Z", "drive.img", "null", "--keyfile", key, "--repository",
                           "root@pam@127.0.0.1:1:store", env={"PBS_PASSWORD": "x"})
            self.expect(finished, FAILED, "127.0.0.1:1")
            self.assertEqual(f"{key} (mode {mode:04o})" in finished.stderr, noted, finished.stderr)

    def test_hostile_parameters_are_refused_before_any_work(self):
        for kdf in ({"Scrypt": {"n": 1 << 62, "r": 8, "p": 1}}, {"Scrypt": {"n": 1 << 24, "r": 8, "p": 1}},
                    {"Scrypt": {"n": 65536, "r": 8, "p": 1 << 30}}, {"Scrypt": {"n": 65536, "r": 1 << 40, "p": 1}},
                    {"Scrypt": {"n": -2, "r": 8, "p": 1}}, {"PBKDF2": {"iter": (1 << 64) - 1}}, {"PBKDF2": {"iter": 1 << 31}}):
            next(iter(kdf.values()))["salt"] = "c2FsdA=="
            key = self.work / "key.json"
            key.write_text(json.dumps({"kdf": kdf, "created": "2025-07-07T08:00:00Z", "modified": "2025-07-07T08:00:00Z",
                                       "data": base64.b64encode(bytes(64)).decode()}))
            finished = run("ingest", "/dev/null", "--datastore", self.work / "store", "--snapshot", "vm/1", "--keyfile", key,
                           env={"PBS_ENCRYPTION_PASSWORD": "password"})
            self.expect(finished, USAGE, "key derivation")


class Mock(TestCase):
    def test_the_ready_file_is_for_its_owner(self):
        before = os.umask(0)
        try:
            server = self.serve("--synthetic", "size=16MiB")
        finally:
            os.umask(before)
        self.assertEqual(server.ready_file.stat().st_mode & 0o777, 0o600)

    def test_it_says_when_others_can_reach_it(self):
        for address, loud in (("127.0.0.1:0", False), ("localhost:0", False), ("0.0.0.0:0", True)):
            server = Server("--synthetic", "size=16MiB", "--listen", address)
            server.process.terminate()
            said = server.process.stderr.read()
            server.stop()
            self.assertEqual("WARNING" in said, loud, said)
            self.assertNotIn(server.ready["password"], said)

    def test_it_keeps_secrets_to_itself(self):
        server = self.serve("--synthetic", "size=32MiB")
        self.expect(server.restore("null"), DONE)
        self.expect(server.restore("null", env={"PBS_PASSWORD": "marker-wrong-password"}), FAILED)
        base = server.ready["metrics_url"].rsplit("/", 1)[0]
        for name in ("metrics", "requests", "server"):
            with urllib.request.urlopen(f"{base}/{name}", timeout=DEADLINE_S,
                                        context=ssl._create_unverified_context()) as answer:
                text = answer.read().decode()
            for secret in (server.ready["password"], server.ready["token_secret"], "marker-wrong-password", "PBS:root@pam"):
                self.assertNotIn(secret, text, name)
        server.process.terminate()
        said = server.process.stderr.read()
        for secret in (server.ready["password"], server.ready["token_secret"], "marker-wrong-password", "PBS:root@pam"):
            self.assertNotIn(secret, said)


class Names(TestCase):
    """Names that climb are refused before the network, or a directory, is touched."""
    CLIMBING = ("../x.img", "/etc/x.img", "a/../b.img", "..", ".", "x\n.img", "-x.img", "x" * 300 + ".img", "a\\b.img", "x.img/")

    def test_of_a_restore(self):
        def restore(snapshot="vm/100/2025-07-07T08:00:00Z", archive="drive.img", options=()):
            return run("restore", *options, "--repository", "root@pam@127.0.0.1:1:store", "--", snapshot, archive, "null",
                       env={"PBS_PASSWORD": "x"})
        self.expect(restore(), FAILED, "127.0.0.1:1")
        for name in self.CLIMBING:
            with self.subTest(name):
                self.expect(restore(archive=name), USAGE)
                self.expect(restore(snapshot=f"vm/{name}/2025-07-07T08:00:00Z"), USAGE)
                self.expect(restore(options=(f"--ns=a/{name}",)), USAGE, "namespace")
        for snapshot in ("../../x", "vm/../2025-07-07T08:00:00Z", "vm/100/../x", "vm//2025-07-07T08:00:00Z", "qemu/1/x", "vm/..",
                         "vm/" + "x" * 256):
            self.expect(restore(snapshot=snapshot), USAGE)

    def test_of_an_ingest(self):
        image = self.work / "disk.img"
        image.write_bytes(bytes(4096))
        for options in (*(("--snapshot", "vm/1", f"--archive={name}") for name in self.CLIMBING),
                        *(("--snapshot", f"vm/{name}") for name in self.CLIMBING),
                        *(("--snapshot", "vm/1", f"--ns={name}") for name in ("..", "a/..", "/a", "a//b", "a/", ".hidden"))):
            with self.subTest(options):
                self.expect(run("ingest", image, "--datastore", self.work / "store", *options), USAGE)
        self.assertFalse((self.work / "store").exists())


if __name__ == "__main__":
    main()
