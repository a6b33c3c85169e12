#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ci/large does, small, and that what it checks with finds what is wrong."""
import hashlib
import os
import pathlib
import sys
import unittest

import common

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "endurance"))
import large  # noqa: E402
import sparse_check  # noqa: E402


class Large(unittest.TestCase):
    def test_small(self):
        for name in large.PARTS:
            with self.subTest(name):
                self.assertTrue(large.run(name, small=True))


class SparseCheck(unittest.TestCase):
    """An image of four chunks, the second and the last of them data."""

    def setUp(self):
        holder = common.temporary_directory()
        self.addCleanup(holder.cleanup)
        self.path = pathlib.Path(holder.name) / "disk.raw"
        self.data = [os.urandom(common.CHUNK) for _ in range(2)]
        zero, first, last = (hashlib.sha256(chunk).digest() for chunk in (bytes(common.CHUNK), *self.data))
        self.digests, self.size = [zero, first, zero, last], 4 * common.CHUNK
        with open(self.path, "wb") as file:
            file.truncate(self.size)
            for number, chunk in zip((1, 3), self.data):
                file.seek(number * common.CHUNK)
                file.write(chunk)

    def differences(self):
        return sparse_check.differences(self.path, self.digests, self.size)

    def write(self, offset, data):
        with open(self.path, "r+b") as file:
            file.seek(offset)
            file.write(data)

    def test_right(self):
        self.assertEqual(self.differences(), [])

    def test_zeros_that_are_data(self):
        self.write(0, bytes(4096))
        self.assertEqual(self.differences(), [])

    def test_a_byte_in_a_hole(self):
        self.write(2 * common.CHUNK + 5, b"x")
        self.assertIn("not all zeros", self.differences()[0])

    def test_a_byte_in_a_chunk(self):
        self.write(3 * common.CHUNK, bytes([self.data[1][0] ^ 1]))
        self.assertIn("chunk 3", self.differences()[0])

    def test_a_short_file(self):
        os.truncate(self.path, self.size - 1)
        self.assertTrue(self.differences())

    def test_zeros_that_take_room(self):
        self.write(0, bytes(common.CHUNK))
        self.write(2 * common.CHUNK, bytes(common.CHUNK))
        self.assertIn("allocated", self.differences()[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
