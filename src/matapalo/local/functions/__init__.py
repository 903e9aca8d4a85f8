"""Functions on this machine, with the semantics of AWS Lambda.

    HTTP ─▶ doors ─▶ event ─▶ Pool ─▶ Sandbox ══ Runtime API ══▶ bootstrap: the handler
    HTTP ◀─ doors ◀─ answer ◀─ Outcome ◀─┘       (next, response, error)

`matapalo function payments/limits` is one function. HTTP comes in as an API Gateway event (payload
2.0) or through Lambda's own Invoke API. A sandbox is a process of the function's own: this
interpreter, the function's folder, its own environment and nothing of the host's. It takes one
event at a time and is used again while it is warm; a time-out, an exit or too much memory ends it,
a change of the code replaces it, and what comes beyond the function's concurrency is throttled.
"""

from matapalo.local.functions.describe import Lambda
from matapalo.local.functions.doors import application
from matapalo.local.functions.outcome import Kind, Outcome
from matapalo.local.functions.pool import Pool

__all__ = ["Kind", "Lambda", "Outcome", "Pool", "application"]
