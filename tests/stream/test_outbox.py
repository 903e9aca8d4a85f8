"""What is handed to the target, and when."""

from matapalo.stream.apply import Packer
from matapalo.stream.follow.outbox import Outbox
from matapalo.stream.mapping import Flows
from matapalo.stream.pgoutput import Decoder, Relation
from tests.stream import log


def no_table(relation: Relation) -> Flows:
    raise AssertionError(f"nobody asked for {relation}")


def test_a_message_that_comes_alone_is_handed_on() -> None:
    decoder = Decoder("matapalo_x_reverse")
    decoder.feed([log.message("told", b"you", transactional=False)])
    outbox = Outbox(decoder, Packer(no_table), rows=100)
    parcel = outbox.next(None)
    assert parcel
    assert [mark.content for mark in parcel.marks] == [b"you"]
    assert outbox.next(None) is None
