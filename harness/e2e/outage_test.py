#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A restore whose server dies, comes back, falls silent, or wants to see its credentials again."""
import contextlib
import hashlib
import json
import re
import shutil
import socket
import subprocess
import threading
import time

from common import DEADLINE_S, DONE, FAILED, PROGRAM, TestCase, USAGE, environment, main, run

IMAGE = "size=96MiB,compress=4,zeros=0.1,seed=3"
LATENCY = ("--latency", "300ms")  # so that a restore still runs when its server dies
WAYS = (("--strategy", "spawned", "--depth", "4"), ("--strategy", "pipelined", "--depth", "4", "--connections", "3"))
SENTENCE = re.compile(r"depthfinder: chunk \d+ of 24 at offset \d+ \(digest [0-9a-f]{64}\): "
                      r"gave up after \d+ failures in a row, [^\n]+; when the server answers again, go on with --resume")


class Forwarder:
    """Carries bytes between clients and a server. Frozen connections carry nothing more, and nobody is told."""

    def __init__(self, port):
        self.server_port, self.count, self.frozen, self.closed = port, 0, 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.closed:
                client.close()
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self.count += 1
            for pair in ((client, server), (server, client)):
                self.threads.append(threading.Thread(target=self.pump, args=(*pair, self.count)))
                self.threads[-1].start()

    def pump(self, source, sink, number):
        with contextlib.suppress(OSError):
            source.settimeout(0.02)
            while not self.closed:
                with contextlib.suppress(TimeoutError):
                    data = source.recv(65536)
                    while number <= self.frozen and not self.closed:
                        time.sleep(0.01)
                    if not data or self.closed:
                        break
                    sink.settimeout(DEADLINE_S)
                    sink.sendall(data)
                    source.settimeout(0.02)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def freeze(self, new_ones_too):
        self.frozen = 1 << 60 if new_ones_too else self.count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self.threads:
            thread.join()
        self.listener.close()


class Outage(TestCase):
    def setUp(self):
        super().setUp()
        self.target = self.work / "out.raw"

    def start(self, server, *options, env=None):
        return subprocess.Popen([PROGRAM, "restore", server.snapshot(), "drive-scsi0.img", str(self.target), "--overwrite",
                                 *options], env=environment(server.env(env)), stdin=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def wait_for_progress(self, child):
        for line in child.stderr:
            if line.startswith("progress "):
                return
        self.fail("the restore made no progress")

    def end_of(self, child, status):
        """The last line of what it says."""
        rest = child.stderr.read()
        self.assertEqual(child.wait(DEADLINE_S), status, rest)
        child.stderr.close()
        return rest.strip().splitlines()[-1]

    def expect_image(self, server):
        self.assertEqual(hashlib.sha256(self.target.read_bytes()).hexdigest(), server.archive()["sha256"])

    def through(self, server, forwarder):
        return {"PBS_REPOSITORY": server.ready["repository"].replace(f":{server.ready['port']}:", f":{forwarder.port}:")}

    # It dies

    def certificate(self):
        files = self.work / "cert.pem", self.work / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", str(files[1]), "-out", str(files[0]), "-days", "2", "-subj", "/CN=mock"],
                       check=True, capture_output=True)
        return "--cert", files[0], "--key", files[1]

    def kill(self, server):
        """As a power cut would. Where it was, and what a server in its place needs to know."""
        ready_file = self.work / "ready-before.json"
        shutil.copyfile(server.ready_file, ready_file)
        server.process.kill()
        server.process.wait(DEADLINE_S)
        return "--listen", f"127.0.0.1:{server.ready['port']}", "--secrets-of", ready_file

    def token(self, server):
        user = server.ready["auth_id"]
        return {"PBS_REPOSITORY": server.ready["repository"].replace(user, f"{user}!{server.ready['token_name']}"),
                "PBS_PASSWORD": server.ready["token_secret"]}

    def test_a_server_that_comes_back(self):
        certificate = self.certificate()
        for way, token in zip(WAYS, (False, True)):
            with self.subTest(way=way, token=token):
                server = self.serve("--synthetic", IMAGE, *LATENCY, *certificate)
                child = self.start(server, *way, env=self.token(server) if token else None)
                self.wait_for_progress(child)
                place = self.kill(server)
                self.serve("--synthetic", IMAGE, *certificate, *place)
                self.end_of(child, DONE)
                self.expect_image(server)

    def test_a_server_that_does_not(self):
        for way in WAYS:
            with self.subTest(way=way):
                server = self.serve("--synthetic", IMAGE, *LATENCY)
                child = self.start(server, *way, "--retry-for", "300ms")
                self.wait_for_progress(child)
                self.kill(server)
                said = self.end_of(child, FAILED)
                self.assertTrue(SENTENCE.fullmatch(said), said)
                self.assertIn(f"127.0.0.1:{server.ready['port']}", said)

    def test_a_server_that_comes_back_as_another(self):
        """Its certificate is not the one that was pinned: it is not given the password, and not asked again."""
        server = self.serve("--synthetic", IMAGE, *LATENCY)
        child = self.start(server, *WAYS[0])
        self.wait_for_progress(child)
        place = self.kill(server)
        other = self.serve("--synthetic", IMAGE, *place)
        self.assertIn(other.ready["fingerprint"], self.end_of(child, FAILED))

    def test_what_was_restored_before_is_gone_on_with(self):
        server = self.serve("--synthetic", IMAGE, *LATENCY)
        child = self.start(server, *WAYS[0], "--retry-for", "0ms")
        self.wait_for_progress(child)
        self.kill(server)
        self.assertIn("--resume", self.end_of(child, FAILED))
        again = self.serve("--synthetic", IMAGE)
        done = self.expect(again.restore(self.target, "--resume", "--json"), DONE)
        self.assertGreater(json.loads(done.stdout)["reused_bytes"], 0)
        self.expect_image(again)

    # It falls silent

    def test_a_connection_that_carries_nothing_more(self):
        for way in WAYS:
            with self.subTest(way=way):
                server = self.serve("--synthetic", IMAGE, *LATENCY)
                with Forwarder(server.ready["port"]) as forwarder:
                    child = self.start(server, *way, "--timeout", "1500ms", env=self.through(server, forwarder))
                    self.wait_for_progress(child)
                    forwarder.freeze(new_ones_too=False)
                    self.end_of(child, DONE)
                    self.expect_image(server)

    def test_a_network_that_carries_nothing_more(self):
        for way in WAYS:
            with self.subTest(way=way):
                server = self.serve("--synthetic", IMAGE, *LATENCY)
                with Forwarder(server.ready["port"]) as forwarder:
                    child = self.start(server, *way, "--timeout", "1500ms", "--retry-for", "0ms",
                                       env=self.through(server, forwarder))
                    self.wait_for_progress(child)
                    forwarder.freeze(new_ones_too=True)
                    said = self.end_of(child, FAILED)
                self.assertTrue(SENTENCE.fullmatch(said), said)
                self.assertIn("in time", said)

    # It wants to see credentials again

    def test_tickets_that_expire(self):
        for way in WAYS:
            with self.subTest(way=way):
                server = self.serve("--synthetic", IMAGE, "--fault", "kind=expired-ticket,request=5-30,share=0.2")
                done = self.expect(server.restore(self.target, *way, "--overwrite", "--json"), DONE)
                self.assertGreater(json.loads(done.stdout)["retries"], 0)
                self.expect_image(server)

    def test_secrets_of_what_is_no_ready_file(self):
        for text in ("", "[]", "{}", '{"password": 1, "token_secret": "x"}', '{"password": "x"}'):
            path = self.work / "ready.json"
            path.write_text(text)
            self.expect(run("serve", "--synthetic", "size=4MiB", "--secrets-of", path), USAGE, str(path))


if __name__ == "__main__":
    main()
