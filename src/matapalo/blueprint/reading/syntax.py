"""What a YAML parser complains of, said so that a person can mend it."""

from dataclasses import replace

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from matapalo.errors import Place, Problem

# What the parser says begins the row; what we say follows. `True`: the fault lies where the parser
# began (a quote that never closes), not where it gave up (the end of the file).
_KNOWN = (
    ("found character '\\t'", "a tab stands where YAML wants spaces", "indent with spaces", False),
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        'put quotes around a value that holds ": ", or mend the indentation',
        False,
    ),
    (
        "found unexpected end of stream",
        "the quote that opens here never closes",
        "close it, or double a quote that belongs to the text",
        True,
    ),
    ("expected ',' or ']'", "the `[` that opens here has no `]`", "close it", True),
    ("expected ',' or '}'", "the `{` that opens here has no `}`", "close it", True),
    (
        "expected <block end>",
        "this does not fit what stands above it",
        "check the indentation: what belongs together begins in the same column",
        False,
    ),
    (
        "could not find expected ':'",
        "a key without a `:`",
        "write `key: value`",
        True,
    ),
    (
        "found character '@'",
        "a value cannot begin with @",
        "put quotes around it",
        False,
    ),
    (
        "found character '`'",
        "a value cannot begin with a back-quote",
        "put quotes around it",
        False,
    ),
)


IN_BRACES = 'put quotes around a variable between braces or brackets: {port: "${PORT}"}'


def explain_syntax(error: MarkedYAMLError, text: str, file: str) -> Problem:
    """Return the problem that stopped the parser."""
    problem = _known(error, file)
    lines = text.splitlines()
    around = lines[problem.place.line - 1 : problem.place.line]
    in_braces = problem.what.startswith("the `") and any("${" in line for line in around)
    return replace(problem, hint=IN_BRACES) if in_braces else problem


def _known(error: MarkedYAMLError, file: str) -> Problem:
    said = error.problem or error.context or "this is not YAML"
    for begins, what, hint, where_it_began in _KNOWN:
        if said.startswith(begins):
            mark = error.context_mark if where_it_began else error.problem_mark
            return Problem(_place(mark or error.problem_mark, file), "", what, hint)
    context = f" ({error.context})" if error.context else ""
    return Problem(_place(error.problem_mark or error.context_mark, file), "", said + context)


def explain_character(error: ReaderError, text: str, file: str) -> Problem:
    """Return the problem of a character that YAML does not take at all."""
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    what = f"the character U+{ord(text[error.position]):04X} cannot be in a YAML file"
    return Problem(Place(file, line, column), "", what, "remove it, or write it as an escape")


def _place(mark: object, file: str) -> Place:
    line, column = getattr(mark, "line", -1), getattr(mark, "column", -1)
    return Place(file, line + 1, column + 1)
