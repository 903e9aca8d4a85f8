"""Which requests something answers."""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from matapalo.blueprint.part import Part

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_METHOD = f"({'|'.join(get_args(Method))})"
SAFE_METHODS: frozenset[Method] = frozenset({"GET", "HEAD", "OPTIONS"})


_PATH = r"^/[^?#]*$"


def _path(value: str) -> str:
    if not value.startswith("/") or "?" in value or "#" in value or "//" in value:
        raise ValueError("a path starts with one / and holds no ?, # or //")
    return value if value == "/" else value.rstrip("/")


Path = Annotated[
    str, AfterValidator(_path), Field(json_schema_extra={"pattern": _PATH, "x-word": "path"})
]


class Route(Part):
    """Every request at or below a path, and with these methods; no methods means all of them."""

    SHORT: ClassVar[str] = rf"^({_METHOD}(,{_METHOD})* +)?/[^?#\s]*$"

    path: Path
    """`/api/payments` takes `/api/payments` and `/api/payments/7`, and not `/api/payments-old`."""
    methods: tuple[Method, ...] = ()
    """Only these; all of them where none is named."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """`"GET /api/limits"` and `"/api/limits"` are short for the full form."""
        if not isinstance(value, str):
            return value
        match value.split():
            case [path]:
                return {"path": path}
            case [methods, path]:
                return {"path": path, "methods": methods.split(",")}
        raise ValueError('a route is "/path" or "GET,HEAD /path"')
