"""A log a process, and all of them read as one.

    process ──writes──▶ NAME.log (appended to, across runs)
                             │ grew? ──▶ .NAME.times: up to here at this time
                             │ large? ─▶ NAME.log.1
                        read ▼
    lines of every log, each with its time, in one order

A process writes into its file itself, so that it goes on when the supervisor is killed. Its lines
need no time of their own: the supervisor notes four times a second how far each log has come.
"""

from matapalo.local.logs.reading import Line, Reader, last_lines
from matapalo.local.logs.writing import keep_logs, mark_start, open_log

__all__ = ["Line", "Reader", "keep_logs", "last_lines", "mark_start", "open_log"]
