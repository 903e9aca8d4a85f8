"""The books: money only moves, from one account to another, in the caller's transaction."""

from uuid import UUID

from .database import Connection
from .refused import Refused

MOST = 10_000_000
"""The largest amount that anybody may move at once, in pesos."""


async def lock(connection: Connection, *accounts: int) -> dict[int, int]:
    """Lock accounts, lowest id first so that no two transactions wait for each other.

    Returns their balances.
    """
    found = await connection.execute(
        "select id, balance from accounts where id = any(%s) order by id for update",
        [list(accounts)],
    )
    return {account["id"]: account["balance"] for account in await found.fetchall()}


async def move(
    connection: Connection,
    reference: UUID,
    kind: str,
    amount: int,
    *,
    source: tuple[int, str],
    target: tuple[int, str],
) -> None:
    """Move an amount between two locked accounts; each side with the text its owner reads."""
    for (account, description), change in ((source, -amount), (target, amount)):
        await connection.execute(
            """with a as (update accounts set balance = balance + %s where id = %s
                          returning id, balance)
               insert into movements (account_id, reference, kind, amount, balance, description, at)
               select id, %s, %s, %s, balance, %s, clock_timestamp() from a""",
            (change, account, reference, kind, change, description),
        )


def amount_of(value: object, most: int) -> int:
    """Read an amount that somebody sent."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise Refused(422, "bad_amount", f"El valor debe estar entre $1 y {pesos(most)}.")
    return value


def pesos(amount: int) -> str:
    """Write an amount as Colombians do: $1.500.000."""
    return ("-" if amount < 0 else "") + f"${abs(amount):,}".replace(",", ".")
