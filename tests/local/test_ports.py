"""Ports that nobody named are free ones of a range that can be chosen."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from matapalo.errors import PortTaken
from matapalo.local.ports import free_port
from tests.support import free_port as own_port


@contextmanager
def chosen(text: str) -> Iterator[None]:
    """Set the range while the block runs."""
    before = os.environ.get("MATAPALO_PORTS")
    os.environ["MATAPALO_PORTS"] = text
    try:
        yield
    finally:
        if before is None:
            del os.environ["MATAPALO_PORTS"]
        else:
            os.environ["MATAPALO_PORTS"] = before


def test_a_free_port_is_of_the_range_and_none_that_is_taken_or_in_use() -> None:
    port = own_port()
    with chosen(f"{port}-{port}"):
        assert free_port() == port
        with pytest.raises(PortTaken, match="MATAPALO_PORTS"):
            free_port(taken=[port])
        with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken):
            free_port()
        assert free_port() == port


@pytest.mark.parametrize("text", ["", "many", "20000", "9-1", "65000-70000"])
def test_a_range_that_is_none_is_refused_by_name(text: str) -> None:
    with chosen(text), pytest.raises(PortTaken, match="no range of ports") as refused:
        free_port()
    assert refused.value.where == "MATAPALO_PORTS"
