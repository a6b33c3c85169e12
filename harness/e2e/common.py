# SPDX-License-Identifier: MIT
"""What the end-to-end tests share: the program as a process, the mock server as a process, keys and images as files."""
import base64
import bisect
import contextlib
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

PROGRAM = os.environ.get("DEPTHFINDER", "build/release/depthfinder")
VECTORS = pathlib.Path(__file__).resolve().parents[2] / "restore_core/format/testdata/vectors"
CHUNK = 4 << 20
DEADLINE_S = 120  # for what ends by itself; no test asserts how long anything takes

DONE, USAGE, INTEGRITY, INVALID, FAILED, INTERRUPTED = 0, 2, 4, 5, 6, 130


def scratch():
    """Where tests write: in memory where there is room, since a store's 65536 directories are slow to remove from disk."""
    memory = pathlib.Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30
    return memory if roomy else None


def temporary_directory():
    return tempfile.TemporaryDirectory(dir=scratch())


def sanitized_by(*names):
    """Whether the program was built with one of these: "asan", "tsan"."""
    content = pathlib.Path(PROGRAM).read_bytes()
    return any(f"__{name}_init".encode() in content for name in names)


def environment(extra):
    """The caller's environment without any PBS_* variable or CPU mask, and `extra` on top."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PBS_") and k != "OPENSSL_ia32cap"}
    return {**kept, **extra}


def run(*arguments, env=None, timeout=DEADLINE_S, program=PROGRAM):
    return subprocess.run([program, *map(str, arguments)], env=environment(env or {}), timeout=timeout,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


class Server:
    """`depthfinder serve` with a port the kernel chose; a large image may take `ready_s` to make."""

    def __init__(self, *arguments, env=None, ready_s=DEADLINE_S):
        self.directory = temporary_directory()
        self.ready_file = pathlib.Path(self.directory.name) / "ready.json"
        self.process = subprocess.Popen([PROGRAM, "serve", "--auth-delay", "0", "--ready-file", str(self.ready_file),
                                         *map(str, arguments)], env=environment(env or {}),
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + ready_s
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start: " + self.process.stderr.read())
            time.sleep(0.01)
        self.ready = json.loads(self.ready_file.read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(DEADLINE_S)
        self.process.stderr.close()
        self.directory.cleanup()

    def snapshot(self, index=0):
        return self.ready["snapshots"][index]["snapshot"]

    def archive(self, index=0):
        return self.ready["snapshots"][index]["archives"][0]

    def env(self, extra=None):
        return {"PBS_REPOSITORY": self.ready["repository"], "PBS_PASSWORD": self.ready["password"],
                "PBS_FINGERPRINT": self.ready["fingerprint"], **(extra or {})}

    def requests(self):
        """The timelines of the requests that have ended, at most the latest 65536."""
        url = "https://{}/depthfinder/requests?limit=65536".format(self.ready["repository"].split("@")[-1].rsplit(":", 1)[0])
        with urllib.request.urlopen(url, timeout=DEADLINE_S, context=ssl._create_unverified_context()) as answer:
            return json.load(answer)["requests"]

    def restore(self, target, *options, snapshot=None, archive=None, env=None):
        return run("restore", snapshot or self.snapshot(), archive or "drive-scsi0.img.fidx", target, *options,
                   env=self.env(env))


class TestCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.work = pathlib.Path(self.stack.enter_context(temporary_directory()))

    def serve(self, *arguments, **keywords):
        return self.stack.enter_context(Server(*arguments, **keywords))

    def expect(self, finished, status, *words):
        """The exit status, and on standard error one sentence with all of the words."""
        self.assertEqual(finished.returncode, status, finished.stderr + finished.stdout)
        if words:
            lines = finished.stderr.strip().splitlines()
            self.assertTrue(lines, "nothing on standard error")
            for word in words:
                self.assertIn(word, lines[-1])
        return finished


def write_key(path, key=bytes(range(32))):
    path.write_text(json.dumps({"kdf": None, "created": "2025-07-07T08:00:00Z", "modified": "2025-07-07T08:00:00Z",
                                "data": base64.b64encode(key).decode()}))
    return path


def make_ext4(path, source, size):
    """A real file system with real files in it; most of it is zeros."""
    with open(path, "wb") as image:
        image.truncate(size)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", str(source), str(path)], check=True, capture_output=True)
    os.truncate(path, size)
    return path


def ks_distance(a, b):
    """Kolmogorov-Smirnov: how far apart the shares of two samples at or below any value are, 0 to 1."""
    a, b = sorted(a), sorted(b)
    return max(abs(bisect.bisect_right(a, x) / len(a) - bisect.bisect_right(b, x) / len(b)) for x in (*a, *b))


def main():
    unittest.main(verbosity=2)
