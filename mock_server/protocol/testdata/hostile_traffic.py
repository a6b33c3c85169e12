# SPDX-License-Identifier: MIT
"""Frames that are right each by itself and abuse the server together: windows, floods, connections that end early."""
import socket
import ssl
import struct

from good_client import chunk_path, expect_chunk, expect_usable, index_path, open_index, restore, run_all
from raw_http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOOD_START, HEADERS, INITIAL_WINDOW,
                       OPEN_SETTINGS, PING, PREFACE, RST_STREAM, SETTINGS, Session, block, expect, frame, good_upgrade, http1, ping,
                       request, request_fields, settings, tcp, tls, window_update)


# -- windows

def run_window_of_one_byte(p):
    session = Session(p, PREFACE + settings((INITIAL_WINDOW, 1)) + window_update(0, 1 << 30))
    # The index needs more than one byte too: its stream gets the whole window.
    session.send(request(1, index_path(p)) + window_update(1, 1 << 20))
    expect(session.wait_for(1).status == 200, "index")
    session.send(request(3, chunk_path(p, 1)))
    for received in range(1, p["chunks"][1]["size_bytes"] + 1):
        expect(session.read_until(lambda count=received: len(session.answer(3).body) >= count), "nothing more comes")
        expect(len(session.answer(3).body) == received, len(session.answer(3).body), "bytes for", received)
        session.send(window_update(3, 1))
    expect_chunk(p, 1, session.wait_for(3))
    session.close()


def run_window_of_zero(p):
    """Nothing leaves the server for a stream without a window, then all of it; other streams do not wait for it."""
    session = Session(p, GOOD_START)
    open_index(p, session, 1)
    session.send(settings((INITIAL_WINDOW, 0)) + request(3, chunk_path(p, 3)) + request(5, chunk_path(p, 1)))
    session.send(window_update(5, 1 << 30))
    expect_chunk(p, 1, session.wait_for(5))
    expect(session.alive(1) and not session.answer(3).body, "bytes without a window")
    session.send(window_update(3, 1000))
    expect(session.read_until(lambda: len(session.answer(3).body) >= 1000) and session.alive(2), "no bytes")
    expect(len(session.answer(3).body) == 1000, len(session.answer(3).body), "bytes for 1000")
    session.send(settings((INITIAL_WINDOW, 1 << 20)))
    expect_chunk(p, 3, session.wait_for(3))
    session.close()


def run_negative_window(p):
    """A setting may make a window negative (RFC 9113, 6.9.2): nothing is sent until it is positive again."""
    session = Session(p, PREFACE + settings((INITIAL_WINDOW, 4096)) + window_update(0, 1 << 30))
    session.send(request(1, "/speedtest"))
    expect(session.read_until(lambda: len(session.answer(1).body) == 4096), "no bytes")
    session.send(settings((INITIAL_WINDOW, 1)) + window_update(1, 4095))
    expect(session.alive(1) and len(session.answer(1).body) == 4096, "bytes for a window of 0")
    session.send(window_update(1, 1))
    expect(session.read_until(lambda: len(session.answer(1).body) >= 4097) and session.alive(2), "no byte for 1")
    expect(len(session.answer(1).body) == 4097, len(session.answer(1).body))
    session.send(window_update(1, 1 << 21))
    expect(session.wait_for(1).body == b"A" * (1 << 20), "other bytes")
    session.close()


def run_connection_window(p):
    """The connection's first window is 65535 bytes and no setting changes it (RFC 9113, 6.9.2)."""
    session = Session(p, PREFACE + settings((INITIAL_WINDOW, 1 << 30)))
    session.send(request(1, "/speedtest") + request(3, "/speedtest"))
    total = lambda: len(session.answer(1).body) + len(session.answer(3).body)  # noqa: E731
    expect(session.read_until(lambda: total() >= 65535) and session.alive(1), "no bytes")
    expect(total() == 65535, total(), "bytes in a connection window of 65535")
    restore(p, range(len(p["chunks"])))  # meanwhile others are served
    session.send(window_update(0, 1 << 30))
    for stream in (1, 3):
        expect(session.wait_for(stream).body == b"A" * (1 << 20), "other bytes")
    session.close()


def run_never_reading(p):
    """Clients that ask for everything and read nothing, while others are served."""
    sessions = []
    for _ in range(20):
        session = Session(p)
        session.send(request(1, index_path(p)))
        session.send(b"".join(request(3 + 2 * i, "/speedtest") for i in range(100)))
        sessions.append(session)
    for _ in range(5):
        restore(p, range(len(p["chunks"])))
    for session in sessions:
        session.close()


def run_small_frames(p):
    """A client that keeps the default gets frames of at most 16384 bytes."""
    session = Session(p, PREFACE + settings((INITIAL_WINDOW, 1 << 30)) + window_update(0, 1 << 30))
    open_index(p, session, 1)
    number = max(range(len(p["chunks"])), key=lambda i: p["chunks"][i]["size_bytes"])
    session.frame_bytes_max = 16384
    expect_chunk(p, number, session.get(3, chunk_path(p, number)))
    session.close()


def check_windows(p):
    run_all([("window: one byte at a time", None, lambda: run_window_of_one_byte(p)),
             ("window: zero", None, lambda: run_window_of_zero(p)),
             ("window: negative", None, lambda: run_negative_window(p)),
             ("window: of the connection", None, lambda: run_connection_window(p)),
             ("window: never opened by reading", None, lambda: run_never_reading(p)),
             ("window: small frames", None, lambda: run_small_frames(p))])


# -- floods

def flood(p, frames, rounds, prepare=b"", reads=False):
    """Sends `frames(i)` over and over: the server either ends the connection, and the outcome is its GOAWAY's code or
    "closed", or it still serves on it."""
    session = Session(p, PREFACE + OPEN_SETTINGS + window_update(0, 1 << 30))  # so that further updates fit
    session.send(prepare)
    try:
        for i in range(rounds):
            session.sock.sendall(frames(i))
            if reads:
                session.read_until(lambda: True)
    except (ConnectionError, ssl.SSLError):
        pass  # its last words may still be there to read
    outcome = "served" if session.alive(7) else session.goaway or "closed"
    if outcome == "served":
        expect_usable(p, session)
    session.close()
    return outcome


def many(data, count=200):
    return data * count


def run_rapid_resets(p):
    def frames(i):
        streams = range(1 + 200 * i, 201 + 200 * i, 2)
        return b"".join(request(s, "/speedtest") + frame(RST_STREAM, 0, s, b"\0\0\0\x08") for s in streams)
    outcome = flood(p, frames, 100)
    expect(outcome in ("ENHANCE_YOUR_CALM", "INTERNAL_ERROR", "closed"), "10000 resets are", outcome)


def run_resets_by_the_server(p):
    """Requests that make the server reset streams: as costly as the client's own resets."""
    def frames(i):
        return b"".join(request(s, "speedtest") for s in range(1 + 200 * i, 201 + 200 * i, 2))
    flood(p, frames, 100)


def run_continuations(p):
    session = Session(p)
    session.send(frame(HEADERS, END_STREAM, 1, block(request_fields("/speedtest"))))
    for _ in range(1000):
        session.send(many(frame(CONTINUATION, 0, 1)))
    expect(session.read_until(lambda: session.closed), "200000 empty CONTINUATION frames are taken")
    session.close()


def run_too_many_streams(p):
    """Over MAX_CONCURRENT_STREAMS: a stream error (RFC 9113, 5.1.2), or the connection's."""
    session = Session(p, PREFACE + settings((INITIAL_WINDOW, 0)) + window_update(0, 1 << 30))
    session.send(request(1, "/nope"))
    expect(session.read_until(lambda: session.answer(1).status) and session.alive(1), "no answer")  # SETTINGS are known
    for i in range(260):
        session.send(request(3 + 2 * i, "/speedtest"))
    session.read_until(lambda: session.goaway or session.answer(521).done)
    refused = [a.reset for a in session.answers.values() if a.reset]
    # Who still sends to a connection that was closed is reset, and a GOAWAY that was under way can be lost with it.
    ended = session.closed and session.goaway is None
    expect(ended or session.goaway in ("PROTOCOL_ERROR", "ENHANCE_YOUR_CALM") or len(refused) >= 60, session.goaway, refused)
    expect(set(refused) <= {"REFUSED_STREAM", "PROTOCOL_ERROR"}, refused)
    session.close()


def check_floods(p):
    data_open = request(1, "/speedtest", flags=END_HEADERS)
    priority = frame(2, 0, 7, b"\0\0\0\1\1")
    floods = [("PING", lambda i: many(ping())), ("PING ACK", lambda i: many(frame(PING, ACK, 0, bytes(8)))),
              ("SETTINGS", lambda i: many(settings((INITIAL_WINDOW, 65535 + i)))),
              ("empty SETTINGS", lambda i: many(settings())), ("SETTINGS ACK", lambda i: many(frame(SETTINGS, ACK, 0))),
              ("PRIORITY", lambda i: many(priority)), ("WINDOW_UPDATE", lambda i: many(window_update(0, 1))),
              ("unknown frames", lambda i: many(frame(0xEE, 0, 0))),
              ("requests for nothing", lambda i: b"".join(request(3 + 2 * s, "/nope")
                                                          for s in range(100 * i, 100 * i + 100)))]
    named = [("flood: " + name + (", read" if reads else ""), None,
              lambda frames=frames, reads=reads: flood(p, frames, 200, reads=reads))
             for name, frames in floods for reads in (False, True)]
    named += [("flood: empty DATA", None, lambda: flood(p, lambda i: many(frame(DATA, 0, 1)), 200, data_open)),
              ("flood: resets", None, lambda: run_rapid_resets(p)),
              ("flood: resets by the server", None, lambda: run_resets_by_the_server(p)),
              ("flood: empty CONTINUATION", None, lambda: run_continuations(p)),
              ("flood: streams", None, lambda: run_too_many_streams(p))]
    run_all(named)


# -- connections that end early

def end(sock, abruptly):
    raw = socket.socket(fileno=sock.detach())
    if abruptly:  # RST instead of FIN
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()


def end_in_handshake(p, count, abruptly, hello):
    sock = tcp(p)
    sock.sendall(hello[:count])
    end(sock, abruptly)


def end_in_upgrade(p, count, abruptly):
    sock = tls(p)
    sock.sendall(good_upgrade(p)[:count])
    end(sock, abruptly)


def end_in_session(p, count, abruptly):
    session = Session(p, start=b"")
    sent = (GOOD_START + request(1, "/download?file-name=" + p["archive"]) + request(3, chunk_path(p, 0))
            + request(5, "/speedtest"))
    session.send(sent[:count])
    end(session.sock, abruptly)


def end_in_body(p, read_bytes, abruptly):
    session = Session(p)
    open_index(p, session, 1)
    for stream in range(3, 35, 2):
        session.send(request(stream, "/speedtest"))
    session.read_until(lambda: sum(len(a.body) for a in session.answers.values()) >= read_bytes)
    end(session.sock, abruptly)


def end_in_login(p, abruptly):
    """A request whose body never comes whole."""
    sock = tls(p)
    sock.sendall(http1("POST", "/api2/json/access/ticket", {"host": "x", "content-length": "100"}, b"{"))
    end(sock, abruptly)


def check_early_ends(p, hello):
    named = []
    for abruptly in (False, True):
        how = "reset" if abruptly else "closed"
        for count in (0, 1, 5, 100, len(hello) - 1, len(hello)):
            named.append((f"{how} after {count} bytes of the handshake",
                          lambda n=count, a=abruptly: end_in_handshake(p, n, a, hello)))
        for count in range(0, len(good_upgrade(p)) + 1, 40):
            named.append((f"{how} after {count} bytes of the upgrade",
                          lambda n=count, a=abruptly: end_in_upgrade(p, n, a)))
        for count in range(0, 480, 12):
            named.append((f"{how} after {count} bytes of HTTP/2", lambda n=count, a=abruptly: end_in_session(p, n, a)))
        for read_bytes in (0, 1, 10000, 1000000, 10000000):
            named.append((f"{how} after {read_bytes} bytes of answers",
                          lambda n=read_bytes, a=abruptly: end_in_body(p, n, a)))
        named.append((f"{how} within a body", lambda a=abruptly: end_in_login(p, a)))
    run_all((name, None, function) for name, function in named)
