"""The root `door`: what every request passes.

    caller ─▶ firewall ─▶ CloudFront ─┬─▶ the site's bucket
                                      └─▶ API Gateway ─▶ authorizer ─▶ the security system
                                            │
                      a function ◀──────────┼──────────▶ the monolith over the internet
                                            ▼
                             link ─▶ firewall ─▶ load balancer ─┬─▶ the edge
                                                                ├─▶ a service's pods
                                                                └─▶ the monolith on premises

Where a slice's requests go is one line: its stage in `stages`. Functions call services by the load
balancer too: see `inside`.
"""

from collections.abc import Iterator

from matapalo.cloud.hcl import Block, Comment, Expr, Part, Value, block, call, module, ref
from matapalo.cloud.names import address, product_root
from matapalo.cloud.root import Output, Root, Variable, read
from matapalo.cloud.roots import boundary, inside, paths, proof, stages, told, ways
from matapalo.cloud.roots.certificates import certificates
from matapalo.cloud.roots.own import NAMESPACE, relay_name
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

FRONT_REGION = "us-east-1"
"""The region of CloudFront's firewall and certificates."""
BOTH = Expr("{\n    aws           = aws\n    aws.us_east_1 = aws.us_east_1\n  }")
"""The providers of a module that works in both regions."""
CLIENT = "x-matapalo-client"
"""The header in which CloudFront names the caller's address."""


def render(system: System, scene: Scene) -> Tree:
    """Return the root's files."""
    root, env = Root.of(system, scene, "door"), scene.environment
    functions = {n.split("/")[0] for n in stages.targets(scene) if n in scene.targets.functions}
    products = sorted(product_root(product) for product in functions)
    return root.tree(
        main=[*_word(), *_firewalls(root, scene), *_front(root, scene)],
        variables=_variables(),
        outputs=_outputs(root, scene),
        reads=[f"{env}/{it}" for it in ("network", "platform", *products)],
        providers=[root.provider("us_east_1", region=FRONT_REGION)],
        more={
            "stages.tf": stages.blocks(scene),
            "certificates.tf": certificates(root, scene).blocks,
            "api.tf": [*_balancer(root, scene), *_authorizer(root, scene), *_api(root, scene)],
        },
    )


def _platform(scene: Scene, output: str) -> Expr:
    return read(f"{scene.environment}/platform", output)


def _network(scene: Scene, output: str) -> Expr:
    return read(f"{scene.environment}/network", output)


def _word() -> Iterator[Part]:
    yield Comment(
        "The word by which API Gateway knows that a request came through CloudFront. It is drawn\n"
        "once; another `door_word` draws another."
    )
    yield block(
        "resource",
        "terraform_data",
        "door",
        {"input": call("uuid"), "triggers_replace": ref("var", "door_word")},
        block("lifecycle", {"ignore_changes": [Expr("input")]}),
    )


def _firewalls(root: Root, scene: Scene) -> Iterator[Part]:
    edge, keep = scene.blueprint.edge, scene.blueprint.logs.keep
    shared: dict[str, Value] = {
        "managed": edge.firewall.managed,
        "rate": edge.firewall.rate,
        "countries": edge.firewall.countries,
        "blocked": edge.firewall.blocked,
        "closed": [route.path for route in edge.closed if not route.methods],
        "long_bodies": edge.limits.body_kib > SHORT_BODY,
        "log_retention": keep,
    }
    logs = key_for(scene, "logs")
    front: dict[str, Value] = {
        "name": scene.names.of("web-acl", "front"),
        "scope": "CLOUDFRONT",
        **shared,
        # A key of ours is in the environment's region; the firewall's log is where CloudFront is.
        "logs_key_arn": logs if scene.region == FRONT_REGION else None,
    }
    within: dict[str, Value] = {
        "name": scene.names.of("web-acl", "api"),
        "scope": "REGIONAL",
        **shared,
        "client_header": CLIENT,
        "inside": f".{inside.zone(scene)}:{inside.PORT}" if inside.calls(scene) else None,
        "logs_key_arn": logs,
    }
    yield _with_provider(module("firewall_front", root.module("firewall"), front))
    yield module("firewall_api", root.module("firewall"), within)


SHORT_BODY = 8
"""KiB of a body that the firewall's common rules let pass."""


def _with_provider(it: Block, **names: str) -> Block:
    """Return the call of a module that is carried out in CloudFront's region."""
    providers = {"aws": Expr("aws.us_east_1")}
    return Block(it.kind, it.labels, (*it.body[:1], {"providers": providers}, *it.body[1:]))


def _front(root: Root, scene: Scene) -> Iterator[Part]:
    b, of = scene.blueprint, scene.names.of
    site: Value = None
    if b.site:
        site = {
            "bucket": Expr(f'"{of("bucket", "site")}-{scene.account_number}"'),
            "path": b.site.path,
            "index": b.site.index,
            "spa": b.site.spa,
        }
    certificate = certificates(root, scene)
    given: dict[str, Value] = {
        "name": of("alias", "front"),
        "site": site,
        "api_domain": ref("module", "api", "domain"),
        "api_paths": paths.api_paths(b) if b.site and b.site.path == "/" else None,
        "door": ref("terraform_data", "door", "output"),
        "aliases": certificate.aliases,
        "certificate_arn": certificate.front,
        "firewall_arn": ref("module", "firewall_front", "arn"),
        "countries": b.edge.firewall.countries,
        "key_arn": key_for(scene, "buckets"),
        "log_retention": b.logs.keep,
        "access_logs": ref("var", "front_access_logs"),
        "protected": scene.protected,
    }
    call_ = module("front", root.module("front"), given)
    yield Block(call_.kind, call_.labels, (*call_.body[:1], {"providers": BOTH}, *call_.body[1:]))


def _balancer(root: Root, scene: Scene) -> Iterator[Part]:
    of = scene.names.of
    given: dict[str, Value] = {
        "name": of("balancer", "door"),
        "vpc_id": _network(scene, "vpc_id"),
        "subnet_ids": _network(scene, "private_subnet_ids"),
        "cluster": _platform(scene, "cluster_name"),
        "cluster_security_group_id": _platform(scene, "cluster_security_group_id"),
        "targets": ways.behind_balancer(scene, stages.targets(scene), stages.pods(scene)),
        "inside": inside.listens(scene),
        "certificate_arn": certificates(root, scene).balancer,
        "firewall_arn": ref("module", "firewall_api", "arn"),
        "logs_bucket": Expr(f'"{of("bucket", "door-logs")}-{scene.account_number}"'),
        "log_retention": scene.blueprint.logs.keep,
        "protected": scene.protected,
    }
    yield module("balancer", root.module("balancer"), given)
    yield from _joined(root, scene)


def _joined(root: Root, scene: Scene) -> Iterator[Part]:
    """Tell manifests which target groups the pods join, product by product."""
    pods = {ways.EDGE: (NAMESPACE, ways.EDGE)}
    pods |= {name: _place(scene, name) for name in sorted(stages.pods(scene))}
    for namespace in sorted({place for place, _ in pods.values()}):
        values: dict[str, Value] = {
            told.variable(called, "TARGET_GROUP_ARN"): Expr(
                f'module.balancer.target_group_arns["{name}"]'
            )
            for name, (place, called) in pods.items()
            if place == namespace
        }
        given: dict[str, Value] = {
            "prefix": f"/{scene.names.prefix}/{namespace}",
            "values": values,
            "key_arn": key_for(scene, "secrets"),
        }
        yield module(address("settings", namespace), root.module("settings"), given)


def _place(scene: Scene, name: str) -> tuple[str, str]:
    """Return the namespace and name of a service's pods, or of a function's relay."""
    if name in scene.targets.functions:
        return NAMESPACE, relay_name(name)
    product, _, short = name.partition("/")
    return product, short


def _authorizer(root: Root, scene: Scene) -> Iterator[Part]:
    security, logs = scene.blueprint.security, scene.blueprint.logs
    if security is None:
        return
    given: dict[str, Value] = {
        "name": scene.names.of("function", "authorizer"),
        "package": Expr('"${var.packages}/authorizer.zip"'),
        "login": proof.login(scene, security),
        "public": proof.as_json(security.public),
        "optional": proof.as_json(security.optional),
        "door": ref("terraform_data", "door", "output"),
        "secret_arn": proof.secret(scene, security),
        "network": proof.network(scene, security),
        "boundary_arn": boundary.arn(scene),
        "secrets_key_arn": key_for(scene, "secrets"),
        "logs_key_arn": key_for(scene, "logs"),
        "log_retention": logs.keep,
        "tracing": logs.tracing,
        "alarm_topic_arn": _platform(scene, "alarm_topic_arn"),
    }
    yield module("authorizer", root.module("authorizer"), given)


def _api(root: Root, scene: Scene) -> Iterator[Part]:
    security = scene.blueprint.security
    asked: Value = None
    if security:
        asked = {
            "function_name": ref("module", "authorizer", "name"),
            "invoke_arn": ref("module", "authorizer", "invoke_arn"),
            "sources": proof.sources(security),
            "keep": proof.kept(security),
        }
    given: dict[str, Value] = {
        "name": scene.names.of("alias", "api"),
        "description": scene.blueprint.description,
        "routes": ref("local", "routes"),
        "targets": ways.targets(scene, stages.targets(scene)),
        "listener_arn": ref("module", "balancer", "listener_arn"),
        "server_name": scene.blueprint.edge.domain,
        "link": {
            "subnet_ids": _network(scene, "private_subnet_ids"),
            "security_group_ids": [ref("module", "balancer", "callers_security_group_id")],
        },
        "authorizer": asked,
        "logs_key_arn": key_for(scene, "logs"),
        "log_retention": scene.blueprint.logs.keep,
        "alarm_topic_arn": _platform(scene, "alarm_topic_arn"),
    }
    yield module("api", root.module("api"), given)


def _variables() -> list[Variable]:
    return [
        Variable(
            "packages",
            "string",
            "The folder of the zips that `matapalo package` makes.",
            "../../../packages",
        ),
        Variable(
            "door_word", "number", "Counts the words of the door; another draws a new one.", 1
        ),
        Variable(
            "front_access_logs",
            "bool",
            "Whether CloudFront writes every request down.",
            default=True,
        ),
    ]


def _outputs(root: Root, scene: Scene) -> list[Output]:
    records = certificates(root, scene).records
    proofs = [Output("certificate_records", records, RECORDS)] if records else []
    return [
        Output("front_domain", ref("module", "front", "domain"), "Names of ours point there."),
        Output("front_id", ref("module", "front", "id"), "What a pipeline invalidates."),
        Output("site_bucket", ref("module", "front", "bucket"), "Where the site's files are put."),
        Output("api_endpoint", ref("module", "api", "endpoint"), "Where the API answers."),
        Output("api_id", ref("module", "api", "id"), "The API's id."),
        Output(
            "target_group_arns",
            ref("module", "balancer", "target_group_arns"),
            "The target groups that pods join.",
        ),
        *proofs,
    ]


RECORDS = "Records for the zone of the names: certificates are pending until they are there."
