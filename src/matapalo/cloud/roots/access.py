"""Who applies the other roots: the roles of the infrastructure's pipeline, planning and applying.

It is the first root of an environment, and applied by a person.
"""

from matapalo.blueprint.checks.names import PIPELINES
from matapalo.cloud.hcl import Comment, Expr, Part, Value, module, ref
from matapalo.cloud.root import Output, Root
from matapalo.cloud.roots import boundary
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

SERVICES = (
    "access-analyzer", "acm", "apigateway", "application-autoscaling", "backup", "cloudfront",
    "cloudwatch", "directconnect", "dms", "dynamodb", "ec2", "ecr", "eks", "elasticache",
    "elasticloadbalancing", "events", "kms",
    "lambda", "logs", "ram", "rds", "route53", "route53resolver", "s3", "scheduler",
    "secretsmanager", "sns", "sqs", "ssm", "tag", "wafv2", "xray",
)  # fmt: skip
"""Whose things the roots make that a pipeline applies; pipelines are not among them.

Of IAM it has only what is below the environment's own name.
"""

WRITES = (
    "iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:PassRole",
    "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*",
)  # fmt: skip
"""What changes a role or who takes it, or gives it to something that runs."""

OWN = (
    "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy", "iam:PassRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
    "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)  # fmt: skip
"""What becomes of a role: nothing else of IAM is in a root that a pipeline applies."""

NAMED = ("dms-vpc-role", "dms-cloudwatch-logs-role")
"""Roles that DMS finds by these names, one of each in an account."""

PROVIDER = "token.actions.githubusercontent.com"


def render(system: System, scene: Scene) -> Tree:
    """Return the root; nothing where the blueprint says nothing of delivery."""
    if scene.blueprint.delivery is None:
        return Tree()
    root = Root.of(system, scene, "access")
    main: list[Part] = []
    if github(scene):
        main.append(_provider(system, root, scene))
    main += [_boundary(root, scene), _plans(root, scene), *_applies(root, scene)]
    arn = ref("module.infrastructure.arn")
    return root.tree(
        main=main,
        outputs=[
            Output("plan_role_arn", ref("module.plan.arn"), "Who plans."),
            Output("infrastructure_role_arn", arn, "Who applies."),
        ],
    )


def github(scene: Scene) -> bool:
    """Whether the pipelines are GitHub's."""
    delivery = scene.blueprint.delivery
    return delivery is not None and delivery.pipelines == "github-actions"


def provider_arn(scene: Scene) -> Value:
    """Return the ARN of GitHub's provider: there is one in an account, under one name."""
    if not github(scene):
        return None
    return Expr(f'"{_home(scene)}:oidc-provider/{PROVIDER}"')


def trust(scene: Scene, stage: str = "") -> dict[str, Value]:
    """Return who takes a role: a GitHub environment, or CodeBuild."""
    delivery = scene.blueprint.delivery
    if delivery is None or not github(scene):
        return {"services": ["codebuild.amazonaws.com"]}
    subject = f"repo:{delivery.repository.name}:environment:{scene.environment}{stage}"
    return {"provider_arn": provider_arn(scene), "subjects": [subject]}


def _provider(system: System, root: Root, scene: Scene) -> Part:
    first = next(each for each in system.scenes if each.it.account == scene.it.account)
    if scene.it.account is not None and first.environment != scene.environment:
        return Comment(f"{first.environment} makes GitHub's provider in this account.")
    return module("provider", root.module("pipeline-provider"))


def _boundary(root: Root, scene: Scene) -> Part:
    given: dict[str, Value] = {"name": boundary.name(scene), "pipelines": _pipelines(scene)}
    return module("boundary", root.module("boundary"), given)


def _plans(root: Root, scene: Scene) -> Part:
    statements: list[Value] = [*_state(scene, ("s3:GetObject",))]
    given: dict[str, Value] = {
        "name": scene.names.of("role", "plan"),
        "description": "Plans: reads everything, and changes nothing but the lock of a state.",
        **trust(scene, "-plan"),
        "policy_arns": [f"arn:{scene.partition}:iam::aws:policy/ReadOnlyAccess"],
        "statements": statements,
    }
    return module("plan", root.module("pipeline-role"), given)


def _applies(root: Root, scene: Scene) -> list[Part]:
    own = [_role(scene, "*"), *(Expr(f'"{_home(scene)}:role/{name}"') for name in _of_dms(scene))]
    statements: list[Value] = [
        {"sid": "Makes", "actions": [f"{name}:*" for name in SERVICES], "resources": ["*"]},
        {"sid": "OwnRoles", "actions": list(OWN), "resources": own},
        # Roles of AWS's own services, which AWS makes.
        {
            "sid": "Links",
            "actions": ["iam:CreateServiceLinkedRole"],
            "resources": [Expr(f'"{_home(scene)}:role/aws-service-role/*"')],
        },
        # What is there changes by no look at it.
        {"sid": "Looks", "actions": ["iam:Get*", "iam:List*"], "resources": ["*"]},
        {
            "sid": "Account",
            "actions": ["iam:UpdateAccountPasswordPolicy", "sts:GetCallerIdentity"],
            "resources": ["*"],
        },
        *_state(scene, ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
        _untouched(scene),
        *boundary.kept(scene),
    ]
    given: dict[str, Value] = {
        "name": scene.names.of("role", "infrastructure"),
        "description": "Applies what was planned and agreed to.",
        **trust(scene),
        "hours": 2,
        "statements": statements,
    }
    why = (
        "Terraform makes and unmakes things of these services, whose names AWS gives only then: "
        "hence `*`.\nRoles it makes only below the environment's own name."
    )
    return [Comment(why), module("infrastructure", root.module("pipeline-role"), given)]


def _untouched(scene: Scene) -> Value:
    """What a person applies stays a person's: nothing that is merged gives a pipeline more rights.

    What its roles may do at most is one of these things.
    """
    provider = Expr(f'"{_home(scene)}:oidc-provider/{PROVIDER}"')
    return {
        "sid": "OwnRights",
        "effect": "Deny",
        "actions": list(WRITES),
        "resources": [*_pipelines(scene), boundary.arn(scene), provider],
    }


def _pipelines(scene: Scene) -> list[Value]:
    """Return the roles of pipelines.

    Those of CodePipeline are called `infra-…` and `deliver-…`, those of deliveries `deliver-…`; no
    product is.
    """
    names = [scene.names.of("role", it) for it in ("plan", "infrastructure")]
    short = [name.removeprefix(f"{scene.names.prefix}-") for name in names]
    begun = [f"{it}-*" for it in PIPELINES]
    return [_role(scene, it) for it in (*short, *begun)]


def _of_dms(scene: Scene) -> tuple[str, ...]:
    """Return the roles that the migration makes, where a slice is copied by DMS."""
    copied = any(piece.stream == "dms" for piece in scene.blueprint.slices.values())
    return NAMED if copied else ()


def _role(scene: Scene, name: str) -> Expr:
    return Expr(f'"{_home(scene)}:role/{scene.names.prefix}-{name}"')


def _home(scene: Scene) -> str:
    return f"arn:{scene.partition}:iam::{scene.account_number}"


def _state(scene: Scene, actions: tuple[str, ...]) -> list[Value]:
    bucket = f"arn:{scene.partition}:s3:::{scene.bucket}"
    locks = [f"{bucket}/{scene.environment}/*.tflock"]
    return [
        {
            "sid": "States",
            "actions": list(actions),
            "resources": [f"{bucket}/{scene.environment}/*"],
        },
        {"sid": "Locks", "actions": ["s3:PutObject", "s3:DeleteObject"], "resources": locks},
        {"sid": "StateNames", "actions": ["s3:ListBucket"], "resources": [bucket]},
        {
            "sid": "StateKey",
            "actions": ["kms:Decrypt", "kms:GenerateDataKey"],
            "resources": [f"arn:{scene.partition}:kms:*:*:key/*"],
            "conditions": [
                {
                    "test": "StringLike",
                    "variable": "kms:ViaService",
                    "values": ["s3.*.amazonaws.com"],
                },
                {
                    "test": "StringLike",
                    "variable": "kms:EncryptionContext:aws:s3:arn",
                    "values": [f"{bucket}*"],
                },
            ],
        },
    ]
