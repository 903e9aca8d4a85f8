"""Schedules as EventBridge takes them."""

import pytest

from matapalo.blueprint.checks.clock import wrong_with

RIGHT = [
    "rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(12 hours)", "rate(1 day)",
    "cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)",
    "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)", "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 9 ? * 2#1 *)", "cron(0 0 L * ? *)",
    "cron(0 0 ? * 6L *)", "cron(0 0 3W * ? *)", "cron(0 0 ? JAN,JUL SUN 2030-2040)",
    "at(2030-01-31T06:00:00)",
]  # fmt: skip
WRONG = [
    "", "hourly", "rate()", "rate(5 minute)", "rate(1 minutes)", "rate(0 minutes)",
    "rate(-1 minutes)", "rate(1.5 hours)", "rate(5 seconds)", "rate(5minutes)",
    "cron(0 10 * * ?)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 * * * ? *)",
    "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 1 13 ? *)", "cron(0 0 ? * 8 *)",
    "cron(0 0 ? * FUN *)", "cron(0 0 1 * ? 1969)", "cron(* * * * ? * *)", "cron(0/0 * * * ? *)",
    "cron(1--2 * * * ? *)", "cron(, * * * ? *)", "cron(? * * * ? *)", "at(tomorrow)",
    "at(2030-02-30T06:00:00)", "at(2030-01-31 06:00)",
]  # fmt: skip


@pytest.mark.parametrize("when", RIGHT)
def test_a_schedule_of_the_manual_is_right(when: str) -> None:
    assert wrong_with(when) == ("", "")


@pytest.mark.parametrize("when", WRONG)
def test_a_schedule_that_never_starts_is_wrong_and_an_example_is_given(when: str) -> None:
    what, hint = wrong_with(when)
    assert what
    assert hint
