"""What delivers each thing: a line of shell, the same wherever a pipeline runs."""

from matapalo.blueprint import Service, Site
from matapalo.cloud.roots.images import repository
from matapalo.cloud.scene import Scene

DIRECTORY = "aws"
"""Where the render lies in the repository."""


def service(scene: Scene, full: str, it: Service, commit: str) -> str:
    """Return what brings a service into its cluster; `commit` is the variable that holds it."""
    product, _, name = full.partition("/")
    home = f'"$AWS_ACCOUNT.dkr.ecr.{scene.region}.amazonaws.com/{repository(scene, full)}'
    image = f'{home}:${commit}" {it.code}' if it.image is None else f'"{it.image}"'
    cluster = scene.names.of("cluster")
    return f"{DIRECTORY}/pipelines/service.sh {cluster} {product} {name} {image}"


def function(scene: Scene, full: str, code: str) -> str:
    """Return what publishes a function."""
    product, _, name = full.partition("/")
    return f"{DIRECTORY}/pipelines/function.sh {scene.names.of('function', product, name)} {code}"


def site(it: Site) -> str:
    """Return what uploads the site."""
    return f'{DIRECTORY}/pipelines/site.sh {it.folder} "$SITE_BUCKET" {it.path} "$FRONT_ID"'


def watched(full: str, it: Service) -> str:
    """Return the files whose change delivers a service."""
    product, _, name = full.partition("/")
    return f"{it.code}/**" if it.code else f"{DIRECTORY}/kubernetes/*/{product}/{name}.yaml"
