"""The roots `products/<product>`: a business area's stores, functions, and what its pods may do.

stores ─▶ settings (what pods are told) ─▶ pods' roles ─▶ dashboard
   └───▶ functions ────────────────────────────────────────┘
"""

from collections.abc import Iterator

from matapalo.blueprint import Function, Product
from matapalo.cloud.hcl import Expr, Part, Value, module, ref
from matapalo.cloud.names import address, product_root
from matapalo.cloud.root import Output, Root, Variable, read
from matapalo.cloud.roots import boundary, stores
from matapalo.cloud.roots.confided import Confided, confided, for_libpq
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.roots.rights import statements
from matapalo.cloud.roots.told import is_inside, told, told_to_function
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree, joined

LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "error": "ERROR"}


def render(system: System, scene: Scene) -> Tree:
    """Return the files of every product's root."""
    return joined(*(_product(system, scene, name) for name in scene.blueprint.products))


def _product(system: System, scene: Scene, name: str) -> Tree:
    root = Root.of(system, scene, product_root(name))
    product, env = scene.blueprint.products[name], scene.environment
    return root.tree(
        main=[*_settings(root, scene, name), *_dashboard(root, scene, name)],
        variables=_variables(product),
        outputs=[*_outputs(product), *stores.outputs(scene, name)],
        reads=[f"{env}/network", f"{env}/platform"],
        more={
            "stores.tf": stores.blocks(root, scene, name),
            "functions.tf": list(_functions(root, scene, name)),
            "pods.tf": list(_pods(root, scene, name)),
        },
    )


def _settings(root: Root, scene: Scene, product: str) -> Iterator[Part]:
    values = told(scene, product)
    if values:
        given: dict[str, Value] = {
            "prefix": f"/{scene.names.prefix}/{product}",
            "values": values,
            "key_arn": key_for(scene, "secrets"),
        }
        yield module("settings", root.module("settings"), given)


def _functions(root: Root, scene: Scene, product: str) -> Iterator[Part]:
    for name, function in scene.blueprint.products[product].functions.items():
        yield module(
            address("function", name),
            root.module("function"),
            _of_function(scene, product, name, function),
        )


def _of_function(scene: Scene, product: str, name: str, it: Function) -> dict[str, Value]:
    logs = scene.blueprint.logs
    return {
        "name": scene.names.of("function", product, name),
        "description": it.description,
        "package": Expr(f'"${{var.packages}}/functions/{product}/{name}.zip"'),
        "handler": it.handler,
        "runtime": it.runtime,
        "timeout": it.timeout,
        "memory": it.memory,
        "concurrency": it.concurrency,
        "environment": told_to_function(scene, product, it),
        **_confided(scene, product, it),
        "statements": statements(scene, product, it),
        "boundary_arn": boundary.arn(scene),
        "network": _network(scene, product, name, it),
        "environment_key_arn": key_for(scene, "secrets"),
        "queue_key_arn": key_for(scene, "events"),
        "logs_key_arn": key_for(scene, "logs"),
        "log_retention": logs.keep,
        "log_level": LEVELS[logs.level],
        "tracing": logs.tracing,
        "alarm_topic_arn": read(f"{scene.environment}/platform", "alarm_topic_arn"),
    }


def _confided(scene: Scene, product: str, it: Function) -> dict[str, Value]:
    """Return what it is told in confidence, and the layer that tells it."""
    told_it = confided(scene, product, it)
    if not told_it:
        return {}
    named = {each.variable: each for each in told_it} | dict(for_libpq(scene, told_it))
    return {
        "secrets": {name: _secret(scene, each) for name, each in sorted(named.items())},
        "secrets_layer_arn": read(f"{scene.environment}/platform", "secrets_layer_arn"),
    }


def _secret(scene: Scene, it: Confided) -> Value:
    if it.secret:
        arns = read(f"{scene.environment}/platform", "secret_arns").text
        return {"arn": Expr(f'{arns}["{it.secret}"]')}
    return {"arn": stores.secret(scene, it.store), "field": it.field}


def _network(scene: Scene, product: str, name: str, it: Function) -> Value:
    if not is_inside(scene, product, it):
        return None
    network = f"{scene.environment}/network"
    group = f'{read(network, "security_group_ids").text}["functions/{product}/{name}"]'
    return {
        "subnet_ids": read(network, "private_subnet_ids"),
        "security_group_ids": [Expr(group)],
    }


def _pods(root: Root, scene: Scene, product: str) -> Iterator[Part]:
    for name, service in scene.blueprint.products[product].services.items():
        if service.url is None:
            given: dict[str, Value] = {
                "name": scene.names.of("role", product, name),
                "cluster": read(f"{scene.environment}/platform", "cluster_name"),
                "namespace": product,
                "service_account": name,
                "statements": statements(scene, product, service),
                "boundary_arn": boundary.arn(scene),
            }
            yield module(address("pods", name), root.module("pod-role"), given)


def _dashboard(root: Root, scene: Scene, product: str) -> Iterator[Part]:
    it, platform = scene.blueprint.products[product], f"{scene.environment}/platform"
    functions = {name: ref("module", address("function", name), "name") for name in it.functions}
    given: dict[str, Value] = {
        "name": scene.names.of("alias", product),
        "region": scene.region,
        "cluster": read(platform, "cluster_name"),
        "namespace": product,
        "services": [name for name, service in it.services.items() if service.url is None],
        "functions": functions,
        "slices": dict(_slices(scene, product)),
        "meters": read(platform, "meters"),
        "alarm_topic_arn": read(platform, "alarm_topic_arn"),
    }
    yield module("dashboard", root.module("dashboard"), given)


LEAST_P99 = 1000.0
"""Milliseconds below which nobody is woken, however strict a gate is."""


def _slices(scene: Scene, product: str) -> Iterator[tuple[str, Value]]:
    for name, piece in scene.blueprint.slices.items():
        if piece.to.partition("/")[0] == product and piece.routes:
            gates = piece.gates
            yield (
                name,
                {
                    "max_error_rate": gates.max_error_rate,
                    "max_p99_ms": max(LEAST_P99, gates.p99_floor_ms * gates.max_p99_ratio),
                },
            )


def _variables(product: Product) -> list[Variable]:
    if not product.functions:
        return []
    text = "The folder of the zips that `matapalo package` makes; functions begin with them."
    return [Variable("packages", "string", text, "../../../../packages")]


def _outputs(product: Product) -> Iterator[Output]:
    parts = {
        "function_arns": ("alias_arn", "The functions' versions in use, by name."),
        "function_invoke_arns": ("invoke_arn", "The same, as API Gateway calls them."),
        "function_names": ("name", "What the functions are called, by name."),
        "function_alarms": ("alarm_names", "The functions' alarms, by name."),
    }
    if product.functions:
        for output, (of, said) in parts.items():
            values = {n: ref("module", address("function", n), of) for n in product.functions}
            yield Output(output, values, said)
    roles = {
        name: ref("module", address("pods", name), "arn")
        for name, service in product.services.items()
        if service.url is None
    }
    yield Output("pod_roles", roles, "What the services' pods may do, by service.")
