"""Limits, out of the monolith: how much a customer may move, by rule, from the customer's level.

A Lambda function behind API Gateway (payload 2.0), on nothing but the standard library.

    GET /api/limits                what is left today; took over the monolith's answer
    GET /api/quotes?amount=50000   what sending an amount to a bank costs; the monolith never had it
"""

import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

Event = dict[str, Any]

PER_PAYMENT = {1: 500_000, 2: 2_000_000, 3: 10_000_000}
PER_DAY = {level: 4 * most for level, most in PER_PAYMENT.items()}
FEE = 3_800
MOST = 10_000_000

# An environment answers one event at a time, so one connection serves them all.
connection = http.client.HTTPConnection(urlsplit(os.environ["MONOLITH_URL"]).netloc, timeout=2)


def handle(event: Event, context: object) -> dict[str, Any]:
    if event["rawPath"].startswith("/api/quotes"):
        return quote(event.get("queryStringParameters", {}).get("amount", ""))
    return limits(event["headers"].get("authorization", ""))


def limits(authorization: str) -> dict[str, Any]:
    """The monolith knows the customer's level and payments; the rule is here."""
    status, found = ask("/api/accounts", authorization)
    if status != 200:
        return answer(status, found)
    level, paid = found["customer"]["level"], found["accounts"][0]["paid_today"]
    return answer(
        200,
        {
            "level": level,
            "per_payment": PER_PAYMENT[level],
            "per_day": PER_DAY[level],
            "paid_today": paid,
            "left_today": max(0, PER_DAY[level] - paid),
        },
    )


def quote(asked: str) -> dict[str, Any]:
    """The bank's fee, and the tax that everybody calls cuatro por mil."""
    amount = int(asked) if asked.isdecimal() and len(asked) < 12 else 0
    if not 0 < amount <= MOST:
        return answer(422, {"error": "bad_amount", "message": "Escribe el valor en pesos."})
    tax = -(-amount * 4 // 1000)
    return answer(200, {"amount": amount, "fee": FEE, "tax": tax, "total": amount + FEE + tax})


def ask(path: str, authorization: str) -> tuple[int, Any]:
    for attempt in range(3):
        try:
            connection.request("GET", path, headers={"Authorization": authorization})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (http.client.HTTPException, OSError):
            connection.close()  # the monolith closed it or is starting anew: a read may ask again
            if attempt == 2:
                break
    return 503, {"error": "unavailable", "message": "Volvemos en un momento."}


def answer(status: int, body: object) -> dict[str, Any]:
    headers = {"content-type": "application/json; charset=utf-8", "x-served-by": "limits"}
    return {
        "statusCode": status,
        "headers": headers,
        "body": json.dumps(body, ensure_ascii=False),
    }
