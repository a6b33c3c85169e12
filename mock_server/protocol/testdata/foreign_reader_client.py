# SPDX-License-Identifier: MIT
"""A reader client that shares no code with depthfinder: Python's ssl and the h2 library.

usage: foreign_reader_client.py CHECK PARAMETERS.json

Each check talks to a running mock server and ends with status 0, or with what went wrong. PARAMETERS holds host,
port, user, password, token, secret, store, backup_id, backup_time, backup_time_text, path, archive, wire (real-wire.json).
"""
import json
import socket
import ssl
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings

PROTOCOL = "proxmox-backup-reader-protocol-v1"
TIMEOUT_S = 20


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def connect(p, alpn=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    raw = socket.create_connection((p["host"], p["port"]), timeout=TIMEOUT_S)
    return context.wrap_socket(raw, server_hostname="localhost")


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        expect(part, "closed within a response head:", data)
        data += part
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        headers[name.strip().lower()] = value.strip()
    return int(lines[0].split()[1]), headers, rest


def http1(sock, method, path, headers=None, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "host: localhost:8007"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
    status, answer_headers, rest = read_head(sock)
    if status != 101:
        length = int(answer_headers.get("content-length", 0))
        while len(rest) < length:
            rest += sock.recv(65536)
    return status, answer_headers, rest


def token_header(p):
    return {"authorization": f"PBSAPIToken {p['token']}:{p['secret']}"}


def upgrade_path(p):
    return (f"//api2/json/reader?backup-id={p['backup_id']}&backup-time={p['backup_time']}"
            f"&backup-type=vm&debug=true&store={p['store']}")


class Session:
    """One upgraded connection; answers are (status, headers, body, data frame lengths) by stream."""

    def __init__(self, p, auth=None, max_frame=4194304):
        self.sock = connect(p)
        headers = dict(auth or token_header(p))
        headers.update({"connection": "upgrade", "upgrade": PROTOCOL})
        status, answer, rest = http1(self.sock, "GET", upgrade_path(p), headers)
        expect(status == 101, "upgrade:", status, rest)
        expect(set(answer) == {"connection", "upgrade", "date"}, "101 headers:", answer)
        expect(rest == b"", "server bytes before the preface:", rest)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.local_settings = h2.settings.Settings(client=True, initial_values={
            h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 2147483646,
            h2.settings.SettingCodes.MAX_FRAME_SIZE: max_frame})
        self.h2.max_inbound_frame_size = max_frame
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(2147483646 - 65535)
        self.answers, self.settings, self.closed = {}, None, False
        self.window_update = None
        self.flush()

    def flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def request(self, path, method="GET"):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, [(":method", method), (":scheme", "https"), (":authority", "localhost:8007"),
                                      (":path", path)], end_stream=True)
        self.answers[stream] = {"status": None, "headers": {}, "body": bytearray(), "frames": [], "done": False,
                                "reset": None}
        return stream

    def pump(self):
        data = self.sock.recv(1 << 20)
        if not data:
            self.closed = True
            return
        for event in self.h2.receive_data(data):
            answer = self.answers.get(getattr(event, "stream_id", None))
            if isinstance(event, h2.events.RemoteSettingsChanged):
                self.settings = {int(c): s.new_value for c, s in event.changed_settings.items()}
            elif isinstance(event, h2.events.WindowUpdated) and event.stream_id == 0:
                self.window_update = event.delta
            elif isinstance(event, h2.events.ResponseReceived):
                headers = {n.decode() if isinstance(n, bytes) else n: v.decode() if isinstance(v, bytes) else v
                           for n, v in event.headers}
                answer["status"] = int(headers.pop(":status"))
                answer["headers"] = headers
            elif isinstance(event, h2.events.DataReceived):
                answer["body"] += event.data
                answer["frames"].append(len(event.data))
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                answer["done"] = True
            elif isinstance(event, h2.events.StreamReset) and answer:
                answer["reset"], answer["done"] = event.error_code, True
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.closed = True
        self.flush()

    def wait(self, streams):
        while not self.closed and not all(self.answers[s]["done"] for s in streams):
            self.pump()
        expect(all(self.answers[s]["done"] for s in streams), "connection closed before all answers came")
        return [self.answers[s] for s in streams]

    def get(self, path, method="GET"):
        stream = self.request(path, method)
        self.flush()
        return self.wait([stream])[0]


def substitute(text, p):
    for old, new in (("user@pbs!tok:{secret}", f"{p['token']}:{p['secret']}"), ("user@pbs!tok", p["token"]),
                     ("{backup-time-rfc3339}", p["backup_time_text"]), ("{backup-time}", str(p["backup_time"])),
                     ("{datastore}", p["path"]), ("{host}", "localhost:8007")):
        text = text.replace(old, new)
    return text


def check_wire_http1(p):
    wire = json.load(open(p["wire"]))
    for exchange in wire["http1"]:
        request, wanted = exchange["request"], exchange["response"]
        plain = exchange["name"].startswith("plain HTTP")
        sock = socket.create_connection((p["host"], p["port"]), timeout=TIMEOUT_S) if plain else connect(p)
        headers = {n: substitute(v, p) for n, v in request["headers"].items()}
        status, answer, body = http1(sock, request["method"], substitute(request["path"], p), headers)
        expect(status == wanted["status"], exchange["name"], "status", status, body)
        expect(body.decode() == substitute(wanted["body"], p), exchange["name"], "body", body)
        for name, value in wanted.get("headers", {}).items():
            expect(answer.get(name) == substitute(value, p), exchange["name"], name, answer)
        sock.close()


def check_wire_http2(p):
    wire = json.load(open(p["wire"]))
    session = Session(p)
    for exchange in wire["http2_in_order"]:
        request, wanted = exchange["request"], exchange["response"]
        answer = session.get(request["path"], request["method"])
        name = request["method"] + " " + request["path"]
        expect(answer["status"] == wanted["status"], name, "status", answer["status"], bytes(answer["body"][:200]))
        if "body" in wanted:
            expect(answer["body"].decode() == substitute(wanted["body"], p), name, "body", answer["body"])
        expect(len(answer["body"]) == wanted["length"], name, "length", len(answer["body"]))
        expect(sorted(answer["frames"]) == wanted["data_frame_lengths_sorted"], name, "frames", answer["frames"])
        headers = {n: v for n, v in answer["headers"].items() if n != "date"}
        expect(headers == wanted["headers"], name, "headers", headers)
    numbers = {"MAX_CONCURRENT_STREAMS": 3, "INITIAL_WINDOW_SIZE": 4, "MAX_FRAME_SIZE": 5, "MAX_HEADER_LIST_SIZE": 6}
    settings = {numbers[n]: v for n, v in wire["server_settings"]["4.1.7"].items()}
    expect(session.settings == settings, "settings", session.settings)
    expect(session.window_update == wire["server_settings"]["connection_window_update"], session.window_update)


def check_tls(p):
    sock = connect(p, alpn=["h2", "http/1.1"])
    expect(sock.selected_alpn_protocol() is None, "ALPN", sock.selected_alpn_protocol())
    expect(sock.version() == "TLSv1.3" and sock.cipher()[0] == "TLS_AES_256_GCM_SHA384", sock.cipher())


def log_in(p, sock, password):
    body = json.dumps({"username": p["user"], "password": password}).encode()
    return http1(sock, "POST", "//api2/json/access/ticket", {"content-type": "application/json"}, body)


def check_login(p):
    sock = connect(p)
    status, _, body = log_in(p, sock, "wrong")
    expect((status, body) == (401, b"permission check failed."), status, body)
    status, _, body = log_in(p, sock, p["password"])
    expect(status == 200, status, body)
    data = json.loads(body)["data"]
    expect(data["username"] == p["user"] and data["ticket"].startswith("PBS:" + p["user"] + ":"), data)
    status, _, body = log_in(p, sock, data["ticket"])
    expect(status == 200, "ticket as password:", status, body)
    cookie = {"cookie": "PBSAuthCookie=" + data["ticket"].replace(":", "%3A"),
              "csrfpreventiontoken": data["CSRFPreventionToken"]}
    status, _, body = http1(sock, "GET", "/api2/json/version", cookie)
    expect(status == 200 and json.loads(body)["data"]["version"], status, body)
    forged = {"cookie": "PBSAuthCookie=" + data["ticket"][:-1] + ("A" if data["ticket"][-1] != "A" else "B")}
    expect(http1(sock, "GET", "/api2/json/version", forged)[0] == 401, "forged ticket accepted")
    no_csrf = {"cookie": cookie["cookie"]}
    expect(http1(sock, "POST", "/api2/json/nonsense", no_csrf)[0] == 401, "POST without CSRF token accepted")
    expect(http1(sock, "POST", "/api2/json/nonsense", cookie)[0] == 404, "POST with CSRF token refused")
    path = f"/api2/json/admin/datastore/{p['store']}/snapshots"
    status, _, body = http1(sock, "GET", path, cookie)
    expect(status == 200 and json.loads(body)["data"][0]["backup-id"] == p["backup_id"], status, body)
    for tail in ("groups", "namespace", "status"):
        status, _, body = http1(sock, "GET", f"/api2/json/admin/datastore/{p['store']}/{tail}", cookie)
        expect(status == 200, tail, status, body)
    answer = Session(p, cookie).get("/download?file-name=" + p["archive"])
    expect(answer["status"] == 200, "session by ticket:", answer["status"])


def check_front_door_limits(p):
    sock = connect(p)
    auth = token_header(p)
    expect(http1(sock, "GET", "/api2/json/" + "a" * 3100, auth)[0] == 414, "long target")
    expect(http1(sock, "GET", "/api2/json/.hidden", auth)[0] == 400, "dot component")
    expect(http1(sock, "GET", "/api2/json/nonsense", auth)[0] == 404, "unknown path")
    expect(http1(sock, "GET", "/api2/json/nonsense")[0] == 401, "unknown path without credentials")
    expect(http1(sock, "GET", "/api2/json/version?x=1", auth)[0] == 400, "unknown parameter")
    expect(http1(connect(p), "POST", "/api2/json/access/ticket", {"content-type": "application/json"},
                 b"x" * (600 << 10))[0] == 400, "large body")
    expect(http1(connect(p), "POST", "/api2/json/access/ticket", {"content-type": "application/json"},
                 b"[[[[")[0] == 400, "no JSON")
    plain = socket.create_connection((p["host"], p["port"]), timeout=TIMEOUT_S)
    status, headers, _ = http1(plain, "POST", "/api2/json/access/ticket", {}, b"{}")
    expect(status == 308 and headers["location"] == "https://localhost:8007", status, headers)


def index_digests(body):
    return [bytes(body[i:i + 32]).hex() for i in range(4096, len(body), 32)]


def check_restore(p):
    for max_frame in (4194304, 16384):
        session = Session(p, max_frame=max_frame)
        expect(session.get("/download?file-name=index.json.blob")["status"] == 200, "manifest")
        digests = sorted(set(index_digests(session.get("/download?file-name=" + p["archive"])["body"])))
        streams = [session.request("/chunk?digest=" + digest) for digest in digests]
        session.flush()
        for digest, answer in zip(digests, session.wait(streams)):
            expect(answer["status"] == 200, digest, answer["status"], bytes(answer["body"][:200]))
            expect(len(answer["body"]) == int(answer["headers"]["content-length"]), digest, "length")
            expect(max(answer["frames"]) <= max_frame, "frame of", max(answer["frames"]))
            expect(bytes(answer["body"][:32]).hex() == digest, digest, "wrong chunk")


def check_many_streams(p):
    session = Session(p)
    session.get("/download?file-name=" + p["archive"])
    paths = ["/speedtest", "/nope", "/chunk?digest=" + "0" * 64, "/download?file-name=" + p["archive"]]
    wanted = [200, 404, 401, 200]
    streams = [session.request(paths[i % 4]) for i in range(180)]
    session.flush()
    for i, answer in enumerate(session.wait(streams)):
        expect(answer["status"] == wanted[i % 4], paths[i % 4], answer["status"])


def expect_alive(p):
    expect(Session(p).get("/download?file-name=index.json.blob")["status"] == 200, "the server no longer serves")


def upgraded_socket(p):
    sock = connect(p)
    headers = dict(token_header(p), connection="upgrade", upgrade=PROTOCOL)
    expect(http1(sock, "GET", upgrade_path(p), headers)[0] == 101, "upgrade")
    return sock


def drain(sock):
    try:
        while sock.recv(65536):
            pass
    except (ConnectionError, ssl.SSLError):
        pass


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = frame(4, 0, 0, b"")


def check_hostile(p):
    for hostile in (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + b"\0" * 100,          # garbage instead of the preface
                    PREFACE + frame(4, 0, 0, b"12345"),                           # SETTINGS of a wrong length
                    PREFACE + SETTINGS + frame(0, 0, 1, b"data of no stream"),
                    PREFACE + SETTINGS + frame(1, 5, 2, b"\x82"),                 # a client's stream of even number
                    PREFACE + SETTINGS + frame(1, 5, 1, b"\xff\xff\xff\xff\xff"),  # broken HPACK
                    PREFACE + SETTINGS + frame(8, 0, 0, b"\0\0\0\0"),             # WINDOW_UPDATE of zero
                    PREFACE + SETTINGS + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01"):  # frame over MAX_FRAME_SIZE
        sock = upgraded_socket(p)
        try:
            sock.sendall(hostile)
        except (ConnectionError, ssl.SSLError):
            pass
        try:
            drain(sock)
        except TimeoutError as error:
            raise AssertionError(f"the connection stays open after {hostile!r}") from error
        expect_alive(p)
    for raw in (b"\x16\x03\x01\x00\x05hello", b"\0\0\0\0\0\0", b""):              # no TLS, no HTTP
        sock = socket.create_connection((p["host"], p["port"]), timeout=TIMEOUT_S)
        sock.sendall(raw)
        sock.close()
    expect_alive(p)


def check_unknown_frames(p):
    session = Session(p)
    session.sock.sendall(frame(0xEE, 0, 0, b"unknown type") + frame(0xEE, 0xFF, 7, b""))
    expect(session.get("/speedtest")["status"] == 200, "unknown frames must be ignored")


def check_large_headers(p):
    session = Session(p)
    session.get("/nope")  # the server's SETTINGS have arrived then
    stream = session.h2.get_next_available_stream_id()
    session.answers[stream] = {"status": None, "headers": {}, "body": bytearray(), "frames": [], "done": False,
                               "reset": None}
    session.h2.send_headers(stream, [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/"),
                                     ("x-large", "y" * 20000)], end_stream=True)
    session.flush()
    expect(session.wait([stream])[0]["status"] == 431, session.answers[stream]["status"])
    long_query = session.get("/download?file-name=" + "a" * 5000)
    expect(long_query["status"] == 414, "long query", long_query["status"])
    expect_alive(p)


def check_rapid_resets(p):
    session = Session(p)
    try:
        for _ in range(3000):
            stream = session.request("/speedtest")
            session.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
            session.flush()
        while not session.closed:
            session.pump()
    except (ConnectionError, ssl.SSLError, h2.exceptions.ProtocolError):
        session.closed = True
    expect(session.closed, "3000 resets were taken")
    expect_alive(p)


def check_abrupt_ends(p):
    for _ in range(20):
        session = Session(p)
        session.get("/download?file-name=" + p["archive"])
        for _ in range(16):
            session.request("/speedtest")
        session.flush()
        session.sock.recv(1000)
        session.sock.close()
    expect_alive(p)


def check_many_connections(p):
    failures = []

    def one():
        try:
            check_restore(p)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    idle = [connect(p) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(not failures, failures)
    for sock in idle:
        expect(http1(sock, "GET", "/api2/json/ping")[0] == 200, "an idle connection was dropped")


def check_metrics(p):
    check_restore(p)
    sock = connect(p)
    metrics = json.loads(http1(sock, "GET", "/depthfinder/metrics?reset=1")[2])
    expect(metrics["chunks"]["count"] > 0 and metrics["chunks"]["bytes"] > 0, metrics)
    expect(metrics["chunks"]["latency_served_ms"]["count"] == metrics["chunks"]["count"], metrics)
    expect(any(r["route"] == "/chunk" and r["status"] == 200 for r in metrics["requests"]), metrics)
    again = json.loads(http1(sock, "GET", "/depthfinder/metrics")[2])
    expect(again["chunks"]["count"] == 0, again)


if __name__ == "__main__":
    globals()["check_" + sys.argv[1]](json.load(open(sys.argv[2])))
