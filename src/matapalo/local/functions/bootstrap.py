"""The inside of a sandbox: load the handler, then answer events one at a time, for ever.

It runs as a program of its own, in the function's environment, on nothing but the standard
library, and speaks the Lambda Runtime API (version 2018-06-01) with the host.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

RUNTIME = "/2018-06-01/runtime"
MOST_BYTES = 6 * 1024 * 1024

Handler = Callable[[Any, Any], Any]


class RuntimeProblem(Exception):
    """What the runtime itself has to say: Lambda's name for it, and a text."""


class Context:
    """What a handler is told about its invocation."""

    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the handler may still take."""
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message: object) -> None:
        """Write to the function's log."""
        sys.stdout.write(str(message))


class Host:
    """The Runtime API, over one connection."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def next(self) -> tuple[Context, bytes]:
        """Wait for an event."""
        self._connection.request("GET", f"{RUNTIME}/invocation/next")
        response = self._connection.getresponse()
        trace = response.headers["Lambda-Runtime-Trace-Id"]
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        return Context(response.headers), response.read()

    def respond(self, context: Context, body: bytes) -> None:
        """Hand over what the handler returned."""
        self._post(f"/invocation/{context.aws_request_id}/response", body)

    def fail(self, context: Context, error: dict[str, Any]) -> None:
        """Say that the handler failed."""
        self._post(f"/invocation/{context.aws_request_id}/error", _json(error), error["errorType"])

    def fail_init(self, error: dict[str, Any]) -> None:
        """Say that there is no handler."""
        self._post("/init/error", _json(error), error["errorType"])

    def _post(self, path: str, body: bytes, error_type: str = "") -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        headers = {"Lambda-Runtime-Function-Error-Type": error_type} if error_type else {}
        self._connection.request("POST", RUNTIME + path, body, headers)
        self._connection.getresponse().read()


class LogFormat(logging.Formatter):
    """A log line as Lambda writes it: level, time, request, text."""

    request_id = ""

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        """Tell the time in UTC."""
        return time.gmtime(seconds)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{record.msecs:03.0f}Z"
        text = f"[{record.levelname}]\t{moment}\t{self.request_id}\t{record.getMessage()}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def load(name: str) -> Handler:
    """Find a handler by `module.function`, where the module may lie in folders."""
    path, _, function = name.rpartition(".")
    module = path.replace("/", ".")
    if not module:
        raise RuntimeProblem("Runtime.MalformedHandlerName", f"Bad handler '{name}'")
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        message = f"Unable to import module '{module}': {error}"
        raise RuntimeProblem("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module}': {error}"
        raise RuntimeProblem("Runtime.UserCodeSyntaxError", message) from error
    handler: Handler | None = getattr(loaded, function, None)
    if handler is None:
        message = f"Handler '{function}' missing on module '{module}'"
        raise RuntimeProblem("Runtime.HandlerNotFound", message)
    return handler


def serve(host: Host, handler: Handler, log: LogFormat) -> NoReturn:
    """Answer events for ever."""
    while True:
        context, event = host.next()
        log.request_id = context.aws_request_id
        try:
            body = answer(handler, event, context)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
            problem = describe(error)
            print(f"[ERROR] {problem['errorType']}: {problem['errorMessage']}")
            traceback.print_tb(error.__traceback__, file=sys.stdout)
            host.fail(context, problem)
        else:
            host.respond(context, body)


def answer(handler: Handler, event: bytes, context: Context) -> bytes:
    """Return what the handler answers, as JSON."""
    result = handler(json.loads(event), context)
    try:
        body = _json(result)
    except (TypeError, ValueError) as error:
        raise RuntimeProblem(
            "Runtime.MarshalError", f"Unable to marshal response: {error}"
        ) from None
    if len(body) > MOST_BYTES:
        message = (
            f"Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
        )
        raise RuntimeProblem("Function.ResponseSizeTooLarge", message)
    return body


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error in Lambda's shape."""
    if isinstance(error, RuntimeProblem):
        kind, message = error.args
    else:
        kind, message = type(error).__name__, str(error)
    trace = traceback.format_tb(error.__traceback__)[2:]  # the first two frames are ours
    return {"errorType": kind, "errorMessage": message, "stackTrace": trace}


def end_with_the_host() -> None:
    """End this process when the host does: it holds the other end of our standard input."""
    held = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    def wait() -> None:
        os.read(held, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def main() -> None:
    """Load the handler and serve it."""
    end_with_the_host()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # both are TextIOWrapper
    log, to_stdout = LogFormat(), logging.StreamHandler(sys.stdout)
    to_stdout.setFormatter(log)
    logging.getLogger().addHandler(to_stdout)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    host = Host(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001 - whatever the code raises is why it did not load
        problem = describe(error)
        print(f"[ERROR] {problem['errorType']}: {problem['errorMessage']}")
        host.fail_init(problem)
        sys.exit(1)
    serve(host, handler, log)


if __name__ == "__main__":
    main()
