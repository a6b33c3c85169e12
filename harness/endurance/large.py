#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Restores that are large in one way each, everything verified, and the most memory that both sides used.

  large.py [tebibyte] [chunks] [crowd] [full-chunks]     the first three where none is named
  --small     each of them small, to see that this works

  tebibyte     an image of 1 TiB, all but some chunks zero, into a sparse file: every byte of it checked (sparse_check.py)
  chunks       100,000 distinct chunks of 4 KiB, from a datastore that no code of ours wrote, compared byte by byte
  crowd        64 clients at once on one server, each image compared by SHA-256
  full-chunks  100,000 distinct chunks of 4 MiB (390 GiB, compressible) to nowhere: each chunk's SHA-256 is held against its
               index by the restore, and the server must have been asked for as many. Takes the CPU for many minutes.

Status 0: all of it right; 1: not."""
import argparse
import concurrent.futures
import filecmp
import json
import pathlib
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
import small_chunk_store  # noqa: E402
import soak_store  # noqa: E402
import soak_watch  # noqa: E402
import sparse_check  # noqa: E402

MIB = 1 << 20
LONG_S = 7200  # for what ends by itself after minutes


def restored(server, target, *words, archive="drive-scsi0.img"):
    """What a restore says of itself."""
    done = common.run("restore", server.snapshot(), archive, target, "--json", "--quiet", "--floor", "stored", *words,
                      env=server.env(), timeout=LONG_S)
    if done.returncode != common.DONE:
        raise AssertionError(f"{' '.join(map(str, words))}: status {done.returncode}, {done.stderr[-400:]}")
    return json.loads(done.stdout)


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)))


def peaks(server, *results):
    clients = max(result["peak_rss_bytes"] for result in results)
    return f"at most {clients / MIB:.0f} MiB a client, {soak_watch.peak_rss_bytes(server.process.pid) / MIB:.0f} MiB the server"


def tebibyte(directory, small):
    """An image that is mostly nothing, and all of it seen."""
    size, zeros = (1 << 37, 0.9995) if small else (1 << 40, 0.9998)
    said = []
    with common.Server("--synthetic", f"size={size}B,zeros={zeros},compress=1.5") as server:
        parameters = {"host": server.ready["host"], "port": server.ready["port"], "store": server.ready["datastore"],
                      "token": f"{server.ready['auth_id']}!{server.ready['token_name']}", "secret": server.ready["token_secret"],
                      "backup_id": "100", "backup_time": small_chunk_store.BACKUP_TIME, "archive": "drive-scsi0.img.fidx"}
        digests = sparse_check.index_of(parameters)
        expect(len(digests) == size // common.CHUNK, len(digests), "digests")
        for strategy in ("pipelined", "spawned"):
            path = directory / "disk.raw"
            path.unlink(missing_ok=True)
            said.append(restored(server, path, "--strategy", strategy))
            wrong = sparse_check.differences(path, digests, size)
            expect(not wrong, strategy, "; ".join(wrong[:10]))
            again = restored(server, path, "--strategy", strategy, "--resume")
            expect((again["requests"], again["reused_bytes"]) == (0, size), "gone on with:", again["requests"], "requests")
        return f"{size >> 30} GiB in {path.stat().st_blocks * 512 / MIB:.0f} MiB on disk; {peaks(server, *said)}"


def chunks(directory, small):
    """Very many digests, requests and answers."""
    count = 3000 if small else 100_000
    image, said = directory / "image.raw", []
    small_chunk_store.write_store(directory / "store", image, count)
    with common.Server("--datastore", directory / "store") as server:
        for strategy, connections in (("pipelined", 1), ("pipelined", 4), ("spawned", 1)):
            path = directory / "disk.raw"
            said.append(restored(server, path, "--strategy", strategy, "--connections", connections, "--depth", "64",
                                 "--overwrite"))
            expect(said[-1]["requests"] == count, said[-1]["requests"], "requests for", count, "chunks")
            expect(filecmp.cmp(image, path, shallow=False), strategy, connections, "connections: other bytes")
        return f"{count} chunks, three restores; {peaks(server, *said)}"


def full_chunks(_, small):
    """The same with chunks as a PBS makes them; too much for any disk."""
    count = 200 if small else 100_000
    with common.Server("--synthetic", f"size={count * common.CHUNK}B,compress=100", ready_s=LONG_S) as server:
        said = restored(server, "null", "--strategy", "pipelined", "--depth", "16")
        expect(said["requests"] == count and said["logical_bytes"] == count * common.CHUNK, said)
        return f"{count} chunks of 4 MiB; {peaks(server, said)}"


def crowd(directory, small):
    """All of them at once, on one server."""
    clients = 64
    size = (2 if small else 12) * common.CHUNK + 12345
    strategies = ("pipelined", "spawned", "threads", "buffered")
    with common.Server("--synthetic", f"size={size}B,zeros=0.1,compress=1.5", "--latency", "5ms") as server:
        def restore(number):
            path = directory / f"disk-{number}.raw"
            said = restored(server, path, "--strategy", strategies[number % len(strategies)], "--depth", "4", "--connections",
                            1 + number % 2)
            found = soak_store.sha256_of(path)
            path.unlink()
            expect(found == server.archive()["sha256"], "client", number, "restored", found)
            return said
        with soak_watch.Peaks(server.process.pid) as seen, concurrent.futures.ThreadPoolExecutor(clients) as pool:
            said = list(pool.map(restore, range(clients)))
        return (f"{clients} clients, {seen.descriptors} descriptors and {seen.threads} threads in the server at most; "
                f"{peaks(server, *said)}")


PARTS = {"tebibyte": tebibyte, "chunks": chunks, "crowd": crowd, "full-chunks": full_chunks}


def run(name, small, say=print):
    """One of them; whether it was right."""
    began = time.monotonic()
    try:
        with common.temporary_directory() as directory:
            outcome = PARTS[name](pathlib.Path(directory), small)
    except Exception:  # pylint: disable=broad-except
        say(f"{name}: WRONG\n{traceback.format_exc()}")
        return False
    say(f"{name}: {outcome}; {time.monotonic() - began:.0f} s")
    return True


def main():
    parser = argparse.ArgumentParser(usage="ci/large [tebibyte] [chunks] [crowd] [full-chunks] [--small]")
    parser.add_argument("parts", nargs="*", metavar="part", choices=[*PARTS, []])
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    names = options.parts or ["tebibyte", "chunks", "crowd"]
    return 0 if all([run(name, options.small) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
