"""Recordings of device work: hundreds of small kernels are then launched at once, not one by one.

A CUDA graph repeats recorded kernels on recorded addresses, so a mistake would not be an error but wrong numbers. That
is why a recording is made only if what it computes was compared with the work it recorded, and only if it is faster;
otherwise everything stays as it was, and the log says why.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.devices import card_seconds
from lattice.errors import PluginError, first_line
from lattice.log import logger
from lattice.model.rules.build import rule_class
from lattice.training.footprint import rollout_bytes

R = TypeVar("R")

TIMED_CALLS = 5
LARGEST_ERROR = 1e-3
"""Largest difference of a tensor, by norm and relative; the order of sums on a card gives about 1e-6."""
NEGLIGIBLE = 0.01
"""A tensor whose norm is less than this share of its group's largest is compared with that share.

A gradient that cancels out holds nothing but rounding, which differs from call to call.
"""
SMALLEST_GAIN = 1.05
"""A recording must be so much faster than what it recorded."""
LARGEST_ROLLOUT_BYTES = 2**31
"""Above, the kernels of a rollout run longer than it takes to launch them, and its memory would be held twice."""


class Recorder(Protocol):
    """Records what work does to tensors, so that the same can be done again."""

    def run(self, work: Callable[[], R]) -> R:
        """Do `work` where recording takes place, without recording."""

    def record(self, work: Callable[[], R]) -> tuple[Callable[[], None], R]:
        """Return a function that repeats `work` on the same memory, and the result that it fills again.

        The memory of the result need not be filled before the first repetition.
        """

    def seconds(self, work: Callable[[], object]) -> float:
        """Return how long `work` takes until its last kernel is done."""


@lru_cache
def _stream_of(device: torch.device) -> torch.cuda.Stream:
    """Return one stream per device for all recordings: cuBLAS keeps its workspaces for every stream it saw."""
    return torch.cuda.Stream(device)


class CUDARecorder:
    """CUDA graphs on a stream of their own."""

    failed = False
    """Whether recording failed once: it leaves memory behind, and would most likely fail again."""

    def __init__(self, device: torch.device) -> None:
        """Use `device`, a CUDA device."""
        self._device = device
        self._stream = _stream_of(device)
        self._pool = torch.cuda.graph_pool_handle()

    def run(self, work: Callable[[], R]) -> R:
        """Do `work` on the stream of the recordings."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            result = work()
        current.wait_stream(self._stream)
        return result

    def record(self, work: Callable[[], R]) -> tuple[Callable[[], None], R]:
        """Record a CUDA graph."""
        if CUDARecorder.failed:
            raise RuntimeError("a recording failed before")
        graph = torch.cuda.CUDAGraph()
        generator = torch.cuda.default_generators[torch.cuda.current_device()]
        state = generator.clone_state()
        # The outer context puts the stream back even where ending a recording fails; the inner one does not. Other
        # threads, such as one that reads the card's memory, must not break the recording: hence "thread_local".
        try:
            with (
                torch.cuda.stream(self._stream),
                torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"),
            ):
                result = work()
        except BaseException:
            CUDARecorder.failed = True
            # Torch leaves the generator waiting for a capture that never ends: every later draw would raise.
            generator.graphsafe_set_state(state)
            raise
        return graph.replay, result

    def seconds(self, work: Callable[[], object]) -> float:
        """Return the time between two events on the card."""
        return card_seconds(work, self._device)


def recorder_for(config: SimpleProjectConfig, device: torch.device, *, recompute: bool) -> Recorder | None:
    """Return what records the passes of a run; None where that can't win or is switched off."""
    if device.type != "cuda" or config.device.graphs == "never" or CUDARecorder.failed:
        return None
    if rule_class(config).stochastic:  # a recording would repeat the same random numbers
        return None
    if rollout_bytes(config, recompute=recompute) > LARGEST_ROLLOUT_BYTES:
        return None
    return CUDARecorder(device)


@dataclass(frozen=True)
class Recording(Generic[R]):
    """Recorded work: where it reads and writes, and how it is repeated."""

    inputs: tuple[Tensor, ...]
    result: R
    repeat: Callable[[], None]

    def fits(self, inputs: Sequence[Tensor]) -> bool:
        """Say whether inputs have the recorded shapes."""
        return [own.shape for own in self.inputs] == [given.shape for given in inputs]

    def __call__(self, *inputs: Tensor) -> R:
        """Repeat the work on other inputs of the same shapes; the result is overwritten by the next call."""
        for own, given in zip(self.inputs, inputs, strict=True):
            own.copy_(given)
        self.repeat()
        return self.result


class _Unusable(Exception):  # noqa: N818  (no error: the work is done without a recording)
    """Why a recording is not used."""


def record(
    name: str,
    work: Callable[..., R],
    inputs: Sequence[Tensor],
    read: Callable[[R], Sequence[Sequence[Tensor]]],
    recorder: Recorder,
    before: Callable[[], None] = lambda: None,
) -> Recording[R] | None:
    """Record work, compare and time it; None, and a line in the log, if the recording is not to be used.

    Args:
        name: of the work, plural, for the log.
        work: gets the inputs, and must not look at a tensor's values.
        inputs: of the first call; they are copied.
        read: returns what is to be compared, in groups of tensors of one kind.
        recorder: records and times.
        before: called before each call that is compared or recorded.
    """
    try:
        return _record(name, work, tuple(given.clone() for given in inputs), read, recorder, before)
    except (_Unusable, RuntimeError, PluginError) as error:  # a plugged rule's faults are told of by the pass itself
        logger.info("No CUDA graph for %s, kernels are launched one by one: %s", name, _reason(error))
        return None


def _reason(error: BaseException) -> str:
    """Return the first line of what went wrong first: ending a broken recording raises an error of its own."""
    while error.__context__ is not None:
        error = error.__context__
    return first_line(error)


def _record(
    name: str,
    work: Callable[..., R],
    inputs: tuple[Tensor, ...],
    read: Callable[[R], Sequence[Sequence[Tensor]]],
    recorder: Recorder,
    before: Callable[[], None],
) -> Recording[R]:
    def launch() -> R:
        return work(*inputs)

    # What still waits to be collected may belong to another stream, which a recording must not meet.
    gc.collect()
    before()
    expected = [[tensor.clone() for tensor in group] for group in read(recorder.run(launch))]
    if not all(torch.isfinite(tensor).all() for group in expected for tensor in group):
        raise _Unusable("they gave numbers that are not finite")
    launching = recorder.run(lambda: min(recorder.seconds(launch) for _ in range(TIMED_CALLS)))
    before()
    repeat, result = recorder.record(launch)
    before()
    repeat()
    error = max(_largest_error(*groups) for groups in zip(read(result), expected, strict=True))
    if not error <= LARGEST_ERROR:
        raise _Unusable(f"a repetition differs by {error:.1e}")
    replaying = min(recorder.seconds(repeat) for _ in range(TIMED_CALLS))
    times = f"{1000 * replaying:.2f} ms so, {1000 * launching:.2f} ms kernel by kernel"
    if launching < SMALLEST_GAIN * replaying:
        raise _Unusable(f"one takes {times}")
    logger.info("A CUDA graph for %s: one takes %s; largest difference %.1e", name, times, error)
    return Recording(inputs, result, repeat)


def _largest_error(found: Sequence[Tensor], expected: Sequence[Tensor]) -> float:
    """Return the largest difference of a tensor, by norm, in terms of what was expected of it."""
    sizes = torch.stack([other.float().norm() for other in expected])
    errors = torch.stack([(one.float() - other.float()).norm() for one, other in zip(found, expected, strict=True)])
    floor = (NEGLIGIBLE * sizes.max()).clamp_min(torch.finfo(sizes.dtype).tiny)
    return float((errors / sizes.maximum(floor)).max())
