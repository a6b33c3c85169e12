# SPDX-License-Identifier: MIT
"""What the mock does when it is told to misbehave, seen by a client that shares no code with depthfinder.

usage: behaviour_client.py CHECK PARAMETERS.json     (parameters as for foreign_reader_client.py)

Each check sets the server's behaviour over its control endpoint, looks at what arrives, and compares with what the
server says that it did.
"""
import errno
import json
import select
import socket
import ssl
import sys
import time

from foreign_reader_client import Session, connect, expect, http1, index_digests, log_in, token_header

CRC_OFFSET, HEADER_BYTES = 8, 12


def control(p, method, path, body=None, authenticated=True):
    sock = connect(p)
    headers = token_header(p) if authenticated else {}
    status, _, text = http1(sock, method, "/depthfinder/" + path, headers, json.dumps(body).encode() if body is not None else b"")
    sock.close()
    return status, text.decode()


def behave(p, **server):
    status, text = control(p, "PUT", "server", server)
    expect(status == 200, "PUT server:", status, text)


def metrics(p):
    return json.loads(control(p, "GET", "metrics")[1])


def timelines(p):
    requests = json.loads(control(p, "GET", "requests")[1])["requests"]
    return [r for r in requests if r["route"] == "/chunk"]


def open_session(p, auth=None):
    """A session that has downloaded its index, and two digests that differ."""
    session = Session(p, auth)
    index = session.get(f"/download?file-name={p['archive']}")
    expect(index["status"] == 200, index["status"])
    digests = list(dict.fromkeys(index_digests(bytes(index["body"]))))
    return session, digests


def chunk(session, digest):
    return session.get("/chunk?digest=" + digest)


def right_body(p, digest):
    session, _ = open_session(p)
    return bytes(chunk(session, digest)["body"])


def check_status(p):
    behave(p, faults=[{"kind": "status", "status": 503, "request": "2"}])
    session, digests = open_session(p)
    statuses = [chunk(session, digests[0])["status"] for _ in range(3)]
    expect(statuses == [200, 503, 200], statuses)
    expect(metrics(p)["faults"] == {"status": 1}, metrics(p)["faults"])
    faults = [r.get("fault") for r in timelines(p)]
    expect(faults == [None, "status", None], faults)


def check_missing(p):
    session, digests = open_session(p)
    behave(p, faults=[{"kind": "missing", "digest": digests[1][:10]}])
    expect(chunk(session, digests[0])["status"] == 200, "another chunk")
    answer = chunk(session, digests[1])
    expect(answer["status"] == 400 and b"No such file or directory (os error 2)" in answer["body"], answer)
    expect(digests[1].encode() in answer["body"], answer)


def check_truncate(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    behave(p, faults=[{"kind": "truncate", "times": 1}])
    answer = chunk(session, digests[0])
    expect(bytes(answer["body"]) == right[:len(right) // 2], len(answer["body"]), len(right))
    expect(int(answer["headers"]["content-length"]) == len(right) // 2, answer["headers"])
    expect(bytes(chunk(session, digests[0])["body"]) == right, "the next one is whole")


def flipped(a, b):
    expect(len(a) == len(b), len(a), len(b))
    return [i for i in range(len(a)) if a[i] != b[i]]


def check_flip(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    behave(p, faults=[{"kind": "flip-payload", "request": "1"}, {"kind": "flip-crc", "request": "2"}])
    payload, crc, whole = (bytes(chunk(session, digests[0])["body"]) for _ in range(3))
    [place] = flipped(payload, right)
    expect(place >= HEADER_BYTES and bin(payload[place] ^ right[place]).count("1") == 1, place)
    [place] = flipped(crc, right)
    expect(CRC_OFFSET <= place < HEADER_BYTES and bin(crc[place] ^ right[place]).count("1") == 1, place)
    expect(whole == right, "damage stays out of the cache")


def check_wrong_chunk(p):
    session, digests = open_session(p)
    bodies = [right_body(p, d) for d in digests[:2]]
    behave(p, faults=[{"kind": "wrong-chunk", "position": "0"}])
    body = bytes(chunk(session, digests[0])["body"])
    expect(body == bodies[1] and body != bodies[0], "not the other chunk")
    expect(bytes(chunk(session, digests[1])["body"]) == bodies[1], "position 1 is not meant")


def check_reset(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    behave(p, faults=[{"kind": "reset", "times": 1}])
    session.request("/chunk?digest=" + digests[0])
    session.flush()
    poll = select.poll()
    poll.register(session.sock, select.POLLERR)  # not its input: an orderly end would not wake us
    expect(poll.poll(20_000), "no reset came")
    expect(session.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET, "another error")
    expect(right_body(p, digests[0]) == right, "the server goes on")
    expect(timelines(p)[0]["fault"] == "reset" and timelines(p)[0]["last_byte_unix_ns"] is None, timelines(p)[0])


def check_stream_reset(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    behave(p, faults=[{"kind": "stream-reset", "times": 1}])
    answer = chunk(session, digests[0])
    expect(answer["reset"] == 2, "INTERNAL_ERROR:", answer["reset"])
    expect(bytes(answer["body"]) == right[:len(right) // 2], len(answer["body"]))
    expect(bytes(chunk(session, digests[0])["body"]) == right, "the session goes on")


def check_goaway(p):
    session, digests = open_session(p)
    behave(p, faults=[{"kind": "goaway", "request": "2"}])
    first = session.request("/chunk?digest=" + digests[0])
    second = session.request("/chunk?digest=" + digests[1])
    session.flush()
    last = []
    original = session.h2.receive_data

    def receive(data):
        events = original(data)
        last.extend(e for e in events if type(e).__name__ == "ConnectionTerminated")
        return events
    session.h2.receive_data = receive
    while not session.closed and not session.answers[first]["done"]:
        session.pump()
    while not last:
        session.pump()
    expect(last[0].last_stream_id == first and last[0].error_code == 0, last[0])
    expect(not session.answers[second]["done"], "the second was refused")


def check_stall(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    behave(p, faults=[{"kind": "stall", "for": "300ms", "times": 1}])
    began = time.monotonic()
    stream = session.request("/chunk?digest=" + digests[0])
    other = session.request("/chunk?digest=" + digests[1])
    session.flush()
    [answer] = session.wait([other])
    expect(answer["status"] == 200, "others are served meanwhile")
    [answer] = session.wait([stream])
    expect(bytes(answer["body"]) == right, "the body is right in the end")
    expect(time.monotonic() - began >= 0.3, "it did not stall")


def check_drip(p):
    session, digests = open_session(p)
    right = right_body(p, digests[0])
    rate = len(right) * 4  # a quarter of a second
    behave(p, faults=[{"kind": "drip", "rate": f"{rate}B/s", "times": 1}])
    began = time.monotonic()
    answer = chunk(session, digests[0])
    expect(bytes(answer["body"]) == right, "the body is right in the end")
    expect(time.monotonic() - began >= 0.25, "it did not drip")
    expect(len(answer["frames"]) >= 5, "in few pieces:", len(answer["frames"]))


def check_expired_ticket(p):
    sock = connect(p)
    login = json.loads(log_in(p, sock, p["password"])[2])["data"]
    cookie = {"cookie": "PBSAuthCookie=" + login["ticket"].replace(":", "%3A").replace("@", "%40")
              .replace("/", "%2F").replace("+", "%2B")}
    session, digests = open_session(p, cookie)
    behave(p, faults=[{"kind": "expired-ticket", "times": 1}])
    session.request("/chunk?digest=" + digests[0])
    session.flush()
    while not session.closed:
        session.pump()
    status = http1(sock, "GET", "/api2/json/version", cookie)[0]
    expect(status == 401, "the old ticket is refused:", status)
    expect(log_in(p, connect(p), p["password"])[0] == 200, "a new one is to be had")


def check_tls_alert(p):
    session, digests = open_session(p)
    behave(p, faults=[{"kind": "tls-alert", "times": 1}])
    session.request("/chunk?digest=" + digests[0])
    session.flush()
    try:
        while not session.closed:
            session.pump()
        expect(False, "no alert came")
    except ssl.SSLError as error:
        expect("ALERT" in str(error).upper(), error)


def check_timelines(p):
    behave(p, latency="20ms", storage={"servers": 1, "time": "5ms"})
    session, digests = open_session(p)
    before = time.time_ns()
    streams = [session.request("/chunk?digest=" + d) for d in digests[:3]]
    session.flush()
    session.wait(streams)
    after = time.time_ns()
    for _ in range(200):  # the last one is recorded when its bytes are with the kernel, a moment after they arrived
        lines = timelines(p)
        if len(lines) == 3:
            break
        time.sleep(0.01)
    lines.sort(key=lambda line: line["ordinal"])
    slack_ns = 2_000_000  # between the server's two clocks
    for n, line in enumerate(lines):
        steps = [line[k + "_unix_ns"] for k in ("arrival", "service_start", "ready", "released", "first_byte", "last_byte")]
        expect(steps == sorted(steps), steps)
        expect(before - slack_ns <= steps[0] and steps[-1] <= after + slack_ns, before, steps, after)
        expect(line["ordinal"] == n + 1 and line["status"] == 200 and line["bytes"] > 0, line)
    # One server: the second starts when the first is done, whatever the round trip is.
    starts = [line["service_start_unix_ns"] for line in lines]
    expect(all(5_000_000 <= b - a for a, b in zip(starts, starts[1:])), starts)
    expect(all(line["ready_unix_ns"] - line["service_start_unix_ns"] == 25_000_000 for line in lines), lines)
    # The earliest chunks: without the index, by arrival, and no more than asked for.
    for limit in (2, 48):
        told = json.loads(control(p, "GET", f"requests?earliest={limit}")[1])
        expect(told["dropped"] == 0 and [r["ordinal"] for r in told["requests"]] == [1, 2, 3][:limit], told)
    for wrong in ("earliest=0", "earliest=-1", "earliest=many", "earliest=1&limit=1"):
        expect(control(p, "GET", "requests?" + wrong)[0] == 400, wrong)
    told = metrics(p)["chunks"]
    expect(told["count"] == 3 and told["latency_asked_ms"]["p50"] >= 25, told)
    expect(told["in_flight_max"] == 3, told)


def check_control(p):
    expect(control(p, "PUT", "server", {"latency": "1ms"}, authenticated=False)[0] == 401, "anybody may change it")
    expect(control(p, "POST", "reset", authenticated=False)[0] == 401, "anybody may reset it")
    for wrong, named in (({"latency": "soon"}, "latency"), ({"lattency": "1ms"}, "lattency"),
                         ({"faults": [{"kind": "status"}]}, "faults"), ([], "type")):
        status, text = control(p, "PUT", "server", wrong)
        expect(status == 400 and named in text, wrong, status, text)
    behave(p, latency="7ms", rate="50MB/s")
    told = json.loads(control(p, "GET", "server")[1])
    expect(told["latency"] == "7ms" and told["rate"] == "50MB/s", told)
    expect(metrics(p)["configured"] == told, metrics(p)["configured"])
    session, digests = open_session(p)
    chunk(session, digests[0])
    expect(metrics(p)["chunks"]["latency_asked_ms"]["max"] == 7.0, metrics(p)["chunks"])
    expect(control(p, "POST", "reset", {})[0] == 200, "reset")
    expect(metrics(p)["chunks"]["latency_asked_ms"]["count"] == 0 and timelines(p) == [], "not reset")


def check_connect(p):
    behave(p, connect="150ms")
    began = time.monotonic()
    connect(p).close()
    expect(time.monotonic() - began >= 0.15, "set-up cost nothing")


def check_repeats(p):
    """The same requests meet the same faults and the same times after a reset."""
    behave(p, latency="3ms", jitter="2ms", faults=[{"kind": "status", "status": 500, "share": 0.3}])
    seen = []
    for _ in range(2):
        session, digests = open_session(p)
        statuses = [chunk(session, digests[0])["status"] for _ in range(40)]
        lines = sorted(timelines(p), key=lambda line: line["ordinal"])[:39]
        seen.append((statuses, [line["ready_unix_ns"] - line["arrival_unix_ns"] for line in lines]))
        control(p, "POST", "reset", {})
    expect(seen[0] == seen[1], seen)
    expect(3 <= seen[0][0].count(500) <= 25, seen[0][0])
    expect(len(set(seen[0][1])) > 20, "no jitter")


if __name__ == "__main__":
    socket.setdefaulttimeout(20)
    globals()["check_" + sys.argv[1]](json.load(open(sys.argv[2])))
