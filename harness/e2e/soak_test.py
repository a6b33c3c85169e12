#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A soak of a few seconds, and that its verdict can be a bad one. DEPTHFINDER_SOAK_S (20) is how long, DEPTHFINDER_SEED (1)
what is drawn; ci/soak runs long ones."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "endurance"))
import soak  # noqa: E402
import soak_watch  # noqa: E402

SECONDS = int(os.environ.get("DEPTHFINDER_SOAK_S", "20"))
SEED = int(os.environ.get("DEPTHFINDER_SEED", "1"))
MIB = 1 << 20


class Soak(unittest.TestCase):
    def test_every_image_is_right_and_the_server_flat(self):
        self.assertEqual(soak.soak(SECONDS, SEED), [])


class Verdict(unittest.TestCase):
    START = soak_watch.Sample(0, 50 * MIB, 9, 2)

    def complaints(self, rss_of, descriptors_of=lambda _: 9, threads_of=lambda _: 2, rounds=30):
        samples = [soak_watch.Sample(10 * n, rss_of(n), descriptors_of(n), threads_of(n)) for n in range(rounds)]
        return soak_watch.complaints(self.START, samples)

    def test_flat(self):
        self.assertEqual(self.complaints(lambda n: (200 + n % 7) * MIB), [])

    def test_memory_that_grows(self):
        wrong, = self.complaints(lambda n: (200 + n) * MIB)
        self.assertIn("204.5 MiB to 224.5 MiB", wrong)

    def test_one_large_sample_is_no_growth(self):
        self.assertEqual(self.complaints(lambda n: (900 if n == 28 else 200) * MIB), [])

    def test_a_descriptor_that_stays(self):
        wrong, = self.complaints(lambda _: 200 * MIB, descriptors_of=lambda n: 10 if n == 29 else 9)
        self.assertIn("9 before the first client, 10 after round 30", wrong)

    def test_a_thread_that_stays(self):
        wrong, = self.complaints(lambda _: 200 * MIB, threads_of=lambda n: 2 + (n > 3))
        self.assertIn("threads", wrong)

    def test_too_few_rounds(self):
        self.assertTrue(self.complaints(lambda _: MIB, rounds=soak_watch.ROUNDS_MIN - 1))


class Failures(unittest.TestCase):
    """A soak must see what is wrong, and say how to see it again."""

    def test_another_image_than_the_server_has(self):
        with soak.common.temporary_directory() as directory:
            store = soak.Store(pathlib.Path(directory), SEED)
            with soak.SoakedServer(store) as server:
                store.sha256 = {archive: "00" * 32 for archive in store.sha256}
                done = soak.run_round(server, SEED, 1)
        self.assertEqual(done.verified, 0)
        self.assertTrue(done.failures)
        for failure in done.failures:
            self.assertTrue(failure.startswith(f"{SEED}/1/"), failure)


if __name__ == "__main__":
    unittest.main(verbosity=2)
