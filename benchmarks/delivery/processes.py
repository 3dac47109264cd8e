"""Fresh processes for what is measured: forked from one that has imported everything and touched nothing."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["benchmarks.delivery.contenders"])
alone = multiprocessing.get_context("spawn")  # shares no memory with anybody


def in_a_process(
    target: Callable[..., None], *arguments: Any, context: Any = forking
) -> tuple[Any, BaseProcess]:
    """Starts it; its first word, and the process. A process that dies without a word ends the benchmark."""
    here, there = context.Pipe()
    process = context.Process(target=target, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    try:
        return here.recv(), process
    except EOFError:
        raise SystemExit(f"{target.__name__} died without a word") from None
