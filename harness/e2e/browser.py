# SPDX-License-Identifier: MIT
"""A page in headless Chromium, driven through a pair of pipes (the DevTools protocol), so that no port is opened."""
import json
import os
import shutil
import signal
import subprocess
import tempfile

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """Opens one page. `console` holds what the page wrote there, `requests` the addresses that it asked for."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_child, from_us = os.pipe()
        to_us, from_child = os.pipe()

        def give_pipes():
            saved = os.dup(from_child)  # out of the way of descriptors 3 and 4
            os.dup2(to_child, 3)
            os.dup2(saved, 4)
            for descriptor in (3, 4):  # dup2() onto itself leaves it closed on exec
                os.set_inheritable(descriptor, True)

        self.process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--user-data-dir=" + self.profile.name, "--remote-debugging-pipe",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            start_new_session=True, preexec_fn=give_pipes)
        os.close(to_child)
        os.close(from_child)
        self.writer, self.reader = os.fdopen(from_us, "wb", 0), os.fdopen(to_us, "rb")
        self.buffer, self.number, self.session = b"", 0, None
        self.console, self.requests, self.loaded = [], [], 0
        pages = [t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)  # its children too, or they would go on filling the profile
        self.process.wait()
        self.writer.close()
        self.reader.close()
        self.profile.cleanup()

    def message(self):
        while b"\0" not in self.buffer:
            data = self.reader.read1(1 << 16)
            if not data:
                raise RuntimeError("the browser ended")
            self.buffer += data
        one, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(one)

    def note(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled" or method == "Runtime.exceptionThrown":
            self.console.append(str(parameters))
        elif method == "Log.entryAdded":
            self.console.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded += 1

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        self.writer.write(json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.note(message)

    def open(self, path, width=1280, dark=False):
        """Without script, as the page must work; evaluate() is not the page's own and works all the same."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        before = self.loaded
        self.call("Page.navigate", url="file://" + str(path))
        while self.loaded == before:
            self.note(self.message())

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")
