# SPDX-License-Identifier: MIT
"""What the clients of a soak do. A job is a function of the server, a random source and a directory of its own; it returns how
many images it restored and verified, and raises AssertionError with what was wrong."""
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

import common
import soak_mix
from soak_store import ARCHIVES, ENCRYPTED, PLAIN, sha256_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "mock_server/protocol/testdata"))
import hostile_traffic  # noqa: E402
import malformed_sessions  # noqa: E402
import mutated_sessions  # noqa: E402

SHA256_LINE = "image SHA-256 "


class Client:
    """Restores of one random snapshot with random settings."""

    def __init__(self, server, rng):
        self.server = server
        self.snapshot = rng.choice((PLAIN, ENCRYPTED))
        self.words = soak_mix.settings(rng) + (["--keyfile", server.store.key] if self.snapshot == ENCRYPTED else [])
        self.settings = " ".join(map(str, (self.snapshot, *self.words)))

    def expect(self, condition, *what):
        if not condition:
            raise AssertionError(" ".join(map(str, (self.settings, *what))))

    def restore(self, pairs, *more):
        words = [word for pair in pairs for word in pair]
        done = common.run("restore", self.snapshot, *words, *self.words, *more, env=self.server.env())
        self.expect(done.returncode == common.DONE, *more, words, "status", done.returncode, done.stderr[-400:])
        return done.stdout

    def verify(self, archive, path):
        found = sha256_of(path)
        self.expect(found == self.server.store.sha256[archive], archive, "at", path, "has SHA-256", found)

    def killed(self, archive, target, lines, number):
        """A restore that gets a signal when it has printed so many lines of progress."""
        process = subprocess.Popen([common.PROGRAM, "restore", self.snapshot, archive, target, *map(str, self.words)],
                                   env=common.environment(self.server.env()), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        guard = threading.Timer(common.DEADLINE_S, process.kill)
        guard.start()
        said, seen = [], 0
        with process.stderr:
            for line in process.stderr:
                said.append(line)
                seen += line.startswith("progress ")
                if seen == lines:
                    process.send_signal(number)
                    seen += 1
        status = process.wait()
        hung = not guard.is_alive()
        guard.cancel()
        self.expect(not hung, "hangs after", lines, "lines and", number.name)
        self.expect(status in (common.DONE, common.INTERRUPTED, -signal.SIGKILL), "status", status, "".join(said)[-400:])


def whole(server, rng, directory):
    """One image to a file."""
    client, archive, path = Client(server, rng), rng.choice(ARCHIVES), directory / "disk.raw"
    client.restore([(archive, soak_mix.target(rng, path))], "--quiet")
    client.verify(archive, path)
    return 1


def to_nbd(server, rng, directory):
    """One image to a network block device, over what was on it."""
    client, archive, path = Client(server, rng), rng.choice(ARCHIVES), directory / "disk.raw"
    path.write_bytes(b"old data" * (server.store.images[archive].stat().st_size // 8))
    socket_path = directory / "nbd"
    with subprocess.Popen(["qemu-nbd", f"--socket={socket_path}", "--persistent", "--shared=8", "--format=raw", path],
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as nbd:
        try:
            deadline = time.monotonic() + common.DEADLINE_S
            while not socket_path.exists():
                client.expect(nbd.poll() is None and time.monotonic() < deadline, "qemu-nbd does not listen")
                time.sleep(0.01)
            client.restore([(archive, f"nbd+unix:///?socket={socket_path}")], "--quiet")
        finally:
            nbd.terminate()
    client.verify(archive, path)
    return 1


def hashed(server, rng, _):
    """One image to nowhere, and the SHA-256 that was taken on the way."""
    client, archive = Client(server, rng), rng.choice(ARCHIVES)
    said = client.restore([(archive, "null")], "--digest").strip()
    client.expect(said == SHA256_LINE + server.store.sha256[archive], archive, "to null says", said)
    return 1


def together(server, rng, directory):
    """All images of the snapshot."""
    client = Client(server, rng)
    pairs = [(archive, soak_mix.target(rng, directory / archive)) for archive in ARCHIVES]
    client.restore(pairs, *rng.choice(((), ("--one-by-one",))))
    for archive in ARCHIVES:
        client.verify(archive, directory / archive)
    return len(ARCHIVES)


def gone_on_with(server, rng, directory):
    """A restore that is killed, perhaps twice, and gone on with."""
    client, archive, path = Client(server, rng), rng.choice(ARCHIVES), directory / "disk.raw"
    target = soak_mix.kept_target(rng, path)
    for _ in range(rng.choice((1, 1, 2))):
        path.unlink(missing_ok=True)
        client.killed(archive, target, rng.randint(1, 10), rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
    client.restore([(archive, target)], "--resume")
    client.verify(archive, path)
    return 1


def older_copy(server, rng, directory):
    """A target that holds the image with some chunks changed."""
    client, archive, path = Client(server, rng), rng.choice(ARCHIVES), directory / "disk.raw"
    old = bytearray(server.store.images[archive].read_bytes())
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(old))
        old[at:at + 4096] = rng.choice((bytes, rng.randbytes))(len(old[at:at + 4096]))
    path.write_bytes(old)
    client.restore([(archive, soak_mix.kept_target(rng, path))], "--reuse-target")
    client.verify(archive, path)
    return 1


def malformed_peer(server, rng, _):
    """A client that breaks the protocol, at random or by leaving in the middle."""
    parameters = server.peer_parameters()
    if rng.random() < 0.7:
        number = 1 + rng.randrange(1 << 20)
        number += number % mutated_sessions.GOOD_EVERY == 0  # those want to be served without a fault
        mutated_sessions.run_seed(parameters, number, malformed_sessions.client_hello())
    else:
        hostile_traffic.end_in_session(parameters, rng.randrange(480), rng.random() < 0.5)
    return 0


JOBS = ((whole, 8), (to_nbd, 2), (hashed, 2), (together, 2), (gone_on_with, 3), (older_copy, 2), (malformed_peer, 3))


def run(server, name):
    """The job of that name, which is its seed: (what was done, images verified, what was wrong or nothing)."""
    rng = random.Random(name)
    job, = rng.choices([job for job, _ in JOBS], [weight for _, weight in JOBS])
    try:
        with common.temporary_directory() as directory:
            return job.__name__, job(server, rng, pathlib.Path(directory)), None
    except Exception as error:  # pylint: disable=broad-except
        return job.__name__, 0, f"{name} {job.__name__}: {type(error).__name__} {error}"
