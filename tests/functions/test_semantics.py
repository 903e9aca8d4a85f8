"""A hosted function behaves as it would on Lambda."""

import asyncio
import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from matapalo.local.functions import Kind, pool
from tests.functions.hosted import hosted, together, write
from tests.support import eventually

COUNTING = """
    import os
    count = 0
    def handle(event, context):
        global count
        count += 1
        return {"count": count, "pid": os.getpid(), "event": event}
"""
WAITING = """
    import os, pathlib, time
    def handle(event, context):
        pathlib.Path(event["mark"] + str(os.getpid())).touch()
        while not pathlib.Path(event["gate"]).exists():
            time.sleep(0.01)
        return os.getpid()
"""


async def test_a_warm_sandbox_is_used_again(tmp_path: Path) -> None:
    async with hosted(write(tmp_path, COUNTING)) as function:
        results = [await function.result({"n": n}) for n in range(3)]
    assert [result["count"] for result in results] == [1, 2, 3]
    assert [result["event"] for result in results] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert len({result["pid"] for result in results}) == 1
    assert function.pool.counts == {"cold starts": 1, "done": 3}


async def test_a_sandbox_has_one_event_at_a_time_and_more_start_up_to_the_concurrency(
    tmp_path: Path,
) -> None:
    gate, marks = tmp_path / "gate", tmp_path / "marks"
    marks.mkdir()
    event = {"gate": str(gate), "mark": f"{marks}/"}
    async with hosted(write(tmp_path, WAITING), concurrency=3, timeout=60) as function:
        calls = [asyncio.create_task(function(event)) for _ in range(3)]
        await eventually(lambda: len(list(marks.iterdir())) == 3)
        assert (await function(event)).kind is Kind.THROTTLED
        gate.touch()
        outcomes = await together(*calls)
        assert len({outcome.payload for outcome in outcomes}) == 3
        assert (await function(event)).kind is Kind.DONE
    assert function.pool.counts["cold starts"] == 3


async def test_a_burst_of_events_starts_no_more_sandboxes_than_cores_at_once_and_refuses_nobody(
    tmp_path: Path,
) -> None:
    code, marks = tmp_path / "code", tmp_path / "marks"
    code.mkdir()
    marks.mkdir()
    starting = f"""
        import os, time
        mark = os.path.join({str(marks)!r}, str(os.getpid()))
        open(mark, "w").close()
        at_once = len(os.listdir({str(marks)!r}))
        time.sleep(0.2)
        os.remove(mark)
        def handle(event, context):
            return at_once
        """
    count = 4 * pool.STARTS
    async with hosted(write(code, starting), concurrency=count) as function:
        at_once = await together(*(function.result() for _ in range(count)))
        assert max(at_once) <= pool.STARTS
        assert function.pool.counts["done"] == count
        assert function.pool.counts["cold starts"] < count


async def test_a_function_sees_its_own_environment_and_nothing_of_the_hosts(
    tmp_path: Path,
) -> None:
    code = """
        import os, sys
        def handle(event, context):
            return {"env": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}
    """
    env = {"TABLE": "t1", "AWS_REGION": "sa-east-1", "AWS_LAMBDA_FUNCTION_NAME": "somebody-else"}
    async with hosted(write(tmp_path, code), env=env) as function:
        seen = await function.result()
    own = {"TABLE", "PATH", "LANG", "TZ", "LAMBDA_TASK_ROOT", "_HANDLER"}
    strangers = {n for n in seen["env"] if n not in own and not n.startswith("AWS_")}
    assert strangers <= {"LC_CTYPE"}  # which the interpreter itself sets
    assert seen["env"]["TABLE"] == "t1"
    assert seen["env"]["AWS_REGION"] == "sa-east-1"
    assert seen["env"]["AWS_LAMBDA_FUNCTION_NAME"] == "shop-app"
    assert seen["cwd"] == seen["env"]["LAMBDA_TASK_ROOT"] == seen["path"][0] == str(tmp_path)
    assert str(Path.cwd()) not in seen["path"]
    assert "" not in seen["path"]


async def test_a_handler_is_told_about_its_invocation(tmp_path: Path) -> None:
    code = """
        import os
        def handle(event, context):
            return {
                "left": context.get_remaining_time_in_millis(),
                "id": context.aws_request_id,
                "name": context.function_name,
                "version": context.function_version,
                "memory": context.memory_limit_in_mb,
                "arn": context.invoked_function_arn,
                "group": context.log_group_name,
                "stream": context.log_stream_name == os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
                "trace": os.environ["_X_AMZN_TRACE_ID"],
            }
    """
    async with hosted(write(tmp_path, code), memory=256) as function:
        told = json.loads((await function({}, request_id="id-7", trace="Root=1-2")).payload)
    assert 0 < told.pop("left") <= 20_000
    assert told == {
        "id": "id-7",
        "name": "shop-app",
        "version": "$LATEST",
        "memory": "256",
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:shop-app",
        "group": "/aws/lambda/shop-app",
        "stream": True,
        "trace": "Root=1-2",
    }


async def test_what_a_handler_raises_is_told_to_the_caller_and_the_sandbox_lives_on(
    tmp_path: Path,
) -> None:
    code = """
        import os
        def handle(event, context):
            if event: raise KeyError("no such thing")
            return os.getpid()
    """
    async with hosted(write(tmp_path, code)) as function:
        before = await function.result()
        outcome = await function("fail")
        assert await function.result() == before
    said = json.loads(outcome.payload)
    assert outcome.kind is Kind.ERROR
    assert (said["errorType"], said["errorMessage"]) == ("KeyError", "'no such thing'")
    assert "app.py" in said["stackTrace"][0]


@pytest.mark.parametrize(
    ("code", "handler", "kind", "says"),
    [
        ("import nowhere", "app.handle", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("def handle(:", "app.handle", "Runtime.UserCodeSyntaxError", "Syntax error"),
        ("x = 1", "app.handle", "Runtime.HandlerNotFound", "'handle' missing"),
        ("x = 1", "handle", "Runtime.MalformedHandlerName", "Bad handler"),
        ("1 / 0", "app.handle", "ZeroDivisionError", "division by zero"),
        ("import sys; sys.exit(3)", "app.handle", "Runtime.ExitError", "exit status 3"),
    ],
)
async def test_code_that_does_not_load_says_why_and_is_tried_again(
    tmp_path: Path, code: str, handler: str, kind: str, says: str
) -> None:
    async with hosted(write(tmp_path, code), handler=handler) as function:
        outcome = await function()
        assert function.pool.size == 0
        assert (await function()).payload[:15] == outcome.payload[:15]
    said = json.loads(outcome.payload)
    assert said["errorType"] == kind
    assert says in said["errorMessage"]
    assert outcome.is_function_error


async def test_a_time_out_ends_the_sandbox_and_all_that_it_started(tmp_path: Path) -> None:
    code = """
        import pathlib, subprocess, time
        def handle(event, context):
            if not event: return "well"
            child = subprocess.Popen(["sleep", "600"])
            pathlib.Path(event).write_text(str(child.pid))
            time.sleep(600)
    """
    note = tmp_path / "child"
    async with hosted(write(tmp_path, code), timeout=1.5) as function:
        outcome = await function(str(note))
        assert outcome.kind is Kind.TIMEOUT
        assert "Task timed out after 1.50 seconds" in outcome.payload.decode()
        child = int(note.read_text())
        await eventually(lambda: is_gone(child))
        assert await function.result() == "well"
    assert function.pool.counts["cold starts"] == 2
    assert "Status: timeout" in function.line("REPORT")


@pytest.mark.parametrize(
    ("end", "says"),
    [("os._exit(7)", "exit status 7"), ("os.kill(os.getpid(), 9)", "signal 9")],
)
async def test_a_handler_that_ends_its_process_fails_that_event_alone(
    tmp_path: Path, end: str, says: str
) -> None:
    code = f"""
        import os
        def handle(event, context):
            print("last words")
            if event: {end}
            return "well"
    """
    async with hosted(write(tmp_path, code)) as function:
        outcome = await function("end")
        assert outcome.kind is Kind.EXITED
        assert says in outcome.payload.decode()
        assert await function.result() == "well"
    assert function.line("last words")


async def test_a_sandbox_that_died_while_idle_costs_no_event(tmp_path: Path) -> None:
    async with hosted(write(tmp_path, COUNTING)) as function:
        pid = (await function.result())["pid"]
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not psutil.pid_exists(pid))
        assert (await function.result())["count"] == 1


async def test_more_memory_than_allowed_ends_the_sandbox(tmp_path: Path) -> None:
    code = """
        import time
        def handle(event, context):
            if event:
                hoard = bytearray(300 * 1024 * 1024)
                time.sleep(60)
            return "well"
    """
    async with hosted(write(tmp_path, code), memory=128, timeout=60) as function:
        outcome = await function("hoard")
        assert outcome.error_type == "Runtime.OutOfMemory"
        assert await function.result() == "well"
    assert "Error Type: Runtime.OutOfMemory" in function.line("REPORT")


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ("object()", "Runtime.MarshalError"),
        ("'x' * (7 * 1024 * 1024)", "Function.ResponseSizeTooLarge"),
    ],
)
async def test_a_result_that_cannot_be_handed_over_is_an_error(
    tmp_path: Path, result: str, error: str
) -> None:
    code = f"""
        def handle(event, context):
            return {result} if event else "well"
    """
    async with hosted(write(tmp_path, code)) as function:
        outcome = await function("big")
        assert outcome.error_type == error
        assert await function.result() == "well"
    assert function.pool.counts["cold starts"] == 1


async def test_an_event_beyond_six_megabytes_is_refused_before_any_sandbox(tmp_path: Path) -> None:
    async with hosted(write(tmp_path, COUNTING)) as function:
        assert (await function("x" * (6 * 1024 * 1024))).kind is Kind.TOO_LARGE
        assert function.pool.size == 0


async def test_changed_code_answers_without_a_restart_and_a_busy_sandbox_ends_first(
    tmp_path: Path,
) -> None:
    gate, marks = tmp_path / "gate", tmp_path / "marks"
    marks.mkdir()
    code = tmp_path / "code"
    code.mkdir()
    async with hosted(write(code, WAITING), timeout=60) as function:
        busy = asyncio.create_task(function({"gate": str(gate), "mark": f"{marks}/"}))
        await eventually(lambda: list(marks.iterdir()))
        write(code, "def handle(event, context): return 'new'")

        async def answers_new() -> bool:
            return (await function({"gate": "/", "mark": f"{marks}/"})).payload == b'"new"'

        await eventually(answers_new)
        gate.touch()
        old = await busy
        assert old.kind is Kind.DONE
        await eventually(lambda: is_gone(int(old.payload)))


async def test_a_sandbox_that_nobody_needs_is_ended(tmp_path: Path) -> None:
    async with hosted(write(tmp_path, COUNTING), idle=0.2) as function:
        pid = (await function.result())["pid"]
        await eventually(lambda: is_gone(pid))
        assert function.pool.size == 0
        assert (await function.result())["count"] == 1


async def test_the_log_reads_as_lambdas_with_what_was_printed_in_its_place(tmp_path: Path) -> None:
    code = """
        import logging
        def handle(event, context):
            print("to standard output")
            logging.getLogger().warning("careful")
            return 1
    """
    async with hosted(write(tmp_path, code)) as function:
        await function({}, request_id="r-1")
        await function({}, request_id="r-2")
    lines = [line.split("] ", 1)[1] for line in function.lines]
    assert lines[0] == "START RequestId: r-1 Version: $LATEST"
    assert lines[1] == "to standard output"
    assert lines[2].startswith("[WARNING]\t")
    assert lines[2].endswith("Z\tr-1\tcareful")
    assert lines[3] == "END RequestId: r-1"
    assert lines[4].startswith("REPORT RequestId: r-1\tDuration: ")
    assert "Memory Size: 128 MB" in lines[4]
    assert "Init Duration" in lines[4]
    assert "Init Duration" not in lines[9]
    assert len(lines) == 10


async def test_leaving_the_pool_ends_every_process(tmp_path: Path) -> None:
    async with hosted(write(tmp_path, COUNTING)) as function:
        results = await together(*(function.result() for _ in range(4)))
    assert all(is_gone(result["pid"]) for result in results)


async def test_an_event_that_nobody_waits_for_any_more_ends_its_sandbox(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    event = {"gate": str(tmp_path / "never"), "mark": f"{marks}/"}
    async with hosted(write(tmp_path, WAITING), timeout=60) as function:
        call = asyncio.create_task(function(event))
        await eventually(lambda: list(marks.iterdir()))
        call.cancel()
        await asyncio.wait({call})
        assert function.pool.size == 0
        assert is_gone(int(next(marks.iterdir()).name))


def test_the_code_has_another_fingerprint_when_a_file_changes_comes_or_goes(tmp_path: Path) -> None:
    seen = {pool.fingerprint(tmp_path)}
    file = tmp_path / "deep" / "app.py"
    file.parent.mkdir()
    file.write_text("1")
    seen.add(pool.fingerprint(tmp_path))
    file.write_text("12")
    seen.add(pool.fingerprint(tmp_path))
    assert len(seen) == 3
    cached = tmp_path / "__pycache__"
    cached.mkdir()
    cached.joinpath("app.pyc").write_text("1")
    assert pool.fingerprint(tmp_path) in seen


def is_gone(pid: int) -> bool:
    """Whether a process is no more; one that only waits to be collected counts as gone."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
