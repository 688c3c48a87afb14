"""Servers on this machine that give files over HTTP and FTP, and misbehave where a test says so."""

import http.server
import re
import socket
import socketserver
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Answer:
    """How a server answers one request.

    ``cut``: bytes of the body after which it closes the connection; ``pause``: seconds that it waits amid the body;
    ``ranges``: whether it knows them; ``body``: what it sends instead of the file.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    pause: float = 0
    ranges: bool = True
    body: bytes | None = None


class HttpServer(http.server.ThreadingHTTPServer):
    """Serves ``files`` (path -> bytes), each request by the next of its path's ``answers``; notes every request.

    ``requests`` holds (path, Range header, bytes of body sent).
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _HttpHandler)
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.always = Answer()
        self.requests: list[tuple[str, str | None, int]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sent(self, path: str) -> list[int]:
        """Bytes of the file sent by each request for it."""
        return [count for requested, _, count in self.requests if requested == path]

    def ranges(self, path: str) -> list[str | None]:
        """What each request for a file asked for."""
        return [wanted for requested, wanted, _ in self.requests if requested == path]


class _HttpHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.lstrip("/")
        answers = self.server.answers[path]
        answer = answers.pop(0) if answers else self.server.always
        status, body, headers = self._choose(path, answer)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        end = len(body) if answer.cut is None else answer.cut
        middle = end // 2 if answer.pause else end
        # Before the last byte goes: the client may ask again at once.
        self.server.requests.append((path, self.headers.get("Range"), end if status < 300 else 0))
        try:
            self.wfile.write(body[:middle])
            time.sleep(answer.pause)
            self.wfile.write(body[middle:end])
        except ConnectionError:
            pass
        self.close_connection = True

    def _choose(self, path, answer):
        if answer.status != 200:
            return answer.status, b"in trouble", {}
        whole = self.server.files.get(path)
        if whole is None:
            return 404, b"no such file", {}
        if answer.body is not None:
            return 200, answer.body, {}
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if not wanted or not answer.ranges:
            return 200, whole, {}
        start = int(wanted[1])
        if start >= len(whole):
            return 416, b"", {"Content-Range": f"bytes */{len(whole)}"}
        return 206, whole[start:], {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"}

    def log_message(self, *_):
        """Stay silent: `requests` holds what tests want to know."""


class FtpServer(socketserver.ThreadingTCPServer):
    """Serves ``files`` (path -> bytes) to user carlos with password allende; ``cuts`` are bytes of the next bodies."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _FtpHandler)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.sent: list[int] = []

    def url(self, user: str = "carlos:allende") -> str:
        return f"ftp://{user}@127.0.0.1:{self.server_address[1]}"


class _FtpHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.start, self.user = 0, ""
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            command, _, argument = line.partition(" ")
            getattr(self, f"do_{command.lower()}", lambda _: self._say("502 unknown"))(argument)
            if command == "QUIT":
                return

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def do_user(self, user):
        self.user = user
        self._say("331 password")

    def do_pass(self, password):
        self._say("230 welcome" if (self.user, password) == ("carlos", "allende") else "530 not you")

    def do_type(self, _):
        self._say("200 binary")

    def do_size(self, path):
        found = self.server.files.get(path)
        self._say("550 no such file" if found is None else f"213 {len(found)}")

    def do_pasv(self, _):
        self.data = socket.create_server(("127.0.0.1", 0))
        port = self.data.getsockname()[1]
        self._say(f"227 entering (127,0,0,1,{port // 256},{port % 256})")

    def do_rest(self, start):
        self.start = int(start)
        self._say("350 go on")

    def do_retr(self, path):
        body = self.server.files[path][self.start :]
        body = body[: self.server.cuts.pop(0)] if self.server.cuts else body
        self.start = 0
        self.server.sent.append(len(body))
        self._say("150 here it comes")
        connection, _ = self.data.accept()
        with self.data, connection:
            connection.sendall(body)
        self._say("226 done")

    def do_quit(self, _):
        self._say("221 goodbye")


@contextmanager
def serving(server):
    """Run a server in a thread while a block lasts."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
