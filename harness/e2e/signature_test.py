#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Signed manifests, through the mock: what a server that turned hostile makes of them. Canonical text and signature are
made here, not by the program."""
import copy
import hashlib
import hmac
import json
import pathlib
import struct
import zlib

from common import CHUNK, DONE, INTEGRITY, Server, TestCase, USAGE, main, run, temporary_directory, write_key

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
TIME = 1751875200  # 2025-07-07T08:00:00Z
SNAPSHOT, LATER = "vm/100/2025-07-07T08:00:00Z", "vm/100/2025-07-08T08:00:00Z"
ARCHIVE = "drive-scsi0.img.fidx"
PLAIN_BLOB = bytes.fromhex("42ab3807be8370a1")


def id_key(key):
    return hashlib.pbkdf2_hmac("sha256", key, b"_id_key", 10, 32)


def key_fingerprint(key):
    text = hashlib.sha256(b"Proxmox Backup Encryption Key Fingerprint").digest()
    return hashlib.sha256(text + id_key(key)).digest().hex(":")


def signature(manifest, key):
    signed = {name: value for name, value in manifest.items() if name not in ("unprotected", "signature")}
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hmac.new(id_key(key), text, hashlib.sha256).hexdigest()


def blob(manifest):
    body = json.dumps(manifest).encode()
    return PLAIN_BLOB + struct.pack("<I", zlib.crc32(body)) + body


def manifest_of(index, mode, key, time=TIME):
    """As a real client writes it, with the index's own checksum and size."""
    data = index.read_bytes()
    manifest = {"backup-type": "vm", "backup-id": "100", "backup-time": time, "unprotected": {},
                "files": [{"filename": ARCHIVE, "size": struct.unpack_from("<Q", data, 64)[0], "crypt-mode": mode,
                           "csum": hashlib.sha256(data[4096:]).hexdigest()}], "signature": None}
    if key:
        manifest["signature"] = signature(manifest, key)
        manifest["unprotected"]["key-fingerprint"] = key_fingerprint(key)
    return manifest


class Signatures(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = pathlib.Path(cls.enterClassContext(temporary_directory()))
        cls.key = write_key(cls.made / "key.json", KEY)
        cls.other_key = write_key(cls.made / "other.json", OTHER_KEY)
        for path in (cls.key, cls.other_key):
            path.chmod(0o600)
        image = cls.made / "disk.img"
        image.write_bytes(b"".join(bytes([i + 1]) * CHUNK for i in range(3)))
        cls.store = cls.made / "store"
        for snapshot, key in ((SNAPSHOT, ("--keyfile", cls.key)), (LATER, ())):
            finished = run("ingest", image, "--datastore", cls.store, "--snapshot", snapshot, *key)
            if finished.returncode != DONE:
                raise RuntimeError(finished.stderr)
        cls.encrypted, cls.plain = cls.store / SNAPSHOT / ARCHIVE, cls.store / LATER / ARCHIVE
        cls.server = cls.enterClassContext(Server("--datastore", cls.store))

    def setUp(self):
        super().setUp()
        for index in (self.encrypted, self.plain):
            manifest = index.parent / "index.json.blob"
            self.addCleanup(manifest.write_bytes, manifest.read_bytes())
            self.addCleanup(index.write_bytes, index.read_bytes())

    def restore(self, *options, snapshot=SNAPSHOT):
        return self.server.restore("null", *options, snapshot=snapshot)

    def with_manifest(self, manifest, *options, snapshot=SNAPSHOT):
        (self.store / snapshot / "index.json.blob").write_bytes(blob(manifest))
        return self.restore(*options, snapshot=snapshot)

    def test_what_the_program_signed_passes(self):
        self.expect(self.restore("--keyfile", self.key, "--require-signature"), DONE)

    def test_what_was_signed_elsewhere_passes(self):
        manifest = manifest_of(self.encrypted, "encrypt", KEY)
        self.expect(self.with_manifest(manifest, "--keyfile", self.key, "--require-signature"), DONE)
        sign_only = manifest_of(self.plain, "sign-only", KEY, TIME + 86400)
        self.expect(self.with_manifest(sign_only, "--keyfile", self.key, "--require-signature", snapshot=LATER), DONE)

    def test_without_a_key_or_with_another_it_cannot_be_checked(self):
        self.expect(self.restore("--require-signature"), INTEGRITY, "give the key file", key_fingerprint(KEY)[:23])
        self.expect(self.restore("--require-signature", snapshot=LATER), INTEGRITY, "give the key file")
        self.expect(self.restore("--keyfile", self.other_key, "--require-signature"), INTEGRITY, "wrong key",
                    key_fingerprint(KEY)[:23])
        self.expect(self.restore("--keyfile", self.other_key), USAGE, "wrong key")

    def test_an_unsigned_manifest_passes_only_where_none_is_required(self):
        finished = self.expect(self.restore("--keyfile", self.key, snapshot=LATER), DONE)
        self.assertIn("not signed", finished.stderr)
        self.expect(self.restore("--keyfile", self.key, "--require-signature", snapshot=LATER), INTEGRITY, "not signed",
                    "without --require-signature")

    def test_downgrades(self):
        signed = manifest_of(self.encrypted, "encrypt", KEY)
        plain = manifest_of(self.plain, "none", None)  # an unencrypted image in the place of the encrypted one

        def changed(**members):
            return {**copy.deepcopy(signed), **members}

        no_fingerprint = changed(unprotected={})
        other_fingerprint = changed(unprotected={"key-fingerprint": key_fingerprint(OTHER_KEY)})
        mode_none = changed(files=[{**signed["files"][0], "crypt-mode": "none"}])
        cases = {  # what was done: (manifest, status without the flag, status with it)
            "signature taken away": (changed(signature=None), DONE, INTEGRITY),
            "signature and fingerprint taken away": (changed(signature=None, unprotected={}), DONE, INTEGRITY),
            "signature of another key": (changed(signature=signature(signed, OTHER_KEY)), INTEGRITY, INTEGRITY),
            "fingerprint taken away": (no_fingerprint, DONE, DONE),
            "fingerprint of another key": (other_fingerprint, USAGE, INTEGRITY),
            "crypt mode none": (mode_none, INTEGRITY, INTEGRITY),
            "crypt mode none, unsigned": ({**mode_none, "signature": None}, INTEGRITY, INTEGRITY),
            "another archive's checksum": (changed(files=plain["files"]), INTEGRITY, INTEGRITY),
            "a member added": (changed(extra="x"), INTEGRITY, INTEGRITY),
        }
        for name, (manifest, without, required) in cases.items():
            with self.subTest(name):
                self.expect(self.with_manifest(manifest, "--keyfile", self.key), without)
                self.expect(self.with_manifest(manifest, "--keyfile", self.key, "--require-signature"), required)

    def test_an_image_put_in_the_place_of_an_encrypted_one(self):
        """Plain data, plainly listed: only a required signature notices."""
        self.encrypted.write_bytes(self.plain.read_bytes())
        manifest = manifest_of(self.plain, "none", None)
        self.expect(self.with_manifest(manifest, "--keyfile", self.key), DONE)
        self.expect(self.with_manifest(manifest, "--keyfile", self.key, "--require-signature"), INTEGRITY, "not signed")

    def test_another_snapshots_manifest(self):
        signed = manifest_of(self.encrypted, "encrypt", KEY)
        for member, value in (("backup-id", "101"), ("backup-type", "ct"), ("backup-time", TIME + 1)):
            other = {**signed, member: value}
            other["signature"] = signature(other, KEY)
            for options in ((), ("--require-signature",)):
                finished = self.with_manifest(other, "--keyfile", self.key, *options)
                self.expect(finished, INTEGRITY, SNAPSHOT, "got the manifest of")

    def test_a_sweep_requires_it_too(self):
        def sweep(snapshot, *options):
            return run("sweep", "--repository", self.server.ready["repository"], "--snapshot", snapshot, "--archive", ARCHIVE,
                       "--dry-run", "-o", self.work / "out", *options, env=self.server.env())
        self.expect(sweep(SNAPSHOT, "--keyfile", self.key, "--require-signature"), DONE)
        self.expect(sweep(LATER, "--keyfile", self.key, "--require-signature"), INTEGRITY, "not signed")
        self.expect(sweep(SNAPSHOT, "--require-signature"), INTEGRITY, "give the key file")
        self.expect(run("sweep", "quickstart", "--dry-run", "--require-signature"), USAGE, "--repository")


if __name__ == "__main__":
    main()
