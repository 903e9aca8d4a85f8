"""Who delivers what the products are made of: a role for each service, function and site."""

from collections.abc import Iterator

from matapalo.blueprint import Service
from matapalo.cloud.hcl import Expr, Part, Value, block, module, ref
from matapalo.cloud.names import address
from matapalo.cloud.root import Output, Root, read
from matapalo.cloud.roots.access import trust
from matapalo.cloud.roots.images import repository
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

PUSH = (
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
    "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
)  # fmt: skip
SHIFT = (
    "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionConfiguration",
    "lambda:PublishVersion", "lambda:UpdateAlias", "lambda:UpdateFunctionCode",
)  # fmt: skip


def render(system: System, scene: Scene) -> Tree:
    """Return the root; nothing where the blueprint says nothing of delivery."""
    if scene.blueprint.delivery is None:
        return Tree()
    root = Root.of(system, scene, "delivery")
    services, functions = deployed(scene), scene.blueprint.functions()
    roles = [
        *(part for name, it in services.items() for part in _service(root, scene, name, it)),
        *(_function(root, scene, name) for name in functions),
        *([_site(root, scene)] if scene.blueprint.site else []),
    ]
    if not roles:
        return Tree()
    reads = [f"{scene.environment}/platform"] if services or functions else []
    reads += [f"{scene.environment}/door"] if scene.blueprint.site else []
    return root.tree(
        main=roles,
        outputs=_outputs(scene),
        reads=reads,
    )


def deployed(scene: Scene) -> dict[str, Service]:
    """Return the services that run in the cluster, by full name."""
    return {name: it for name, it in scene.blueprint.services().items() if it.url is None}


def role_of(scene: Scene, *names: str) -> str:
    """Return the name of the role that delivers something."""
    return scene.names.of("role", "deliver", *names)


def _service(root: Root, scene: Scene, full: str, it: Service) -> Iterator[Part]:
    product, _, name = full.partition("/")
    platform = f"{scene.environment}/platform"
    called = address("service", product, name)
    statements: list[Value] = [
        {
            "sid": "Cluster",
            "actions": ["eks:DescribeCluster"],
            "resources": [read(platform, "cluster_arn")],
        }
    ]
    if it.image is None:
        arns = read(platform, "repository_arns").text
        # A login at the registry is for the whole of it: AWS knows no narrower one.
        login: Value = {
            "sid": "Login",
            "actions": ["ecr:GetAuthorizationToken"],
            "resources": ["*"],
        }
        own = [Expr(f'{arns}["{repository(scene, full)}"]')]
        statements += [login, {"sid": "Push", "actions": list(PUSH), "resources": own}]
    given: dict[str, Value] = {
        "name": role_of(scene, product, name),
        "description": f"Delivers {full} to the cluster.",
        **trust(scene),
        "statements": statements,
    }
    yield module(called, root.module("pipeline-role"), given)
    cluster = read(platform, "cluster_name")
    arn = ref("module", called, "arn")
    yield block(
        "resource", "aws_eks_access_entry", called, {"cluster_name": cluster, "principal_arn": arn}
    )
    policy = f"arn:{scene.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
    yield block(
        "resource",
        "aws_eks_access_policy_association",
        called,
        {"cluster_name": cluster, "principal_arn": arn, "policy_arn": policy},
        block("access_scope", {"type": "namespace", "namespaces": [product]}),
        {"depends_on": [ref("aws_eks_access_entry", called)]},
    )


def _function(root: Root, scene: Scene, full: str) -> Part:
    product, _, name = full.partition("/")
    function = scene.names.of("function", product, name)
    arn = f"arn:{scene.partition}:lambda:{scene.region}:{scene.account_number}:function:{function}"
    statements: list[Value] = [
        {
            "sid": "Shift",
            "actions": list(SHIFT),
            "resources": [Expr(f'"{arn}"'), Expr(f'"{arn}:*"')],
        },
        # Who may look at an alarm may look at all: it tells names and states, and changes nothing.
        {"sid": "Watch", "actions": ["cloudwatch:DescribeAlarms"], "resources": ["*"]},
        # A version takes the function's variables with it: Lambda asks in the deliverer's name.
        {
            "sid": "VariablesKey",
            "actions": ["kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            "resources": [key_for(scene, "secrets")],
            "conditions": [_through(scene, "lambda")],
        },
    ]
    given: dict[str, Value] = {
        "name": role_of(scene, product, name),
        "description": f"Delivers the function {full}.",
        **trust(scene),
        "statements": statements,
    }
    return module(address("function", product, name), root.module("pipeline-role"), given)


def _site(root: Root, scene: Scene) -> Part:
    door, account = f"{scene.environment}/door", scene.account_number
    bucket, front = read(door, "site_bucket").text, read(door, "front_id").text
    statements: list[Value] = [
        {
            "sid": "Files",
            "actions": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "resources": [Expr(f'"arn:{scene.partition}:s3:::${{{bucket}}}/*"')],
        },
        {
            "sid": "Names",
            "actions": ["s3:ListBucket"],
            "resources": [Expr(f'"arn:{scene.partition}:s3:::${{{bucket}}}"')],
        },
        {
            "sid": "Invalidate",
            "actions": ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
            "resources": [
                Expr(f'"arn:{scene.partition}:cloudfront::{account}:distribution/${{{front}}}"')
            ],
        },
    ]
    # Files are encrypted with the key of buckets, by S3 alone.
    statements.append(
        {
            "sid": "FilesKey",
            "actions": ["kms:Decrypt", "kms:GenerateDataKey"],
            "resources": [Expr(f'"arn:{scene.partition}:kms:{scene.region}:{account}:key/*"')],
            "conditions": [_through(scene, "s3")],
        }
    )
    given: dict[str, Value] = {
        "name": role_of(scene, "site"),
        "description": "Delivers the site's files.",
        **trust(scene),
        "statements": statements,
    }
    return module("site", root.module("pipeline-role"), given)


def _through(scene: Scene, service: str) -> Value:
    """A key is used through a service only."""
    value = f"{service}.{scene.region}.amazonaws.com"
    return {"test": "StringEquals", "variable": "kms:ViaService", "values": [value]}


def _outputs(scene: Scene) -> list[Output]:
    if not scene.blueprint.site:
        return []
    door = f"{scene.environment}/door"
    bucket, front = read(door, "site_bucket"), read(door, "front_id")
    return [
        Output("site_bucket", bucket, "The site's bucket: a variable SITE_BUCKET of its pipeline."),
        Output("front_id", front, "The distribution: a variable FRONT_ID of its pipeline."),
    ]
