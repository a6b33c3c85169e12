#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images ingested, served and restored by real processes over real TLS, compared byte by byte."""
import hashlib
import json
import pathlib
import shutil
import subprocess
import unittest

from common import DONE, TestCase, USAGE, VECTORS, main, make_ext4, run, temporary_directory, write_key

STRATEGIES = ("sequential", "buffered", "spawned", "threads", "pipelined")
REAL_IMAGE_SHA256 = "1977db9d85c6970d666266f414aba1057f895591b60cb7d723accc04789b67ca"


def same(a, b):
    return subprocess.run(["cmp", str(a), str(b)], check=False, capture_output=True).returncode == 0


class Ext4Image(TestCase):
    """A file system image that is no multiple of the chunk size, through ingest, serve and restore."""

    @classmethod
    def setUpClass(cls):
        """One store for all tests, since a new store has 65536 directories."""
        cls.shared = pathlib.Path(cls.enterClassContext(temporary_directory()))
        source = cls.shared / "files"
        source.mkdir()
        for folder in ("restore_core", "mock_server"):
            shutil.copytree(pathlib.Path(__file__).resolve().parents[2] / folder, source / folder)
        (source / "random").write_bytes(hashlib.shake_256(b"depthfinder").digest(20 << 20))
        cls.image = make_ext4(cls.shared / "disk.img", source, 96 * (1 << 20) + 12288)
        cls.older = cls.shared / "older.img"
        cls.older.write_bytes(hashlib.shake_256(b"older").digest(9 << 20))
        cls.key = write_key(cls.shared / "key.json")
        cls.store = cls.shared / "store"
        for image, snapshot, options in (
                (cls.image, "vm/100/2025-07-07T08:00:00Z", ()),
                (cls.older, "vm/100/2024-01-01T00:00:00Z", ("--no-compress",)),
                (cls.image, "vm/101/2025-07-07T08:00:00Z", ("--keyfile", cls.key))):
            finished = run("ingest", image, "--datastore", cls.store, "--snapshot", snapshot, *options)
            if finished.returncode != DONE:
                raise RuntimeError(finished.stderr)

    def serve_store(self):
        return self.serve("--datastore", self.store, "--keyfile", self.key)

    def check_every_strategy(self, snapshot, *options):
        server = self.serve_store()
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                target = self.work / (strategy + ".img")
                self.expect(server.restore(target, "--strategy", strategy, *options, snapshot=snapshot), DONE)
                self.assertTrue(same(self.image, target))
                self.assertLess(target.stat().st_blocks * 512, self.image.stat().st_size * 2 // 3,
                                "zeros should be holes")
                target.unlink()

    def test_plain(self):
        self.check_every_strategy("vm/100/2025-07-07T08:00:00Z")

    def test_encrypted(self):
        self.check_every_strategy("vm/101/2025-07-07T08:00:00Z", "--keyfile", self.key)

    def test_uncompressed_over_three_connections_zeros_first(self):
        target = self.work / "out.img"
        self.expect(self.serve_store().restore(target, "--connections", 3, "--zeros", "first", "--depth", 7,
                                               snapshot="vm/100/2024-01-01T00:00:00Z"), DONE)
        self.assertTrue(same(self.older, target))

    def test_digest_without_a_target(self):
        server = self.serve_store()
        expected = hashlib.sha256(self.image.read_bytes()).hexdigest()
        for announced in server.ready["snapshots"]:
            if announced["snapshot"].endswith("2025-07-07T08:00:00Z"):
                self.assertEqual(announced["archives"][0]["sha256"], expected)
        out = json.loads(self.expect(server.restore("null", "--digest", "--json", snapshot="vm/100"), DONE).stdout)
        self.assertEqual(out["image_sha256"], expected)

    def test_group_means_its_newest_snapshot(self):
        target = self.work / "out.img"
        self.expect(self.serve_store().restore(target, snapshot="vm/100"), DONE)
        self.assertTrue(same(self.image, target))

    def test_a_snapshot_that_exists_is_refused(self):
        finished = run("ingest", self.older, "--datastore", self.store, "--snapshot", "vm/100/2025-07-07T08:00:00Z")
        self.expect(finished, USAGE, "vm/100/2025-07-07T08:00:00Z")


class RealStore(TestCase):
    """Snapshots that the real programs wrote."""

    def check(self, snapshot, *options, env=None):
        server = self.serve("--datastore", VECTORS / "real-store")
        name = next(s["snapshot"] for s in server.ready["snapshots"] if s["snapshot"].startswith(snapshot))
        target = self.work / "out.img"
        self.expect(server.restore(target, *options, snapshot=name, env=env), DONE)
        self.assertEqual(hashlib.sha256(target.read_bytes()).hexdigest(), REAL_IMAGE_SHA256)

    def test_plain(self):
        self.check("vm/900/")

    def test_encrypted(self):
        self.check("vm/901/", "--keyfile", VECTORS / "real-store-key-none.json")

    def test_signed(self):
        self.check("vm/902/", "--keyfile", VECTORS / "real-store-key-none.json")

    def test_encrypted_with_a_password(self):
        self.check("vm/903/", "--keyfile", VECTORS / "real-store-key-scrypt.json",
                   env={"PBS_ENCRYPTION_PASSWORD": "key-pass-1"})


class Synthetic(TestCase):
    """Images the server makes, and what restore says of itself."""

    def test_every_kind_of_image_has_the_announced_digest(self):
        key = write_key(self.work / "key.json")
        for spec, options in (("size=24MiB,seed=1", ()), ("size=24MiB,zeros=0.5,duplicates=0.3,compress=3,seed=2", ()),
                              ("size=13000001B,zeros=0.3,seed=3", ()), ("size=24MiB,compress=2", ("--keyfile", key))):
            with self.subTest(spec=spec, options=options):
                server = self.serve("--synthetic", spec, *options)
                target = self.work / "out.img"
                target.unlink(missing_ok=True)
                self.expect(server.restore(target, *options), DONE)
                self.assertEqual(hashlib.sha256(target.read_bytes()).hexdigest(), server.archive()["sha256"])

    def test_json_says_what_was_done(self):
        server = self.serve("--synthetic", "size=32MiB,zeros=0.25,compress=1.5")
        out = json.loads(self.expect(server.restore("null", "--json", "--depth", 4, "--threads", 2), DONE).stdout)
        self.assertEqual(out["logical_bytes"], 32 << 20)
        self.assertEqual(out["zero_bytes"], 8 << 20)
        self.assertEqual((out["strategy"], out["depth"], out["threads"], out["connections"]), ("spawned", 4, 2, 1))
        self.assertEqual(set(out["stages"]), {"receive", "crc", "decrypt", "decompress", "hash", "write"})
        for key in ("wire_bytes", "duration_s", "throughput_mib_per_s", "cpu_user_s", "cpu_sys_s", "peak_rss_bytes",
                    "sha256_kernel", "openssl_cpu_settings", "in_flight_mean", "retries"):
            self.assertIn(key, out)
        self.assertLessEqual(out["in_flight_mean"], 4)

    def test_variables_set_depth_and_threads(self):
        server = self.serve("--synthetic", "size=16MiB")
        env = {"PBS_RESTORE_FETCH_CONCURRENCY": "5", "PBS_RESTORE_MAX_THREADS": "3"}
        out = json.loads(self.expect(server.restore("null", "--json", env=env), DONE).stdout)
        self.assertEqual((out["depth"], out["threads"]), (5, 3))
        out = json.loads(self.expect(server.restore("null", "--json", "--depth", 6, env=env), DONE).stdout)
        self.assertEqual((out["depth"], out["threads"]), (6, 3))

    def test_progress_never_goes_backwards(self):
        server = self.serve("--synthetic", "size=256MiB,zeros=0.4,compress=3")
        finished = self.expect(server.restore("null"), DONE)
        percents = [int(line.split("%")[0].split()[1]) for line in finished.stderr.splitlines()
                    if line.startswith("progress ")]
        self.assertEqual(percents, sorted(percents))
        self.assertGreater(len(percents), 10)
        self.assertIn("restore image complete (bytes=268435456", finished.stderr)

    def test_token_login(self):
        server = self.serve("--synthetic", "size=16MiB")
        ready = server.ready
        repository = f"{ready['auth_id']}!{ready['token_name']}@{ready['host']}:{ready['port']}:{ready['datastore']}"
        self.expect(server.restore("null", "--repository", repository, env={"PBS_PASSWORD": ready["token_secret"]}), DONE)

    @unittest.skipUnless("sha_ni" in pathlib.Path("/proc/cpuinfo").read_text(), "this CPU has no SHA-NI")
    def test_mask_takes_sha_ni_away(self):
        server = self.serve("--synthetic", "size=16MiB")
        unmasked = json.loads(server.restore("null", "--json").stdout)
        masked = json.loads(server.restore("null", "--json", env={"OPENSSL_ia32cap": ":~0x20000000"}).stdout)
        self.assertIn("sha-ni", unmasked["sha256_kernel"])
        self.assertNotIn("sha-ni", masked["sha256_kernel"])
        self.assertNotEqual(unmasked["openssl_cpu_settings"], masked["openssl_cpu_settings"])


if __name__ == "__main__":
    main()
