#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Proxmox Backup Server's reader side for tests, made of Python's ssl and the h2 package, so that the client is not
only tested against our own understanding of HTTP/2. It serves a datastore directory, checks requests strictly, and
misbehaves on demand. It prints one JSON line per event, the first one {"event": "ready", "port": ..., "fingerprint":
...}, and ends when its standard input does."""

import argparse
import base64
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings

USER, PASSWORD = "root@pam", "correct-password"
TOKEN, SECRET = "user@pbs!tok", "to ken?secret"
TICKET, CSRF = "PBS:root@pam:66471A2B::c2ln bmF0dXJl", "66471A2B:dG9rZW4"
PROTOCOL = "proxmox-backup-reader-protocol-v1"
CODEC = h2.settings.SettingCodes

print_lock = threading.Lock()


def report(event, **details):
    with print_lock:
        print(json.dumps({"event": event, **details}), flush=True)


class Faults:
    """Counts chunk requests over all connections; the ones in [after, after + count) go wrong."""

    def __init__(self, options):
        self.kind, self.after, self.count = options.fault, options.fault_after, options.fault_count
        self.seen, self.lock = 0, threading.Lock()

    def next(self):
        with self.lock:
            number, self.seen = self.seen, self.seen + 1
        return self.kind if self.after <= number < self.after + self.count else None


class Gate:
    """Lets nobody through before so many are there at the same time."""

    def __init__(self, count):
        self.missing, self.changed = count, threading.Condition()

    def wait(self):
        with self.changed:
            self.missing -= 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.missing <= 0)


class Tickets:
    """The one valid ticket; with a limit of uses it becomes another one after that many upgrades. The logins `stale` get one
    that is valid no more."""

    def __init__(self, uses_max, stale):
        self.uses_max, self.uses, self.generation, self.lock = uses_max, 0, 0, threading.Lock()
        self.stale, self.logins = stale, 0

    def issue(self):
        with self.lock:
            if self.uses_max and self.uses >= self.uses_max:
                self.uses, self.generation = 0, self.generation + 1
            self.logins += 1
            return TICKET + ("stale" if self.logins in self.stale else str(self.generation))

    def use(self, text):
        with self.lock:
            good = text == TICKET + str(self.generation) and not (self.uses_max and self.uses >= self.uses_max)
            self.uses += good
            return good


class Refusal(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


class Connection:
    def __init__(self, stream, options, tickets, faults, gate):
        self.stream, self.options, self.tickets, self.faults, self.gate = stream, options, tickets, faults, gate
        self.registered, self.folder = set(), None
        self.unsent = {}  # by stream: what of its body the client's windows did not let through yet

    # HTTP/1.1

    def serve(self):
        request = self.read_request()
        if request is None:
            return
        method, target, headers, body = request
        report("request", method=method, target=target, headers=headers)
        path, _, query = target.partition("?")
        path = "/" + "/".join(part for part in path.split("/") if part)
        parameters = dict(urllib.parse.parse_qsl(query, strict_parsing=True)) if query else {}
        try:
            if (method, path) == ("POST", "/api2/json/access/ticket"):
                self.answer_ticket(json.loads(body))
                return
            self.check_credentials(headers)
            if (method, path) == ("GET", "/api2/json/reader"):
                self.upgrade(headers, parameters)
            elif (method, path) == ("GET", "/api2/json/version"):
                self.answer_json({"version": "3.2", "release": "4", "repoid": "abcd"})
            elif path == "/api2/json/admin/datastore/store/snapshots":
                self.answer_json(self.list_snapshots(parameters))
            else:
                raise Refusal(404, f"Path '{path}' not found.")
        except Refusal as refusal:
            self.answer(refusal.status, refusal.text.encode(), chunked=refusal.status == 401)

    def read_request(self):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.stream.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = int({k.lower(): v for k, v in headers.items()}.get("content-length", 0))
        while len(body) < length:
            body += self.stream.recv(65536)
        return method, target, headers, body

    def answer(self, status, body, extra=(), chunked=False):
        lines = [f"HTTP/1.1 {status} Some Reason", "connection: close", *extra]
        if chunked:  # answers of real servers to bad credentials announce no length
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            lines.append("transfer-encoding: chunked")
        else:
            lines.append(f"content-length: {len(body)}")
        self.stream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def answer_json(self, data, extra=()):
        self.answer(200, json.dumps({"data": data}).encode(),
                    ["content-type: application/json;charset=UTF-8", *extra])

    def answer_ticket(self, login):
        if login != {"username": USER, "password": PASSWORD}:
            raise Refusal(401, "permission check failed.")
        ticket = self.tickets.issue()
        data = {"username": USER, "CSRFPreventionToken": CSRF}
        if self.options.set_cookie:
            quoted = urllib.parse.quote(ticket, safe="")
            self.answer_json(data, [f"Set-Cookie: __Host-PBSAuthCookie={quoted}; path=/; Secure; HttpOnly"])
            return
        self.answer_json({**data, "ticket": "PBS:!tfa!x" if self.options.tfa else ticket})

    def check_credentials(self, headers):
        if headers.get("authorization") == f"PBSAPIToken {TOKEN}:{SECRET.replace(' ', '%20').replace('?', '%3F')}":
            return
        name, _, value = headers.get("cookie", "").partition("=")
        expected = "__Host-PBSAuthCookie" if self.options.set_cookie else "PBSAuthCookie"
        if name != expected or headers.get("csrfpreventiontoken") != CSRF or " " in value:
            raise Refusal(401, "authentication failed")
        if not self.tickets.use(urllib.parse.unquote(value)):
            raise Refusal(401, "authentication failed - ticket")

    def list_snapshots(self, parameters):
        base, found = os.path.join(self.options.datastore, "vm"), []
        for group in sorted(os.listdir(base)):
            if parameters.get("backup-id", group) != group or parameters.get("backup-type", "vm") != "vm":
                continue
            for name in os.listdir(os.path.join(base, group)):
                if not re.fullmatch(r"\d{4}-.*Z", name):
                    continue
                seconds = int(subprocess.check_output(["date", "-u", "-d", name, "+%s"]))
                files = [{"filename": file} for file in os.listdir(os.path.join(base, group, name))]
                entry = {"backup-type": "vm", "backup-id": group, "backup-time": seconds, "files": files}
                # An unfinished one beside each, newer: nobody should choose it.
                found += [{**entry, "backup-time": seconds + 60, "files": []}, entry]
        return found

    def upgrade(self, headers, parameters):
        expected_names = {"user-agent", "content-type", "connection", "upgrade", "host"}
        names = set(headers) - {"authorization", "cookie", "csrfpreventiontoken"}
        if names != expected_names or headers["upgrade"] != PROTOCOL:
            raise Refusal(400, f"unexpected headers {sorted(headers)}")
        if set(parameters) != {"backup-id", "backup-time", "backup-type", "debug", "store"}:
            raise Refusal(400, f"parameter verification failed: {sorted(parameters)}")
        if parameters["store"] != "store":
            raise Refusal(400, f"no such datastore '{parameters['store']}'")
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(parameters["backup-time"])))
        name = f"{parameters['backup-type']}/{parameters['backup-id']}/{when}"
        self.folder = os.path.join(self.options.datastore, name)
        if not os.path.isdir(self.folder):
            raise Refusal(400, f"snapshot {name} does not exist.")
        self.gate.wait()
        self.stream.sendall(f"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: {PROTOCOL}\r\n"
                            "date: Tue, 24 Nov 2026 04:00:00 GMT\r\n\r\n".encode())
        report("session", snapshot=name)
        self.serve_http2()

    # HTTP/2

    def serve_http2(self):
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.local_settings = h2.settings.Settings(client=False, initial_values={
            CODEC.INITIAL_WINDOW_SIZE: 33554432, CODEC.MAX_FRAME_SIZE: 4194304, CODEC.MAX_HEADER_LIST_SIZE: 16384,
            CODEC.MAX_CONCURRENT_STREAMS: self.options.streams_max})
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(33488897)
        self.flush()
        while True:
            data = self.stream.recv(65536)
            if not data:
                return
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.RemoteSettingsChanged):
                    report("settings", **{str(int(k)): v.new_value for k, v in event.changed_settings.items()})
                elif isinstance(event, h2.events.WindowUpdated) and event.stream_id == 0:
                    report("window", delta=event.delta)
                elif isinstance(event, h2.events.RequestReceived):
                    self.respond(event.stream_id, event.headers)
                elif isinstance(event, h2.events.StreamReset):
                    self.unsent.pop(event.stream_id, None)
            self.send_unsent()
            self.flush()

    def flush(self):
        self.stream.sendall(self.h2.data_to_send())

    def respond(self, stream_id, headers):
        path = dict(headers)[":path"]
        try:
            self.check_request(headers)
            route, _, query = path.partition("?")
            parameters = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
            if route == "/download" and set(parameters) == {"file-name"}:
                self.send_body(stream_id, self.read_file(parameters["file-name"]), announce=False)
            elif route == "/chunk" and set(parameters) == {"digest"}:
                self.respond_chunk(stream_id, parameters["digest"])
            else:
                raise Refusal(404, f"Path '{route}' not found.")
        except Refusal as refusal:
            self.h2.send_headers(stream_id, [(":status", str(refusal.status))])
            self.h2.send_data(stream_id, refusal.text.encode(), end_stream=True)
        self.flush()

    def check_request(self, headers):
        names = [name for name, _ in headers]
        wanted = [":method", ":scheme", ":authority", ":path", "user-agent", "content-type"]
        values = dict(headers)
        if names != wanted or values[":authority"] != "localhost:8007" or values[":scheme"] != "https":
            raise Refusal(400, f"unexpected headers {headers}")

    def read_file(self, name):
        path = os.path.join(self.folder, name)
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) or not os.path.isfile(path):
            raise Refusal(404, f'open file "{path}" failed - not found')
        with open(path, "rb") as file:
            data = file.read()
        if name.endswith(".fidx"):
            self.registered |= {data[at:at + 32].hex() for at in range(4096, len(data), 32)}
            report("registered", name=name)
        return data

    def respond_chunk(self, stream_id, digest):
        if digest not in self.registered:
            raise Refusal(401, f"download chunk {digest} not allowed")
        path = os.path.join(self.options.datastore, ".chunks", digest[:4], digest)
        fault = self.faults.next()
        report("chunk", digest=digest, fault=fault)
        if fault == "status400":
            raise Refusal(400, f'reading file "{path}" failed: No such file or directory (os error 2)')
        if fault == "status500":
            raise Refusal(500, "storage is tired")
        with open(path, "rb") as file:
            body = file.read()
        if fault is None:
            self.send_body(stream_id, body, announce=True)
        else:
            self.misbehave(fault, stream_id, body)

    def send_body(self, stream_id, body, announce, announced=None):
        length = [("content-length", str(len(body) if announced is None else announced))] if announce else []
        self.h2.send_headers(stream_id, [(":status", "200"), ("content-type", "application/octet-stream"), *length])
        self.unsent[stream_id] = memoryview(body)
        self.send_unsent()

    def send_unsent(self):
        for stream_id in list(self.unsent):
            body = self.unsent.pop(stream_id)
            while body and (window := self.h2.local_flow_control_window(stream_id)) > 0:
                length = min(len(body), window, self.h2.max_outbound_frame_size)
                self.h2.send_data(stream_id, bytes(body[:length]))
                self.flush()
                body = body[length:]
            if body:
                self.unsent[stream_id] = body
            else:
                self.h2.end_stream(stream_id)

    def misbehave(self, fault, stream_id, body):
        if fault == "truncate":
            self.send_body(stream_id, body[:-100], announce=True, announced=len(body))
        elif fault == "overlong":
            self.send_body(stream_id, body + b"x" * 100, announce=True, announced=len(body))
        elif fault == "reset":
            self.h2.send_headers(stream_id, [(":status", "200")])
            self.h2.send_data(stream_id, body[:1000])
            self.h2.reset_stream(stream_id, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif fault == "goaway":
            self.h2.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
            self.flush()
            raise ConnectionError("goaway")
        elif fault == "garbage":  # a SETTINGS frame of 5 bytes: no multiple of 6
            self.stream.sendall(b"\x00\x00\x05\x04\x00\x00\x00\x00\x00" + b"abcde")
        elif fault == "drop":
            self.h2.send_headers(stream_id, [(":status", "200"), ("content-length", str(len(body)))])
            self.h2.send_data(stream_id, body[:len(body) // 2])
            self.flush()
            raise ConnectionError("drop")
        elif fault == "pings":  # for ever, and nothing else; ends when the client leaves
            while True:
                self.stream.sendall(b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + b"no reply")
                time.sleep(0.02)
        elif fault == "drip":  # a byte now and then, until the client leaves
            self.h2.send_headers(stream_id, [(":status", "200"), ("content-length", str(len(body)))])
            for at in range(len(body)):
                self.h2.send_data(stream_id, body[at:at + 1])
                self.flush()
                time.sleep(0.02)
        elif fault == "stall":
            self.h2.send_headers(stream_id, [(":status", "200"), ("content-length", str(len(body)))])


def handle(raw, context, options, tickets, faults, gate):
    try:
        with context.wrap_socket(raw, server_side=True) as stream:
            report("handshake", alpn=stream.selected_alpn_protocol())
            Connection(stream, options, tickets, faults, gate).serve()
        report("closed")
    except ssl.SSLError as error:
        report("tls-error", text=str(error))
    except (OSError, h2.exceptions.ProtocolError) as error:
        report("broken", text=str(error))
    finally:
        raw.close()


def make_certificate(folder):
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=foreign"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(certificate, encoding="ascii") as file:
        der = base64.b64decode("".join(line for line in file if "-----" not in line))
    return certificate, key, hashlib.sha256(der).hexdigest()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datastore", required=True)
    parser.add_argument("--fault", choices=["drop", "goaway", "status500", "status400", "stall", "truncate",
                                            "overlong", "garbage", "reset", "pings", "drip"])
    parser.add_argument("--fault-after", type=int, default=0)
    parser.add_argument("--fault-count", type=int, default=1)
    parser.add_argument("--streams-max", type=int, default=200)
    parser.add_argument("--ticket-uses", type=int, default=0)
    parser.add_argument("--stale-logins", type=int, nargs=2, default=(1, 0), help="the first and the last, from 1")
    parser.add_argument("--upgrades-at-once", type=int, default=0)
    parser.add_argument("--set-cookie", action="store_true")
    parser.add_argument("--tfa", action="store_true")
    return parser.parse_args()


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        certificate, key, fingerprint = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1", "h2"])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    report("ready", port=listener.getsockname()[1], fingerprint=fingerprint)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    first, last = options.stale_logins
    shared = Tickets(options.ticket_uses, range(first, last + 1)), Faults(options), Gate(options.upgrades_at_once)
    while True:
        raw, _ = listener.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=handle, args=(raw, context, options, *shared), daemon=True).start()


if __name__ == "__main__":
    main()
