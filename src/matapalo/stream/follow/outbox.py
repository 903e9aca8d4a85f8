"""The outbox: between the decoder, which gathers, and the worker, which takes when it is free."""

from matapalo.errors import ShapeChanged
from matapalo.stream.apply import Packer, Parcel
from matapalo.stream.pgoutput import Decoder

_BYTES = 16 << 20
"""The messages of a batch, at most."""


class Outbox:
    """Makes parcels of what the decoder has."""

    def __init__(self, decoder: Decoder, packer: Packer, rows: int) -> None:
        self._decoder = decoder
        self._packer = packer
        self._rows = rows
        self._changed: ShapeChanged | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more should be read now."""
        return self._decoder.rows >= self._rows or self._decoder.size >= _BYTES

    def next(self, limit: int | None) -> Parcel | None:
        """Return what is to be applied next; None if there is nothing.

        Raises ShapeChanged once everything before the altered table's rows has been given.
        """
        if self._changed is not None:
            raise self._changed
        piece = 0 if self.full else self._rows
        batch = self._decoder.take(limit, piece)
        if batch is None or not (batch.changes or batch.marks):
            return None
        parcel, self._changed = self._packer.pack(batch)
        if parcel.commits or parcel.rows or parcel.marks:
            return parcel
        return self.next(limit)
