"""What the service says when it will not do what it was asked, in the monolith's words."""


class Refused(Exception):
    """A request that is understood and not granted: a code for programs, a text for people."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = text


def unavailable() -> Refused:
    return Refused(503, "unavailable", "Volvemos en un momento.")


def key_reused() -> Refused:
    return Refused(409, "key_reused", "Esa llave de idempotencia ya se usó en otra operación.")
