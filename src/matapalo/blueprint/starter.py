"""The first blueprint of somebody who has a server that already runs."""

import re

from pydantic import ValidationError

from matapalo.blueprint.monolith import Monolith
from matapalo.blueprint.root import Blueprint
from matapalo.errors import MatapaloError

SCHEMA_FILE = "matapalo.schema.json"

_TEXT = """\
# yaml-language-server: $schema={schema}
#
# Where the system is, where it is going, and the way between.
# Every key: `matapalo schema --docs`. All mistakes at once: `matapalo check`.
name: {name}

# Today: the application answers here already. (`run` would start it on this machine instead.)
monolith:
  url: {url}
  health: /  # a path that answers below 500 when all is well

# The door that all requests use from now on.
edge:
  reveal_side: true  # say who answered, in the header x-matapalo-side

# Tomorrow: a service that takes a piece over. It answers already, or `run` starts it.
# products:
#   accounts:
#     services:
#       statements:
#         url: http://127.0.0.1:9000
#         health: /

# The way between: what moves as one. `matapalo advance statements` moves it, `back` returns it.
# slices:
#   statements:
#     to: accounts/statements
#     routes:
#       - GET /statements
"""


def starter(name: str, url: str) -> str:
    """Return the text of a small blueprint that passes every check.

    Raises MatapaloError where the name or the URL cannot be in a blueprint.
    """
    try:
        Blueprint(name=name, monolith=Monolith(url=url))
    except ValidationError as error:
        details = error.errors()[0]
        reason = str(details.get("ctx", {}).get("error", details["msg"]))
        raise MatapaloError(f"`{details['input']}`: {reason}", where="init") from None
    return _TEXT.format(schema=SCHEMA_FILE, name=name, url=url)


def name_from(text: str) -> str:
    """Return the name that is nearest to a text: a folder's name, for instance."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].rstrip("-")
    return name if name and name[0].isalpha() else f"system-{name}"[:40].rstrip("-")
