"""The compiled engine's machine code, made for the processor at hand when it is first needed.

LLVM does that in about a tenth of a second. It comes with the package `llvmlite`, so no compiler has to be installed,
and nothing is written to disk. One kernel serves all lattices: lengths and steps are arguments. Without the package
the engine is not offered.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any, TypeAlias

import torch
from torch import Tensor

from lattice.log import logger
from lattice.neighbourhood.columns import ADDRESSES
from lattice.neighbourhood.openmp import Team, torch_team

Tensors: TypeAlias = Sequence[Tensor | None]

_lock = Lock()
_problems: list[str] = []


class Kernel:
    """Machine code that can be called; other threads run Python meanwhile."""

    def __init__(self, compiler: Any, alone: int, shared: int, team: Team | None) -> None:
        """Take the addresses of code that lives as long as `compiler` does."""
        self._compiler = compiler
        self._alone = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(ADDRESSES), ctypes.c_int64, ctypes.c_int64)(alone)
        self._shared = shared
        self._team = team

    def __call__(self, common: Tensors, workspaces: Sequence[Tensors], blocks: int) -> None:
        """Sum blocks of fields. Nothing is checked here.

        Args:
            common: fields, sums, what to multiply them by or None, lengths and steps.
            workspaces: the lines and the notes of each thread that takes part.
            blocks: how many.
        """
        threads = len(workspaces)
        if threads == 1:
            self._do(common, workspaces[0], 0, blocks)
        elif self._team:
            own = [number for workspace in workspaces for number in _addresses(workspace)]
            numbers = (*_addresses(common), blocks, *own)
            table = (ctypes.c_int64 * len(numbers))(*numbers)
            self._team.parallel(self._shared, ctypes.addressof(table), threads, 0)
        else:
            cuts = [blocks * thread // threads for thread in range(threads + 1)]
            shares = zip(workspaces, cuts, cuts[1:], strict=False)
            done = [_threads().submit(self._do, common, own, first, last) for own, first, last in shares]
            for share in done:
                share.result()

    def _do(self, common: Tensors, own: Tensors, first: int, last: int) -> None:
        """Sum some blocks. Tensors come as such: Ctrl-C may take the caller's away while a thread still works."""
        self._alone(*_addresses(common), *_addresses(own), first, last)


def _addresses(tensors: Tensors) -> list[int]:
    return [0 if tensor is None else tensor.data_ptr() for tensor in tensors]


def kernel_problem() -> str | None:
    """Return why no kernel can be made here; None as far as is known. Quick: nothing is imported."""
    if not _problems and find_spec("llvmlite") is None:
        _problems.append("the package llvmlite is not installed")
    return _problems[0] if _problems else None


def kernel_for(dtype: torch.dtype) -> Kernel | None:
    """Return the kernel for float32 or float64 fields, compiled at the first call; None if that is not possible."""
    with _lock:
        if kernel_problem() is not None:
            return None
        try:
            return _compiled(dtype, torch_team())
        except Exception as error:  # another package's compiler must not stop a run that can do without
            _problems.append(f"LLVM could not make its code ({error})")
            logger.warning("the tier engine 'compiled' is left out: %s", _problems[0])
            return None


@cache
def _compiled(dtype: torch.dtype, team: Team | None) -> Kernel:
    from llvmlite import binding

    from lattice.neighbourhood import kernel_code as code

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=2, jit=True
    )
    if team:
        binding.add_symbol(code.THREAD_NUMBER, team.thread_number)
        binding.add_symbol(code.THREAD_COUNT, team.thread_count)
    module = binding.parse_assembly(code.kernel_code(dtype, team=team is not None))
    module.verify()
    passes = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(module, passes)
    compiler = binding.create_mcjit_compiler(module, machine)
    compiler.finalize_object()
    shared = compiler.get_function_address(code.SHARED_NAME) if team else 0
    return Kernel(compiler, compiler.get_function_address(code.NAME), shared, team)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="tier-means")
