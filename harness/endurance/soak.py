#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Restores for as long as wanted, against one server that never restarts.

  soak.py SECONDS [--seed N]          status 0: every image verified and the server flat; 1: not; 2: usage
  soak.py --round ROUND [--seed N]    that round alone, to see a failure again

A round draws how the server behaves, transient faults included, and what two to eight clients at once do: restores with
random settings, restores that are killed and gone on with, targets that hold an older copy, peers that break the protocol.
All of it follows from the seed but the moment at which the host runs what. Every image is compared by SHA-256 with the
file that it was made from. Between two rounds the server is at rest, and soak_watch.py says what it may hold then."""
import argparse
import collections
import concurrent.futures
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
import soak_jobs  # noqa: E402
import soak_mix  # noqa: E402
import soak_watch  # noqa: E402
from soak_store import SoakedServer, Store  # noqa: E402

CLIENTS_MAX = 8
REPORT_EVERY_S = 30

Round = collections.namedtuple("Round", "done verified failures")


def run_round(server, seed, number):
    """One round: what was done, how often; images verified; what was wrong."""
    name = f"{seed}/{number}"
    rng = random.Random(name)
    server.behave(soak_mix.behaviour(rng))
    clients = rng.randint(2, CLIENTS_MAX)
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        outcomes = list(pool.map(lambda job: soak_jobs.run(server, f"{name}/{job}"), range(2 * clients)))
    return Round(collections.Counter(job for job, _, _ in outcomes), sum(verified for _, verified, _ in outcomes),
                 [wrong for _, _, wrong in outcomes if wrong])


class Soak:
    """One server, its samples, and what has been done."""

    def __init__(self, server, seed):
        self.server, self.seed, self.pid = server, seed, server.process.pid
        self.start = soak_watch.held(self.pid)
        self.samples, self.failures, self.done, self.verified = [], [], collections.Counter(), 0

    def run(self, seconds, say):
        began = reported = time.monotonic()
        with soak_watch.Peaks(self.pid) as self.peaks:
            while time.monotonic() < began + seconds or len(self.samples) < soak_watch.ROUNDS_MIN:
                self.add(run_round(self.server, self.seed, len(self.samples) + 1), say)
                if self.server.process.poll() is not None:
                    self.failures.append(f"the server ended with status {self.server.process.returncode}")
                    return
                if time.monotonic() > reported + REPORT_EVERY_S:
                    reported = time.monotonic()
                    say(f"{reported - began:6.0f} s, {self.progress()}")

    def add(self, done, say):
        self.done += done.done
        self.verified += done.verified
        self.failures += done.failures
        for failure in done.failures:
            say("FAILED " + failure)
        if self.server.process.poll() is None:
            self.samples.append(soak_watch.at_rest(self.pid, self.start, self.verified))

    def progress(self):
        last = self.samples[-1]
        return (f"{len(self.samples)} rounds, {self.verified} images verified, {len(self.failures)} failures; at rest "
                f"{last.rss_bytes / 2**20:.1f} MiB, {last.descriptors} descriptors, {last.threads} threads")

    def complaints(self):
        return self.failures + soak_watch.complaints(self.start, self.samples)

    def report(self):
        jobs = ", ".join(f"{count} {job.replace('_', ' ')}" for job, count in sorted(self.done.items()))
        return "\n".join((f"seed {self.seed}: {len(self.samples)} rounds, {self.verified} images verified, "
                          f"{len(self.failures)} failures", "jobs: " + jobs, soak_watch.table(self.start, self.samples),
                          f"at work, at most: {soak_watch.peak_rss_bytes(self.pid) / 2**20:.1f} MiB, "
                          f"{self.peaks.descriptors} descriptors, {self.peaks.threads} threads"))


def soak(seconds, seed, say=print):
    """Runs one; what is wrong with it, as sentences."""
    with common.temporary_directory() as directory, SoakedServer(Store(pathlib.Path(directory), seed)) as server:
        run = Soak(server, seed)
        run.run(seconds, say)
        if server.process.poll() is None:
            say(run.report())
        return run.complaints()


def one_round(number, seed):
    with common.temporary_directory() as directory, SoakedServer(Store(pathlib.Path(directory), seed)) as server:
        return run_round(server, seed, number).failures


def main():
    parser = argparse.ArgumentParser(usage="ci/soak SECONDS [--seed N] | --round ROUND [--seed N]")
    parser.add_argument("seconds", nargs="?", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server ends too
    if (options.seconds is None) == (options.round is None) or (options.seconds or options.round) < 1:
        parser.error("give SECONDS, at least 1, or --round ROUND")
    wrong = one_round(options.round, options.seed) if options.round else soak(options.seconds, options.seed)
    for sentence in wrong:
        print("NOT FLAT OR WRONG: " + sentence)
    print("failed" if wrong else "passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
