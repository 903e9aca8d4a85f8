"""Runs the whole system on one machine, on the loopback, with nothing but what pip brings.

    blueprint ──topology (pure)──▶ processes ──supervisor──▶ started in order, kept running,
        │                                                    replaced without a gap, ended in order
        └──▶ .matapalo/  ports, secrets, endpoints, logs, data: kept across runs, and across
                         kill -9 of anything

    running(blueprint) ──▶ System: where the edge is, how each process is; restart, kill, stop
    up.sock ◀── `matapalo status`, `restart`, `down`

`up` is nobody's parent in the strict sense: when it is killed, what it started goes on serving, and
the next `up` ends what was left (`leftovers`) before it starts anything.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matapalo.local.run import running
    from matapalo.local.system import System

__all__ = ["System", "running"]


def __getattr__(name: str) -> Any:
    """Import the system when it is asked for: processes that need a part of this start sooner."""
    if name not in __all__:
        raise AttributeError(name)
    from matapalo.local import run  # noqa: PLC0415 - see above

    return getattr(run, name)
