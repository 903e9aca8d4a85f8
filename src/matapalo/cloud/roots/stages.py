"""Where requests go by the stage of their slice: one line moves one.

    stages = { payments = "moving" }

monolith  straight to the monolith, as before there was anything else
moving    to the edge, which divides, mirrors and holds as the conductor says
settled   straight to the service or function that took them over
"""

from functools import lru_cache

from matapalo.blueprint.claims import MONOLITH
from matapalo.cloud.hcl import Expr, Part, Value, block
from matapalo.cloud.roots import inside, paths, ways
from matapalo.cloud.scene import Scene

STAGES = ["monolith", "moving", "settled"]
MEANING = (
    "Where each slice's requests go: to the `monolith`, to the edge while it is `moving`, or "
    "straight to who took it over once that is `settled`. A slice that is not named is at the "
    "monolith."
)


def blocks(scene: Scene) -> list[Part]:
    """Return the variable that moves slices, and what it means."""
    slices = [name for name, piece in scene.blueprint.slices.items() if piece.routes]
    known = Expr(f"alltrue([for it in values(var.stages) : contains({_texts(STAGES)}, it)])")
    slices_known = Expr(f"length(setsubtract(keys(var.stages), {_texts(slices)})) == 0")
    return [
        block(
            "variable",
            "stages",
            {
                "description": MEANING,
                "type": Expr("map(string)"),
                "default": {},
                "nullable": False,
            },
            block(
                "validation",
                {
                    "condition": known,
                    "error_message": "A stage is monolith, moving or settled.",
                },
            ),
            block(
                "validation",
                {"condition": slices_known, "error_message": f"The slices: {', '.join(slices)}."},
            ),
        ),
        block(
            "locals",
            {
                "answers": {name: _answers(scene, name) for name in slices},
                "routes": {key: _route(scene, it) for key, it in _routes(scene).items()},
            },
        ),
    ]


def _texts(values: list[str]) -> str:
    return f"[{', '.join(f'{chr(34)}{value}{chr(34)}' for value in values)}]"


def _answers(scene: Scene, name: str) -> Value:
    """Return who answers for a slice, stage by stage."""
    monolith = ways.straight(scene, MONOLITH)
    return {"monolith": monolith, "moving": ways.EDGE, "settled": scene.blueprint.slices[name].to}


@lru_cache(maxsize=8)
def _routes(scene: Scene) -> dict[str, paths.Answered]:
    return paths.routes(scene.blueprint)


def _route(scene: Scene, it: paths.Answered) -> Value:
    if it.owner.kind == "slice":
        name = it.owner.name
        stage = f'lookup(var.stages, "{name}", "monolith")'
        return {"target": Expr(f'local.answers["{name}"][{stage}]'), "login": it.login}
    return {"target": ways.straight(scene, it.owner), "login": it.login}


@lru_cache(maxsize=8)
def targets(scene: Scene) -> frozenset[str]:
    """Return everybody who may be asked to answer, at whatever stage."""
    names = {ways.straight(scene, it.owner) for it in _routes(scene).values()}
    return frozenset(names | {ways.EDGE, ways.straight(scene, MONOLITH)})


@lru_cache(maxsize=8)
def pods(scene: Scene) -> frozenset[str]:
    """Return whose pods join a target group: services that may be asked to answer, and what
    functions call."""
    return frozenset(ways.pods(scene, targets(scene)) | inside.called(scene))
