"""Asking somebody else's system whether a slice may go on."""

from http import HTTPStatus

import aiohttp

from matapalo.conductor.gates import Answer
from matapalo.conductor.stages import Position

_WITHIN = aiohttp.ClientTimeout(total=5)
_LONG = 200


async def ask_hook(url: str, slice_name: str, position: Position) -> Answer:
    """POST `{"slice", "stage", "percent"}` to a URL: 200 is yes, 4xx no, anything else unclear.

    What it answers is shown to people, its first line.
    """
    asked = {"slice": slice_name, "stage": position.stage.value, "percent": position.percent}
    try:
        async with (
            aiohttp.ClientSession(timeout=_WITHIN) as http,
            http.post(url, json=asked) as answer,
        ):
            said = (await answer.text(errors="replace")).strip().partition("\n")[0][:_LONG]
            return Answer(_meaning(answer.status), said or f"it answers {answer.status}")
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(None, f"it does not answer: {error or 'time-out'}")


def _meaning(status: int) -> bool | None:
    if status == HTTPStatus.OK:
        return True
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return False if refused else None
