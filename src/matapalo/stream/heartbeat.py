"""The heartbeat: a message in the source's log every second, so that silence means something."""

from matapalo.stream.database import Connection
from matapalo.stream.duty import Duty
from matapalo.stream.health import beat

_EVERY = 1.0


class Heartbeat(Duty):
    """Beats."""

    name = "heartbeat"

    def work(self, session: Connection) -> None:
        """Beat until told to stop."""
        while not self._over.wait(_EVERY):
            beat(session)
