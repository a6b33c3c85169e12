#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Passwords that are asked for on a terminal, or come late or never: typed unseen, and given up at once when told to stop."""
import os
import pty
import select
import signal
import subprocess
import termios
import time

from common import DEADLINE_S, DONE, FAILED, INTERRUPTED, PROGRAM, TestCase, environment, main

CTRL_C = b"\x03"
PROMPT = b"password for the server: "


class Terminal:
    """A restore that has a terminal of its own, seen from the terminal's other side."""

    def __init__(self, arguments, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(PROGRAM, [PROGRAM, *map(str, arguments)], env)
        self.said = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read(self):
        """False when nobody has the terminal open any more."""
        if not select.select([self.fd], [], [], 0.1)[0]:
            return True
        try:
            text = os.read(self.fd, 4096)
        except OSError:
            return False
        self.said += text
        return bool(text)

    def wait_for(self, text):
        deadline = time.monotonic() + DEADLINE_S
        while text not in self.said:
            assert self.read() and time.monotonic() < deadline, self.said
        while self.echoes():  # it is turned off before the prompt, but the two are seen by different ways
            assert time.monotonic() < deadline

    def type(self, text):
        os.write(self.fd, text)

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self):
        """The exit status, once all that was said is read."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read() and select.select([self.fd], [], [], 0)[0]:
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(self.said)


class Prompt(TestCase):
    def setUp(self):
        super().setUp()
        self.server = self.serve("--synthetic", "size=8MiB")

    def ask(self, **extra):
        env = environment(self.server.env(extra))
        env.pop("PBS_PASSWORD")
        return self.enterContext(Terminal(
            ["restore", self.server.snapshot(), "drive-scsi0.img", "null", "--quiet"], env))

    def test_a_password_is_typed_unseen(self):
        terminal = self.ask()
        terminal.wait_for(PROMPT)
        password = self.server.ready["password"].encode()
        terminal.type(password + b"\n")
        self.assertEqual(terminal.end(), DONE, terminal.said)
        self.assertNotIn(password, terminal.said)
        self.assertTrue(terminal.echoes())

    def test_nothing_typed_is_no_password(self):
        for typed in (b"\n", b"\x04"):  # Ctrl-D
            terminal = self.ask()
            terminal.wait_for(PROMPT)
            terminal.type(typed)
            self.assertNotEqual(terminal.end(), DONE)
            self.assertTrue(terminal.echoes())

    def test_a_signal_ends_it_with_the_terminal_as_it_was(self):
        for number in (None, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                terminal = self.ask()
                terminal.wait_for(PROMPT)
                if number is None:
                    terminal.type(b"half a pass" + CTRL_C)
                else:
                    os.kill(terminal.pid, number)
                self.assertEqual(terminal.end(), INTERRUPTED, terminal.said)
                self.assertTrue(terminal.echoes())
                self.assertNotIn(b"half a pass", terminal.said)

    def test_a_command_may_ask_on_the_terminal(self):
        terminal = self.ask(PBS_PASSWORD_CMD="stty -echo; printf 'by the command: ' >/dev/tty; read -r line; echo $line")
        terminal.wait_for(b"by the command: ")
        terminal.type(self.server.ready["password"].encode() + b"\n")
        self.assertEqual(terminal.end(), DONE, terminal.said)

    def test_a_command_sees_the_other_settings(self):
        terminal = self.ask(PBS_PASSWORD_CMD=f"test -n \"$PBS_REPOSITORY\" && echo {self.server.ready['password']}")
        self.assertEqual(terminal.end(), DONE, terminal.said)

    def test_a_signal_ends_the_command_too(self):
        note = self.work / "pid"
        env = environment(self.server.env({"PBS_PASSWORD_CMD": f"echo $$ >{note}.part; mv {note}.part {note}; exec sleep 3600"}))
        env.pop("PBS_PASSWORD")
        with subprocess.Popen([PROGRAM, "restore", self.server.snapshot(), "drive-scsi0.img", "null"], env=env,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + DEADLINE_S
            while not note.exists():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(DEADLINE_S), INTERRUPTED)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(note.read_text()), 0)


if __name__ == "__main__":
    main()
