"""The loops of the compiled engine as LLVM instructions; what they do is told in `columns.py`.

The workspace consists of lines, laid out as `columns.Line` says: one for each plane of the block of fields at hand,
then one for each run, then one for each sum that is to be moved along z, and the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import torch
from llvmlite import ir

from lattice.neighbourhood.columns import ADDRESSES, CHUNK_BYTES, LENGTHS

NAME = "neighbour_sum"
SHARED_NAME = "shared_neighbour_sum"
THREAD_NUMBER, THREAD_COUNT = "omp_get_thread_num", "omp_get_num_threads"
SHARED_TABLE = (*ADDRESSES[:-2], "blocks")
"""The table of the shared kernel, int64: what all threads share, then `work` and `notes` of each."""

Value: TypeAlias = ir.Value

_INT = ir.IntType(64)
_COPIED_BYTES = (64, 16)


def kernel_code(dtype: torch.dtype, *, team: bool) -> str:
    """Return the module with the kernel for float32 or float64 fields, as LLVM's assembly.

    With `team` a second function is in it, which every thread of an OpenMP team calls with the same table.
    """
    kernel = _Kernel(dtype)
    if team:
        _write_shared(kernel)
    return str(kernel.module)


def _number(value: int) -> Value:
    return ir.Constant(_INT, value)


class _Kernel:
    """Writes one function, from its first to its last instruction."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.itemsize = dtype.itemsize
        self.value = value = ir.FloatType() if dtype == torch.float32 else ir.DoubleType()
        self.chunk_values = CHUNK_BYTES // dtype.itemsize
        self.chunk = ir.VectorType(value, self.chunk_values)
        self.module = ir.Module("cellcube")
        values, numbers = value.as_pointer(), _INT.as_pointer()
        self.kinds = [values, values, values, values, numbers, numbers, values, numbers]
        self.function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), [*self.kinds, _INT, _INT]), NAME)
        self.fields, self.sums, self.before, self.after, *others = self.function.args
        lengths, self.steps, self.work, self.notes, first, last = others
        self.to = ir.IRBuilder(self.function.append_basic_block())
        self.size = {name: self.to.load(self.at(lengths, _number(place))) for place, name in enumerate(LENGTHS)}
        self.position = self.variable(_INT)
        self.noted = self.variable(_INT)
        self.total = self.variable(self.chunk)
        lines = self.to.add(self.size["planes"], self.to.add(self.size["runs"], self.size["moved"]))
        self.result = self.line(self.to.sub(lines, _number(1)))
        with self.loop(first, last) as block:
            self.sum_block(block)
        self.to.ret_void()

    def sum_block(self, block: Value) -> None:
        """Write one block: some lanes of one field."""
        to, size = self.to, self.size
        field, number = to.sdiv(block, size["blocks"]), to.srem(block, size["blocks"])
        skipped = to.mul(number, size["lanes"])
        left = to.sub(size["batch"], skipped)
        lanes = to.select(to.icmp_signed("<", left, size["lanes"]), left, size["lanes"])
        row = to.mul(size["cells"], size["batch"])
        plane = to.mul(size["rows"], row)
        start = to.add(to.mul(field, to.mul(size["planes"], plane)), skipped)
        with self.loop(_number(0), size["planes"]) as x:
            fields = self.at(self.fields, to.add(start, to.mul(x, plane)))
            self.copy_plane(self.line(x), fields, lanes, into_line=True)
            self.multiply(self.line(x), self.before, x)
        with self.loop(_number(0), size["planes"]) as x:
            to.store(_number(0), self.position)
            with self.loop(size["planes"], to.add(size["planes"], size["runs"])) as number:
                self.note_planes(x)
                self.add_parts(self.notes, to.load(self.noted), self.line(number))
            first = to.add(size["planes"], size["runs"])
            with self.loop(first, to.add(first, size["moved"])) as number:
                parts = self.next()
                self.add_parts(self.at(self.steps, to.load(self.position)), parts, self.line(number))
                to.store(to.add(to.load(self.position), parts), self.position)
            self.multiply(self.result, self.after, x)
            sums = self.at(self.sums, to.add(start, to.mul(x, plane)))
            self.copy_plane(self.result, sums, lanes, into_line=False)

    def note_planes(self, x: Value) -> None:
        """Write down what a run around plane `x` consists of: earlier runs, and the planes that exist."""
        to, size = self.to, self.size
        to.store(_number(0), self.noted)
        with self.listed():
            self.note(self.next())
        with self.listed():
            distance = self.next()
            below, above = to.sub(x, distance), to.add(x, distance)
            with to.if_then(to.icmp_signed(">=", below, _number(0))):
                self.note(self.start(below))
            other = to.icmp_signed(">", distance, _number(0))
            with to.if_then(to.and_(other, to.icmp_signed("<", above, size["planes"]))):
                self.note(self.start(above))

    def add_parts(self, parts: Value, count: Value, line: Value) -> None:
        """Write the sum of parts, given by their places in the workspace, into a line; registers hold it meanwhile."""
        to = self.to
        with self.chunks() as place:
            to.store(ir.Constant(self.chunk, None), self.total)
            here = self.at(self.work, place)
            with self.loop(_number(0), count) as each:
                part = self.get(here, to.load(self.at(parts, each)))
                to.store(to.fadd(to.load(self.total), part), self.total)
            self.put(to.load(self.total), line, place)

    def multiply(self, line: Value, factors: Value, x: Value) -> None:
        """Write the multiplication of a line by its factors, if there are any."""
        to = self.to
        with to.if_then(to.icmp_unsigned("!=", factors, ir.Constant(factors.type, None))):
            own = self.at(factors, to.mul(x, self.size["length"]))
            with self.chunks() as place:
                self.put(to.fmul(self.get(line, place), self.get(own, place)), line, place)

    def copy_plane(self, line: Value, cells: Value, lanes: Value, *, into_line: bool) -> None:
        """Write the copy of some lanes of a plane of cells into a line, or back."""
        to, size = self.to, self.size
        with self.loop(_number(0), size["rows"]) as y:
            in_line = self.at(line, to.mul(y, size["pitch"]))
            outside = self.at(cells, to.mul(y, to.mul(size["cells"], size["batch"])))
            with to.if_else(to.icmp_signed("==", lanes, size["batch"])) as (whole_row, cell_by_cell):
                with whole_row:
                    self.copy(in_line, outside, to.mul(size["cells"], lanes), into_line)
                with cell_by_cell, self.loop(_number(0), size["cells"]) as z:
                    inner, outer = to.mul(z, size["lanes"]), to.mul(z, size["batch"])
                    self.copy(self.at(in_line, inner), self.at(outside, outer), lanes, into_line)

    def copy(self, inside: Value, outside: Value, values: Value, into_line: bool) -> None:
        """Write the copy of consecutive values: by wide pieces, then by narrow ones, then one by one.

        Rows are short, so calling the C library's function for each of them would cost as much as summing.
        """
        target, source = (inside, outside) if into_line else (outside, inside)
        done = _number(0)
        for bytes_at_once in (*_COPIED_BYTES, self.itemsize):
            width = bytes_at_once // self.itemsize
            piece = ir.VectorType(self.value, width).as_pointer()
            with self.loop(done, self.to.sub(values, _number(width - 1)), width) as place:
                taken = self.to.load(self.to.bitcast(self.at(source, place), piece), align=self.itemsize)
                self.to.store(taken, self.to.bitcast(self.at(target, place), piece), align=self.itemsize)
            done = place

    def line(self, number: Value) -> Value:
        """Return the address of the first row of a line of the workspace."""
        return self.at(self.work, self.start(number))

    def start(self, number: Value) -> Value:
        """Return how many values of the workspace lie before the first row of a line."""
        return self.to.add(self.to.mul(number, self.size["size"]), self.size["halo"])

    def note(self, place: Value) -> None:
        """Write the place of a part down."""
        noted = self.to.load(self.noted)
        self.to.store(place, self.at(self.notes, noted))
        self.to.store(self.to.add(noted, _number(1)), self.noted)

    def next(self) -> Value:
        """Read the next number of the steps."""
        position = self.to.load(self.position)
        self.to.store(self.to.add(position, _number(1)), self.position)
        return self.to.load(self.at(self.steps, position))

    def at(self, address: Value, place: Value) -> Value:
        """Return the address of an element."""
        return self.to.gep(address, [place])

    def get(self, line: Value, place: Value) -> Value:
        """Read a chunk; parts start anywhere, so nothing more than a value's own alignment is known."""
        chunk = self.to.bitcast(self.at(line, place), self.chunk.as_pointer())
        return self.to.load(chunk, align=self.itemsize)

    def put(self, values: Value, line: Value, place: Value) -> None:
        """Store a chunk."""
        chunk = self.to.bitcast(self.at(line, place), self.chunk.as_pointer())
        self.to.store(values, chunk, align=self.itemsize)

    def variable(self, kind: ir.Type) -> Value:
        """Return room for one value."""
        return self.to.alloca(kind)

    @contextmanager
    def chunks(self) -> Iterator[Value]:
        """Write a loop over the chunks of a line."""
        with self.loop(_number(0), self.size["length"], self.chunk_values) as place:
            yield place

    @contextmanager
    def listed(self) -> Iterator[None]:
        """Write a loop over one list of the steps, whose length comes first."""
        with self.loop(_number(0), self.next()):
            yield

    @contextmanager
    def loop(self, start: Value, stop: Value, step: int = 1) -> Iterator[Value]:
        """Write a loop around what the block inside writes; give it the counter."""
        to = self.to
        before = to.block
        test, body, after = (self.function.append_basic_block() for _ in range(3))
        to.branch(test)
        to.position_at_end(test)
        counter = to.phi(_INT)
        counter.add_incoming(start, before)
        to.cbranch(to.icmp_signed("<", counter, stop), body, after)
        to.position_at_end(body)
        yield counter
        counter.add_incoming(to.add(counter, _number(step)), to.block)
        to.branch(test)
        to.position_at_end(after)


def _write_shared(kernel: _Kernel) -> None:
    """Write the function that does one thread's share of the blocks."""
    function = ir.Function(kernel.module, ir.FunctionType(ir.VoidType(), [_INT.as_pointer()]), SHARED_NAME)
    to, table = ir.IRBuilder(function.append_basic_block()), function.args[0]

    def entry(place: Value) -> Value:
        return to.load(to.gep(table, [place]))

    def asked(name: str) -> Value:
        answer = ir.Function(kernel.module, ir.FunctionType(ir.IntType(32), []), name)
        return to.sext(to.call(answer, []), _INT)

    thread, threads = asked(THREAD_NUMBER), asked(THREAD_COUNT)
    blocks = entry(_number(SHARED_TABLE.index("blocks")))
    own = to.add(_number(len(SHARED_TABLE)), to.mul(thread, _number(2)))
    places = [*map(_number, range(len(SHARED_TABLE) - 1)), own, to.add(own, _number(1))]
    addresses = [to.inttoptr(entry(place), kind) for place, kind in zip(places, kernel.kinds, strict=True)]
    first = to.sdiv(to.mul(blocks, thread), threads)
    last = to.sdiv(to.mul(blocks, to.add(thread, _number(1))), threads)
    to.call(kernel.function, [*addresses, first, last])
    to.ret_void()
