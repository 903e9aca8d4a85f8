"""The most that a role may do which the pipeline of infrastructure makes: its permissions boundary.

    access (a person's) ─▶ the boundary ─▶ every role of the other roots, by name
                              ▲
      the pipeline's role ────┘ makes no role without it, and changes neither it nor the pipelines'

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.scene import Scene

GIVES = (
    "iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
)  # fmt: skip
"""What gives a role rights, and may ask for its boundary."""


def name(scene: Scene) -> str:
    """Return what the policy is called."""
    return scene.names.of("policy", "boundary")


def arn(scene: Scene) -> Value:
    """Return its ARN; nothing where no pipeline applies anything."""
    if scene.blueprint.delivery is None:
        return None
    policy = f"iam::{scene.account_number}:policy/{name(scene)}"
    return Expr(f'"arn:{scene.partition}:{policy}"')


def kept(scene: Scene) -> list[Value]:
    """Return the statements by which a role gives rights within the boundary only."""
    condition = {
        "test": "ArnNotEquals",
        "variable": "iam:PermissionsBoundary",
        "values": [arn(scene)],
    }
    return [
        {
            "sid": "Unbounded",
            "effect": "Deny",
            "actions": list(GIVES),
            "resources": ["*"],
            "conditions": [condition],
        },
        {
            "sid": "TakeTheBoundaryAway",
            "effect": "Deny",
            "actions": ["iam:DeleteRolePermissionsBoundary"],
            "resources": ["*"],
        },
    ]
