"""Run a program as the user `nobody` when root asks for it: PostgreSQL refuses to run as root.

    python -I -S unprivileged.py PROGRAM ARGUMENT…

A checkout below a folder that only root may enter (0700) would be out of reach for that user, so
one capability is kept: to pass by the permissions of files. The narrower one, which only reads and
searches, is taken where this process has it, and elsewhere the one that containers commonly have.
Capabilities are per thread and survive `exec` only as ambient ones, and access(2) heeds them for a
user other than root only under SECBIT_NO_SETUID_FIXUP (capabilities(7)). Only the standard library
is used, and this file is run by its path, so that it starts in a few milliseconds.
"""

import ctypes
import os
import pwd
import sys

USER = "nobody"

_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_CAP_SETPCAP = 8
_VERSION_3 = 0x20080522
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 4
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    """One half (32 bits) of the three sets; version 3 has two halves."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main(command: list[str]) -> None:
    """Become the program; give up root before, where there is root to give up."""
    if os.geteuid() == 0:
        _step_down(ctypes.CDLL(None, use_errno=True))
    os.execvp(command[0], command)  # noqa: S606 - to become the program is what this is for


def _step_down(libc: ctypes.CDLL) -> None:
    permitted = _permitted(libc)
    kept = _kept(permitted)
    account = pwd.getpwnam(USER)
    _ok(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    if permitted & 1 << _CAP_SETPCAP:
        _ok(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    mask = 0 if kept is None else 1 << kept
    _ok(libc.capset(ctypes.byref(_header()), (_Sets * 2)(_Sets(mask, mask, mask), _Sets())))
    if kept is not None:
        _ok(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, kept, 0, 0))


def _kept(permitted: int) -> int | None:
    for capability in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        if permitted & 1 << capability:
            return capability
    return None


def _permitted(libc: ctypes.CDLL) -> int:
    sets = (_Sets * 2)()
    _ok(libc.capget(ctypes.byref(_header()), sets))
    return int(sets[0].permitted)


def _header() -> _Header:
    return _Header(_VERSION_3, 0)


def _ok(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
