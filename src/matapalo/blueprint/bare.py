"""Text that a file holds without quotes."""


class Bare(str):
    """Text that may be a number or a truth, where the model does not say what it is."""

    __slots__ = ()
