"""Secrets that are written out in a blueprint. Looks at what the file says, before variables."""

import math
import re
from collections import Counter

from matapalo.blueprint.reading.tree import Loc, Node, Scalar, path_text, scalars
from matapalo.errors import Problem

HINT = (
    "name it below `secrets` and write {secret: its-name}, or take it from the environment: ${NAME}"
)

_SECRET_KEY = re.compile(
    r"(?i)(^|[_-])(password|passwd|passphrase|pwd|secret|token|credentials?|"
    r"api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|auth[_-]?key)s?$"
)
_SHAPES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\b(?:ghp|gho|ghs|ghr)_[A-Za-z0-9]{36}|\bgithub_pat_\w{40,}"), "a GitHub token"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"), "a Slack token"),
    (re.compile(r"\bsk_live_[A-Za-z0-9]{16,}"), "a payment provider's key"),
    (re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+"), "a signed token"),
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:(?!\$\{)[^\s/@]+@"), "a URL with a password"),
)
_ARGUMENT = re.compile(
    r"(?i)--?[\w-]*(?:password|passwd|secret|token|api-?key)(?:=|\s+)(?!\$\{)\S+"
)
_RANDOM = re.compile(r"[A-Za-z0-9+/=_-]{24,}|[0-9a-fA-F]{32,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LEAST_BITS_A_LETTER = 4.2
LEAST_BITS_A_HEX_DIGIT = 3.2


def find_leaks(tree: Node) -> list[Problem]:
    """Return a problem for every secret that is written out; none of them shows the secret."""
    problems = []
    for loc, scalar in scalars(tree):
        what = _leak(loc, scalar)
        if what:
            problems.append(Problem(scalar.place, path_text(loc), what, HINT))
    return problems


def _leak(loc: Loc, scalar: Scalar) -> str:
    text = scalar.text or ""
    for shape, name in _SHAPES:
        if shape.search(text):
            return f"{name} is written here"
    if _in_command(loc) and _ARGUMENT.search(text):
        return "a secret is written in a command, where every process of the machine can read it"
    if not _in_env(loc) or not text or "${" in text:
        return ""
    if _SECRET_KEY.search(str(loc[-1])):
        return f"the value of {loc[-1]} is written here"
    return "this looks like a secret" if _looks_random(text) else ""


def _in_env(loc: Loc) -> bool:
    return len(loc) > 1 and loc[-2] == "env"


def _in_command(loc: Loc) -> bool:
    return any(step in {"command", "prepare", "build"} for step in loc)


def _looks_random(text: str) -> bool:
    if not _RANDOM.fullmatch(text) or _UUID.fullmatch(text) or text.isdigit():
        return False
    hexadecimal = re.fullmatch(r"[0-9a-fA-F]+", text) is not None
    bits = LEAST_BITS_A_HEX_DIGIT if hexadecimal else LEAST_BITS_A_LETTER
    has_digit = any(c.isdigit() for c in text)
    return has_digit and _entropy(text) >= bits


def _entropy(text: str) -> float:
    """Return the Shannon entropy of a text's letters, in bits a letter."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)
