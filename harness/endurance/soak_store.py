# SPDX-License-Identifier: MIT
"""What a soak restores: three seeded images in one datastore directory, plain as vm/100 and encrypted as vm/101, served by
one process. The images stay as files, so that what was restored is compared with bytes that no code of ours has touched."""
import calendar
import hashlib
import json
import pathlib
import random
import time
import urllib.request

import common

TIME_TEXT = "2025-07-07T08:00:00Z"
PLAIN, ENCRYPTED = "vm/100/" + TIME_TEXT, "vm/101/" + TIME_TEXT
ARCHIVES = tuple(f"drive-scsi{number}.img" for number in range(3))
CHUNKS = (11, 6, 3)  # of the images, the last of each image short
INDEX_HEADER_BYTES, DIGEST_BYTES = 4096, 32


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_chunk(rng):
    """Half of it compresses well."""
    noise = rng.randbytes(common.CHUNK // 2)
    return noise + (rng.randbytes(64) * (common.CHUNK // 128))


def make_image(rng, chunks, common_chunk):
    """Some chunks of zeros, some that occur again, in this image and in the next."""
    parts = [common_chunk]
    while len(parts) < chunks:
        kind = rng.random()
        parts.append(bytes(common.CHUNK) if kind < 0.25 else rng.choice(parts) if kind < 0.35 else make_chunk(rng))
    return b"".join(parts) + rng.randbytes(rng.randrange(1, common.CHUNK))


class Store:
    """The datastore's directory, the images and the key."""

    def __init__(self, directory, seed):
        self.directory, self.key = directory / "store", common.write_key(directory / "key.json")
        rng = random.Random(f"{seed}/images")
        common_chunk = make_chunk(rng)
        self.images = {}
        for archive, chunks in zip(ARCHIVES, CHUNKS):
            self.images[archive] = directory / archive
            self.images[archive].write_bytes(make_image(rng, chunks, common_chunk))
        self.sha256 = {archive: sha256_of(path) for archive, path in self.images.items()}
        for snapshot, key in ((PLAIN, ()), (ENCRYPTED, ("--keyfile", self.key))):
            done = common.run("ingest", *self.images.values(), "--datastore", self.directory, "--snapshot", snapshot, *key)
            if done.returncode != common.DONE:
                raise RuntimeError(done.stderr)

    def chunks(self):
        """Digest and length of the stored chunks of the first plain image."""
        index = (self.directory / PLAIN / (ARCHIVES[0] + ".fidx")).read_bytes()[INDEX_HEADER_BYTES:]
        digests = [index[at:at + DIGEST_BYTES].hex() for at in range(0, len(index), DIGEST_BYTES)]
        return [{"digest": digest, "size_bytes": (self.directory / ".chunks" / digest[:4] / digest).stat().st_size}
                for digest in digests]


class SoakedServer(common.Server):
    """The one mock of a soak, whose behaviour changes while it runs."""

    def __init__(self, store):
        super().__init__("--datastore", store.directory, "--keyfile", store.key)
        self.store = store
        for snapshot in self.ready["snapshots"]:
            for archive in snapshot["archives"]:
                name = archive["name"].removesuffix(".fidx")
                if name in store.sha256 and archive["sha256"] != store.sha256[name]:
                    raise RuntimeError(f"the server says another SHA-256 of {snapshot['snapshot']} {name}")

    def behave(self, server):
        """From now on, as this server object of a scenario says."""
        token = f"PBSAPIToken {self.ready['auth_id']}!{self.ready['token_name']}:{self.ready['token_secret']}"
        url = self.ready["metrics_url"].replace("/metrics", "/server")
        request = urllib.request.Request(url, json.dumps(server).encode(), {"Authorization": token}, method="PUT")
        with urllib.request.urlopen(request, timeout=common.DEADLINE_S, context=common.ssl._create_unverified_context()):
            pass

    def peer_parameters(self):
        """For the clients of mock_server/protocol/testdata."""
        ready = self.ready
        return {"host": ready["host"], "port": ready["port"], "token": f"{ready['auth_id']}!{ready['token_name']}",
                "secret": ready["token_secret"], "store": ready["datastore"], "backup_id": "100",
                "backup_time": calendar.timegm(time.strptime(TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ")),
                "archive": ARCHIVES[0] + ".fidx", "chunks": self.store.chunks()}
