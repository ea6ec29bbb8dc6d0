"""The official Python replayer over the histories of a folder, and how long it takes.

The folder holds `NAME.json`, and `NAME.times`: how often it is to be replayed in one go. Prints a line for each: its
name, and the nanoseconds of the quickest of three goes, for one history; one go where it takes long.
"""

import asyncio
import logging
import sys
import time
from datetime import timedelta
from pathlib import Path

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

TAKES_A_MINUTE = {"start_to_close_timeout": timedelta(seconds=60)}


@workflow.defn(name="InSequence")
class InSequence:
    @workflow.run
    async def run(self, count: int) -> int:
        for _ in range(count):
            await workflow.execute_activity("Rehearse", {"takes_ms": 0}, **TAKES_A_MINUTE)
        return count


@workflow.defn(name="InParallel")
class InParallel:
    @workflow.run
    async def run(self, count: int) -> int:
        started = [workflow.start_activity("Rehearse", {"takes_ms": 0}, **TAKES_A_MINUTE) for _ in range(count)]
        return len(await asyncio.gather(*started))


@workflow.defn(name="Signalled")
class Signalled:
    def __init__(self) -> None:
        self.seen = 0

    @workflow.run
    async def run(self, count: int) -> int:
        await workflow.wait_condition(lambda: self.seen >= count)
        return count

    @workflow.signal
    def go(self, _number: int) -> None:
        self.seen += 1


async def main(folder: Path) -> None:
    replayer = Replayer(workflows=[InSequence, InParallel, Signalled])
    for file in sorted(folder.glob("*.json")):
        history = WorkflowHistory.from_json("bench", file.read_text())
        times = int(file.with_suffix(".times").read_text())

        async def all_of_them():
            for _ in range(times):
                yield history

        best = None
        for _ in range(3):
            began = time.perf_counter_ns()
            results = await replayer.replay_workflows(all_of_them())
            took = (time.perf_counter_ns() - began) // times
            assert not results.replay_failures, results.replay_failures
            best = took if best is None else min(best, took)
            if took * times > 10e9:
                break
        print(file.stem, best, flush=True)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(Path(sys.argv[1])))
