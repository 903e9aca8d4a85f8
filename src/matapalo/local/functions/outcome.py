"""What came of an invocation."""

import json
from dataclasses import dataclass
from enum import Enum

MOST_BYTES = 6 * 1024 * 1024
"""The most that an event or an answer may hold (Lambda's quota for synchronous invocations)."""


class Kind(Enum):
    """How an invocation ended."""

    DONE = "done"
    ERROR = "error"
    """The handler raised, or could not be loaded."""
    TIMEOUT = "timeout"
    EXITED = "exited"
    """The process ended by itself, or was ended for the memory it took."""
    THROTTLED = "throttled"
    TOO_LARGE = "too large"
    """The event was."""


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended, and what Lambda's caller reads."""

    kind: Kind
    payload: bytes = b""
    error_type: str = ""

    @property
    def is_function_error(self) -> bool:
        """Whether the function is at fault, in the sense of `X-Amz-Function-Error`."""
        return self.kind in {Kind.ERROR, Kind.TIMEOUT, Kind.EXITED}


def failed(kind: Kind, error_type: str, message: str, request_id: str) -> Outcome:
    """Return an outcome that says what went wrong, in Lambda's shape."""
    said = {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Outcome(kind, json.dumps(said).encode(), error_type)


def timed_out(seconds: float, request_id: str) -> Outcome:
    """Return what a time-out answers."""
    message = f"Task timed out after {seconds:.2f} seconds"
    return failed(Kind.TIMEOUT, "Sandbox.Timedout", message, request_id)


def exited(status: int, request_id: str) -> Outcome:
    """Return what a process that ended answers; a negative status is a signal."""
    how = f"exit status {status}" if status >= 0 else f"signal {-status}"
    message = f"Runtime exited with error: {how}"
    return failed(Kind.EXITED, "Runtime.ExitError", message, request_id)


def out_of_memory(request_id: str) -> Outcome:
    """Return what a process that was ended for its memory answers."""
    message = "Runtime exited with error: signal: killed"
    return failed(Kind.EXITED, "Runtime.OutOfMemory", message, request_id)
