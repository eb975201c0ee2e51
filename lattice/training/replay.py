"""Batch passes from a CUDA graph: a small cube's hundreds of kernels are launched at once, not one by one.

A graph repeats recorded kernels on recorded addresses, so a mistake would not be an error but wrong gradients. That is
why a graph is used only after its losses and gradients were compared with those of the pass it recorded, and only if
it is faster; otherwise everything stays as it was, and the log says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from lattice.config import SimpleProjectConfig
from lattice.log import logger
from lattice.training.batch_pass import BatchPass, PassResult
from lattice.training.footprint import rollout_bytes
from lattice.training.monitor import PhaseClock

T = TypeVar("T")

EAGER_PASSES = 3
"""Passes before a graph is recorded: libraries choose their kernels and plans in the first ones."""
TIMED_PASSES = 5
LARGEST_ERROR = 1e-3
"""Largest difference of a tensor, by norm and relative; the order of sums on a card gives about 1e-6."""
NEGLIGIBLE = 0.01
"""A tensor whose norm is less than this share of the largest one is compared with that share."""
SMALLEST_GAIN = 1.05
"""A recording must be so much faster than what it recorded."""
LARGEST_ROLLOUT_BYTES = 2**31
"""Above, the kernels of a rollout run longer than it takes to launch them, and its memory would be held twice."""


class Recorder(Protocol):
    """Records what work does to tensors, so that the same can be done again."""

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` where recording takes place, without recording."""

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], None], T]:
        """Return a function that repeats `work` on the same memory, and the result that it fills anew.

        The memory of the result need not be filled before the first repetition.
        """

    def seconds(self, work: Callable[[], object]) -> float:
        """Return how long `work` takes until its last kernel is done."""


class CUDARecorder:
    """CUDA graphs on a stream of their own."""

    def __init__(self, device: torch.device) -> None:
        """Use `device`, a CUDA device."""
        self._device = device
        self._stream = torch.cuda.Stream(device)

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` on the stream of the recordings."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            result = work()
        current.wait_stream(self._stream)
        return result

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], None], T]:
        """Record a CUDA graph."""
        graph = torch.cuda.CUDAGraph()
        # The outer context puts the stream back even where ending a recording fails; the inner one does not. Other
        # threads, such as one that reads the card's memory, must not break the recording: hence "thread_local".
        with (
            torch.cuda.stream(self._stream),
            torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"),
        ):
            result = work()
        return graph.replay, result

    def seconds(self, work: Callable[[], object]) -> float:
        """Return the time between two events on the card."""
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(self._device)
        start.record()
        work()
        end.record()
        end.synchronize()
        return float(start.elapsed_time(end)) / 1000.0


def recorder_for(config: SimpleProjectConfig, device: torch.device, *, recompute: bool) -> Recorder | None:
    """Return what records the batch passes of a run; None where that can't win or is switched off."""
    if device.type != "cuda" or config.device.graphs == "never":
        return None
    if rollout_bytes(config, recompute=recompute) > LARGEST_ROLLOUT_BYTES:
        return None
    return CUDARecorder(device)


@dataclass(frozen=True)
class _Recording:
    """A recorded pass: where it reads and writes, and how it is repeated."""

    inputs_BD: Tensor
    targets_BD: Tensor
    gradients: list[tuple[nn.Parameter, Tensor]]
    result: PassResult
    repeat: Callable[[], None]


class _Unusable(Exception):  # noqa: N818  (no error: the pass goes on without a graph)
    """Why a recording is not used."""


class ReplayedPass:
    """Clears gradients and does batch passes, from a recording as soon as there is a good one."""

    def __init__(self, run: BatchPass, student: nn.Module, recorder: Recorder | None) -> None:
        """Wrap `run`, which adds to the gradients of `student`; without a recorder it is always done as it is."""
        self._run = run
        self._student = student
        self._recorder = recorder
        self._recording: _Recording | None = None
        self._passes = 0
        self._clean = False

    @property
    def replays(self) -> bool:
        """Whether passes come from a recording now."""
        return self._recording is not None

    def forget(self) -> None:
        """Give the memory of a recording back, where another pass will take this one's place."""
        self._recording = self._recorder = None

    def clear(self) -> None:
        """Set all gradients to zero, or to none where the next pass creates them."""
        self._clean = True
        if self._recording is None:
            self._student.zero_grad(set_to_none=True)
        else:
            _put_in_place(self._recording.gradients)

    def __call__(self, inputs_BD: Tensor, targets_BD: Tensor, clock: PhaseClock) -> PassResult:
        """Add the gradients of one batch; the result is overwritten by the next call."""
        if self._recorder is not None and self._recording is None and self._clean and self._passes >= EAGER_PASSES:
            self._decide(inputs_BD, targets_BD, self._recorder)
        self._passes += 1
        self._clean = False
        recording = self._recording
        if recording is None or inputs_BD.shape != recording.inputs_BD.shape:
            return self._run(inputs_BD, targets_BD, clock)
        with clock.phase("replay"):
            recording.inputs_BD.copy_(inputs_BD)
            recording.targets_BD.copy_(targets_BD)
            recording.repeat()
        return recording.result

    def _decide(self, inputs_BD: Tensor, targets_BD: Tensor, recorder: Recorder) -> None:
        """Record a pass, once, and keep the recording if it is right and faster; the gradients are cleared again."""
        try:
            self._recording = self._record(inputs_BD, targets_BD, recorder)
        except (_Unusable, RuntimeError) as error:
            # What torch says of a failed recording has many lines, and the first names the operation.
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            logger.info("CUDA graphs are not used, kernels are launched one by one: %s", reason)
        self._recorder = None
        self.clear()

    def _record(self, inputs_BD: Tensor, targets_BD: Tensor, recorder: Recorder) -> _Recording:
        inputs_BD, targets_BD = inputs_BD.clone(), targets_BD.clone()

        def work() -> PassResult:
            return self._run(inputs_BD, targets_BD, PhaseClock())

        launched = recorder.run(work)
        parameters = [parameter for parameter in self._student.parameters() if parameter.grad is not None]
        launched_values = [tensor.clone() for tensor in launched.tensors()]
        launched_gradients = [_gradient(parameter).clone() for parameter in parameters]
        if not all(torch.isfinite(tensor).all() for tensor in [*launched_values, *launched_gradients]):
            raise _Unusable("the losses or gradients were not finite when one was to be recorded")
        launching = recorder.run(lambda: min(recorder.seconds(work) for _ in range(TIMED_PASSES)))
        gradients = [(parameter, torch.zeros_like(parameter)) for parameter in parameters]
        _put_in_place(gradients)
        repeat, result = recorder.record(work)
        _put_in_place(gradients)
        repeat()
        error = max(
            _largest_error(result.tensors(), launched_values),
            _largest_error([gradient for _, gradient in gradients], launched_gradients),
        )
        if not error <= LARGEST_ERROR:
            raise _Unusable(f"a replayed pass differs by {error:.1e} from a launched one")
        replaying = min(recorder.seconds(repeat) for _ in range(TIMED_PASSES))
        times = f"{1000 * replaying:.2f} ms from a CUDA graph, {1000 * launching:.2f} ms launched kernel by kernel"
        if launching < SMALLEST_GAIN * replaying:
            raise _Unusable(f"a batch takes {times}")
        logger.info("Batches come from a CUDA graph: one takes %s; largest difference %.1e", times, error)
        return _Recording(inputs_BD, targets_BD, gradients, result, repeat)


def _put_in_place(gradients: Sequence[tuple[nn.Parameter, Tensor]]) -> None:
    """Make zeroed tensors the gradients of their parameters, whatever was there."""
    for parameter, gradient in gradients:
        parameter.grad = gradient
    torch._foreach_zero_([gradient for _, gradient in gradients])


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _largest_error(found: Sequence[Tensor], expected: Sequence[Tensor]) -> float:
    """Return the largest difference of a tensor, by norm and relative; small tensors count against the largest one.

    A gradient that cancels out holds nothing but rounding, which differs from pass to pass.
    """
    sizes = torch.stack([other.float().norm() for other in expected])
    errors = torch.stack([(one.float() - other.float()).norm() for one, other in zip(found, expected, strict=True)])
    floor = (NEGLIGIBLE * sizes.max()).clamp_min(torch.finfo(sizes.dtype).tiny)
    return float((errors / sizes.maximum(floor)).max())
