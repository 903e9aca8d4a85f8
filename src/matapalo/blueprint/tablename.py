"""Names of tables as a blueprint writes them: `table`, `schema.table`, `app."Daily totals"`."""

import re

PUBLIC = "public"

_PART = r'(?:"(?:[^"\x00]|"")+"|[^\s."\'\x00]+)'
TABLE_NAME = rf"^{_PART}(?:\.{_PART})?$"
_PARTS = re.compile(_PART)
_LONGEST = 63


def split_table_name(text: str) -> tuple[str, str]:
    """Return schema and table; `public` where no schema is given.

    A part is the name exactly as it is, and never folded to lower case. A part with dots, spaces or
    quotes is written as in SQL: in double quotes, and a quote within it twice. Raises ValueError.
    """
    if not re.fullmatch(TABLE_NAME, text):
        raise ValueError(
            "a table is written `name` or `schema.name`, with a part in double quotes "
            "where it has dots, spaces or quotes"
        )
    parts = [_plain(part) for part in _PARTS.findall(text)]
    if any(len(part.encode()) > _LONGEST for part in parts):
        raise ValueError(f"PostgreSQL's names have at most {_LONGEST} bytes")
    return (PUBLIC, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def _plain(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
