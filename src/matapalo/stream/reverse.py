"""Beginning the way back: a reverse stream needs no load, for both sides hold the same already.

It begins where the new side's log is now. Whatever was written there before by anyone but the
forward stream does not come back: close the new side to others (`guard`) until writes change owner.
"""

from matapalo.errors import UnknownStream
from matapalo.stream import catalog, progress
from matapalo.stream.database import Connection, connect
from matapalo.stream.job import Job
from matapalo.stream.load.publication import publish
from matapalo.stream.lsn import Lsn
from matapalo.stream.snapshot import drop_slot, with_slot


def begin(job: Job) -> Lsn | None:
    """Begin a reverse stream; return where, or nothing where it has begun already.

    Raises NotInvertible, MappingWrong, UnknownStream where there is no forward stream.
    """
    with connect(job.source) as source, connect(job.target) as target:
        progress.install(target)
        if _has_begun(target, job):
            return None
        progress.read(source, job.stream.opposite)
        flows = job.flows(catalog.shapes(source, job.sources), catalog.shapes(target, job.targets))
        name = job.stream.on_server
        # One that is there without progress was left by an attempt that died here.
        drop_slot(source, name)
        publish(source, name, flows)
        with with_slot(job.source, name, application="matapalo stream", temporary=False) as moment:
            progress.begin(target, job.stream, moment.lsn)
        return moment.lsn


def _has_begun(target: Connection, job: Job) -> bool:
    try:
        progress.read(target, job.stream)
    except UnknownStream:
        return False
    return True
