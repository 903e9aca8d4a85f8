"""Terraform's language: values to text, laid out as `terraform fmt` does it.

    block("module", "network", {"source": "../x", "cidr": "10.0.0.0/16"}, block("lifecycle", …))

Strings are literal: `${` in one is escaped. What Terraform is to work out is an `Expr`. The order
of keys is the caller's; sets are sorted, so that the same values give the same bytes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
_INDENT = "  "
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"for", "null", "true", "false", "if", "in"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression as it is written: `module.network.vpc_id`, `"${var.a}-b"`."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, its arguments laid out as values: `jsonencode({ … })`."""

    name: str
    arguments: tuple["Value", ...]


Value: TypeAlias = (
    str | bool | int | float | Expr | Call | Mapping[str, "Value"] | Sequence["Value"]
    | frozenset[str] | None
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comment:
    """Lines that say why."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its type, its labels, and what is in it, in order.

    A mapping is a group of attributes; groups and blocks are set apart by an empty line.
    """

    kind: str
    labels: tuple[str, ...]
    body: tuple["Mapping[str, Value] | Block | Comment", ...]


Part: TypeAlias = Block | Comment


def block(kind: str, *parts: "str | Mapping[str, Value] | Block | Comment | None") -> Block:
    """Return a block. Texts are labels; mappings are attributes; None and empty ones are left out.

    An attribute whose value is None is left out too; `Expr("null")` writes null.
    """
    labels = tuple(part for part in parts if isinstance(part, str))
    body = tuple(part for part in parts if part and not isinstance(part, str))
    return Block(kind, labels, body)


def ref(*names: str) -> Expr:
    """Return a reference: `ref("module", "network", "vpc_id")`."""
    return Expr(".".join(names))


def call(name: str, *arguments: Value) -> Call:
    """Return a call of a function of Terraform's."""
    return Call(name, arguments)


def module(name: str, source: str, *parts: Mapping[str, Value] | Block | Comment | None) -> Block:
    """Return the call of a module, its source set apart from what it is given."""
    return block("module", name, {"source": source}, *parts)


def moved(old: str, new: str) -> Block:
    """Return the block that says that a thing has another address now, and is not made anew."""
    return block("moved", {"from": Expr(old), "to": Expr(new)})


def text(parts: Iterable[Part]) -> str:
    """Return a file's text: blocks and comments, a line apart; a comment stays with its block."""
    lines: list[str] = []
    after_comment = True
    for part in parts:
        if not after_comment:
            lines.append("")
        lines += _part(part, 0)
        after_comment = isinstance(part, Comment)
    return "\n".join(lines) + "\n" if lines else ""


def _part(part: Part, depth: int) -> list[str]:
    return _comment(part, depth) if isinstance(part, Comment) else _block(part, depth)


def _comment(comment: Comment, depth: int) -> list[str]:
    return [f"{_INDENT * depth}# {line}".rstrip() for line in comment.text.splitlines()]


def _block(it: Block, depth: int) -> list[str]:
    pad = _INDENT * depth
    head = " ".join([it.kind, *(quoted(label) for label in it.labels)])
    inner = _body(it.body, depth + 1)
    return [f"{pad}{head} {{", *inner, f"{pad}}}"] if inner else [f"{pad}{head} {{}}"]


def _body(body: tuple[Mapping[str, Value] | Block | Comment, ...], depth: int) -> list[str]:
    lines: list[str] = []
    after_comment = True
    for part in body:
        if isinstance(part, Block | Comment):
            new = _part(part, depth)
        else:
            # The names of arguments are never quoted, not even one that is a word of the language.
            new = _pairs([(k, v) for k, v in part.items() if v is not None], depth)
        if not new:
            continue
        if not after_comment:
            lines.append("")
        lines += new
        after_comment = isinstance(part, Comment)
    return lines


def _pairs(pairs: Iterable[tuple[str, Value]], depth: int) -> list[str]:
    """Lay out `key = value` lines. Neighbors of one line each have their equal signs aligned."""
    lines: list[str] = []
    chain: list[tuple[str, str]] = []
    for key, value in pairs:
        heredoc = _heredoc(value)
        said = heredoc or _value(value, depth)
        if heredoc or "\n" not in said:
            chain.append((key, said))
            continue
        lines += _chain(chain, depth) + _chain([(key, said)], depth)
        chain = []
    return lines + _chain(chain, depth)


def _chain(pairs: list[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(key) for key, _ in pairs), default=0)
    return [f"{_INDENT * depth}{key.ljust(width)} = {value}" for key, value in pairs]


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key not in _WORDS else quoted(key)


def _value(value: Value, depth: int) -> str:
    if isinstance(value, Call):
        return _call(value, depth)
    if isinstance(value, Mapping):
        return _map(value, depth)
    if isinstance(value, frozenset):
        return _list(sorted(value), depth)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list(value, depth)
    return _atom(value)


def _atom(value: str | bool | float | Expr | None) -> str:
    if isinstance(value, Expr):
        return value.text
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    return "null" if value is None else str(value).lower()


def _call(it: Call, depth: int) -> str:
    return f"{it.name}({', '.join(_value(argument, depth) for argument in it.arguments)})"


def _map(values: Mapping[str, Value], depth: int) -> str:
    if not values:
        return "{}"
    pairs = [(_key(key), value) for key, value in values.items()]
    return "\n".join(["{", *_pairs(pairs, depth + 1), f"{_INDENT * depth}}}"])


def _list(values: Sequence[Value], depth: int) -> str:
    items = [_value(value, depth + 1) for value in values]
    line = f"[{', '.join(items)}]"
    if "\n" not in line and len(line) + len(_INDENT) * depth <= WIDTH:
        return line
    pad = _INDENT * (depth + 1)
    return "\n".join(["[", *(f"{pad}{item}," for item in items), f"{_INDENT * depth}]"])


def _heredoc(value: Value) -> str:
    """Return a text of several whole lines so that it reads as it is; else nothing."""
    if not isinstance(value, str) or not value.endswith("\n") or value.count("\n") == 1:
        return ""
    lines = value[:-1].split("\n")
    if "\r" in value or any(line.strip() == "EOT" for line in lines):
        return ""
    return "\n".join(["<<EOT", *map(_template, lines), "EOT"])


def quoted(value: str) -> str:
    """Return a string in quotes, in which Terraform finds nothing to work out."""
    plain = "".join(_ESCAPES.get(character, character) for character in value)
    return f'"{_template(plain)}"'


def _template(value: str) -> str:
    return value.replace("${", "$${").replace("%{", "%%{")
