# SPDX-License-Identifier: MIT
"""HTTP/2 as raw bytes, for clients that must be able to send what no library would: frames, literal header blocks, and a
reader session over Python's ssl that records everything the server says. Only the server's header blocks are read by a
library (hpack). No code is shared with depthfinder."""
import functools
import json
import socket
import ssl
import struct

import hpack

PROTOCOL = "proxmox-backup-reader-protocol-v1"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DEADLINE_S = 30   # for what ends by itself; nothing is asserted about how long it takes
QUIET_S = 5       # without a byte for so long, a connection that should have ended is asked whether it lives
FRAME_BYTES_MAX = 4194304

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, WITH_PRIORITY, ACK = 0x1, 0x4, 0x8, 0x20, 0x1
CODES = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR "
         "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY "
         "HTTP_1_1_REQUIRED").split()
MAX_CONCURRENT, INITIAL_WINDOW, MAX_FRAME = 3, 4, 5


def frame(kind, flags, stream, payload=b"", length=None):
    length = len(payload) if length is None else length
    return length.to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", key, value) for key, value in pairs))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def ping(payload=b"are you?"):
    return frame(PING, 0, 0, payload)


def integer(value, prefix_bits, first=0):
    """An HPACK integer (RFC 7541, 5.1)."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = [first | limit], value - limit
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def literal(name, value, first=0x00):
    """One field, neither indexed nor Huffman coded; `first` 0x40 puts it into the dynamic table."""
    name, value = (x.encode() if isinstance(x, str) else x for x in (name, value))
    return bytes([first]) + integer(len(name), 7) + name + integer(len(value), 7) + value


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


def request_fields(path, method="GET", extra=()):
    return [(":method", method), (":scheme", "https"), (":authority", "localhost:8007"), (":path", path), *extra]


def request(stream, path, method="GET", extra=(), flags=END_STREAM | END_HEADERS):
    return frame(HEADERS, flags, stream, block(request_fields(path, method, extra)))


OPEN_SETTINGS = settings((INITIAL_WINDOW, 2147483646), (MAX_FRAME, FRAME_BYTES_MAX))
OPEN_WINDOW = window_update(0, 2147418111)
GOOD_START = PREFACE + OPEN_SETTINGS + OPEN_WINDOW


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def tcp(p):
    sock = socket.create_connection((p["host"], p["port"]), timeout=DEADLINE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def client_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def tls(p):
    return client_context().wrap_socket(tcp(p), server_hostname="localhost")


def upgrade_path(p, **changes):
    """The request target of the upgrade; a parameter changed to None is left out."""
    parameters = {"backup-id": p["backup_id"], "backup-time": p["backup_time"], "backup-type": "vm", "debug": "true",
                  "store": p["store"]}
    parameters.update({name.replace("_", "-"): value for name, value in changes.items()})
    return "//api2/json/reader?" + "&".join(f"{n}={v}" for n, v in parameters.items() if v is not None)


def good_headers(p):
    return {"host": "localhost:8007", "authorization": f"PBSAPIToken {p['token']}:{p['secret']}",
            "connection": "upgrade", "upgrade": PROTOCOL}


def http1(method, target, headers, body=b""):
    lines = [f"{method} {target} HTTP/1.1"] + [f"{n}: {v}" for n, v in headers.items() if v is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def good_upgrade(p):
    return http1("GET", upgrade_path(p), good_headers(p))


def read_answer(sock):
    """(status, headers, body) of an HTTP/1 answer; status 0 when the connection ended before its head was whole."""
    sock.settimeout(QUIET_S)
    data = b""
    while b"\r\n\r\n" not in data:
        part = receive(sock)
        if not part:
            return 0, {}, data
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {n.strip().lower(): v.strip() for n, v in (line.split(":", 1) for line in lines[1:])}
    length = int(headers.get("content-length", 0))
    while len(body) < length and (part := receive(sock)):
        body += part
    return int(lines[0].split()[1]), headers, body


def receive(sock, size=1 << 18):
    """What comes; nothing when the connection has ended, in whatever manner."""
    try:
        return sock.recv(size)
    except TimeoutError:
        raise
    except (ConnectionError, ssl.SSLError):
        return b""


class Answer:
    def __init__(self):
        self.status, self.headers, self.body, self.done, self.reset = None, {}, bytearray(), False, None


class Session:
    """One connection after its 101. It sends what it is told to and records what the server says."""

    def __init__(self, p, start=GOOD_START, early=b"", acknowledges=True):
        self.acknowledges = acknowledges  # SETTINGS, by itself
        self.answers, self.goaway, self.closed, self.acknowledged = {}, None, False, []
        self.settings_seen, self.frame_bytes_max = False, FRAME_BYTES_MAX
        self.data, self.decoder = bytearray(), hpack.Decoder()
        self.decoder.max_allowed_table_size = 4096
        self.sock = tls(p)
        self.sock.sendall(good_upgrade(p) + early)
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.sock.recv(1)
            expect(part, "closed within the answer to the upgrade:", head)
            head += part
        expect(head.startswith(b"HTTP/1.1 101 "), "upgrade:", head)
        self.send(start)

    def close(self):
        self.sock.close()

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass  # the server has ended the connection: what it said is still read

    def get(self, stream, path):
        self.send(request(stream, path))
        return self.wait_for(stream)

    def wait_for(self, stream):
        self.read_until(lambda: self.answer(stream).done)
        return self.answer(stream)

    def answer(self, stream):
        return self.answers.setdefault(stream, Answer())

    def alive(self, token):
        """Whether the server still answers on this connection; all sent before has been dealt with then."""
        token = token.to_bytes(8, "big")
        self.send(ping(token))
        self.read_until(lambda: token in self.acknowledged)
        return not self.closed

    def read_until(self, condition, timeout_s=DEADLINE_S):
        """Reads until `condition` holds or the connection ends; False when nothing came for `timeout_s`."""
        self.sock.settimeout(timeout_s)
        while not self.closed and not condition():
            try:
                part = receive(self.sock)
            except TimeoutError:
                return False
            self.closed = not part
            self.data += part
            self.take_frames()
        return True

    def take_frames(self):
        begin = 0
        while len(self.data) - begin >= 9:
            length = int.from_bytes(self.data[begin:begin + 3], "big")
            expect(length <= self.frame_bytes_max, "the server sends a frame of", length, "bytes")
            if len(self.data) - begin < 9 + length:
                break
            kind, flags = self.data[begin + 3], self.data[begin + 4]
            stream = int.from_bytes(self.data[begin + 5:begin + 9], "big")
            self.take_frame(kind, flags, stream, bytes(self.data[begin + 9:begin + 9 + length]))
            begin += 9 + length
        del self.data[:begin]

    def take_frame(self, kind, flags, stream, payload):
        expect(self.settings_seen or kind in (SETTINGS, GOAWAY), "the server's first frame is of type", kind)
        if kind == SETTINGS and not flags & ACK:
            self.settings_seen = True
            if self.acknowledges:
                self.send(frame(SETTINGS, ACK, 0))
        elif kind == PING and flags & ACK:
            self.acknowledged.append(payload)
        elif kind == GOAWAY:
            self.goaway = CODES[int.from_bytes(payload[4:8], "big")]
        elif kind == RST_STREAM:
            answer = self.answer(stream)
            # NO_ERROR after a whole answer only asks the client to send no more (RFC 9113, 8.1).
            if not answer.done:
                answer.reset, answer.done = CODES[int.from_bytes(payload, "big")], True
        elif kind in (HEADERS, DATA):
            self.take_content(kind, flags, self.answer(stream), payload)

    def take_content(self, kind, flags, answer, payload):
        expect(not answer.done, "a frame after the end of its stream")
        if kind == HEADERS:
            expect(flags & END_HEADERS, "answer headers in pieces")
            answer.headers = dict(self.decoder.decode(payload))
            answer.status = int(answer.headers.pop(":status"))
        else:
            expect(answer.status, "DATA before HEADERS")
            answer.body += payload
        answer.done = bool(flags & END_STREAM)


@functools.cache
def blob_of(digest, size_bytes):
    """A chunk of the test's store, as malformed_sessions_test.cc makes it: blocks of 32 bytes, numbered."""
    rest = bytes.fromhex(digest)[4:]
    return b"".join(struct.pack("<I", i) + rest for i in range((size_bytes + 31) // 32))[:size_bytes]


def metrics(p):
    sock = tls(p)
    sock.sendall(http1("GET", "/depthfinder/metrics", {"host": "x"}))
    status, _, body = read_answer(sock)
    sock.close()
    expect(status == 200, "metrics:", status, body)
    return json.loads(body)
