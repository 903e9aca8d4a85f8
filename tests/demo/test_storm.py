"""What excuses a failed request in a storm, and what does not."""

import pytest

from matapalo.demo.storm import AFTERMATH, Outage, excused
from matapalo.demo.tally import Seen, Work

HOLD = 5.0


def failure(
    slice_name: str | None = None,
    path: str = "/api/x",
    work: Work = "read",
    *,
    began: float = 10,
    seconds: float = 1,
    status: int = 0,
) -> Seen:
    return Seen(1, path, work, seconds, status, slice_name, trouble="it failed", began=began)


def away(name: str, began: float = 10.5, ended: float | None = 12) -> list[Outage]:
    return [Outage(name, began, ended)]


@pytest.mark.parametrize("name", ["envoy", "monolith", "monolith-db", "authorizer"])
def test_whoever_serves_everything_excuses_everything(name: str) -> None:
    for slice_name in (None, "statements", "limits", "payments"):
        assert excused(failure(slice_name), away(name), HOLD)


@pytest.mark.parametrize(
    ("name", "slice_name"),
    [
        ("accounts/statements", "statements"),
        ("payments/limits", "limits"),
        ("payments/pay", "payments"),
        ("ledger", "payments"),
    ],
)
def test_a_slice_is_excused_by_its_own_servers_only(name: str, slice_name: str) -> None:
    for other in (None, "statements", "limits", "payments"):
        assert excused(failure(other), away(name), HOLD) is (other == slice_name)


@pytest.mark.parametrize(
    "name",
    ["conductor", "edge", "stream.payments.forward", "stream.payments.reverse", "comparison"],
)
def test_whoever_serves_no_request_excuses_none(name: str) -> None:
    for slice_name in (None, "payments"):
        assert not excused(failure(slice_name), away(name), HOLD)
        assert not excused(failure(slice_name, work="write", status=503), away(name), HOLD)


@pytest.mark.parametrize("name", ["conductor", "edge", "stream.payments.reverse", "ledger"])
def test_a_write_whose_hold_ran_out_is_excused_by_those_who_switch(name: str) -> None:
    held = failure("payments", work="write", status=503, seconds=HOLD)
    assert excused(held, away(name), HOLD)
    assert not excused(held, away("comparison"), HOLD)
    assert not excused(held, [], HOLD)


def test_a_login_needs_no_authorizer() -> None:
    assert not excused(failure(path="/api/login"), away("authorizer"), HOLD)


@pytest.mark.parametrize(
    ("began", "seconds", "is_excused"),
    [
        (8, 1, False),  # it was over before
        (8, 3, True),
        (11, 0.1, True),
        (12 + AFTERMATH - 0.1, 0.1, True),
        (12 + AFTERMATH + 0.1, 0.1, False),
    ],
)
def test_only_requests_of_that_time_are_excused(
    began: float, seconds: float, is_excused: bool
) -> None:
    seen = failure(began=began, seconds=seconds)
    assert excused(seen, away("monolith", 10.5, 12), HOLD) is is_excused


def test_a_process_that_has_not_come_back_excuses_on() -> None:
    assert excused(failure(began=1000), away("monolith", 10.5, None), HOLD)
