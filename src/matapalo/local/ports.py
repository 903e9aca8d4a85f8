"""Ports: the ones that the blueprint names, and free ones that stay the same from run to run.

Free ones are taken from MATAPALO_PORTS (`20000-31999` where it is not set): systems that choose at
the same time stay out of each other's way if each has a range of its own.
"""

import errno
import os
import random
import socket
from collections.abc import Iterable, Mapping

import psutil

from matapalo.errors import PortTaken
from matapalo.local.files import read_json, write_json
from matapalo.local.home import Home

LOOPBACK = "127.0.0.1"
_RANGE = "MATAPALO_PORTS"
_USUAL = "20000-31999"
"""Below the range that systems take the ports of outgoing connections from."""


_MOST = 65_535


def keep_ports(home: Home, names: Iterable[str], fixed: Mapping[str, int]) -> dict[str, int]:
    """Return a port for each name: its fixed one, the kept one if it is free, else a new one.

    Raises PortTaken if somebody listens on a fixed one.
    """
    for name, port in fixed.items():
        _demand(name, port)
    kept = {str(name): int(port) for name, port in (read_json(home.ports) or {}).items()}
    ports = dict(fixed)
    for name in names:
        if name not in ports:
            ports[name] = _kept_or_new(kept.get(name), taken=ports.values())
    write_json(home.ports, kept | ports)
    return ports


def free_port(taken: Iterable[int] = ()) -> int:
    """Return a port that nobody uses at this moment, and that is none of those.

    Raises PortTaken where there is none.
    """
    avoided = set(taken)
    left = [port for port in _choice() if port not in avoided]
    while left:
        port = left.pop(random.randrange(len(left)))  # noqa: S311 - a port is no secret
        if is_free(port):
            return port
    raise PortTaken(f"no port is free of {_RANGE}", hint="End what uses them, or widen the range.")


def _choice() -> range:
    told = os.environ.get(_RANGE, _USUAL)
    first, _, last = told.partition("-")
    ports = range(int(first), int(last) + 1) if first.isdigit() and last.isdigit() else range(0)
    if not ports or ports[-1] > _MOST:
        raise PortTaken(f"no range of ports: {told!r}", where=_RANGE, hint=f"Say {_USUAL!r}, say.")
    return ports


def is_free(port: int) -> bool:
    """Whether a port can be listened on now."""
    return obstacle(port) == 0


def obstacle(port: int) -> int:
    """Return the error number that listening on a port meets; 0 if it meets none."""
    with socket.socket() as probe:
        # Without it, connections that ended a minute ago would count as users of the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError as error:
            return error.errno or errno.EADDRINUSE
        return 0


def _kept_or_new(kept: int | None, *, taken: Iterable[int]) -> int:
    if kept and kept not in taken and is_free(kept):
        return kept
    return free_port(taken)


def _demand(name: str, port: int) -> None:
    trouble = obstacle(port)
    if not trouble:
        return
    why = f"it is in use{_user_of(port)}" if trouble == errno.EADDRINUSE else os.strerror(trouble)
    raise PortTaken(
        f"port {port} cannot be listened on: {why}",
        where=name,
        hint="end that process, or name another port in the blueprint",
    )


def _user_of(port: int) -> str:
    """Who listens there, where the system lets us see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            here = connection.laddr[1:] == (port,)
            if here and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f" by {psutil.Process(connection.pid).name()}, process {connection.pid}"
    except psutil.Error:
        return ""
    return ""
