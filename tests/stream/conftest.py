"""Servers of several versions, and word of which there were."""

from collections.abc import Iterator

import pytest

from tests.stream import versions


@pytest.fixture(scope="session")
def servers() -> Iterator[versions.Servers]:
    """Give a server of each version that is to be had, started when it is asked for."""
    with versions.servers() as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which versions streams were tried with: one that is missing must not pass in silence."""
    there = ", ".join(map(versions.name, versions.found()))
    terminalreporter.write_line(f"PostgreSQL for streams: {there}")
    if gone := versions.missing():
        terminalreporter.write_line(f"  not to be had here: {', '.join(map(str, gone))}", red=True)
