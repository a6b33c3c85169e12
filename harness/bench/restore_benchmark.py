#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a restore costs, as ratios: each of docs/performance.md's figures from one run, its settings interleaved.

  restore_benchmark.py [hashing] [floor] [lanes] [published] [zeros] [memory] [index] [together]
                                                                                    all where none is named
  --rounds N    of each setting (default 5)      --size SIZE    of the images (default 1GiB)

Prints a line per figure: the ratio (median of the rounds, least and greatest), and the bound it is held to. It judges
nothing by its exit status: the machine may be busy.

Every process is started from a fresh copy of the program: two equal files may differ by a third in CPU time for as long
as they stay in the page cache, by where in memory their pages happen to lie.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402

GIB = 1 << 30
MIB = 1 << 20
MASKED = ("--cpu-features", "no-sha-ni,no-avx512")
NO_SHA_NI = ("--cpu-features", "no-sha-ni")


def run_fresh(*arguments, **keywords):
    with common.temporary_directory() as directory:
        program = shutil.copy(common.PROGRAM, pathlib.Path(directory) / "depthfinder")
        done = common.run(*arguments, program=program, **keywords)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


class Reader:
    """Restores one archive of one server, again and again."""

    def __init__(self, server, key=None):
        self.ready, self.key = server.ready, key

    def restore(self, *flags):
        snapshot = self.ready["snapshots"][0]
        key = ("--keyfile", self.key) if self.key else ()
        return run_fresh("restore", snapshot["snapshot"], snapshot["archives"][0]["name"], "null", "--json", "--quiet",
                         "--repository", self.ready["repository"], "--fingerprint", self.ready["fingerprint"], *key,
                         *flags, env={"PBS_PASSWORD": self.ready["password"]}, timeout=600)


def cpu_s(result):
    return result["cpu_user_s"] + result["cpu_sys_s"]


def interleaved(rounds, settings):
    """{name: [result, ...]}: every setting once a round, in an order of its own each time."""
    order = random.Random(1)
    results = {name: [] for name in settings}
    for _ in range(rounds):
        for name in order.sample(sorted(settings), len(settings)):
            results[name].append(settings[name]())
    return results


def show(what, values, bound):
    values = sorted(values)
    print(f"{what:58} {statistics.median(values):7.3f}  ({values[0]:.3f} to {values[-1]:.3f})  {bound}", flush=True)


def ratios(results, new, base, figure):
    return [figure(a) / figure(b) for a, b in zip(results[new], results[base])]


def per_cpu_second(result):
    return result["logical_bytes"] / MIB / cpu_s(result)


def profile(*flags):
    return run_fresh("profile", "--json", *flags, timeout=300)


def hashing(options):
    """Each kernel against OpenSSL in one profile: per core, memory-cold."""
    for name, flags, bounds in (("with SHA-NI", (), {"lanes-avx512-x16": "at least 2.0"}),
                                ("no SHA-NI", NO_SHA_NI, {"lanes-avx512-x16": "at least 5", "lanes-avx2-x8": "at least 2.8"})):
        ratios_of = {}
        for _ in range(options.rounds):
            cost = {s["kernel"]: s["ns_per_byte"] for s in profile(*flags)["stages"] if s["stage"] == "sha256"}
            openssl = next(kernel for kernel in cost if kernel.startswith("openssl"))
            for kernel in cost.keys() - {openssl}:
                ratios_of.setdefault(kernel, []).append(cost[openssl] / cost[kernel])
        for kernel, values in sorted(ratios_of.items()):
            show(f"bytes per second to OpenSSL's, {name}, {kernel}", values, bounds.get(kernel, ""))


def floor(options):
    """The floor is measured anew in every round: a shared machine has fast minutes and slow ones."""
    with contextlib.ExitStack() as stack:
        key = make_key(stack.enter_context(common.temporary_directory()))
        readers = {}
        for name, spec, keyfile in (("plain, ratio 1.3", "compress=1.3", None), ("plain, ratio 1.8", "compress=1.8", None),
                                    ("encrypted, ratio 1.3", "compress=1.3", key)):
            server = stack.enter_context(common.Server("--synthetic", f"size={options.size},zeros=0.05,{spec}",
                                                       *(("--keyfile", keyfile) if keyfile else ())))
            readers[name] = Reader(server, keyfile)
        over = {name: [] for name in readers}
        for _ in range(options.rounds):
            profile()  # kept for the restores to find
            for name, reader in readers.items():
                over[name].append(reader.restore("--strategy", "pipelined")["cpu_over_floor"])
        for name, values in over.items():
            show(f"CPU time over the floor, {name}", values, "at most 1.25")


def make_key(directory):
    path = pathlib.Path(directory) / "key.json"
    common.write_key(path)
    return path


def lanes(options):
    with common.Server("--synthetic", f"size={options.size},zeros=0.05,compress=1.3") as server:
        reader = Reader(server)
        settings = {f"{strategy} {name}": lambda strategy=strategy, flags=flags: reader.restore(
            "--strategy", strategy, *flags) for strategy in ("spawned", "pipelined")
            for name, flags in (("whole", ()), ("no SHA-NI", NO_SHA_NI), ("AVX2 only", MASKED))}
        results = interleaved(options.rounds, settings)
        for name, bound in (("whole", "at least 1.2"), ("no SHA-NI", "at least 2.0"), ("AVX2 only", "at least 2.0 is hoped for")):
            show(f"MiB/s per CPU-second, pipelined to spawned, {name}",
                 ratios(results, f"pipelined {name}", f"spawned {name}", per_cpu_second), bound)


def write_published_image(path, size):
    """Half incompressible, half text-like at zstd's ratio 1.8, 5 % zero, mixed chunk by chunk."""
    source = random.Random(7)
    words = ["".join(source.choices("etaoinshrdlu", k=source.randint(3, 9))) for _ in range(20000)]
    chunks = size // common.CHUNK
    with open(path, "wb") as file:
        for chunk in range(chunks):
            if chunk % 20 == 7:
                file.write(bytes(common.CHUNK))
            elif chunk % 2:
                file.write(os.urandom(common.CHUNK))
            else:
                noise = os.urandom(common.CHUNK * 35 // 100)
                text = " ".join(source.choices(words, k=common.CHUNK // 7))[:common.CHUNK - len(noise)]
                file.write((noise + text.encode()).ljust(common.CHUNK, b"\n"))


def published(options):
    """Against the real client's figures (libproxmox-backup-qemu, depth 16, 4 threads, the same make of image, another
    machine of the same kind): 1.83 + 0.43 s of CPU time per GiB, 2.77 + 0.39 s with SHA-NI masked."""
    with common.temporary_directory() as directory:
        image = pathlib.Path(directory) / "image.raw"
        write_published_image(image, GIB)
        done = common.run("ingest", image, "--datastore", pathlib.Path(directory) / "store", "--snapshot",
                          "vm/100/2025-07-07T08:00:00Z", timeout=600)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        image.unlink()
        with common.Server("--datastore", pathlib.Path(directory) / "store") as server:
            reader = Reader(server)
            results = interleaved(options.rounds, {
                "whole": lambda: reader.restore("--strategy", "pipelined"),
                "no SHA-NI": lambda: reader.restore("--strategy", "pipelined", *NO_SHA_NI),
                "AVX2 only": lambda: reader.restore("--strategy", "pipelined", *MASKED)})
            print(f"  {results['whole'][0]['wire_bytes'] / MIB:.0f} MiB on the wire (published: 753)")
            for name, base_s, bound in (("whole", 2.26, 0.55), ("no SHA-NI", 3.16, 0.4), ("AVX2 only", 3.16, 0.4)):
                show(f"CPU time per GiB to the published client's, {name}", [cpu_s(r) / base_s for r in results[name]],
                     f"at most {bound}")


def zeros(options):
    size = options.size_bytes
    chunks = size // common.CHUNK
    data = chunks - round(chunks * 0.69)
    with common.Server("--synthetic", f"size={options.size},zeros=0.69,compress=1.3") as mixed, \
            common.Server("--synthetic", f"size={data * common.CHUNK}B,zeros=0,compress=1.3") as full:
        readers = {"mixed": Reader(mixed), "full": Reader(full)}
        results = interleaved(options.rounds * 3, {
            name: lambda reader=reader: reader.restore("--strategy", "pipelined") for name, reader in readers.items()})
        show("time of a 69 % zero image to that of its data alone",
             ratios(results, "mixed", "full", lambda r: r["duration_s"]), "at most 1.1")


def memory(options):
    for size in ("256MiB", options.size):
        with common.Server("--synthetic", f"size={size},zeros=0.05,compress=1.3") as server:
            reader = Reader(server)
            for depth in (1, 4, 16, 64, 256):
                result = reader.restore("--strategy", "pipelined", "--depth", depth)
                bound = depth * 2 * common.CHUNK + 48 * MIB
                show(f"peak RSS to its bound, {size}, depth {depth} ({result['peak_rss_bytes'] / MIB:.0f} MiB)",
                     [result["peak_rss_bytes"] / bound], "at most 1")


def index(options):
    """Mostly zero images: what a chunk of the index costs in time and memory."""
    with common.Server("--synthetic", "size=1GiB,zeros=0.9,compress=1.3") as small, \
            common.Server("--synthetic", "size=1TiB,zeros=0.9999,compress=1.3") as large:
        readers = {"small": Reader(small), "large": Reader(large)}
        results = interleaved(options.rounds, {
            name: lambda reader=reader: reader.restore("--strategy", "pipelined") for name, reader in readers.items()})

    def chunk_us(result):
        return result["duration_s"] * 1e6 / (result["logical_bytes"] / common.CHUNK)
    show("us per chunk, 1 GiB", [chunk_us(r) for r in results["small"]], "")
    show("us per chunk, 1 TiB", [chunk_us(r) for r in results["large"]], "at most 1.05 of that")
    extra = [(a["peak_rss_bytes"] - b["peak_rss_bytes"]) / (a["logical_bytes"] / common.CHUNK)
             for a, b in zip(results["large"], results["small"])]
    show("bytes of memory more per chunk of the 1 TiB index", extra, "at most 64")


def together(options):
    """Three disks of one snapshot, a round trip of 20 ms: one after another against all at once."""
    images = [word for seed, size in enumerate(("512MiB", "256MiB", "128MiB"))
              for word in ("--synthetic", f"size={size},zeros=0.3,compress=1.8,seed={seed + 1}")]
    with common.Server(*images, "--latency", "20ms") as server:
        disks = [a["name"] for a in server.ready["snapshots"][0]["archives"] if a["name"].endswith(".img.fidx")]
        pairs = [word for disk in disks for word in (disk, "null")]

        def restore(*flags):
            return run_fresh("restore", server.snapshot(), *pairs, "--json", "--quiet", "--strategy", "pipelined", *flags,
                             env=server.env(), timeout=600)
        for depth in (4, 16):
            results = interleaved(options.rounds, {
                "together": lambda depth=depth: restore("--depth", depth),
                "one by one": lambda depth=depth: restore("--depth", depth, "--one-by-one")})
            show(f"time one by one to that together, three disks, depth {depth}",
                 ratios(results, "one by one", "together", lambda r: r["duration_s"]), "")


FIGURES = {f.__name__: f for f in (hashing, floor, lanes, published, zeros, memory, index, together)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="1GiB")
    options = parser.parse_args()
    unknown = [name for name in options.figures if name not in FIGURES]
    if unknown:
        parser.error(f"no figure {unknown[0]}; there are {', '.join(FIGURES)}")
    units = {"MiB": MIB, "GiB": GIB}
    options.size_bytes = int(options.size[:-3]) * units[options.size[-3:]]
    for name in options.figures or FIGURES:
        FIGURES[name](options)


if __name__ == "__main__":
    main()
