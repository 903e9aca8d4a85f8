"""Images: which are built here, and where a service's image is."""

from matapalo.blueprint import Service
from matapalo.cloud.scene import Scene

OWN = "matapalo"
"""Matapalo's own image: edge, authorizer, conductor, comparison and streams."""


def repositories(scene: Scene) -> list[str]:
    """Return the repositories of an environment's registry."""
    built = [name for name, service in scene.blueprint.services().items() if _built(service)]
    return sorted(repository(scene, name) for name in [OWN, *built])


def repository(scene: Scene, name: str) -> str:
    """Return the repository of a service's image, by the service's full name."""
    return f"{scene.names.prefix}/{name}"


def _built(service: Service) -> bool:
    """An image that is built elsewhere is named; else it is built from the service's code."""
    return service.url is None and service.image is None
