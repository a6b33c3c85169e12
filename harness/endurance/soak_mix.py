# SPDX-License-Identifier: MIT
"""What a soak does, drawn from a seed: how the server behaves in a round, and how each restore is set. Pure: the same
random source gives the same words."""

STRATEGIES = ("sequential", "buffered", "spawned", "threads", "pipelined")
CPU_FEATURES = ("no-sha-ni", "no-avx512", "no-sha-ni,no-avx512", "no-sha-ni,no-avx512,no-avx2")

# Each of them is transient: an image must come out whole. Shares are per request, and small: five failures in a row without
# a chunk between them end a restore, as they should, and up to 32 requests are in flight on a connection.
TRANSIENT = (
    {"kind": "status", "status": 503, "share": 0.01},
    {"kind": "status", "status": 500, "share": 0.01},
    {"kind": "reset", "share": 0.005},
    {"kind": "stream-reset", "share": 0.01},
    {"kind": "goaway", "share": 0.005},
    {"kind": "tls-alert", "share": 0.003},
    {"kind": "stall", "for": "150ms", "share": 0.02},
    {"kind": "drip", "rate": "30MB/s", "share": 0.02},
    {"kind": "expired-ticket", "share": 0.02, "times": 1},
)
# Fetched once more and then refused, so that one in a round is what every restore bears.
DAMAGE = ("truncate", "flip-payload", "flip-crc", "wrong-chunk")


def behaviour(rng):
    """A server object as scenarios have it."""
    server = {"seed": rng.getrandbits(32), "faults": rng.sample(TRANSIENT, rng.randint(0, 4))}
    if rng.random() < 0.5:
        server["faults"].append({"kind": rng.choice(DAMAGE), "share": 0.05, "times": 1})
    if rng.random() < 0.5:
        server["latency"] = rng.choice(("1ms", "5ms", "20ms"))
        server["jitter"] = "500us"
    if rng.random() < 0.2:
        server["connect"] = "5ms"
    if rng.random() < 0.3:
        server["rate"] = rng.choice(("200MB/s", "1GB/s"))
    if rng.random() < 0.2:
        server["connection_rate"] = "150MB/s"
    if rng.random() < 0.2:
        server["storage"] = {"servers": 4, "time": "lognormal:2ms:0.5"}
    return server


def strategy(rng):
    """Words for a strategy, with the settings that it has."""
    name = rng.choice(STRATEGIES)
    words = ["--strategy", name]
    if name != "sequential":
        automatic = name == "pipelined" and rng.random() < 0.3
        words += ["--depth", "auto" if automatic else str(rng.choice((1, 2, 4, 8, 16, 32)))]
        if automatic:
            words += ["--memory", rng.choice(("32MiB", "64MiB", "256MiB"))]
    if name == "spawned":
        words += ["--threads", str(rng.choice((1, 2, 4)))]
    if name == "pipelined":
        words += ["--threads", rng.choice(("1", "2", "4", "auto")), "--writers", str(rng.choice((1, 2, 4)))]
    return words


def settings(rng):
    """Words for everything about a restore but its images, targets and key."""
    words = strategy(rng) + ["--connections", str(rng.choice((1, 1, 1, 2, 4)))]
    for chance, option, values in ((0.3, "--zeros", ("in-order", "first")), (0.3, "--buffers", ("pool", "fresh")),
                                   (0.3, "--chunk-cache", ("1", "8")), (0.2, "--http2-window", ("65535B", "1MiB")),
                                   (0.2, "--http2-frame", ("16KiB", "1MiB")), (0.3, "--cpu-features", CPU_FEATURES)):
        if rng.random() < chance:
            words += [option, rng.choice(values)]
    return words


def target(rng, path):
    """How a file is named as a target."""
    return rng.choice(("{}", "{}", "uring:{}", "uring:{},depth=2", "slow:latency=1ms,rate=1GB/s,path={}")).format(path)


def kept_target(rng, path):
    """The same, of those that can be gone on from."""
    return rng.choice(("{}", "uring:{}")).format(path)
