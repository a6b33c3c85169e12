# SPDX-License-Identifier: MIT
"""A client that breaks the reader protocol in every way we could think of, and some at random.

usage: malformed_sessions.py CHECK PARAMETERS.json [SEED]

Each check talks to a running mock server and ends with status 0, or with what went wrong. While it runs, another client
restores from the same server and must never notice; afterwards the server must hold no connection and no descriptor
more than before. PARAMETERS holds host, port, pid, token, secret, store, path, backup_id, backup_time,
backup_time_text, archive, chunks (digest, size_bytes), missing_digest, bounded_memory. SEED repeats one session of the check
"thousand".
"""
import json
import socket
import ssl
import sys

import hostile_traffic
import malformed_cases as cases
import malformed_upgrades
import mutated_sessions
from good_client import chunk_path, expect_usable, nothing_left_behind, open_index, run_all
from raw_http2 import (DEADLINE_S, GOOD_START, QUIET_S, Session, client_context, expect, good_upgrade, read_answer,
                       receive, request, tcp, tls)


# -- upgrade requests

def run_upgrade(p, case):
    sock = tls(p)
    sock.sendall(case.sent)
    status, headers, body = read_answer(sock)
    expect(status == case.status, "status", status, body)
    if case.status == 101:
        expect(set(headers) == {"connection", "upgrade", "date"}, headers)
    elif case.body is not None:
        expect(body.decode() == case.body, "body", body)
    sock.close()


def run_http1_garbage(p, sent):
    sock = tls(p)
    try:
        sock.sendall(sent)
    except (ConnectionError, ssl.SSLError):
        pass
    status, _, body = read_answer(sock)
    expect(status == 0 or 400 <= status < 500 or status == 505, status, body)
    sock.close()


def run_tls_garbage(p, sent, closes):
    sock = tcp(p)
    sock.sendall(sent)
    while closes and receive(sock):
        pass
    sock.close()


def run_garbage_after_handshake(p):
    """Bytes on the TCP connection that are no TLS record, once TLS stands and before and after the upgrade."""
    for sent in (b"", good_upgrade(p)):
        sock = tls(p)
        sock.sendall(sent)
        expect(not sent or sock.recv(4096).startswith(b"HTTP/1.1 101"), "upgrade")
        raw = socket.socket(fileno=sock.detach())
        raw.settimeout(DEADLINE_S)
        raw.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n" * 10)
        while receive(raw):
            pass
        raw.close()


def run_early_http2(p):
    """The first HTTP/2 bytes in the same record as the upgrade request (pbs-protocol F.2)."""
    session = Session(p, start=b"", early=GOOD_START + request(1, "/speedtest"))
    answer = session.wait_for(1)
    expect(answer.status == 200 and answer.body == b"A" * (1 << 20), answer.status, len(answer.body))
    session.close()


def run_silence(p):
    """No preface ever: the server gives up by itself (after 10 s)."""
    session = Session(p, start=b"")
    expect(session.read_until(lambda: False), "the connection stays open")
    session.close()


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        client_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def check_upgrades(p):
    hello = client_hello()
    garbage = [("record of another version", b"\x16\x09\x09" + hello[3:], True),
               ("record longer than allowed", b"\x16\x03\x01\xff\xff" + bytes(70000), True),
               ("not a handshake in it", b"\x16\x03\x01\x00\x05hello", True),
               ("hello with a broken length", hello[:6] + b"\xff\xff\xff" + hello[9:], False),
               ("hello twice", hello + hello, False),
               ("hello, then zeros", hello + bytes(10000), True),
               ("alert", b"\x15\x03\x03\x00\x02\x02\x28", True),
               ("zeros", bytes(1000), False)]
    named = [("upgrade: " + c.name, c.known, lambda c=c: run_upgrade(p, c))
             for c in malformed_upgrades.header_cases(p) + malformed_upgrades.parameter_cases(p)]
    named += [("HTTP/1: " + c.name, c.known, lambda c=c: run_http1_garbage(p, c.sent))
              for c in malformed_upgrades.garbage_cases(p)]
    named += [("TLS: " + name, None, lambda sent=sent, closes=closes: run_tls_garbage(p, sent, closes))
              for name, sent, closes in garbage]
    named += [("TLS: garbage after the handshake", None, lambda: run_garbage_after_handshake(p)),
              ("upgrade: HTTP/2 in the same record", None, lambda: run_early_http2(p)),
              ("upgrade: silence after it", None, lambda: run_silence(p))]
    run_all(named)


# -- reader requests

def run_request(p, case):
    session = Session(p)
    open_index(p, session, 1)
    session.send(request(3, case.path, case.method))
    answer = session.wait_for(3)
    expect(answer.status == case.status, "status", answer.status, answer.reset, bytes(answer.body[:200]))
    if case.body is not None:
        wanted = case.body if isinstance(case.body, bytes) else case.body.encode()
        expect(answer.body == wanted, "body", bytes(answer.body[:300]))
    expect_usable(p, session)
    session.close()


def run_chunk_before_index(p):
    session = Session(p)
    answer = session.get(1, chunk_path(p, 0))
    text = f"download chunk {p['chunks'][0]['digest']} not allowed"
    expect((answer.status, answer.body.decode()) == (401, text), answer.status, answer.body)
    expect_usable(p, session)
    session.close()


def check_requests(p):
    run_all([("request: " + c.name, c.known, lambda c=c: run_request(p, c))
             for c in cases.digest_cases(p) + cases.path_cases(p)]
            + [("request: chunk before its index", None, lambda: run_chunk_before_index(p))])


# -- frames

def outcome_of(session, case):
    """What the server made of a frame case, in the table's words."""
    alternatives = [text.split() for text in case.wanted.split(" | ")]
    stream = next((int(words[1]) for words in alternatives if words[0] in ("answer", "reset")), None)
    if case.wanted != "ignored":
        # Without a further byte from us, so that the server's last words are not lost with an unread one.
        session.read_until(lambda: stream and session.answer(stream).done, QUIET_S)
    if not session.closed and session.alive(1):
        if stream is None:
            return "ignored"
        answer = session.answer(stream)
        session.read_until(lambda: answer.done, QUIET_S)
        if answer.reset:
            return f"reset {stream} {answer.reset}"
        if answer.done:
            return f"answer {stream} {answer.status}"
        if not session.closed:
            return "ignored"
    return f"goaway {session.goaway}" if session.goaway else "closes"


def run_frame_case(p, case):
    session = Session(p, case.start)
    expect(not case.start or session.alive(0), "closed at once")  # the server's settings hold then
    session.send(case.sent)
    outcome = outcome_of(session, case)
    allowed = case.wanted.split(" | ")
    allowed += ["goaway " + text.split()[2] for text in allowed if text.startswith("reset")]
    expect(outcome in allowed, "wanted", case.wanted, "but got", outcome)
    if not outcome.startswith(("goaway", "closes")):
        expect_usable(p, session)
    session.close()


def check_frames(p):
    run_all([(c.name, c.known, lambda c=c: run_frame_case(p, c)) for c in cases.frame_cases()])


CHECKS = {"upgrades": check_upgrades, "requests": check_requests, "frames": check_frames,
          "windows": hostile_traffic.check_windows, "floods": hostile_traffic.check_floods,
          "early_ends": lambda p: hostile_traffic.check_early_ends(p, client_hello()),
          "thousand": lambda p: mutated_sessions.check_thousand(p, client_hello())}


def main(check, parameters_file, seed=None):
    with open(parameters_file, encoding="utf-8") as file:
        p = json.load(file)
    if seed is not None:
        print(mutated_sessions.run_seed(p, int(seed), client_hello()))
        return
    with nothing_left_behind(p):
        CHECKS[check](p)


if __name__ == "__main__":
    main(*sys.argv[1:])
