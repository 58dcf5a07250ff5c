"""A local server that speaks like the open-data services, and misbehaves when told to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """What the server answers: a status, headers, and a body or pieces sent one by one."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict = field(default_factory=dict)
    pieces: object = None  # a callable giving an iterable of bytes, sent without a length


def as_json(document, **more):
    return Reply(json.dumps(document).encode(), **more)


class Loopback:
    """Routes by path; every route is a function of the query that gives a `Reply`."""

    def __init__(self):  # noqa: C901 - its handler is in it
        self.routes = {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                self.answer(self.rfile.read(size).decode())

            def do_GET(self):
                self.answer(urlsplit(self.path).query)

            def answer(self, text):
                parts = urlsplit(self.path)
                query = {k: v[0] if len(v) == 1 else v for k, v in parse_qs(text).items()}
                outer.asked.append((parts.path, query))
                route = outer.routes.get(parts.path, lambda _: Reply(b"nothing here", 404))
                reply = route(query)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.pieces is None and "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                try:
                    if reply.pieces is None:
                        self.wfile.write(reply.body)
                    else:
                        for piece in reply.pieces():
                            self.wfile.write(piece)
                            self.wfile.flush()
                except OSError:
                    pass  # the client hung up, as it should

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
