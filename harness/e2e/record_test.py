#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Latency traces that restores record, and what is refused to be one."""
import json
import os
import pathlib
import unittest

from common import (CHUNK, DONE, FAILED, Server, TestCase, USAGE, ks_distance, main, run,
                    temporary_directory)

COLUMNS = ("sent_ms", "first_byte_ms", "last_byte_ms", "bytes", "in_flight")


class Recording(TestCase):
    def record(self, server, *options):
        """The trace's columns and what --json said."""
        file = self.work / "trace.json"
        finished = self.expect(server.restore("null", "--json", "--record-latency", file, *options), DONE)
        trace = json.loads(file.read_text())
        self.assertEqual(os.listdir(self.work), ["trace.json"], "a temporary file was left behind")
        self.assertEqual(set(trace), {"schema", "schema_version", "requests"})
        self.assertEqual((trace["schema"], trace["schema_version"]), ("depthfinder-latency-trace", 1))
        self.assertEqual(tuple(trace["requests"]), COLUMNS)
        self.assertIn("recorded {} chunk requests".format(len(trace["requests"]["bytes"])), finished.stderr)
        return trace["requests"], json.loads(finished.stdout)

    def check(self, requests, chunks, depth, latency_ms):
        for column in COLUMNS:
            self.assertEqual(len(requests[column]), chunks, column)
            for number in requests[column]:
                self.assertEqual(number, round(number, 3), "a microsecond is the unit")
        self.assertEqual(requests["sent_ms"][0], 0)
        self.assertEqual(requests["sent_ms"], sorted(requests["sent_ms"]))
        self.assertEqual(requests["in_flight"][0], 1)
        self.assertGreaterEqual(min(requests["in_flight"]), 1)
        self.assertLessEqual(max(requests["in_flight"]), depth)
        self.assertGreaterEqual(min(requests["first_byte_ms"]), latency_ms)
        for first, last in zip(requests["first_byte_ms"], requests["last_byte_ms"]):
            self.assertLessEqual(first, last)

    def test_every_chunk_request_is_in_the_trace(self):
        server = self.serve("--synthetic", "size=256MiB,compress=100", "--latency", "5ms")
        requests, summary = self.record(server, "--depth", 4)
        self.check(requests, chunks=64, depth=4, latency_ms=5)
        self.assertGreater(max(requests["in_flight"]), 1)
        self.assertEqual(summary["requests"], 64)
        self.assertEqual(sum(requests["bytes"]), summary["wire_bytes"])

    def test_one_at_a_time(self):
        server = self.serve("--synthetic", "size=32MiB,compress=4", "--latency", "5ms")
        requests, _ = self.record(server, "--depth", 1)
        self.check(requests, chunks=8, depth=1, latency_ms=5)
        for i in range(7):  # each was sent after the one before had ended, to the rounding
            self.assertGreater(requests["sent_ms"][i + 1], requests["sent_ms"][i] + requests["last_byte_ms"][i] - 0.002)

    def test_several_connections_are_one_trace(self):
        server = self.serve("--synthetic", "size=128MiB,compress=100,zeros=0.25", "--latency", "5ms")
        requests, summary = self.record(server, "--depth", 6, "--connections", 3)
        self.check(requests, chunks=24, depth=6, latency_ms=5)  # zero chunks are not asked for
        self.assertGreater(max(requests["in_flight"]), 2)  # the requests of the others count
        self.assertEqual(sum(requests["bytes"]), summary["wire_bytes"])

    def test_bodies_are_whole_blobs(self):
        server = self.serve("--synthetic", "size=13000001B,compress=1")
        requests, _ = self.record(server, "--depth", 1)
        # 12 bytes of header and the chunk as it is, where compressing it gains nothing.
        self.assertEqual(sorted(requests["bytes"]), [13000001 - 3 * CHUNK + 12] + 3 * [CHUNK + 12])

    def test_a_trace_replaces_the_one_before(self):
        server = self.serve("--synthetic", "size=16MiB,compress=100")
        (self.work / "trace.json").write_text("old")
        requests, _ = self.record(server)
        self.assertEqual(len(requests["bytes"]), 4)

    def test_without_the_flag_nothing_is_said(self):
        server = self.serve("--synthetic", "size=16MiB,compress=100")
        finished = self.expect(server.restore("null", "--json"), DONE)
        self.assertNotIn("recorded", finished.stderr)


class Refusals(TestCase):
    def restore(self, *options, target="null"):
        """Port 1 would be a connection error."""
        return run("restore", "vm/100/2025-07-07T08:00:00Z", "drive-scsi0.img", target, *options, "--repository",
                   "root@pam@127.0.0.1:1:store", env={"PBS_PASSWORD": "x"})

    def test_before_the_network_is_touched(self):
        not_a_folder = self.work / "file"
        not_a_folder.write_text("x")
        for file in ("", self.work, self.work / "missing" / "trace.json", not_a_folder / "trace.json", "/dev/null",
                     "/proc/trace.json"):
            with self.subTest(file=file):
                self.expect(self.restore("--record-latency", file), USAGE, "--record-latency", str(file))
        self.assertEqual(os.listdir(self.work), ["file"])

    def test_the_image_itself(self):
        image = self.work / "disk.raw"
        self.expect(self.restore("--record-latency", image, target=image), USAGE, "disk.raw")
        self.assertFalse(image.exists())

    def test_a_restore_that_fails_writes_none(self):
        file = self.work / "trace.json"
        self.expect(self.restore("--record-latency", file), FAILED, "127.0.0.1:1")
        self.assertEqual(os.listdir(self.work), [])

    def test_help_says_what_a_depth_records(self):
        text = " ".join(run("restore", "--help").stdout.split())
        self.assertIn("--record-latency trace.json", text)
        self.assertIn("Depth 1 records the server's own latency", text)


class Replay(unittest.TestCase):
    def record(self, server, file):
        """The waits for the first byte, in ms, in the order the requests were sent."""
        result = run("restore", server.snapshot(), server.archive()["name"], "null", "--quiet", "--depth", "8",
                     "--record-latency", file, env=server.env())
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(file.read_text())["requests"]["first_byte_ms"]

    def test_a_replayed_trace_is_recorded_again(self):
        """The server plans every recorded wait, less what it measured of the way. How near the client then comes to them
        is a matter of the host's load: printed, for a quiet host below 0.05."""
        with temporary_directory() as folder:
            first_file, second_file = (pathlib.Path(folder) / name for name in ("first.json", "second.json"))
            image = ("--synthetic", "size=1200MiB,compress=50")
            with Server(*image, "--first-byte", "uniform:5ms:60ms") as server:
                first = self.record(server, first_file)
            with Server(*image, "--replay", first_file) as server:
                second = self.record(server, second_file)
                chunks = sorted((line for line in server.requests() if line["ordinal"]),
                                key=lambda line: line["ordinal"])
        self.assertEqual((len(first), len(second), len(chunks)), (300, 300, 300))
        planned = [(line["ready_unix_ns"] - line["arrival_unix_ns"]) / 1e6 for line in chunks]
        for wait, line, plan in zip(first, chunks, planned):
            self.assertAlmostEqual(plan, max(0, wait - line["path_delay_ns"] / 1e6), places=3)
        for plan, measured in zip(sorted(planned), sorted(second)):
            self.assertLessEqual(plan, measured + 0.001)
        print("distance of the recorded waits, 0 to 1: {:.3f}".format(ks_distance(first, second)), flush=True)


class KsDistance(unittest.TestCase):
    """The measure itself, against distances worked out by hand."""

    def test_literals(self):
        for a, b, distance in (([1, 2, 3], [3, 1, 2], 0), ([1, 2], [3, 4], 1), ([1, 2, 3, 4], [3, 4, 5, 6], 0.5),
                               ([0], [0, 1], 0.5), ([1, 1, 1, 2], [1, 2, 2, 2], 0.5), ([1, 5], [2, 3, 4], 0.5),
                               ([10, 20, 30, 40, 50], [11, 21, 31, 41], 0.2)):
            with self.subTest(a=a, b=b):
                self.assertAlmostEqual(ks_distance(a, b), distance)
                self.assertAlmostEqual(ks_distance(b, a), distance)


if __name__ == "__main__":
    main()
