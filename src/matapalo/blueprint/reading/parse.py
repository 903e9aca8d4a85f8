"""YAML into a tree. Only what a blueprint needs of YAML, and bounded in size and depth.

Read from the parser's events, so that a file that unfolds into billions of values through its
aliases is refused by arithmetic and not by running out of memory.
"""

from collections.abc import Iterator
from dataclasses import replace

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from matapalo.blueprint.reading.syntax import explain_character, explain_syntax
from matapalo.blueprint.reading.tree import Entry, Mapping, Node, Scalar, Sequence
from matapalo.errors import Place, Problem

MOST_VALUES = 100_000
MOST_LEVELS = 32
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TEXT_TAG = "tag:yaml.org,2002:str"


class _Stop(Exception):
    """A mistake after which the rest cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def parse(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document: its tree, or None where the text cannot be read; and its problems."""
    builder = _Builder(file)
    try:
        tree = builder.document(YAML(typ="safe", pure=True).parse(text))
    except _Stop as stop:
        return None, [*builder.problems, stop.problem]
    except ReaderError as error:
        return None, [explain_character(error, text, file)]
    except MarkedYAMLError as error:
        return None, [*builder.problems, explain_syntax(error, text, file)]
    except YAMLError as error:
        return None, [*builder.problems, Problem(Place(file), "", str(error))]
    return tree, builder.problems


class _Builder:
    """Takes events and returns nodes. Keeps the anchors seen and the problems found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.anchors: dict[str, Node] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Event]) -> Node | None:
        """Return the only document of a stream, or None where it is empty."""
        tree: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if tree is not None:
                    raise self.stop(
                        event, "a second document begins here", "one file, one document"
                    )
                tree = self.node(next(events), events, 1)
        return tree

    def node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        """Return the node that begins with `event`."""
        if isinstance(event, AliasEvent):
            return self.alias(event)
        self.refuse_tag(event)
        if isinstance(event, ScalarEvent):
            node: Node = self.scalar(event)
        else:
            if depth > MOST_LEVELS:
                raise self.stop(event, f"more than {MOST_LEVELS} levels deep", "")
            node = self.container(event, events, depth)
            self.bound(node, event)
        if anchor := getattr(event, "anchor", None):
            self.anchors[anchor] = node
        return node

    def container(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        if isinstance(event, SequenceStartEvent):
            return self.sequence(event, events, depth)
        return self.mapping(event, events, depth)

    def scalar(self, event: ScalarEvent) -> Scalar:
        quoted = event.style is not None or event.tag == TEXT_TAG
        null = not quoted and event.value in NULLS
        return Scalar(self.place(event), None if null else event.value, event.value, quoted)

    def sequence(self, start: Event, events: Iterator[Event], depth: int) -> Sequence:
        items = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self.node(event, events, depth + 1))
        return Sequence(self.place(start), tuple(items), *_measure(items))

    def mapping(self, start: Event, events: Iterator[Event], depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        inherited: dict[str, Entry] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self.key(self.node(event, events, depth + 1), event)
            value = self.node(next(events), events, depth + 1)
            if isinstance(value, Scalar) and not value.written and not value.quoted:
                # The parser finds nothing only when it meets what comes after it.
                value = replace(value, place=self.place(event))
            if key == "<<" and not isinstance(value, Scalar):
                inherited |= self.inherit(value)
            elif key is not None and key in entries:
                self.duplicate(event, key, entries[key])
            elif key is not None:
                entries[key] = Entry(self.place(event), value)
        entries = inherited | entries
        return Mapping(self.place(start), entries, *_measure([e.node for e in entries.values()]))

    def key(self, node: Node, event: Event) -> str | None:
        if isinstance(node, Scalar) and node.text is not None:
            return node.text
        self.complain(event, "a key has to be text", "")
        return None

    def inherit(self, value: Node) -> dict[str, Entry]:
        """Return what `<<` brings in: of several mappings, the first that has a key wins."""
        sources = value.items if isinstance(value, Sequence) else (value,)
        entries: dict[str, Entry] = {}
        for source in sources:
            if isinstance(source, Mapping):
                entries = source.entries | entries
            else:
                self.problems.append(Problem(source.place, "", "`<<` takes mappings only"))
        return entries

    def duplicate(self, event: Event, key: str, first: Entry) -> None:
        self.complain(
            event,
            f"`{key}` is given twice",
            f"the first one is in line {first.key.line}; keep one of them",
        )

    def alias(self, event: AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            raise self.stop(event, f"no anchor `&{event.anchor}` stands before this alias", "")
        return self.anchors[event.anchor]

    def refuse_tag(self, event: Event) -> None:
        tag = getattr(event, "tag", None)
        if tag not in {None, "!", TEXT_TAG}:
            self.complain(event, f"tags (`{tag}`) are not read here", "leave it out")

    def bound(self, node: Node, event: Event) -> None:
        if node.size > MOST_VALUES:
            raise self.stop(event, f"more than {MOST_VALUES:,} values, aliases unfolded", "")
        if node.depth > MOST_LEVELS:
            raise self.stop(event, f"more than {MOST_LEVELS} levels deep, aliases unfolded", "")

    def place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def complain(self, event: Event, what: str, hint: str) -> None:
        self.problems.append(Problem(self.place(event), "", what, hint))

    def stop(self, event: Event, what: str, hint: str) -> _Stop:
        return _Stop(Problem(self.place(event), "", what, hint))


def _measure(nodes: list[Node]) -> tuple[int, int]:
    """Return how many values a container holds, itself counted, and how deep it is."""
    return 1 + sum(node.size for node in nodes), 1 + max((node.depth for node in nodes), default=0)
