#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whom a restore trusts: certificates, pinned or by an authority, and that nothing is said to anybody else."""
import pathlib

from common import DONE, FAILED, USAGE, TestCase, main, run, temporary_directory
from trust_peers import Authority, Forwarder, Listening, TlsPeer, fingerprint

SNAPSHOT = "vm/100/2025-07-07T08:00:00Z"
USERS = ("root@pam", "root@pam!token")
PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy")


class TrustCase(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = pathlib.Path(cls.enterClassContext(temporary_directory()))
        cls.authority = Authority(cls.made)
        cls.own, cls.other = cls.authority.sign("own"), cls.authority.sign("other")

    def peer(self, certificate, **keywords):
        return self.stack.enter_context(TlsPeer(*certificate, **keywords))

    def forward(self, choose):
        return self.stack.enter_context(Forwarder(choose))

    def serve_as(self, certificate, *options):
        return self.serve("--cert", certificate[0], "--key", certificate[1], *options)

    def restore_from(self, port, *options, user="root@pam", snapshot=SNAPSHOT, env=None):
        return run("restore", snapshot, "drive-scsi0.img", "null", "--repository", f"{user}@127.0.0.1:{port}:store", *options,
                   env={"PBS_PASSWORD": "marker-password", **(env or {})})


class Pinning(TrustCase):
    def test_a_wrong_fingerprint_ends_it_before_a_word_is_sent(self):
        for user in USERS:
            for snapshot in (SNAPSHOT, "vm/100"):
                for given in ("flag", "variable"):
                    with self.subTest(user=user, snapshot=snapshot, given=given):
                        peer = self.peer(self.other)
                        pin = fingerprint(self.own[0])
                        options, env = (("--fingerprint", pin), {}) if given == "flag" else ((), {"PBS_FINGERPRINT": pin})
                        finished = self.restore_from(peer.port, *options, user=user, snapshot=snapshot, env=env)
                        self.expect(finished, FAILED, fingerprint(self.other[0]), pin, "nothing was sent")
                        self.assertGreater(peer.connections, 0)
                        self.assertEqual(bytes(peer.received), b"")

    def test_the_flag_comes_before_the_variable(self):
        server = self.serve_as(self.own, "--synthetic", "size=16MiB")
        wrong, right = fingerprint(self.other[0]), fingerprint(self.own[0])
        self.expect(server.restore("null", "--fingerprint", right, env={"PBS_FINGERPRINT": wrong}), DONE)
        self.expect(server.restore("null", "--fingerprint", wrong, env={"PBS_FINGERPRINT": right}), FAILED, wrong)

    def test_an_authority_does_not_outvote_the_pin(self):
        peer = self.peer(self.other)
        finished = self.restore_from(peer.port, "--fingerprint", fingerprint(self.own[0]),
                                     env={"SSL_CERT_FILE": str(self.authority.certificate)})
        self.expect(finished, FAILED, fingerprint(self.other[0]))
        self.assertEqual(bytes(peer.received), b"")

    def test_the_pin_needs_no_authority_and_no_name(self):
        server = self.serve_as(self.authority.sign("elsewhere", "DNS:elsewhere.example"), "--synthetic", "size=16MiB")
        self.expect(server.restore("null"), DONE)

    def test_every_connection_is_checked(self):
        """The third of three leads to somebody else; so does the login; so does the one after a reset."""
        for name, connections, first_wrong in (("login", 1, 0), ("first session", 1, 1), ("third session", 3, 3)):
            with self.subTest(name):
                server, peer = self.serve_as(self.own, "--synthetic", "size=32MiB"), self.peer(self.other)
                way = self.forward(lambda n, s=server, p=peer, f=first_wrong: p.port if n >= f else s.ready["port"])
                repository = server.ready["repository"].replace(str(server.ready["port"]), str(way.port))
                finished = server.restore("null", "--repository", repository, "--connections", connections)
                self.expect(finished, FAILED, fingerprint(self.other[0]))
                self.assertGreater(peer.connections, 0)
                self.assertEqual(bytes(peer.received), b"")

    def test_a_reconnect_is_checked(self):
        server = self.serve_as(self.own, "--synthetic", "size=64MiB,compress=4", "--fault", "kind=reset,request=5")
        peer = self.peer(self.other)
        way = self.forward(lambda n: server.ready["port"] if n < 2 else peer.port)
        repository = server.ready["repository"].replace(str(server.ready["port"]), str(way.port))
        finished = server.restore("null", "--repository", repository, "--depth", "2")
        self.expect(finished, FAILED, fingerprint(self.other[0]))
        self.assertGreater(peer.connections, 0)
        self.assertEqual(bytes(peer.received), b"")

    def test_a_redirect_is_not_followed(self):
        with Listening() as elsewhere:
            for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
                for user in USERS:
                    with self.subTest(status=status, user=user):
                        answer = (f"HTTP/1.1 {status}\r\nlocation: https://127.0.0.1:{elsewhere.port}/\r\n"
                                  "content-length: 0\r\n\r\n").encode()
                        peer = self.peer(self.own, answer=answer)
                        finished = self.restore_from(peer.port, "--fingerprint", fingerprint(self.own[0]), user=user)
                        self.expect(finished, FAILED, status[:3])
                        self.assertNotIn("marker-password", finished.stderr)
            self.assertEqual(elsewhere.connections, 0)

    def test_no_proxy_is_used(self):
        server = self.serve_as(self.own, "--synthetic", "size=16MiB")
        with Listening() as proxy:
            address = f"http://127.0.0.1:{proxy.port}"
            self.expect(server.restore("null", env=dict.fromkeys(PROXY_VARIABLES, address)), DONE)
            self.assertEqual(proxy.connections, 0)

    def test_malformed_fingerprints(self):
        right = fingerprint(self.own[0])
        for text in ("x", right[:-1], right[:-3], right + ":00", right.replace(":", " "), "sha256:" + right, right + "\n",
                     "g" + right[1:], ":", "0" * 63, "0" * 65, "\u0660" * 64):
            with self.subTest(text):
                self.expect(self.restore_from(1, f"--fingerprint={text}"), USAGE, "fingerprint")
                self.expect(self.restore_from(1, env={"PBS_FINGERPRINT": text}), USAGE, "fingerprint", "PBS_FINGERPRINT")

    def test_fingerprints_in_other_spellings(self):
        server = self.serve_as(self.own, "--synthetic", "size=16MiB")
        right = fingerprint(self.own[0])
        for text in (right.upper(), right.replace(":", "")):
            self.expect(server.restore("null", env={"PBS_FINGERPRINT": text}), DONE)


class Authorities(TrustCase):
    """Where nothing is pinned; PBS_FINGERPRINT is empty then, as a script may leave it."""

    def trusting(self, certificate=None):
        return {"PBS_FINGERPRINT": "", "SSL_CERT_FILE": str(certificate or self.authority.certificate),
                "SSL_CERT_DIR": "/nonexistent"}

    def test_a_known_authority_is_enough(self):
        server = self.serve_as(self.own, "--synthetic", "size=16MiB")
        self.expect(server.restore("null", env=self.trusting()), DONE)
        repository = server.ready["repository"].replace("127.0.0.1", "localhost")
        self.expect(server.restore("null", "--repository", repository, env=self.trusting()), DONE)

    def test_others_are_refused_before_a_word_is_sent(self):
        unknown = Authority(self.work, "unknown")
        cases = {"unknown authority": (self.own, unknown.certificate),
                 "no authority": (self.own, "/nonexistent"),
                 "another address": (self.authority.sign("address", "IP:127.0.0.2"), None),
                 "another name": (self.authority.sign("name", "DNS:pbs.example"), None),
                 "ended": (self.authority.sign("ended", days=-1), None),
                 "signed by no authority": (unknown.sign("impostor"), None)}
        for name, (certificate, authority) in cases.items():
            for user in USERS:
                with self.subTest(name, user=user):
                    peer = self.peer(certificate)
                    finished = self.restore_from(peer.port, user=user, env=self.trusting(authority))
                    self.expect(finished, FAILED, "does not trust", fingerprint(certificate[0]), "nothing was sent")
                    self.assertGreater(peer.connections, 0)
                    self.assertEqual(bytes(peer.received), b"")


if __name__ == "__main__":
    main()
