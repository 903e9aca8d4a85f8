"""Files to a zip, always the same bytes."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name."""
READABLE = 0o644 << 16
RUNNABLE = 0o755 << 16
LEFT_OUT = ("__pycache__", ".venv", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by their names in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.external_attr = RUNNABLE if files[name].startswith(b"#!") else READABLE
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return stream.getvalue()


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their names in it, without what only one machine needs."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not set(parts) & {*LEFT_OUT} and path.suffix != ".pyc":
            yield path
