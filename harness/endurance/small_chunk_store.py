# SPDX-License-Identifier: MIT
"""A datastore directory in PBS's own layout, written without any code of ours: one image of very many small chunks. A PBS
makes chunks of 4 MiB; the format lets them be any power of two, and a hundred thousand of 4 KiB are 400 MB."""
import hashlib
import json
import pathlib
import random
import struct
import zlib

PLAIN_BLOB = bytes.fromhex("42ab3807be8370a1")
FIXED_INDEX = bytes.fromhex("2f7f41ed91fd0fcd")
SNAPSHOT, BACKUP_TIME = "vm/100/2025-07-07T08:00:00Z", 1751875200
ARCHIVE = "drive-scsi0.img"
CHUNK_BYTES = 4096


def blob(payload):
    return PLAIN_BLOB + struct.pack("<I", zlib.crc32(payload)) + payload


def write_chunks(directory, image, chunks, seed):
    """The chunks, all of them different, and the image that they are; the digests in order."""
    rng, digests, made = random.Random(seed), [], set()
    with open(image, "wb") as whole:
        for number in range(chunks):
            payload = struct.pack("<Q", number) + rng.randbytes(CHUNK_BYTES - 8)
            digest = hashlib.sha256(payload)
            digests.append(digest.digest())
            whole.write(payload)
            place = directory / digest.hexdigest()[:4]
            if place.name not in made:
                place.mkdir()
                made.add(place.name)
            (place / digest.hexdigest()).write_bytes(blob(payload))
    return digests


def write_index(path, digests):
    table = b"".join(digests)
    csum = hashlib.sha256(table).digest()
    head = struct.pack("<8s16sq32sQQ", FIXED_INDEX, bytes(16), BACKUP_TIME, csum, len(digests) * CHUNK_BYTES, CHUNK_BYTES)
    path.write_bytes(head.ljust(4096, b"\0") + table)
    return csum.hex()


def write_store(directory, image, chunks, seed=1):
    """Makes `directory` a datastore, and `image` the file that a restore must equal."""
    directory, image = pathlib.Path(directory), pathlib.Path(image)
    snapshot = directory / SNAPSHOT
    snapshot.mkdir(parents=True)
    (directory / ".chunks").mkdir()
    csum = write_index(snapshot / (ARCHIVE + ".fidx"), write_chunks(directory / ".chunks", image, chunks, seed))
    listed = {"crypt-mode": "none", "csum": csum, "filename": ARCHIVE + ".fidx", "size": chunks * CHUNK_BYTES}
    manifest = {"backup-id": "100", "backup-time": BACKUP_TIME, "backup-type": "vm", "files": [listed], "signature": None,
                "unprotected": {}}
    (snapshot / "index.json.blob").write_bytes(blob(json.dumps(manifest).encode()))
