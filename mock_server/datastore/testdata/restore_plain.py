# SPDX-License-Identifier: MIT
"""Restores an uncompressed, unencrypted fixed archive from a datastore directory and compares its SHA-256.

Usage: restore_plain.py DATASTORE SNAPSHOT ARCHIVE SHA256; exit status 0 when they agree. The standard library only:
an implementation of the format that shares nothing with the one under test.
"""
import hashlib
import os
import struct
import sys
import zlib

PLAIN_BLOB = bytes.fromhex("42ab3807be8370a1")
FIXED_INDEX = bytes.fromhex("2f7f41ed91fd0fcd")


def blob_payload(path):
    with open(path, "rb") as file:
        raw = file.read()
    assert raw[:8] == PLAIN_BLOB, f"{path}: not a plain blob"
    assert struct.unpack("<I", raw[8:12])[0] == zlib.crc32(raw[12:]), f"{path}: CRC"
    return raw[12:]


def main(datastore, snapshot, archive, expected):
    with open(os.path.join(datastore, snapshot, archive), "rb") as file:
        index = file.read()
    magic, _uuid, _ctime, csum, size, chunk_size = struct.unpack("<8s16sq32sQQ", index[:80])
    table = index[4096:]
    assert magic == FIXED_INDEX and chunk_size == 4 << 20 and not any(index[80:4096])
    assert csum == hashlib.sha256(table).digest()
    assert len(table) == 32 * -(-size // chunk_size)
    assert os.path.exists(os.path.join(datastore, snapshot, "index.json.blob"))
    assert len(os.listdir(os.path.join(datastore, ".chunks"))) == 65536
    image = hashlib.sha256()
    for position in range(0, len(table), 32):
        digest = table[position:position + 32]
        name = digest.hex()
        payload = blob_payload(os.path.join(datastore, ".chunks", name[:4], name))
        assert hashlib.sha256(payload).digest() == digest, name
        assert len(payload) == min(chunk_size, size - position // 32 * chunk_size), name
        image.update(payload)
    assert image.hexdigest() == expected, "the restored image differs"


main(*sys.argv[1:])
