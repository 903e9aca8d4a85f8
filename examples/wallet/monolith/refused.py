"""What the wallet says when it will not do what it was asked."""


class Refused(Exception):
    """A request that is understood and not granted: a code for programs, a text for people."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = text
