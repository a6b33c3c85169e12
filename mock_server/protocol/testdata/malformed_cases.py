# SPDX-License-Identifier: MIT
"""What a server must make of malformed reader requests and frames, as tables.

A frame case ends in one of
    answer N STATUS     stream N is answered so, and the session goes on
    reset N CODE        stream N alone is reset (a stream error), and the session goes on
    goaway CODE         GOAWAY with this code, then the end of the connection (a connection error)
    closes              the end of the connection, no GOAWAY
    ignored             nothing, and the session goes on
joined by " | " where the RFC leaves a choice. It says everywhere that a stream error may be made a connection error
(RFC 9113, 5.4.2): that choice is not repeated in the table, and is taken when a case says "reset". `known` names what
a server does wrong and is known to do: the case is run and reported, but does not fail the test.
"""
import collections

from raw_http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, FRAME_BYTES_MAX, GOAWAY, GOOD_START, HEADERS,
                       INITIAL_WINDOW, MAX_FRAME, OPEN_SETTINGS, OPEN_WINDOW, PADDED, PING, PREFACE, PRIORITY,
                       PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, WITH_PRIORITY, block, frame, integer,
                       literal, ping, request, request_fields, settings, window_update)

RequestCase = collections.namedtuple("RequestCase", "name method path status body known", defaults=("", None))
FrameCase = collections.namedtuple("FrameCase", "name start sent wanted known", defaults=(None,))

ONE = "parameter verification failed - "
MISSING = "parameter is missing and it is not optional."
PATTERN = "value does not match the regex pattern"
EXTRA = "schema does not allow additional properties."


def digest_cases(p):
    known, absent = p["chunks"][0]["digest"], p["missing_digest"]
    pattern = ONE + f"'digest': {PATTERN}"

    def chunk(name, query, status, body):
        return RequestCase(name, "GET", "/chunk" + query, status, body)
    return [
        chunk("digest good", "?digest=" + known, 200, None),
        chunk("digest percent-encoded", "?digest=%" + known[:1].encode().hex() + known[1:], 200, None),
        chunk("digest missing", "", 400, ONE + f"'digest': {MISSING}"),
        chunk("digest empty", "?digest=", 400, pattern),
        chunk("digest without a value", "?digest", 400, pattern),
        chunk("digest short", "?digest=" + known[:63], 400, pattern),
        chunk("digest long", "?digest=" + known + "0", 400, pattern),
        chunk("digest upper case", "?digest=" + known.upper(), 400, pattern),
        chunk("digest not hex", "?digest=g" + known[1:], 400, pattern),
        chunk("digest with a blank", "?digest=" + known[:63] + "+", 400, pattern),
        chunk("digest with a null byte", "?digest=" + known[:63] + "%00", 400, pattern),
        chunk("digest twice", f"?digest={known}&digest={known}", 400, None),
        chunk("digest and more", f"?digest={known}&size=1", 400, ONE + f"'size': {EXTRA}"),
        chunk("digest under another name", "?Digest=" + known, 400, f"parameter verification failed:\n- 'digest': "
              f"{MISSING}\n- 'Digest': {EXTRA}"),
        chunk("cache buster", f"?digest={known}&_dc=1", 200, None),
        chunk("digest unregistered", "?digest=" + "0" * 64, 401, f"download chunk {'0' * 64} not allowed"),
        chunk("chunk file missing", "?digest=" + absent, 400, f"reading file \"{p['path']}/.chunks/{absent[:4]}/{absent}\""
              " failed: No such file or directory (os error 2)"),
    ]


def path_cases(p):
    directory = f"{p['path']}/vm/{p['backup_id']}/{p['backup_time_text']}"
    name = ONE + f"'file-name': {PATTERN}"

    def get(case, path, status, body):
        return RequestCase(case, "GET", path, status, body)
    return [
        get("file name missing", "/download", 400, ONE + f"'file-name': {MISSING}"),
        get("file name with a path", "/download?file-name=..%2Findex.json.blob", 400, name),
        get("file name with a leading dot", "/download?file-name=.index.json.blob", 400, name),
        get("file name empty", "/download?file-name=", 400, name),
        get("file name with a line end", "/download?file-name=a%0Ab.blob", 400, name),
        get("file of no archive type", "/download?file-name=disk.raw", 400, 'unknown archive type: "disk.raw"'),
        get("blob that is not there", "/download?file-name=no.blob", 404,
            f'open file "{directory}/no.blob" failed - not found'),
        get("index that is not there", "/download?file-name=no.img.fidx", 400,
            f'Unable to open fixed index "{directory}/no.img.fidx" - No such file or directory (os error 2)'),
        get("dynamic index that is not there", "/download?file-name=no.pxar.didx", 400,
            f'Unable to open dynamic index "{directory}/no.pxar.didx" - No such file or directory (os error 2)'),
        get("unknown path", "/nope", 404, "Path '/nope' not found."),
        get("path below a route", "/chunk/x", 404, "Path '/chunk/x' not found."),
        get("route in upper case", "/CHUNK", 404, "Path '/CHUNK' not found."),
        get("front door's path", "/api2/json/version", 404, "Path '/api2/json/version' not found."),
        get("dot component", "/./speedtest", 400, None),
        get("bad escape", "/speed%test", 400, None),
        get("null byte", "/speedtest%00", 400, None),
        get("two slashes", "//speedtest", 200, None),
        get("unknown parameter of speedtest", "/speedtest?x=1", 400, ONE + f"'x': {EXTRA}"),
        get("path of 5000 bytes", "/" + "a" * 5000, 414, None),
        get("query of 5000 bytes", "/chunk?digest=" + "0" * 5000, 414, None),
        RequestCase("POST", "POST", "/speedtest", 404, "Path '/speedtest' not found."),
        RequestCase("PUT", "PUT", "/chunk?digest=" + p["chunks"][0]["digest"], 404, "Path '/chunk' not found."),
        RequestCase("DELETE", "DELETE", "/download?file-name=index.json.blob", 404, "Path '/download' not found."),
        RequestCase("method in lower case", "get", "/speedtest", 404, "Path '/speedtest' not found."),
        # An answer to HEAD has no content (RFC 9110, 9.3.2).
        RequestCase("HEAD", "HEAD", "/speedtest", 404, b""),
    ]


def cut(data, count):
    return data[:len(data) - count]


GOOD = request(1, "/speedtest")
OPEN = request(1, "/speedtest", flags=END_HEADERS)  # the client's side stays open
BLOCKED_START = PREFACE + settings((INITIAL_WINDOW, 0)) + OPEN_WINDOW  # no body leaves the server
HEADER_BLOCK = block(request_fields("/speedtest"))
PROTOCOL, SIZE, FLOW = "goaway PROTOCOL_ERROR", "goaway FRAME_SIZE_ERROR", "goaway FLOW_CONTROL_ERROR"
COMPRESSION = "goaway COMPRESSION_ERROR"


def start_cases():
    """The connection preface (RFC 9113, 3.4): GOAWAY may be left out."""
    wanted = PROTOCOL + " | closes"
    return [FrameCase("start: " + name, b"", sent, wanted) for name, sent in [
        ("preface missing", OPEN_SETTINGS + GOOD),
        ("preface wrong", PREFACE.replace(b"SM", b"MS") + OPEN_SETTINGS),
        ("preface in lower case", PREFACE.lower() + OPEN_SETTINGS),
        ("preface twice", PREFACE + PREFACE + OPEN_SETTINGS),
        ("HTTP/1 request", b"GET /speedtest HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        ("PING before SETTINGS", PREFACE + ping() + OPEN_SETTINGS),
        ("HEADERS before SETTINGS", PREFACE + GOOD + OPEN_SETTINGS),
        ("SETTINGS ACK before SETTINGS", PREFACE + frame(SETTINGS, ACK, 0) + OPEN_SETTINGS),
    ]]


def order_cases():
    def case(name, sent, wanted=PROTOCOL, known=None):
        return FrameCase("order: " + name, GOOD_START, sent, wanted, known)
    headers_open = frame(HEADERS, END_STREAM, 1, HEADER_BLOCK[:20])
    return [
        case("DATA on an idle stream", frame(DATA, 0, 1, b"x")),
        case("DATA on stream 0", frame(DATA, 0, 0, b"x")),
        case("HEADERS on stream 0", frame(HEADERS, 5, 0, HEADER_BLOCK)),
        case("HEADERS on stream 2", request(2, "/speedtest")),
        case("lower stream id after a higher one", request(5, "/speedtest") + request(3, "/speedtest")),
        case("CONTINUATION without HEADERS", frame(CONTINUATION, END_HEADERS, 1, HEADER_BLOCK)),
        case("CONTINUATION after END_HEADERS", GOOD + frame(CONTINUATION, END_HEADERS, 1, HEADER_BLOCK)),
        case("CONTINUATION of another stream", headers_open + frame(CONTINUATION, END_HEADERS, 3, HEADER_BLOCK[20:])),
        case("PING within a header block", headers_open + ping()),
        case("unknown frame within a header block", headers_open + frame(0xEE, 0, 1)),
        case("header block in pieces", headers_open + frame(CONTINUATION, END_HEADERS, 1, HEADER_BLOCK[20:]),
             "answer 1 200"),
        case("PUSH_PROMISE from a client", GOOD + frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + HEADER_BLOCK)),
        case("RST_STREAM on an idle stream", frame(RST_STREAM, 0, 1, b"\0\0\0\x08")),
        case("RST_STREAM on stream 0", frame(RST_STREAM, 0, 0, b"\0\0\0\x08")),
        case("WINDOW_UPDATE on an idle stream", window_update(1, 1)),
        case("PING on stream 1", frame(PING, 0, 1, bytes(8))),
        case("SETTINGS on stream 1", frame(SETTINGS, 0, 1)),
        case("GOAWAY on stream 1", frame(GOAWAY, 0, 1, bytes(8))),
        case("PRIORITY on stream 0", frame(PRIORITY, 0, 0, b"\0\0\0\1\1")),
        case("PRIORITY on an idle stream", frame(PRIORITY, 0, 7, b"\0\0\0\1\1"), "ignored"),
        case("error with a megabyte behind it", frame(DATA, 0, 1, b"x") + ping() * 60000),
        case("unknown frame type", frame(0xEE, 0xFF, 7, b"hello"), "ignored"),
        case("unknown frame type on stream 0", frame(0xEE, 0, 0), "ignored"),
        case("reserved bit of a stream id", frame(HEADERS, 5, 1 | 1 << 31, HEADER_BLOCK), "answer 1 200"),
        case("undefined flags", frame(HEADERS, 5 | 0x82, 1, HEADER_BLOCK), "answer 1 200"),
        case("PING ACK nobody asked for", frame(PING, ACK, 0, bytes(8)), "ignored"),
        case("request and its RST_STREAM at once", GOOD + frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), "ignored"),
    ]


def closed_stream_cases():
    """Half-closed and closed streams (RFC 9113, 5.1)."""
    def case(name, sent, wanted, known=None):
        return FrameCase("closed: " + name, BLOCKED_START, sent, wanted, known)
    reset = frame(RST_STREAM, 0, 1, b"\0\0\0\x08")
    return [
        case("DATA after END_STREAM", GOOD + frame(DATA, 0, 1, b"x"), "reset 1 STREAM_CLOSED"),
        case("HEADERS after END_STREAM", GOOD + GOOD, "reset 1 STREAM_CLOSED"),
        case("HEADERS after RST_STREAM", GOOD + reset + GOOD,
             "goaway STREAM_CLOSED | goaway PROTOCOL_ERROR | reset 1 STREAM_CLOSED"),
        case("DATA after RST_STREAM", GOOD + reset + frame(DATA, 0, 1, b"x"),
             "goaway STREAM_CLOSED | reset 1 STREAM_CLOSED | ignored"),
        case("WINDOW_UPDATE after RST_STREAM", GOOD + reset + window_update(1, 1), "ignored"),
        case("PRIORITY after RST_STREAM", GOOD + reset + frame(PRIORITY, 0, 1, b"\0\0\0\3\1"), "ignored"),
    ]


def size_cases():
    def case(name, sent, wanted=SIZE, known=None):
        return FrameCase("size: " + name, GOOD_START, sent, wanted, known)
    return [
        case("DATA over MAX_FRAME_SIZE", OPEN + frame(DATA, 0, 1, b"x" * 100, FRAME_BYTES_MAX + 1)),
        case("HEADERS over MAX_FRAME_SIZE", frame(HEADERS, 5, 1, HEADER_BLOCK, FRAME_BYTES_MAX + 1)),
        case("unknown frame over MAX_FRAME_SIZE", frame(0xEE, 0, 0, b"x" * 100, (1 << 24) - 1)),
        case("PING of 7 bytes", frame(PING, 0, 0, bytes(7))),
        case("PING of 9 bytes", frame(PING, 0, 0, bytes(9))),
        case("SETTINGS of 5 bytes", frame(SETTINGS, 0, 0, bytes(5))),
        case("SETTINGS ACK with content", frame(SETTINGS, ACK, 0, bytes(6))),
        case("WINDOW_UPDATE of 3 bytes", frame(WINDOW_UPDATE, 0, 0, b"\0\0\1")),
        case("RST_STREAM of 3 bytes", OPEN + frame(RST_STREAM, 0, 1, bytes(3))),
        case("PRIORITY of 4 bytes", frame(PRIORITY, 0, 1, bytes(4)), "reset 1 FRAME_SIZE_ERROR"),
        case("GOAWAY of 7 bytes", frame(GOAWAY, 0, 0, bytes(7))),
        case("HEADERS too short for its priority", frame(HEADERS, 5 | WITH_PRIORITY, 1, bytes(4))),
        case("HEADERS too short for its padding", frame(HEADERS, 5 | PADDED, 1, b""), SIZE + " | " + PROTOCOL),
        case("padding longer than HEADERS", frame(HEADERS, 5 | PADDED, 1, b"\xff" + HEADER_BLOCK[:20]), PROTOCOL),
        case("padding longer than DATA", OPEN + frame(DATA, PADDED, 1, b"\x06hello"), PROTOCOL),
        case("padding as long as allowed", frame(HEADERS, 5 | PADDED, 1, b"\x04" + HEADER_BLOCK + bytes(4)),
             "answer 1 200"),
        case("HEADERS with priority", frame(HEADERS, 5 | WITH_PRIORITY, 1, b"\0\0\0\0\x10" + HEADER_BLOCK),
             "answer 1 200"),
        case("DATA of 100000 bytes", OPEN + frame(DATA, END_STREAM, 1, bytes(100000)), "answer 1 200"),
    ]


def settings_cases():
    def case(name, sent, wanted, start=GOOD_START, known=None):
        return FrameCase("settings: " + name, start, sent, wanted, known)
    return [
        case("ENABLE_PUSH 2", settings((2, 2)), PROTOCOL),
        case("INITIAL_WINDOW_SIZE over 2^31-1", settings((INITIAL_WINDOW, 1 << 31)), FLOW),
        case("MAX_FRAME_SIZE 16383", settings((MAX_FRAME, 16383)), PROTOCOL),
        case("MAX_FRAME_SIZE 2^24", settings((MAX_FRAME, 1 << 24)), PROTOCOL),
        case("unknown setting", settings((0xEEEE, 1)), "ignored"),
        case("ACK nobody asked for", frame(SETTINGS, ACK, 0), "ignored | " + PROTOCOL),
        case("header table of 0", settings((1, 0)) + GOOD, "answer 1 200"),
        case("header table of 2^32-1", settings((1, 0xFFFFFFFF)) + GOOD, "answer 1 200"),
        case("header list of 0", settings((6, 0)) + GOOD, "answer 1 200"),
        case("window overflows by a setting", GOOD + window_update(1, 0x7FFFFFFF) + settings((INITIAL_WINDOW, 2)), FLOW,
             BLOCKED_START, "the stream alone is reset"),
    ]


def window_cases():
    def case(name, sent, wanted, start=GOOD_START, known=None):
        return FrameCase("window: " + name, start, sent, wanted, known)
    blocked = BLOCKED_START
    return [
        case("connection update of 0", window_update(0, 0), PROTOCOL),
        case("stream update of 0", GOOD + window_update(1, 0), "reset 1 PROTOCOL_ERROR", blocked),
        case("connection beyond 2^31-1", window_update(0, 0x7FFFFFFF), FLOW),
        case("stream beyond 2^31-1", GOOD + window_update(1, 0x7FFFFFFF) * 2, "reset 1 FLOW_CONTROL_ERROR", blocked),
    ]


def message_cases():
    """Malformed requests (RFC 9113, 8.1.1): a stream error of type PROTOCOL_ERROR."""
    def case(name, fields, wanted="reset 1 PROTOCOL_ERROR", known=None, after=b"", flags=5):
        return FrameCase("message: " + name, GOOD_START, frame(HEADERS, flags, 1, block(fields)) + after, wanted, known)
    good = request_fields("/speedtest")
    without = [case("without " + name, [f for f in good if f[0] != name]) for name in (":method", ":scheme", ":path")]
    twice = [case("two of " + name, good[:4] + [f for f in good if f[0] == name]) for name in (":method", ":path")]
    return without + twice + [
        case("empty :path", request_fields("")),
        case(":path without a slash", request_fields("speedtest")),
        case(":path after a plain field", good[:3] + [("x", "y"), good[3]]),
        case("unknown pseudo-header", good + [(":colour", "blue")]),
        case("an answer's pseudo-header", good + [(":status", "200")]),
        case("upper-case name", good + [("X-Colour", "blue")]),
        case("name with a blank", good + [("x colour", "blue")]),
        case("empty name", good + [("", "blue")]),
        case("line end in a value", good + [("x-colour", "blue\r\nx: y")]),
        case("null byte in a value", good + [("x-colour", b"bl\0ue")]),
        case("line end in :path", request_fields("/speedtest\r\n")),
        case("connection header", good + [("connection", "close")]),
        case("transfer-encoding", good + [("transfer-encoding", "chunked")]),
        case("upgrade header", good + [("upgrade", "h2c")]),
        case("te: gzip", good + [("te", "gzip")]),
        case("te: trailers", good + [("te", "trailers")], "answer 1 200"),
        case("content-length no number", good + [("content-length", "five")]),
        case("two content-lengths", good + [("content-length", "5"), ("content-length", "6")]),
        case("content-length without content", good + [("content-length", "5")]),
        case("content shorter than said", good + [("content-length", "5")], after=frame(DATA, END_STREAM, 1, b"1234"),
             flags=END_HEADERS),
        case("content longer than said", good + [("content-length", "5")], after=frame(DATA, END_STREAM, 1, b"123456"),
             flags=END_HEADERS),
        case("trailers that do not end the stream", good, after=frame(HEADERS, END_HEADERS, 1, block([("x", "y")])),
             flags=END_HEADERS),
        case("trailers with a pseudo-header", good, after=frame(HEADERS, 5, 1, block([(":path", "/")])),
             flags=END_HEADERS),
        case("trailers", good, "answer 1 200", after=frame(HEADERS, 5, 1, block([("x", "y")])), flags=END_HEADERS),
        case("CONNECT with a path", request_fields("/speedtest", "CONNECT")),
    ]


def header_cases():
    """Header blocks that HPACK cannot read (RFC 7541): a connection error; and ones that are too large."""
    def broken(name, sent):
        return FrameCase("hpack: " + name, GOOD_START, frame(HEADERS, 5, 1, sent), COMPRESSION)

    def large(name, header_block, wanted):
        pieces = [header_block[i:i + 16384] for i in range(0, len(header_block), 16384)]
        kinds = [HEADERS] + [CONTINUATION] * (len(pieces) - 1)
        ends = [0] * (len(pieces) - 1) + [END_HEADERS]
        sent = b"".join(frame(kind, (END_STREAM if kind == HEADERS else 0) | end, 1, piece)
                        for kind, end, piece in zip(kinds, ends, pieces))
        return FrameCase("headers: " + name, GOOD_START, sent, wanted)
    refused = "answer 1 431 | goaway ENHANCE_YOUR_CALM | goaway COMPRESSION_ERROR"
    fields = request_fields("/speedtest")
    # One field of 4000 bytes in the dynamic table, referred to by one byte each time.
    bomb = block(fields) + literal("x", "y" * 3960, 0x40) + b"\xbe" * 16000
    return [
        broken("index 0", b"\x80"),
        broken("index of no entry", integer(70, 7, 0x80)),
        broken("integer without end", b"\xff" * 20),
        broken("string cut short", b"\x00\x05abc"),
        broken("Huffman end-of-string symbol", b"\x00\x01x\x84" + b"\xff" * 4),
        broken("Huffman padding of zeros", b"\x00\x01x\x81\x18"),
        broken("Huffman padding of a whole byte", b"\x00\x01x\x82\x1f\xff"),
        broken("table larger than allowed", integer(4097, 5, 0x20) + block(fields)),
        broken("table size within the block", block(fields) + integer(0, 5, 0x20)),
        large("20000 bytes", block(fields + [("x", "y" * 20000)]), "answer 1 431"),
        large("16384 bytes in many fields", block(fields + [("x-field", "y")] * 500), "answer 1 431"),
        large("bomb of 64 MiB", bomb, refused),
        large("2 MiB of header block", block(fields + [("x", "y" * 60000)] * 35), refused + " | closes"),
    ]


def frame_cases():
    return (start_cases() + order_cases() + closed_stream_cases() + size_cases() + settings_cases() + window_cases()
            + message_cases() + header_cases())
