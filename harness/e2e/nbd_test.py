#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images restored into exports of a real qemu-nbd, compared with qemu-img."""
import os
import shutil
import signal
import socket
import subprocess
import unittest

from common import DEADLINE_S, DONE, FAILED, TestCase, USAGE, main

SIZE = 24 << 20
IMAGE = f"size={SIZE >> 20}MiB,zeros=0.4,duplicates=0.2,compress=1.5,seed=5"
MISSING = [tool for tool in ("qemu-nbd", "qemu-img") if shutil.which(tool) is None]


def qemu_img(*arguments):
    return subprocess.run(["qemu-img", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class QemuNbd:
    """qemu-nbd on a unix socket that already listens when the process starts, so that nothing waits for it."""

    def __init__(self, path, *arguments):
        self.path = path
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(64)

            def hand_over():
                os.dup2(listener.fileno(), 3)
                os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))

            self.process = subprocess.Popen(["qemu-nbd", "--persistent", *map(str, arguments)], pass_fds=[3],
                                            preexec_fn=hand_over, stderr=subprocess.DEVNULL)

    def uri(self, export=""):
        return f"nbd+unix:///{export}?socket={self.path}"

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(DEADLINE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end(signal.SIGKILL)


@unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)} (qemu-utils)")
class Nbd(TestCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve("--synthetic", IMAGE)
        self.target = self.work / "target"

    def make_target(self, image_format, size=SIZE):
        """Full of old bytes."""
        old = self.work / "old.raw"
        old.write_bytes(b"x" * size)
        qemu_img("convert", "-O", image_format, old, self.target)

    def export(self, *options):
        return self.stack.enter_context(QemuNbd(self.work / "socket", *options, self.target))

    def expected(self):
        image = self.work / "expected.raw"
        self.expect(self.server.restore(image), DONE)
        return image

    def test_qcow2_and_raw_hold_the_image(self):
        expected = self.expected()
        for image_format, options in (("qcow2", ("--shared=4", "--discard=unmap")), ("raw", ())):
            with self.subTest(image_format):
                self.make_target(image_format)
                nbd = self.export(f"--format={image_format}", *options)
                self.expect(self.server.restore(nbd.uri(), "--depth", 8), DONE)
                nbd.end()
                nbd.path.unlink()
                self.assertIn("identical", qemu_img("compare", "-f", "raw", "-F", image_format, expected, self.target))

    def test_zeros_of_the_image_are_holes(self):
        self.make_target("qcow2")
        nbd = self.export("--format=qcow2", "--discard=unmap")
        self.expect(self.server.restore(nbd.uri(), "--zeros", "first"), DONE)
        nbd.end()
        self.assertIn('"zero": true', qemu_img("map", "--output=json", self.target))

    def test_a_larger_export_keeps_what_lies_behind(self):
        self.make_target("raw", SIZE + (1 << 20))
        nbd = self.export("--format=raw")
        self.expect(self.server.restore(nbd.uri()), DONE)
        nbd.end()
        self.assertEqual(self.target.read_bytes()[SIZE:], b"x" * (1 << 20))

    def test_a_smaller_export_is_refused(self):
        self.make_target("raw", SIZE - 512)
        self.expect(self.server.restore(self.export("--format=raw").uri()), USAGE, "at least as large")

    def test_a_read_only_export_is_refused(self):
        self.make_target("raw")
        self.expect(self.server.restore(self.export("--format=raw", "--read-only").uri()), USAGE, "read-only")

    def test_a_server_that_is_gone_is_a_failure(self):
        self.make_target("raw")
        nbd = self.export("--format=raw")
        nbd.end(signal.SIGKILL)
        self.expect(self.server.restore(nbd.uri()), FAILED, "cannot connect to", str(nbd.path))


if __name__ == "__main__":
    main()
