"""Files of the state folder: written whole or not at all, and for nobody else's eyes."""

import json
import os
from pathlib import Path
from typing import Any

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def write(path: Path, text: str) -> None:
    """Replace a file's content at once; a reader sees the old text or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, value: object) -> None:
    """Replace a file's content by a value as JSON."""
    write(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Return a JSON file's value; None where there is no file, or none that can be understood.

    What cannot be understood can only come from outside (files are replaced whole), and everything
    kept as JSON here can be made again.
    """
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
