"""Files that are there whole or not at all, and the short path that a unix socket needs."""

import hashlib
import os
import ssl
import stat
import tempfile
from pathlib import Path

from matapalo.errors import EdgeError

SOCKET_PATH = 100
"""Bytes that a socket's path may have on every system that we run on."""
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def replace(path: Path, text: str) -> None:
    """Write a file so that every reader, now or after a crash, finds the old one or this one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)


def socket_path(folder: Path, name: str) -> Path:
    """Return where a folder's socket lies: inside it, or below the temporary folder if its path
    is too long, where whoever knows the folder finds it too."""
    path = folder / name
    if len(os.fsencode(path)) <= SOCKET_PATH:
        return path
    short = Path(tempfile.gettempdir()) / f"matapalo-{os.getuid()}"
    short.mkdir(mode=0o700, exist_ok=True)
    _refuse_foreign(short)
    return short / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:24]}.sock"


def _refuse_foreign(folder: Path) -> None:
    """Anybody may make a folder of that name there, and would own what is put into it."""
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or found.st_mode & 0o077:
        raise EdgeError(
            "the folder for sockets belongs to somebody else",
            where=str(folder),
            hint="Remove it, or choose a shorter path for the state folder.",
        )


def trusted_certificates() -> str:
    """Return the file of the certificates that this machine trusts."""
    paths = ssl.get_default_verify_paths()
    candidates = (os.environ.get(paths.openssl_cafile_env), paths.cafile, *BUNDLES)
    found = next((path for path in candidates if path and Path(path).is_file()), None)
    return found or paths.openssl_cafile
