# SPDX-License-Identifier: MIT
"""A thousand malformed sessions: a good session's bytes, changed at random from a seed, on the layer that the seed
chooses: HTTP/2 frames, the upgrade request, or the TLS handshake."""
import collections
import concurrent.futures
import random
import ssl

from good_client import THREADS, chunk_path, index_path, restore
from raw_http2 import (ACK, DATA, END_HEADERS, INITIAL_WINDOW, MAX_FRAME, PREFACE, RST_STREAM, SETTINGS, Session, expect, frame, good_upgrade,
                       ping, receive, request, settings, tcp, tls, window_update)

SESSIONS = 1000
GOOD_EVERY = 50
ANSWER_S = 0.25  # how long a mutated session waits for an answer that its mutation may have made impossible


def good_frames(p):
    return [PREFACE, settings((INITIAL_WINDOW, 1 << 30), (MAX_FRAME, 1 << 22)), window_update(0, 1 << 30), frame(SETTINGS, ACK, 0),
            request(1, index_path(p)), ping(b"12345678"), request(3, chunk_path(p, 0)), request(5, chunk_path(p, 1)),
            request(7, "/speedtest", flags=END_HEADERS), frame(DATA, 0, 7, b"body"), window_update(7, 1000),
            frame(DATA, 1, 7, b"end"), request(9, "/nope"), frame(RST_STREAM, 0, 5, b"\0\0\0\x08"),
            request(11, "/download?file-name=index.json.blob"), window_update(0, 1000)]


def flip(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def random_frame(rng):
    length = rng.choice((0, 1, 4, 5, 6, 8, 9, 100, 16384))
    said = rng.choice((length, length, length, rng.randrange(1 << 24)))
    return frame(rng.randrange(12), rng.randrange(256), rng.choice((0, 1, 2, 3, 7, 0x7FFFFFFF, rng.getrandbits(32))),
                 rng.randbytes(length), said)


def mutate_frames(frames, rng):
    """One to four changes; a frame is anything that a list element holds, the preface too."""
    for _ in range(rng.randint(1, 4)):
        place, other = rng.randrange(len(frames)), rng.randrange(len(frames))
        kind = rng.randrange(8)
        if kind == 0:
            frames[place] = flip(frames[place], rng)
        elif kind == 1:
            frames[place] = frames[place][:rng.randrange(len(frames[place]) + 1)]
        elif kind == 2:
            frames.insert(other, frames[place])
        elif kind == 3:
            frames[place], frames[other] = frames[other], frames[place]
        elif kind == 4 and len(frames) > 2:
            del frames[place]
        elif kind == 5:
            frames.insert(place, random_frame(rng))
        elif kind == 6:  # type, flags or stream of a frame
            at = rng.choice((3, 4, 5, 6, 7, 8))
            frames[place] = frames[place][:at] + rng.randbytes(1) + frames[place][at + 1:]
        else:
            frames[place] = rng.randbytes(3) + frames[place][3:]
    return frames


def end_of(sock):
    """Waits until the server says no more, and leaves without a word."""
    sock.settimeout(ANSWER_S)
    try:
        while receive(sock):
            pass
    except TimeoutError:
        pass
    sock.close()


def run_frames(p, frames):
    session = Session(p, start=b"", acknowledges=False)
    session.send(b"".join(frames) + ping(b"the end."))
    # Whatever was sent: what comes back must be HTTP/2.
    session.read_until(lambda: b"the end." in session.acknowledged, ANSWER_S)
    session.close()
    return session.goaway or ("closed" if session.closed else "served" if session.acknowledged else "silent")


def expect_good_frames_served(p):
    """What is mutated is right before."""
    session = Session(p, start=b"", acknowledges=False)
    session.send(b"".join(good_frames(p)))
    statuses = [session.wait_for(stream).status for stream in (1, 3, 7, 9, 11)]
    expect(statuses == [200, 200, 200, 404, 200] and session.alive(1), statuses, session.goaway)
    session.close()


def run_upgrade(p, rng):
    sent = good_upgrade(p)
    lines = sent.split(b"\r\n")
    sent = rng.choice((lambda: flip(sent, rng), lambda: sent[:rng.randrange(len(sent))],
                       lambda: b"\r\n".join(rng.sample(lines, len(lines))),
                       lambda: b"\r\n".join(lines[:rng.randrange(len(lines))] + [rng.randbytes(50)] + lines[1:])))()
    sock = tls(p)
    try:
        sock.sendall(sent)
    except (ConnectionError, ssl.SSLError):
        pass
    end_of(sock)
    return "upgrade"


def run_handshake(p, rng, hello):
    sent = rng.choice((lambda: flip(hello, rng), lambda: hello[:rng.randrange(len(hello))], lambda: hello + hello,
                       lambda: hello[:50] + rng.randbytes(100) + hello[50:]))()
    sock = tcp(p)
    try:
        sock.sendall(sent)
    except ConnectionError:
        pass
    end_of(sock)
    return "handshake"


def run_seed(p, seed, hello):
    rng = random.Random(seed)
    layer = rng.random()
    try:
        if layer < 0.8:
            outcome = run_frames(p, mutate_frames(good_frames(p), rng))
        elif layer < 0.95:
            outcome = run_upgrade(p, rng)
        else:
            outcome = run_handshake(p, rng, hello)
        if seed % GOOD_EVERY == 0:
            restore(p, range(len(p["chunks"])))
        return outcome
    except Exception as error:
        raise AssertionError(f"seed {seed}: {type(error).__name__} {error}") from error


def check_thousand(p, hello):
    expect_good_frames_served(p)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        outcomes = [pool.submit(run_seed, p, seed, hello) for seed in range(1, SESSIONS + 1)]
    failures = [str(outcome.exception()) for outcome in outcomes if outcome.exception()]
    ends = collections.Counter(outcome.result() for outcome in outcomes if not outcome.exception())
    print(f"{SESSIONS} malformed sessions, {len(failures)} with a wrong end;", dict(ends))
    expect(not failures, "\n" + "\n".join(failures[:20]))
