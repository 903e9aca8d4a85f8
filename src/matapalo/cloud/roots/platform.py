"""The root `platform`: what all products of an environment stand on.

keys ─▶ secrets, alarms, images ─▶ the cluster ─▶ meters of what the edge writes
"""

from matapalo.cloud.hcl import Comment, Expr, Part, Value, module, ref
from matapalo.cloud.root import Output, Root, Variable, read
from matapalo.cloud.roots import boundary
from matapalo.cloud.roots.images import repositories
from matapalo.cloud.roots.ledger import ledger
from matapalo.cloud.roots.own import meters, pod_roles, secrets_of
from matapalo.cloud.roots.purposes import keys_of
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

ACCESS = """\
map(object({
    principal_arn = string
    policy        = string
    namespaces    = optional(list(string), [])
    groups        = optional(list(string), [])
  }))"""


def render(system: System, scene: Scene) -> Tree:
    """Return the root's files."""
    root = Root.of(system, scene, "platform")
    return root.tree(
        main=[*_basis(root, scene), *_cluster(root, scene)],
        variables=_variables(scene),
        outputs=_outputs(),
        reads=[f"{scene.environment}/network"],
        more={
            "ledger.tf": ledger(root, scene, key("stores"), key("secrets"), key("logs")),
            "pods.tf": pod_roles(root, scene),
        },
    )


def key(purpose: str) -> Expr:
    """Return the ARN of the key for a purpose, within this root."""
    return Expr(f'module.keys.by_purpose["{purpose}"]')


def _basis(root: Root, scene: Scene) -> list[Part]:
    names, logs = scene.names, scene.blueprint.logs
    return [
        module("keys", root.module("keys"), {"name": names.prefix, "keys": keys_of(scene)}),
        module(
            "secrets",
            root.module("secrets"),
            {
                "prefix": names.prefix,
                "secrets": secrets_of(scene),
                "key_arn": key("secrets"),
                "logs_key_arn": key("logs"),
                "log_retention": logs.keep,
                "recovery_days": 30 if scene.protected else 7,
                "rotation_package": Expr('"${var.packages}/rotate.zip"'),
                "layer_package": Expr('"${var.packages}/secrets.zip"'),
                "boundary_arn": boundary.arn(scene),
            },
        ),
        module(
            "alarms",
            root.module("alarms"),
            {
                "name": names.of("topic", "alarms"),
                "addresses": frozenset(logs.alarms_to),
                "key_arn": key("logs"),
            },
        ),
        module(
            "registry",
            root.module("registry"),
            {"repositories": frozenset(repositories(scene)), "key_arn": key("images")},
        ),
    ]


def _cluster(root: Root, scene: Scene) -> list[Part]:
    network, cluster = f"{scene.environment}/network", scene.sizes.cluster
    nodes: dict[str, Value] = {
        "instance_types": cluster.instance_types,
        "min": cluster.min_nodes,
        "max": cluster.max_nodes,
    }
    return [
        module(
            "cluster",
            root.module("cluster"),
            {
                "name": scene.names.of("cluster"),
                "kubernetes_version": cluster.version,
                "mode": cluster.mode,
                "nodes": nodes if cluster.mode == "managed" else None,
                "subnet_ids": read(network, "private_subnet_ids"),
                "security_group_ids": [
                    Expr(read(network, "security_group_ids").text + '["cluster"]')
                ],
                "public_endpoint": cluster.public_endpoint,
                "public_cidrs": ref("var", "cluster_callers") if cluster.public_endpoint else None,
                "protected": scene.protected,
                "secrets_key_arn": key("secrets"),
                "logs_key_arn": key("logs"),
                "log_retention": scene.blueprint.logs.keep,
                "access": ref("var", "access"),
                "boundary_arn": boundary.arn(scene),
            },
        ),
        Comment("What gates judge by, as metrics: dashboards and alarms read them."),
        module(
            "meters",
            root.module("meters"),
            {
                "namespace": meters(scene),
                "log_group": ref("module", "cluster", "application_log_group"),
            },
        ),
    ]


def _variables(scene: Scene) -> list[Variable]:
    access = Variable(
        "access",
        ACCESS,
        "Who may do what in the cluster: roles of pipelines and people, with an access policy of "
        "EKS and the namespaces that it holds in.",
        {},
    )
    packages = Variable(
        "packages",
        "string",
        "The folder of the zips that `matapalo package` makes.",
        "../../../packages",
    )
    callers = Variable(
        "cluster_callers", "list(string)", "From which addresses the cluster's API is reached."
    )
    return [access, packages, *([callers] if scene.sizes.cluster.public_endpoint else [])]


def _outputs() -> list[Output]:
    return [
        Output("key_arns", ref("module", "keys", "by_purpose"), "Keys by what they protect."),
        Output("secret_arns", ref("module", "secrets", "arns"), "Secrets by name."),
        Output(
            "secrets_layer_arn",
            ref("module", "secrets", "layer_arn"),
            "The layer by which functions find secrets in their environment.",
        ),
        Output("alarm_topic_arn", ref("module", "alarms", "topic_arn"), "Who is told of alarms."),
        Output("repository_urls", ref("module", "registry", "urls"), "Where images are pushed to."),
        Output("repository_arns", ref("module", "registry", "arns"), "The repositories' ARNs."),
        Output("cluster_name", ref("module", "cluster", "name"), "The cluster's name."),
        Output("cluster_arn", ref("module", "cluster", "arn"), "The cluster's ARN."),
        Output("cluster_endpoint", ref("module", "cluster", "endpoint"), "The cluster's API."),
        Output(
            "cluster_security_group_id",
            ref("module", "cluster", "security_group_id"),
            "The security group that EKS gives to nodes and pods.",
        ),
        Output(
            "application_log_group",
            ref("module", "cluster", "application_log_group"),
            "What containers wrote.",
        ),
        Output("meters", ref("module", "meters", "namespace"), "What the edge's meters are below."),
    ]
