"""The first line of every rendered file: whose it is, and a checksum by which an edit is seen.

    # Rendered by matapalo. Edited by hand, it stays as it is. sha256:…

The checksum is that of the whole text without this line and the empty one after it.
"""

import re
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Literal

from matapalo.errors import CloudError

Mark = Literal["ours", "edited", "foreign"]

_SAYS = "Rendered by matapalo. Edited by hand, it stays as it is. sha256:"
_LINE = re.compile(rf"^(?:# |<!-- ){re.escape(_SAYS)}([0-9a-f]{{64}})(?: -->)?\n\n", re.MULTILINE)
_MARKDOWN = frozenset({".md", ".html"})
_HASHES = frozenset({".tf", ".hcl", ".yaml", ".yml", ".py", ".sh", ".toml", ".txt", ".rego", ""})
_FIRST_LINES = 3


def marked(path: str, text: str) -> str:
    """Return the text with its line. It comes after `#!`, which has to be first.

    Raises CloudError for a kind of file that has no comments.
    """
    line = _line(path, sha256(text.encode()).hexdigest())
    if text.startswith("#!"):
        first, _, rest = text.partition("\n")
        return f"{first}\n{line}{rest}"
    return line + text


def mark_of(text: str) -> Mark:
    """Return whether a file is as a render left it, was edited since, or is none of a render's."""
    head = "".join(text.splitlines(keepends=True)[:_FIRST_LINES])
    found = _LINE.search(head)
    if found is None:
        return "foreign"
    body = text[: found.start()] + text[found.end() :]
    return "ours" if sha256(body.encode()).hexdigest() == found[1] else "edited"


def _line(path: str, checksum: str) -> str:
    suffix = PurePosixPath(path).suffix
    if suffix in _MARKDOWN:
        return f"<!-- {_SAYS}{checksum} -->\n\n"
    if suffix in _HASHES:
        return f"# {_SAYS}{checksum}\n\n"
    raise CloudError(f"a `{suffix}` file has no comments to carry a checksum in", where=path)
