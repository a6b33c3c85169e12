# SPDX-License-Identifier: MIT
"""Whether a sparse file is an image, every byte of it, without reading what is no data: each chunk that the index does not
call zero is read and hashed, and everything else is either a hole, which reads as zeros by definition, or read and found to
be zeros. The index comes from a client that shares no code with ours."""
import hashlib
import os
import pathlib
import sys

import common

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "mock_server/protocol/testdata"))
import raw_http2  # noqa: E402

INDEX_HEADER_BYTES, DIGEST_BYTES = 4096, 32


def index_of(parameters):
    """The digests of an archive, as the server has them for any client."""
    session = raw_http2.Session(parameters)
    answer = session.get(1, "/download?file-name=" + parameters["archive"])
    session.close()
    raw_http2.expect(answer.status == 200, "index:", answer.status, answer.reset)
    table = bytes(answer.body[INDEX_HEADER_BYTES:])
    return [table[at:at + DIGEST_BYTES] for at in range(0, len(table), DIGEST_BYTES)]


def data_ranges(file, size):
    """(begin, end) of what the file system holds as data."""
    at = 0
    while at < size:
        try:
            begin = os.lseek(file, at, os.SEEK_DATA)
        except OSError:  # ENXIO: only a hole is left
            return
        at = os.lseek(file, begin, os.SEEK_HOLE)
        yield begin, at


def zeros_only(file, begin, end):
    while begin < end:
        part = os.pread(file, min(common.CHUNK, end - begin), begin)
        if not part or part.strip(b"\0"):
            return False
        begin += len(part)
    return True


def differences(path, digests, size):
    """Sentences on what is wrong; none where the file is the image."""
    zero = hashlib.sha256(bytes(common.CHUNK)).digest()
    held = [number for number, digest in enumerate(digests) if digest != zero]
    wrong = [] if os.path.getsize(path) == size else [f"the file has {os.path.getsize(path)} bytes, the image {size}"]
    file = os.open(path, os.O_RDONLY)
    try:
        for number in held:
            if hashlib.sha256(os.pread(file, common.CHUNK, number * common.CHUNK)).digest() != digests[number]:
                wrong.append(f"chunk {number} has another SHA-256 than its index says")
        gaps = [0] + [end for number in held for end in (number * common.CHUNK, (number + 1) * common.CHUNK)] + [size]
        empty = list(zip(gaps[::2], gaps[1::2]))
        for begin, end in data_ranges(file, size):
            for gap_begin, gap_end in empty:
                first, last = max(begin, gap_begin), min(end, gap_end)
                if first < last and not zeros_only(file, first, last):
                    wrong.append(f"bytes {first} to {last} are not all zeros")
    finally:
        os.close(file)
    allocated = os.stat(path).st_blocks * 512
    if allocated > (len(held) + 1) * common.CHUNK:
        wrong.append(f"{allocated} bytes are allocated for {len(held)} chunks that are not zeros")
    return wrong
