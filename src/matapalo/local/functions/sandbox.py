"""A sandbox: one process of a function's, which takes one event at a time.

start ──▶ loading ──▶ idle ◀──▶ busy ──▶ ended
             └────────────────────┴──▶ (no handler, time-out, exit, memory)
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil

from matapalo.local.functions import outcome as outcomes
from matapalo.local.functions.describe import VERSION, Lambda
from matapalo.local.functions.outcome import Kind, Outcome
from matapalo.local.functions.output import Output, Report, Say
from matapalo.local.functions.runtime import Event, RuntimeApi

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
# Isolated (-I): no PYTHON* variable and no user's packages; -B: the code's folder stays clean.
PYTHON = (sys.executable, "-I", "-B", str(BOOTSTRAP))
START_LIMIT = 10
"""Seconds that loading a handler may take, as Lambda has it."""
LOOK = 0.05
"""How often a busy sandbox's memory is looked at, in seconds."""
MIB = 1024 * 1024


@dataclass(frozen=True)
class Call:
    """An invocation, before a sandbox has it."""

    request_id: str
    payload: bytes
    trace: str = ""


class Sandbox:
    """One process of a function's, from its start to its end."""

    def __init__(self, function: Lambda, say: Say, generation: int) -> None:
        self.generation = generation
        """Which state of the code it runs."""
        self.idle_since = 0.0
        self.ended = False
        self._function = function
        self._stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{VERSION}]{uuid4().hex}"
        self._output = Output(self._stream[-32:][:6], say)
        self._api = RuntimeApi()
        self._process: asyncio.subprocess.Process | None = None
        self._exit: asyncio.Task[None] | None = None
        self._request_id = ""
        self._problem: Outcome | None = None
        """What went wrong as it was loaded."""
        self._init: float | None = None
        self._peak = 0

    @property
    def has_exited(self) -> bool:
        """Whether the process has ended by itself. The system may know before we are told."""
        if self._exit is None or self._process is None:
            return False
        return self._exit.done() or not psutil.pid_exists(self._process.pid)

    async def load(self, call: Call) -> None:
        """Start the process and have it load the handler, for its first event.

        What goes wrong is the answer to that.
        """
        self._output.say(f"START RequestId: {call.request_id} Version: {VERSION}")
        self._request_id = call.request_id
        self._problem = await self._start(call.request_id)

    async def invoke(self, call: Call) -> Outcome:
        """Have the handler, which is loaded, answer an event."""
        if self._request_id != call.request_id:
            self._output.say(f"START RequestId: {call.request_id} Version: {VERSION}")
            self._request_id, self._init = call.request_id, None
        began = time.perf_counter()
        outcome = self._problem or await self._answer(call)
        duration = (time.perf_counter() - began) * 1000
        if outcome.kind in {Kind.TIMEOUT, Kind.EXITED} or self._problem:
            await self.end()
        self._report(call, duration, outcome)
        return outcome

    async def end(self) -> None:
        """End the process and all that it started."""
        if self.ended:
            return
        self.ended = True
        if self._process:
            await _kill(self._process)
        if self._exit:
            await self._exit
        await self._api.close()
        self._output.close()

    async def _start(self, request_id: str) -> Outcome | None:
        """Start the process and wait until the handler is loaded; return what went wrong."""
        began = time.perf_counter()
        env = self._function.environment(self._stream, await self._api.listen())
        with self._output.pipe() as write_end:
            self._process = await asyncio.create_subprocess_exec(
                *PYTHON,
                cwd=self._function.code,
                env=env,
                stdin=asyncio.subprocess.PIPE,  # while it is open the host is alive
                stdout=write_end,
                stderr=write_end,
                start_new_session=True,
            )
        self._exit = asyncio.create_task(self._watch_exit(self._process))
        try:
            problem = await asyncio.wait_for(asyncio.shield(self._api.started), START_LIMIT)
        except TimeoutError:
            problem = outcomes.timed_out(START_LIMIT, request_id)
        self._init = (time.perf_counter() - began) * 1000
        return problem

    async def _answer(self, call: Call) -> Outcome:
        timeout, function = self._function.timeout, self._function
        deadline = int((time.time() + timeout) * 1000)
        event = Event(call.request_id, call.payload, deadline, function.arn, call.trace)
        answered = self._api.send(event)
        if self.has_exited:  # while it was idle
            return outcomes.exited(self._status(), call.request_id)
        until = time.perf_counter() + timeout
        while not answered.done():
            left = until - time.perf_counter()
            await asyncio.wait({answered}, timeout=min(LOOK, max(0, left)))
            used = self._used()
            if answered.done():
                break
            if used > function.memory * MIB:
                return outcomes.out_of_memory(call.request_id)
            if left <= 0:
                return outcomes.timed_out(timeout, call.request_id)
        return answered.result()

    async def _watch_exit(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._api.fail(outcomes.exited(self._status(), self._request_id))

    def _status(self) -> int:
        return (self._process.returncode if self._process else None) or 0

    def _used(self) -> int:
        """Return the memory that the process holds, in bytes, and remember the most."""
        if self._process and self._process.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                used: int = psutil.Process(self._process.pid).memory_info().rss
                self._peak = max(self._peak, used)
                return used
        return 0

    def _report(self, call: Call, duration: float, outcome: Outcome) -> None:
        self._output.drain()
        report = Report(
            call.request_id,
            duration,
            self._function.memory,
            self._peak // MIB,
            self._init,
            outcome.error_type,
        )
        self._output.say(f"END RequestId: {call.request_id}")
        self._output.say(str(report))


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    if process.stdin:
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
