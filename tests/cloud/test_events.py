"""Events are applied to an emulator, and then go where the blueprint says."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud import Scene, System, render
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Root, Terraform, prepared
from tests.cloud.test_apply import rendered
from tests.support import eventually

RENAMED = {
    "    announcements:\n": "    news:\n      formerly: [announcements]\n",
    "to-send: {": "to-tell: {formerly: [to-send], ",
    "- to: to-send": "- to: to-tell",
    "    large-payments:\n": "    big-payments:\n      formerly: [large-payments]\n",
    "    close-of-day:\n": "    end-of-day:\n      formerly: [close-of-day]\n",
}

# A function that tells what it was given to a queue, where the test reads it.
TELLS = """
import json, boto3

def handle(event, context):
    sqs = boto3.client("sqs", endpoint_url="{url}", region_name="{region}",
                       aws_access_key_id="test", aws_secret_access_key="test")
    sqs.send_message(QueueUrl="{queue}", MessageBody=json.dumps(event))
"""


@pytest.mark.soak
async def test_what_happens_in_the_wallet_reaches_its_queues(
    wallet: System, terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    system = _every_minute(wallet, "close-of-day")
    root = _applied(system, terraform, emulators, tmp_path)
    assert drift(root.plan()) == []
    assert policies.faults(root) == []

    told = root.outputs()
    region = _prod(system).region
    bus, sqs, sns = (given.client(n, emulators.ministack, region) for n in ("events", "sqs", "sns"))
    queues, topic = told["queue_urls"], told["topic_arns"]["announcements"]

    for amount in (5, 20_000_000):
        _put(bus, told["bus_name"], "payments", "PaymentMade", {"amount": amount})
    assert (await _taken(sqs, queues["to-report"]))["detail"] == {"amount": 20_000_000}

    for channel in ("post", "sms"):
        _publish(sns, topic, "channel", channel)
    assert await _taken(sqs, queues["to-send"]) == {"channel": "sms"}

    assert await _taken(sqs, queues["to-settle"]) == {"days_ago": 1}


@pytest.mark.soak
async def test_a_topic_calls_a_function_with_what_the_filter_lets_through(
    terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    system = given.everything()
    region = _prod(system).region
    sqs, sns = (given.client(n, emulators.ministack, region) for n in ("sqs", "sns"))
    seen = sqs.create_queue(QueueName="seen")["QueueUrl"]
    tells = TELLS.format(url=emulators.ministack, region=region, queue=seen)
    given.make_function(
        given.function_arn(_prod(system), "goods", "shrink"), tells, emulators.ministack
    )
    root = _applied(system, terraform, emulators, tmp_path)
    assert drift(root.plan()) == []
    assert policies.faults(root) == []

    for kind in ("text", "picture"):
        _publish(sns, root.outputs()["topic_arns"]["told"], "kind", kind)
    (record,) = (await _taken(sqs, seen))["Records"]
    assert json.loads(record["Sns"]["Message"]) == {"kind": "picture"}


@pytest.mark.soak
def test_what_events_go_through_is_renamed_and_stays_what_it_was(
    wallet: System, terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    root = _applied(wallet, terraform, emulators, tmp_path)
    made = root.outputs()

    rendered(tmp_path, RENAMED)
    given.over_http(tmp_path / "aws")
    root.init()
    plan = root.plan()
    assert _moved(plan) == {
        "queue_to_send": "queue_to_tell",
        "topic_announcements": "topic_news",
        "rule_large_payments": "rule_big_payments",
        "schedule_close_of_day": "schedule_end_of_day",
    }
    assert drift(plan) == []
    root.apply()
    told = root.outputs()
    assert told["queue_urls"]["to-tell"] == made["queue_urls"]["to-send"]
    assert told["topic_arns"]["news"] == made["topic_arns"]["announcements"]


def _moved(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return what the modules were called that a plan knows again, and what now."""
    pairs = (
        (it["previous_address"].split(".")[1], it["address"].split(".")[1])
        for it in plan["resource_changes"]
        if "previous_address" in it
    )
    return dict(pairs)


def _prod(system: System) -> Scene:
    return next(scene for scene in system.scenes if scene.environment == "prod")


def _every_minute(system: System, schedule: str) -> System:
    """Let something start that would otherwise wait for the night."""
    return System(tuple(_with_schedule(scene, schedule) for scene in system.scenes))


def _with_schedule(scene: Scene, name: str) -> Scene:
    events = scene.blueprint.events
    it = events.schedules[name].model_copy(update={"when": "rate(1 minute)"})
    events = events.model_copy(update={"schedules": {**events.schedules, name: it}})
    return replace(scene, blueprint=scene.blueprint.model_copy(update={"events": events}))


def _applied(system: System, terraform: Terraform, emulators: Emulators, folder: Path) -> Root:
    tree = render(system)
    write(folder / "aws", tree)
    given.over_http(folder / "aws")
    reads = tree["roots/prod/events/remote.tf"]
    told = given.remote(_prod(system), emulators.ministack)
    root = prepared(
        terraform,
        folder / "aws",
        "prod/events",
        emulators,
        only="ministack",
        remote={path: it for path, it in told.items() if f'"{path}.tfstate"' in reads},
    )
    root.plan()
    root.apply()
    return root


def _put(bus: Any, name: str, source: str, kind: str, detail: dict[str, object]) -> None:
    entry = {
        "EventBusName": name, "Source": source, "DetailType": kind, "Detail": json.dumps(detail)
    }  # fmt: skip
    assert bus.put_events(Entries=[entry])["FailedEntryCount"] == 0


def _publish(sns: Any, topic: str, attribute: str, value: str) -> None:
    sns.publish(
        TopicArn=topic,
        Message=json.dumps({attribute: value}),
        MessageAttributes={attribute: {"DataType": "String", "StringValue": value}},
    )


async def _taken(sqs: Any, queue: str) -> Any:
    """Return the one message of a queue, taken out."""

    def take() -> Any:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    (message,) = await eventually(take, within=120, every=1)
    return message
