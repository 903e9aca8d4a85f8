"""What runs in the cluster: manifests, a folder a namespace.

    kubernetes/<environment>/<product>/   namespace, quota, network policies; a file a service
    kubernetes/<environment>/matapalo/    edge, conductor, authorizer, comparison, streams, nodes
    Dockerfile                            the image of all that is Matapalo's
    kubernetes/apply.sh                   fills in what only Terraform knows, and applies a folder
    kubernetes/conduct.sh                 asks the conductor, in its pod: `conduct.sh prod slices`

Pure functions from the blueprint to objects; `yaml` writes them. Every pod is hardened in the same
way (`pod`), and may talk to those only that the blueprint names (`policies`).
"""

from matapalo.cloud.kubernetes import apply, conduct, image, own, product
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree, joined

__all__ = ["render"]


def render(system: System, scene: Scene) -> Tree:
    """Return the manifests of an environment."""
    products = (product.render(scene, name) for name in scene.blueprint.products)
    return joined(
        apply.render(system), conduct.render(system), image.render(), own.render(scene), *products
    )
