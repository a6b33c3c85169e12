#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several images of one snapshot in one restore: the bytes of each, one depth for all, and errors that name the image."""
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import unittest

import common

SNAPSHOT = "vm/100/2025-07-07T08:00:00Z"
STRATEGIES = ("sequential", "buffered", "spawned", "threads", "pipelined")


def write_images(directory):
    """One mostly zero, one that shares chunks with the first, one whose last chunk is short."""
    shared = [os.urandom(common.CHUNK) for _ in range(4)]
    zero = bytes(common.CHUNK)
    contents = {
        "drive-scsi0.img": b"".join([shared[0], zero, zero, shared[1], zero, zero, zero, shared[0]]),
        "drive-scsi1.img": b"".join(shared) + os.urandom(common.CHUNK),
        "drive-scsi2.img": os.urandom(common.CHUNK // 2) + bytes(common.CHUNK // 2) + b"end",
    }
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return contents


class Together(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = common.temporary_directory()
        cls.directory = pathlib.Path(cls.holder.name)
        cls.contents = write_images(cls.directory)
        cls.key = common.write_key(cls.directory / "key.json")
        cls.servers = {}
        for name, key in (("plain", ()), ("encrypted", ("--keyfile", cls.key))):
            store = cls.directory / name
            archives = [flag for archive in cls.contents for flag in ("--archive", archive)]
            done = common.run("ingest", *(cls.directory / image for image in cls.contents), *archives, "--datastore", store,
                              "--snapshot", SNAPSHOT, *key)
            assert done.returncode == common.DONE, done.stderr
            cls.servers[name] = common.Server("--datastore", store, *key)

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers.values():
            server.stop()
        cls.holder.cleanup()

    def restore(self, *arguments, server="plain"):
        ready = self.servers[server].ready
        return common.run("restore", SNAPSHOT, *arguments, "--repository", ready["repository"], "--fingerprint",
                          ready["fingerprint"], env={"PBS_PASSWORD": ready["password"]})

    def pairs(self, into):
        return [word for archive in self.contents for word in (archive, into / archive)]

    def check(self, into):
        for archive, content in self.contents.items():
            self.assertEqual((into / archive).read_bytes(), content, archive)

    def test_every_strategy_restores_all_of_them(self):
        for server, key in (("plain", ()), ("encrypted", ("--keyfile", self.key))):
            for strategy in STRATEGIES:
                with self.subTest(server=server, strategy=strategy), common.temporary_directory() as directory:
                    into = pathlib.Path(directory)
                    done = self.restore(*self.pairs(into), "--strategy", strategy, *key, server=server)
                    self.assertEqual(done.returncode, common.DONE, done.stderr)
                    self.check(into)

    def test_one_by_one_and_automatic(self):
        for flags in (("--one-by-one",), ("--one-by-one", "--depth", "auto"), ("--depth", "auto", "--threads", "auto")):
            with self.subTest(flags=flags), common.temporary_directory() as directory:
                into = pathlib.Path(directory)
                done = self.restore(*self.pairs(into), "--strategy", "pipelined", *flags)
                self.assertEqual(done.returncode, common.DONE, done.stderr)
                self.check(into)

    def test_json_lists_them_with_their_digests(self):
        for order in ((), ("--one-by-one",)):
            nulls = [word for archive in self.contents for word in (archive, "null")]
            done = self.restore(*nulls, "--strategy", "pipelined", "--json", "--digest", *order)
            self.assertEqual(done.returncode, common.DONE, done.stderr)
            images = json.loads(done.stdout)["images"]
            self.assertEqual([image["archive"] for image in images], [name + ".fidx" for name in self.contents])
            for image, content in zip(images, self.contents.values()):
                self.assertEqual(image["logical_bytes"], len(content))
                self.assertEqual(image["image_sha256"], hashlib.sha256(content).hexdigest())

    def test_chunks_in_flight_are_fetched_once(self):
        nulls = [word for archive in self.contents for word in (archive, "null")]
        done = self.restore(*nulls, "--strategy", "pipelined", "--json")
        summary = json.loads(done.stdout)
        wanted = sum(-(-len(content) // common.CHUNK) for content in self.contents.values())
        zeros = summary["zero_bytes"] // common.CHUNK
        self.assertEqual(len(summary["images"]), 3)
        self.assertEqual(summary["requests"], wanted - zeros - summary["coalesced"])

    def test_what_cannot_be_is_refused(self):
        with common.temporary_directory() as directory:
            into = pathlib.Path(directory)
            for arguments, words in (
                    (("drive-scsi0.img", "null", "drive-scsi1.img"), "no target"),
                    (("drive-scsi0.img", into / "a", "drive-scsi1.img", into / "a"), "once only"),
                    (("drive-scsi0.img", into / "a", "drive-scsi1.img", f"{into}/./a"), "once only"),
                    (("drive-scsi0.img", "null", "drive-scsi0.img", into / "a"), "once only")):
                done = self.restore(*arguments)
                self.assertEqual(done.returncode, common.USAGE, done.stderr)
                self.assertIn(words, done.stderr)
            done = self.restore("drive-scsi0.img", into / "a", "drive-scsi9.img", into / "b")
            self.assertNotEqual(done.returncode, common.DONE)
            self.assertIn("drive-scsi9", done.stderr)
            self.assertFalse((into / "a").exists(), "no target is touched before all indexes are there")

    def test_a_damaged_chunk_names_its_image(self):
        with common.temporary_directory() as directory:
            store = pathlib.Path(directory) / "store"
            images = [self.directory / name for name in self.contents]
            done = common.run("ingest", *images, "--datastore", store, "--snapshot", SNAPSHOT)
            self.assertEqual(done.returncode, common.DONE, done.stderr)
            digest = hashlib.sha256(self.contents["drive-scsi1.img"][4 * common.CHUNK:]).hexdigest()
            chunk = store / ".chunks" / digest[:4] / digest
            damaged = bytearray(chunk.read_bytes())
            damaged[100] ^= 1
            chunk.chmod(0o644)
            chunk.write_bytes(damaged)
            with common.Server("--datastore", store) as server:
                self.servers["damaged"] = server
                nulls = [word for archive in self.contents for word in (archive, "null")]
                done = self.restore(*nulls, "--strategy", "pipelined", server="damaged")
                del self.servers["damaged"]
            self.assertEqual(done.returncode, common.INTEGRITY, done.stderr)
            self.assertIn("drive-scsi1.img.fidx: chunk 4 of 5", done.stderr)

    def test_made_images_have_the_announced_digests(self):
        specs = ("size=32MiB,zeros=0.69,compress=2,seed=1", "size=24MiB,duplicates=0.3,seed=1", "size=13000001B,seed=2")
        for key in ((), ("--keyfile", self.key)):
            with self.subTest(key=key), common.Server(*(w for s in specs for w in ("--synthetic", s)), *key) as server:
                archives = server.ready["snapshots"][0]["archives"][:3]
                self.assertEqual([archive["size_bytes"] for archive in archives], [32 << 20, 24 << 20, 13000001])
                self.servers["made"] = server
                nulls = [word for archive in archives for word in (archive["name"], "null")]
                done = self.restore(*nulls, "--strategy", "pipelined", "--json", "--digest", *key, server="made")
                del self.servers["made"]
                self.assertEqual(done.returncode, common.DONE, done.stderr)
                self.assertEqual([image["image_sha256"] for image in json.loads(done.stdout)["images"]],
                                 [archive["sha256"] for archive in archives])

    def test_interrupted(self):
        with common.Server("--datastore", self.directory / "plain", "--latency", "500ms") as server:
            for order in ((), ("--one-by-one",)):
                nulls = [word for archive in self.contents for word in (archive, "null")]
                command = [common.PROGRAM, "restore", SNAPSHOT, *nulls, "--depth", "1", *order]
                process = subprocess.Popen(command, env=common.environment(server.env()), stdin=subprocess.DEVNULL,
                                           stderr=subprocess.PIPE, text=True)
                process.stderr.readline()  # it has the indexes and is about to fetch
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=common.DEADLINE_S)
                self.assertEqual(process.returncode, common.INTERRUPTED, said)

    def test_ingest_wants_as_many_archives_as_images(self):
        images = [self.directory / name for name in self.contents]
        for flags, words in ((("--archive", "a.img"), "one --archive for each"),
                             (("--archive", "a.img", "--archive", "a.img", "--archive", "b.img"), "named twice")):
            done = common.run("ingest", *images, "--datastore", self.directory / "none", "--snapshot", "vm/1", *flags)
            self.assertEqual(done.returncode, common.USAGE, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    common.main()
