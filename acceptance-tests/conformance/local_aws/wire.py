"""A reverse proxy that records what clients and local-aws say to each other, byte by byte.

Every client talks through it, so that an answer is judged as it went over the wire and not as a client understood
it; and it takes proxy requests too, since the host names that clients make up (`sync-127.0.0.1`) have no address.
"""

import http.client
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Headers of one connection only (RFC 9110, section 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    client: str
    method: str
    path: str
    request_headers: dict
    request_body: bytes
    status: int
    headers: dict
    body: bytes


class Wire:
    """Listens on a free loopback port and forwards to `host:port`."""

    def __init__(self, target: str):
        self.exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer must not wait for the client's acknowledgement of its head.
            wbufsize = -1
            disable_nagle_algorithm = True

            def forward(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                path = self.path
                if path.startswith("http://"):
                    url = urllib.parse.urlsplit(path)
                    path = url.path + (f"?{url.query}" if url.query else "")
                backend = http.client.HTTPConnection(target, timeout=60)
                try:
                    backend.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in HOP_BY_HOP:
                            backend.putheader(name, value)
                    backend.endheaders(body)
                    answer = backend.getresponse()
                    answered = answer.read()
                finally:
                    backend.close()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                wire._record(self, path, body, answer.status, headers, answered)
                self.send_response_only(answer.status)
                for name, value in headers.items():
                    if name not in HOP_BY_HOP | {"content-length"}:
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("content-length", str(len(answered)))
                self.end_headers()
                self.wfile.write(answered)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _record(self, handler, path, body, status, headers, answered):
        agent = handler.headers.get("user-agent", "")
        client = "AWS CLI" if agent.startswith("aws-cli/") else "boto3"
        request_headers = {name.lower(): value for name, value in handler.headers.items()}
        exchange = Exchange(client, handler.command, path, request_headers, body, status, headers, answered)
        with self._lock:
            self.exchanges.append(exchange)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
