"""How long to wait before a process is started again."""

STEADY = 10.0
"""Who was well for so long, in seconds, starts anew with a clean slate."""

FIRST = 0.5
LONGEST = 30.0


def pause(failures: int) -> float:
    """Return the pause after so many failures in a row, in seconds: none after the first end."""
    return min(LONGEST, FIRST * 2.0 ** (min(failures, 32) - 1)) if failures else 0.0
