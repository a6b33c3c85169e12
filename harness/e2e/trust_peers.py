# SPDX-License-Identifier: MIT
"""Peers that record: a TLS server that is not ours, a port that only counts who comes, and a forwarder that decides for
every connection where it leads. All on loopback, with a port that the kernel chose; threads end with their sockets."""
import contextlib
import hashlib
import pathlib
import socket
import ssl
import subprocess
import threading


EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """A certificate authority and the certificates it signs, made with the openssl program."""

    def __init__(self, directory, name="authority"):
        self.directory, self.name = pathlib.Path(directory), name
        self.certificate, self.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        self.run("req", "-x509", *EC_KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key,
                 "-out", self.certificate)

    @staticmethod
    def run(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def sign(self, name, subject_names="IP:127.0.0.1,DNS:localhost", days=2):
        """(certificate, key) for those names; negative days: it has ended already."""
        key, request, certificate, extensions = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        self.run("req", *EC_KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        extensions.write_text(f"subjectAltName={subject_names}\n")
        self.run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                 "-extfile", extensions, "-out", certificate)
        return certificate, key


def fingerprint(certificate):
    der = ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())
    digest = hashlib.sha256(der).hexdigest()
    return ":".join(digest[i:i + 2] for i in range(0, 64, 2))


class Listening:
    """Accepts until it is closed, each connection on a thread of its own."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.connections, self.lock = 0, threading.Lock()
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                number, self.connections = self.connections, self.connections + 1
            threading.Thread(target=self.guarded, args=(connection, number), daemon=True).start()

    def guarded(self, connection, number):
        with connection, contextlib.suppress(OSError):
            self.serve(connection, number)

    def serve(self, connection, number):
        """Closes it: whoever comes is counted."""


class TlsPeer(Listening):
    """Shows a certificate, keeps every byte it is sent inside TLS, and answers each request with `answer`."""

    def __init__(self, certificate, key, answer=b""):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.answer, self.received = answer, bytearray()
        super().__init__()

    def serve(self, connection, number):
        connection.settimeout(30)
        with self.context.wrap_socket(connection, server_side=True) as tls:
            while data := tls.recv(65536):
                with self.lock:
                    self.received += data
                if self.answer and b"\r\n\r\n" in data:
                    tls.sendall(self.answer)


class Forwarder(Listening):
    """Leads connection number N to the port that choose(N) names."""

    def __init__(self, choose):
        self.choose = choose
        super().__init__()

    def serve(self, connection, number):
        with socket.create_connection(("127.0.0.1", self.choose(number))) as onward:
            back = threading.Thread(target=self.copy, args=(onward, connection), daemon=True)
            back.start()
            self.copy(connection, onward)
            back.join()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
