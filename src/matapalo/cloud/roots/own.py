"""What Matapalo itself needs in an environment: its secrets, and the rights of its own pods."""

from collections.abc import Iterator

from matapalo.blueprint import Introspection, Session
from matapalo.blueprint.relations import store_of
from matapalo.cloud.hcl import Expr, Part, Value, call, module, ref
from matapalo.cloud.names import address, shortened
from matapalo.cloud.root import Root
from matapalo.cloud.roots import boundary
from matapalo.cloud.scene import Scene

NAMESPACE = "matapalo"
"""Its namespace in the cluster."""
TOKEN = "matapalo-token"  # noqa: S105 - the name of a secret, not its value
"""The secret that the conductor's callers show."""

RELAY = "relay"
"""The service account of what brings requests to functions."""
RELAY_PORT, RELAY_HEALTH = 8083, "/.matapalo/health"
LONGEST_NAME = 63
"""Letters of a name in the cluster."""


def secrets_of(scene: Scene) -> dict[str, Value]:
    """Return every secret by name, as the module `secrets` takes them."""
    given: dict[str, Value] = {
        name: {"description": it.description, "existing": it.existing, "rotation": it.rotation}
        for name, it in scene.blueprint.secrets.items()
    }
    token: Value = {"description": "What callers show to the conductor.", "drawn": True}
    return given | {TOKEN: token}


def meters(scene: Scene) -> str:
    """Return what the edge's metrics are below in CloudWatch."""
    return f"Matapalo/{scene.names.prefix}"


def authorizes(scene: Scene) -> bool:
    """Whether somebody has to be asked who a caller is; signed tokens the edge checks itself."""
    security = scene.blueprint.security
    return security is not None and isinstance(security.login, Introspection | Session)


def relayed(scene: Scene) -> list[str]:
    """Return the functions that somebody sends requests to, sorted: each is reached by a relay.

    The edge does, services do, and other functions. What tells them events needs none.
    """
    callers = {"edge", "service", "function"}
    return sorted({
        it.callee.name
        for it in scene.relations
        if it.callee.kind == "function" and it.caller.kind in callers
    })  # fmt: skip


def relay_name(function: str) -> str:
    """Return what the pods are called that bring requests to a function."""
    return shortened(f"relay-{function.replace('/', '-')}", LONGEST_NAME)


def function_arn(scene: Scene, full: str, account: str) -> str:
    """Return the ARN of the version of a function that is in use."""
    name = scene.names.of("function", *full.split("/"))
    return f"arn:{scene.partition}:lambda:{scene.region}:{account}:function:{name}:live"


def streams(scene: Scene) -> list[str]:
    """Return the slices whose tables Matapalo's own streams move, sorted."""
    targets = scene.targets
    return sorted(
        name
        for name, piece in scene.blueprint.slices.items()
        if piece.tables and piece.stream == "matapalo" and store_of(piece, targets)
    )


def secrets_by_account(scene: Scene) -> dict[str, list[str]]:
    """Return which secrets the pods of each of Matapalo's service accounts read."""
    read: dict[str, list[str]] = {"conductor": [TOKEN], "edge": [TOKEN], "comparison": [TOKEN]}
    if authorizes(scene):
        read["authorizer"] = list(_login_secret(scene))
    if relayed(scene):
        read[RELAY] = []
    database = scene.blueprint.monolith.database
    if streams(scene):
        password = [database.password.secret] if database and database.password else []
        read["streams"] = password
        read["conductor"] = [TOKEN, *password]
    return read


def pod_roles(root: Root, scene: Scene) -> list[Part]:
    """Return the roles of Matapalo's own pods: each reads its secrets, and nothing else."""
    kept: dict[str, Value] = {"conductor": ref("module", "ledger", "statements")}
    kept[RELAY] = [_calls(scene)]
    return list(_roles(root, scene, kept))


def _roles(root: Root, scene: Scene, kept: dict[str, Value]) -> Iterator[Part]:
    for account, secrets in secrets_by_account(scene).items():
        yield module(
            address("pods", account),
            root.module("pod-role"),
            {
                "name": scene.names.of("role", NAMESPACE, account),
                "cluster": ref("module", "cluster", "name"),
                "namespace": NAMESPACE,
                "service_account": account,
                "statements": _may(kept.get(account), secrets),
                "boundary_arn": boundary.arn(scene),
            },
        )


def _calls(scene: Scene) -> Value:
    arns = [Expr(f'"{function_arn(scene, full, scene.account_number)}"') for full in relayed(scene)]
    return {"sid": "Call", "actions": ["lambda:InvokeFunction"], "resources": arns}


def _may(kept: Value, secrets: list[str]) -> Value:
    own: list[Value] = list(_statements(secrets))
    if kept is None or not own:
        return own if kept is None else kept
    return call("concat", kept, own)


def _statements(secrets: list[str]) -> Iterator[Value]:
    if not secrets:
        return
    yield {
        "sid": "Secrets",
        "actions": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        "resources": [Expr(f'module.secrets.arns["{name}"]') for name in secrets],
    }
    yield {
        "sid": "Key",
        "actions": ["kms:Decrypt"],
        "resources": [Expr('module.keys.by_purpose["secrets"]')],
    }


def _login_secret(scene: Scene) -> Iterator[str]:
    security = scene.blueprint.security
    login = security.login if security else None
    if isinstance(login, Introspection) and login.client_secret:
        yield login.client_secret.secret
