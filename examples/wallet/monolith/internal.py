"""The API for services of the house that took something over. The edge lets nobody else near it.

GET    /internal/accounts?phone=… | ?id=…&id=…   whose account it is
PUT    /internal/bookings/ID                     move a payment's money, once
GET    /internal/bookings                        payments that nobody keeps yet
DELETE /internal/bookings?id=…&id=…              the caller keeps them
PUT    /internal/payments/ID                     keep a booked payment here: the caller may not
"""

import hmac
from typing import Any
from uuid import UUID

from aiohttp import web

from . import accounts, bookings, books
from .refused import Refused
from .web import INTERNAL, POOL, Handler, answer, body_of, text_of

routes = web.RouteTableDef()
PREFIX = "/internal/"


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whoever does not show the secret that services of the house share."""
    if request.path.startswith(PREFIX) and not _is_of_the_house(request):
        raise Refused(403, "not_yours", "Esto no es para ti.")
    return await handler(request)


@routes.get("/internal/accounts")
async def get_accounts(request: web.Request) -> web.Response:
    ids = [_number(text) for text in request.query.getall("id", [])]
    phone = request.query.get("phone", "")
    return answer({"accounts": await accounts.owners(request.app[POOL], ids, phone)})


@routes.put("/internal/bookings/{id}")
async def put_booking(request: web.Request) -> web.Response:
    payment = _payment(await body_of(request))
    if payment.id != _id(request.match_info["id"]):
        raise Refused(422, "bad_id", "El id no es el de ese pago.")
    booking, now = await bookings.book(request.app[POOL], payment)
    return answer(booking, 201 if now else 200)


@routes.get("/internal/bookings")
async def get_bookings(request: web.Request) -> web.Response:
    return answer({"bookings": await bookings.unkept(request.app[POOL])})


@routes.delete("/internal/bookings")
async def delete_bookings(request: web.Request) -> web.Response:
    await bookings.kept(request.app[POOL], [_id(text) for text in request.query.getall("id", [])])
    return web.Response(status=204)


@routes.put("/internal/payments/{id}")
async def put_payment(request: web.Request) -> web.Response:
    await bookings.keep(request.app[POOL], _id(request.match_info["id"]))
    return web.Response(status=204)


def _is_of_the_house(request: web.Request) -> bool:
    secret, shown = request.app[INTERNAL], request.headers.get("Authorization", "")
    return bool(secret) and hmac.compare_digest(shown.encode(), f"Bearer {secret}".encode())


def _payment(body: dict[str, Any]) -> bookings.Payment:
    key = text_of(body.get("key"), "key")
    if not key:
        raise Refused(422, "bad_key", "Falta la llave de idempotencia.")
    return bookings.Payment(
        payer=_number(body.get("payer")),
        payee=_number(body.get("payee")),
        amount=books.amount_of(body.get("amount"), books.MOST),
        concept=text_of(body.get("concept"), "concept"),
        key=key,
    )


def _number(value: object) -> int:
    if isinstance(value, int | str) and str(value).isdecimal() and len(str(value)) < 19:
        return int(value)
    raise Refused(422, "bad_id", "Se espera un número.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(422, "bad_id", "Se espera un UUID.") from None
