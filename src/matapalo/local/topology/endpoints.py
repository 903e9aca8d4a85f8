"""Where everything answers that the edge sends requests to.

The shape is `matapalo.edge.endpoints.Endpoints`, which this part may not import; a test holds the
two together.
"""

from typing import Any
from urllib.parse import urlsplit

from matapalo.local.ports import LOOPBACK
from matapalo.local.topology.own import bucket_name
from matapalo.local.topology.scene import Scene


def endpoints_of(scene: Scene) -> dict[str, Any]:
    """Return the endpoints as JSON takes them."""
    b = scene.blueprint
    elsewhere = {"monolith": b.monolith.url, **{n: s.url for n, s in b.services().items()}}
    at = {name: _endpoint(url) for name, url in elsewhere.items() if url}
    here = ("monolith", "authorizer", "comparison", *b.services(), *b.functions())
    at |= {name: _here(scene, name) for name in here if name in scene.ports and name not in at}
    if b.site:
        at["site"] = _here(scene, "aws")
    return {
        "at": {name: [endpoint] for name, endpoint in sorted(at.items())},
        "site_prefix": f"/{bucket_name(scene)}" if b.site else "",
    }


def _here(scene: Scene, name: str) -> dict[str, Any]:
    return {"host": LOOPBACK, "port": scene.ports[name], "tls": False}


def _endpoint(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    return {"host": parts.hostname, "port": parts.port or (443 if tls else 80), "tls": tls}
