"""The site: files of a bucket, with the index at its root and, where it is one page, everywhere."""

import re
from collections.abc import Iterable

from matapalo.blueprint import Site
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, extension, seconds, typed
from matapalo.edge.resources.scene import again
from matapalo.edge.resources.way import Way

TIMEOUT = 30.0
"""Seconds that a file may take."""
MISSING = "envoy.filters.http.custom_response"
"""The filter that answers for a file that is not there."""


def filters(site: Site | None) -> list[Json]:
    """Return the filter that the site's routes tell what to do; idle everywhere else."""
    if site is None:
        return []
    return [extension(MISSING, "extensions.filters.http.custom_response.v3.CustomResponse")]


def files(site: Site, prefix: str) -> Iterable[Way]:
    """Return the ways to the files: whoever keeps them is shown neither token nor cookie."""
    root = "" if site.path == "/" else site.path
    bucket = "/" + prefix.strip("/")
    at_root = {"safe_regex": {"regex": rf"{re.escape(root)}/?(\?.*)?"}}
    yield Way(
        _fetch(f"^{re.escape(root)}/?$", f"{bucket}/{site.index}"),
        headers=({"name": ":path", "string_match": at_root},),
    )
    yield Way(_fetch(f"^{re.escape(root)}/", f"{bucket}/"), filters={MISSING: _missing(site)})


def _fetch(regex: str, substitution: str) -> Json:
    return {
        "request_headers_to_remove": ["authorization", "cookie"],
        "route": {
            "cluster": names.SITE,
            "timeout": seconds(TIMEOUT),
            "retry_policy": again(safe=True, timeout=TIMEOUT),
            "regex_rewrite": {"pattern": {"regex": regex}, "substitution": substitution},
        },
    }


def _missing(site: Site) -> Json:
    """A bucket says 404 or, to who may not list it, 403."""
    policy = _index_instead(site) if site.spa else _not_found()
    on = {"action": {"name": "missing", "typed_config": policy}}
    return typed(
        "extensions.filters.http.custom_response.v3.CustomResponse",
        custom_response_matcher={
            "matcher_tree": {
                "input": {
                    "name": "status",
                    "typed_config": typed("type.matcher.v3.HttpResponseStatusCodeMatchInput"),
                },
                "exact_match_map": {"map": {"403": on, "404": on}},
            }
        },
    )


def _index_instead(site: Site) -> Json:
    return typed(
        "extensions.http.custom_response.redirect_policy.v3.RedirectPolicy",
        redirect_action={"path_redirect": site.path},
        status_code=200,
    )


def _not_found() -> Json:
    """The edge makes JSON of its own answers (log)."""
    return typed(
        "extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy",
        status_code=404,
        body={"inline_string": "no such file"},
    )
