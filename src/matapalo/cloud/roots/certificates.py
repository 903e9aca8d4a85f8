"""Certificates of the door: CloudFront's, of us-east-1, and the load balancer's, of the region."""

from dataclasses import dataclass

from matapalo.blueprint import Certificate
from matapalo.cloud.hcl import Block, Expr, Part, Value, call, module, ref
from matapalo.cloud.root import Root
from matapalo.cloud.scene import Scene

FRONT_REGION = "us-east-1"


@dataclass(frozen=True)
class Certificates:
    """What is made, and the ARNs to use; None where there is no name of our own."""

    blocks: list[Part]
    aliases: frozenset[str]
    front: Value
    balancer: Value

    @property
    def records(self) -> Value:
        """What has to be written into the domain's zone; None where nothing has to be."""
        made = [ref("module", *it.labels, "records") for it in self.blocks if isinstance(it, Block)]
        return call("distinct", call("concat", *made)) if made else None


def certificates(root: Root, scene: Scene) -> Certificates:
    """Return the certificates of an environment's names: those that exist, or new ones."""
    site, api = scene.blueprint.site, scene.blueprint.edge.domain
    names = sorted({name for name in (site.domain if site else None, api) if name})
    if not names:
        return Certificates([], frozenset(), None, None)
    front = _existing(scene, names, FRONT_REGION)
    balancer = _existing(scene, [api], scene.region) if api else None
    blocks: list[Part] = []
    if front is None:
        made = module("certificate_front", root.module("certificate"), _asked(names))
        providers: Value = {"aws": Expr("aws.us_east_1")}
        blocks.append(
            Block(made.kind, made.labels, (made.body[0], {"providers": providers}, *made.body[1:]))
        )
    if api and balancer is None:
        blocks.append(module("certificate_api", root.module("certificate"), _asked([api])))
    return Certificates(
        blocks,
        frozenset(names),
        front or ref("module", "certificate_front", "arn"),
        (balancer or ref("module", "certificate_api", "arn")) if api else None,
    )


def _asked(names: list[str]) -> dict[str, Value]:
    return {"domain": names[0], "also": frozenset(names[1:])}


def _existing(scene: Scene, names: list[str], region: str) -> str | None:
    """Return the ARN of a certificate that exists, is in the region, and is good for all names."""
    return next(
        (
            it.arn
            for it in scene.blueprint.keys.certificates.values()
            if it.arn and it.arn.split(":")[3] == region and all(_covers(it, n) for n in names)
        ),
        None,
    )


def _covers(it: Certificate, name: str) -> bool:
    return name in {it.domain, *it.also}
