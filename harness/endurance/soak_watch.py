# SPDX-License-Identifier: MIT
"""What a process holds, read from /proc, and whether it holds more and more.

The rule. At rest, between two rounds, no client is connected: then the server must hold exactly the descriptors and
threads that it held before the first client came, and the median of its resident memory over the last third of the
rounds must be at most RSS_GROWTH_MAX above that of the first third. Memory is not compared with the first round alone: what
is cached is cached by then, but an allocator takes some rounds to find its size."""
import collections
import os
import pathlib
import statistics
import threading
import time

import common

RSS_GROWTH_MAX = 16 << 20
ROUNDS_MIN = 6  # two in a third

Sample = collections.namedtuple("Sample", "restores rss_bytes descriptors threads")


def held(pid, restores=0):
    """What a process holds now."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines())
    return Sample(restores, int(status["VmRSS"].split()[0]) << 10, len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]))


def peak_rss_bytes(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


def at_rest(pid, start, restores):
    """A sample once all connections of a round have ended, or what is held when they do not."""
    deadline = time.monotonic() + common.DEADLINE_S
    while True:
        sample = held(pid, restores)
        if (sample.descriptors, sample.threads) == (start.descriptors, start.threads) or time.monotonic() > deadline:
            return sample
        time.sleep(0.02)


class Peaks:
    """The most that a process held while it worked; a thread looks four times a second."""

    def __init__(self, pid):
        self.pid, self.descriptors, self.threads, self.stopping = pid, 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping.wait(0.25):
            sample = held(self.pid)
            self.descriptors = max(self.descriptors, sample.descriptors)
            self.threads = max(self.threads, sample.threads)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()


def thirds(samples, name):
    """Medians over the first and the last third."""
    values, third = [getattr(sample, name) for sample in samples], max(1, len(samples) // 3)
    return statistics.median(values[:third]), statistics.median(values[-third:])


def complaints(start, samples):
    """Sentences on what is not flat; none where everything is."""
    if len(samples) < ROUNDS_MIN:
        return [f"{len(samples)} rounds say nothing; {ROUNDS_MIN} are needed"]
    found = []
    for name in ("descriptors", "threads"):
        left = [(number, getattr(sample, name)) for number, sample in enumerate(samples, 1)
                if getattr(sample, name) != getattr(start, name)]
        if left:
            found.append(f"{name} at rest: {getattr(start, name)} before the first client, {left[0][1]} after round "
                         f"{left[0][0]}, {getattr(samples[-1], name)} at the end")
    first, last = thirds(samples, "rss_bytes")
    if last - first > RSS_GROWTH_MAX:
        found.append(f"resident memory grew from {first / 2**20:.1f} MiB to {last / 2**20:.1f} MiB; "
                     f"{RSS_GROWTH_MAX >> 20} MiB more are allowed")
    return found


def table(start, samples):
    """What a soak prints of its samples."""
    lines = ["at rest                 start   first third   last third   at most"]
    for name, title, unit in (("rss_bytes", "resident memory, MiB", 2**20), ("descriptors", "descriptors", 1),
                              ("threads", "threads", 1)):
        first, last = thirds(samples, name)
        most = max(getattr(sample, name) for sample in samples)
        lines.append(f"{title:20} {getattr(start, name) / unit:8.1f} {first / unit:13.1f} {last / unit:12.1f} {most / unit:9.1f}")
    return "\n".join(lines)
