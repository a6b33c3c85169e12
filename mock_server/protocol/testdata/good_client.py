# SPDX-License-Identifier: MIT
"""The client that behaves, what it must never notice of those that do not, and how named cases are run side by side."""
import concurrent.futures
import contextlib
import os
import pathlib
import threading
import time

from raw_http2 import DEADLINE_S, OPEN_SETTINGS, Session, blob_of, expect, metrics, request

THREADS = 12
RSS_GROWTH_MAX = 64 << 20
LAST_STREAM = 0x7FFFFFF1  # of the good request after each case


def index_path(p):
    return "/download?file-name=" + p["archive"]


def chunk_path(p, number):
    return "/chunk?digest=" + p["chunks"][number]["digest"]


def open_index(p, session, stream):
    answer = session.get(stream, index_path(p))
    expect(answer.status == 200, "index:", answer.status, answer.reset, bytes(answer.body[:200]))


def expect_chunk(p, number, answer):
    expect(answer.status == 200 and answer.reset is None, "chunk", number, answer.status, answer.reset,
           bytes(answer.body[:200]))
    expect(answer.body == blob_of(**p["chunks"][number]), "chunk", number, "has other bytes")


def restore(p, numbers):
    """What a good client does, and that it gets the right bytes."""
    session = Session(p)
    open_index(p, session, 1)
    for place, number in enumerate(numbers):
        session.send(request(3 + 2 * place, chunk_path(p, number)))
    for place, number in enumerate(numbers):
        expect_chunk(p, number, session.wait_for(3 + 2 * place))
    session.close()


def expect_usable(p, session):
    """The session itself goes on: the same connection still serves."""
    session.send(OPEN_SETTINGS)
    open_index(p, session, LAST_STREAM)
    expect_chunk(p, 0, session.get(LAST_STREAM + 2, chunk_path(p, 0)))


class Witness:
    """A good client that restores over and over while others misbehave."""

    def __init__(self, p):
        self.p, self.stopping, self.failure, self.rounds = p, threading.Event(), None, 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.stopping.is_set():
                restore(self.p, range(len(self.p["chunks"])))
                self.rounds += 1
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        expect(self.failure is None, "the good client was not served:", repr(self.failure))


def server_status(p, key):
    lines = pathlib.Path(f"/proc/{p['pid']}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1]) << 10


def descriptors(p):
    return len(os.listdir(f"/proc/{p['pid']}/fd"))


def until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def nothing_left_behind(p):
    restore(p, range(len(p["chunks"])))
    expect(until(lambda: metrics(p)["connections"]["open"] == 1), "open before the check:", metrics(p)["connections"])
    descriptors_before, rss_before = descriptors(p), server_status(p, "VmRSS")
    with Witness(p) as witness:
        yield
        expect(until(lambda: witness.rounds > 0 or witness.failure), "the good client got nothing")
    expect(until(lambda: metrics(p)["connections"]["open"] == 1), "open at the end:", metrics(p)["connections"])
    expect(until(lambda: descriptors(p) <= descriptors_before), descriptors(p), "descriptors, before:",
           descriptors_before)
    restore(p, range(len(p["chunks"])))
    grown = server_status(p, "VmRSS") - rss_before
    expect(not p["bounded_memory"] or grown < RSS_GROWTH_MAX, "the server's memory grew by", grown, "bytes")


def run_all(named):
    """Runs (name, known, function) side by side; one line for each that fails."""
    def run_one(function):
        try:
            function()
        except Exception as error:  # pylint: disable=broad-except
            return f"{type(error).__name__} {error}"
        return None

    named = list(named)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(run_one, [function for _, _, function in named]))
    failures = []
    for (name, known, _), outcome in zip(named, outcomes):
        if outcome and known:
            print(f"known: {name}: {known} ({outcome})")
        elif outcome:
            failures.append(f"{name}: {outcome}")
        elif known:
            failures.append(f"{name}: marked as known to fail, but the server is right: take the mark away")
    print(f"{len(named)} cases, {len(failures)} failed")
    expect(not failures, "\n" + "\n".join(failures))
