"""Which routes API Gateway has: the blueprint's table of paths, written as keys of an HTTP API.

    GET /api/limits is a slice's, all else the monolith's
      ─▶  "GET /api/limits"  "GET /api/limits/{proxy+}"  "$default"

What a path says no otherwise than the one above it needs no route: the one above takes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matapalo.blueprint import Blueprint
from matapalo.blueprint.claims import (
    MONOLITH,
    OTHER,
    SITE,
    Access,
    Ground,
    Owner,
    ancestors,
    table,
)

LOGINS: Mapping[Access, str] = {"public": "public", "optional": "optional", "required": "login"}


@dataclass(frozen=True, slots=True, order=True)
class Answered:
    """Who answers, and who may ask."""

    owner: Owner
    login: str


def routes(blueprint: Blueprint) -> dict[str, Answered]:
    """Return who answers, by route key, sorted."""
    rows = {path: _row(row) for path, row in table(blueprint).items()}
    found = {"$default": rows["/"][OTHER]}
    for path, row in rows.items():
        found |= dict(_keys(path, row, _above(path, rows)))
    return dict(sorted(found.items()))


def api_paths(blueprint: Blueprint) -> list[str]:
    """Return the paths that are not the site's where it begins at `/`, the topmost of each."""
    rows = table(blueprint)
    paths = [
        p for p, row in rows.items() if any(g.owner != SITE for g in row.values()) and p != "/"
    ]
    return [p for p in paths if not any(a in paths for a in ancestors(p) if a != p)]


Row = Mapping[str, Answered]


def _row(row: Mapping[str, Ground]) -> Row:
    return {method: _answered(ground) for method, ground in row.items()}


def _answered(ground: Ground) -> Answered:
    # CloudFront answers for the site; who asks the API for it has taken a wrong turn.
    owner = MONOLITH if ground.owner == SITE else ground.owner
    return Answered(owner, LOGINS[ground.access])


def _above(path: str, rows: Mapping[str, Row]) -> Row:
    """Return what would hold here if the path said nothing: all of `$default` above `/`."""
    if path == "/":
        return dict.fromkeys(rows["/"], rows["/"][OTHER])
    return next(rows[above] for above in ancestors(path) if above != path and above in rows)


def _keys(path: str, row: Row, above: Row) -> Iterator[tuple[str, Answered]]:
    otherwise = row[OTHER] != above[OTHER]
    if otherwise:
        yield from _both(path, "ANY", row[OTHER])
    for method, answered in row.items():
        if answered != (row[OTHER] if otherwise else above[method]):
            yield from _both(path, method, answered)


def _both(path: str, verb: str, answered: Answered) -> Iterator[tuple[str, Answered]]:
    """A route takes its path and all that lies below."""
    yield f"{verb} {path}", answered
    yield f"{verb} {path.rstrip('/')}/{{proxy+}}", answered
