"""A server for tests: PORT [option…], on nothing but the standard library.

It answers with its process id. `PORT` written out is taken from the environment.

say TEXT       print the text
fail           end at once, with status 3
deaf           take no notice of SIGTERM
sick           answer 503
slow SECONDS   wait before listening
child          start a process of its own, of the same group
linger         finish what is being answered before ending at SIGTERM; /slow takes half a second
trace FILE     append `start NAME` and `stop NAME` to a file; the name is the file's other option
"""

import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

options = sys.argv[2:]
port = int(os.environ["PORT"] if sys.argv[1] == "PORT" else sys.argv[1])


def after(option: str) -> str:
    return options[options.index(option) + 1] if option in options else ""


def trace(what: str) -> None:
    if file := after("trace"):
        with Path(file).open("a") as lines:
            lines.write(f"{what}\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.5)
        body = str(os.getpid()).encode()
        self.send_response(503 if "sick" in options else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def end(*_: object) -> None:
    threading.Thread(target=server.shutdown).start()


print(after("say"), flush=True)
if "fail" in options:
    sys.exit(3)
if "child" in options:
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
time.sleep(float(after("slow") or 0))
ThreadingHTTPServer.daemon_threads = False
server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in options else end)
trace(f"start {port}")
server.serve_forever(poll_interval=0.01)
server.server_close()
trace(f"stop {port}")
