"""The compiled engine: its steps, its lanes, its threads, and what happens where it can't be had."""

import builtins
import gc
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
import torch
from llvmlite import binding

from lattice.errors import DeviceError
from lattice.neighbourhood import TierMeans, columns, compiled, kernel
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.columns import line_of, plan_of, program_of
from lattice.neighbourhood.compiled import CompiledEngine
from lattice.neighbourhood.kernel import Kernel
from lattice.neighbourhood.openmp import torch_team
from lattice.tiers import tier_offsets
from lattice.tiers.shells import Shell, tier_shell

CPU = torch.device("cpu")


@pytest.fixture
def fresh_kernel(monkeypatch):
    """Forget what was compiled, and whatever a test finds out about this machine."""
    monkeypatch.setattr(kernel, "_problems", [])
    kernel._compiled.cache_clear()
    yield
    kernel._compiled.cache_clear()


@pytest.mark.parametrize("threshold", [1.0, 2.1, 3.2, 6.4])
def test_a_plan_names_every_neighbour_once(threshold):
    thresholds = (0.6 * threshold, 0.8 * threshold, threshold)
    dimensions = (15, 13, 11)
    for tier in ("local", "functional", "distant"):
        plan = plan_of(dimensions, tier_shell(thresholds, tier))
        covered = []
        for run in plan.runs:
            distances = set(run.distances).union(*(covered[number] for number in run.made_of))
            assert len(distances) == len(run.distances) + sum(len(covered[number]) for number in run.made_of)
            covered.append(distances)
        found = [
            (dx, dy, move)
            for dz, columns in plan.columns.items()
            for number, dy in columns
            for move in {dz, -dz}
            for dx in {sign * distance for distance in covered[number] for sign in (-1, 1)}
        ]
        assert sorted(found) == [tuple(offset) for offset in tier_offsets(thresholds, tier, dimensions).tolist()]


def test_long_runs_are_made_of_shorter_ones():
    plan = plan_of((32, 32, 32), Shell(17, 40))
    covered = []
    for run in plan.runs:
        covered.append(len(run.distances) + sum(covered[number] for number in run.made_of))
    assert sum(len(run.made_of) + len(run.distances) for run in plan.runs) < 0.8 * sum(covered)


def test_a_large_batch_is_cut_into_lanes():
    plan = plan_of((16, 16, 16), Shell(4, 10))
    assert line_of((16, 16, 16), plan, 1, torch.float32).lanes == 1
    assert line_of((16, 16, 16), plan, 32, torch.float32).lanes == 32
    cut = line_of((16, 16, 16), plan, 256, torch.float32)
    assert cut.lanes < 64
    assert cut.length * 4 <= 1.2 * columns._PLANE_BYTES
    # No block is left with a sliver.
    assert 256 - (math.ceil(256 / cut.lanes) - 1) * cut.lanes > cut.lanes / 2


def test_numbers_per_cell_lie_where_the_cells_lie():
    dimensions = (2, 3, 4)
    line = line_of(dimensions, plan_of(dimensions, Shell(0, 4)), 2, torch.float32)
    values = torch.arange(1.0, 25.0)[:, None]
    lines = line.spread(values, dimensions)
    assert lines.shape == (2, line.length)
    places = [y * line.pitch + z * 2 for y in range(3) for z in range(4)]
    for lane in (0, 1):
        assert lines[:, [place + lane for place in places]].equal(values.view(2, 12))
    assert lines.count_nonzero() == 48


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("dimensions", "batch"), [((9, 12, 7), 1), ((9, 12, 7), 3), ((9, 12, 7), 32), ((9, 12, 7), 100), ((3, 32, 32), 2)]
)
def test_any_batch_and_any_channels(dimensions, batch, dtype, brute_force, relative_error):
    thresholds = (1.0, 2.3, 4.6)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, "compiled", dtype=dtype)
    fields = torch.randn(2, truth.cells, batch, dtype=dtype)
    for tier in means.live_tiers:
        found = means.channel_means(fields, tier)
        expected = torch.stack([truth.means(channel, tier) for channel in fields])
        assert relative_error(found.transpose(0, 1).flatten(1), expected.transpose(0, 1).flatten(1)) < (
            1e-5 if dtype == torch.float32 else 1e-13
        )


@pytest.mark.parametrize("planes_bytes", [64, 1 << 10])
def test_lanes_that_do_not_divide_the_batch(planes_bytes, monkeypatch, brute_force, relative_error):
    monkeypatch.setattr(columns, "_PLANE_BYTES", planes_bytes)
    dimensions, thresholds = (5, 6, 7), (1.0, 2.0, 3.0)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, "compiled")
    fields = torch.randn(truth.cells, 11)
    for tier in means.live_tiers:
        assert relative_error(means.means(fields, tier), truth.means(fields, tier)) < 1e-5


def test_what_was_summed_before_leaves_no_trace():
    engine = CompiledEngine(Stencils.of((6, 6, 6), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = torch.randn(3, 216, 2)
    first = engine.channel_sum(fields, "distant")
    broken = fields.clone()
    broken[1] = math.nan
    broken[2] = math.inf
    assert engine.channel_sum(broken, "distant")[0].equal(first[0])
    assert engine.channel_sum(fields, "distant").equal(first)


@pytest.fixture
def many_threads(monkeypatch):
    """Let even a small lattice be worth as many threads as are asked for."""
    monkeypatch.setattr(compiled, "_NS_WORTH_A_THREAD", 1e-3)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("team", [True, False])
@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.usefixtures("fresh_kernel", "many_threads")
def test_threads_change_nothing(threads, team, monkeypatch):
    if not team:
        monkeypatch.setattr(kernel, "torch_team", lambda: None)
    engine = CompiledEngine(Stencils.of((9, 8, 7), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = torch.randn(9, 504, 3)
    torch.set_num_threads(1)
    alone = {tier: engine.channel_sum(fields, tier) for tier in ("local", "functional", "distant")}
    torch.set_num_threads(threads)
    for tier, expected in alone.items():
        for _ in range(5):
            assert engine.channel_sum(fields, tier).equal(expected)
        assert len(engine._sums[tier, 3]._idle) == threads


@pytest.mark.skipif(torch_team() is None, reason="torch's threads are not OpenMP's here")
@pytest.mark.usefixtures("fresh_kernel", "many_threads")
def test_the_work_is_done_in_torchs_own_threads(monkeypatch):
    asked = []
    team = torch_team()

    def parallel(function, data, threads, flags):
        asked.append(threads)
        team.parallel(function, data, threads, flags)

    monkeypatch.setattr(kernel, "torch_team", lambda: replace(team, parallel=parallel))
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    torch.set_num_threads(3)
    engine.channel_sum(torch.randn(5, 64, 1), "local")
    engine.channel_sum(torch.randn(2, 64, 1), "local")
    engine.channel_sum(torch.randn(1, 64, 1), "local")
    assert asked == [3, 2]


@pytest.mark.usefixtures("fresh_kernel", "many_threads")
def test_an_interrupted_sum_keeps_its_memory_until_its_threads_are_done(monkeypatch):
    """Without a team Ctrl-C leaves the caller at once; what threads still write to must not be freed."""
    monkeypatch.setattr(kernel, "torch_team", lambda: None)
    held, go = [], Event()

    def slow(self, common, own, first, last):
        go.wait(10.0)
        held.append([tensor.sum().item() for tensor in (*common[:2], own[0])])

    class Interrupted:
        def submit(self, *task):
            self.done = pool.submit(*task)
            return self

        def result(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(Kernel, "_do", slow)
    monkeypatch.setattr(kernel, "_threads", Interrupted)
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    torch.set_num_threads(2)
    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(KeyboardInterrupt):
            engine.channel_sum(torch.ones(2, 64, 1), "local")
        gc.collect()
        go.set()
    assert [fields for fields, _, _ in held] == [128.0, 128.0]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.usefixtures("many_threads")
def test_nothing_is_written_outside(threads, monkeypatch):
    """Workspaces and notes get borders, which must be as before."""
    bordered = []

    def with_border(size, dtype):
        whole = torch.full((size + 128,), 7, dtype=dtype)
        whole[64:-64] = 0
        bordered.append(whole)
        return whole[64:-64]

    def workspace(self):
        return with_border(self._program.values, self._dtype), with_border(self._program.most_notes, torch.int64)

    monkeypatch.setattr(compiled._Sum, "_workspace", workspace)
    torch.set_num_threads(threads)
    for dimensions in ((1, 1, 1), (1, 5, 2), (2, 1, 9), (7, 3, 1), (6, 5, 4), (3, 11, 13)):
        for thresholds in ((1.0, 2.0, 3.0), (1.5, 4.4, 30.0)):
            engine = CompiledEngine(Stencils.of(dimensions, thresholds), CPU, torch.float32)
            for batch in (1, 5, 40):
                for tier in engine._shells:
                    engine.channel_sum(torch.randn(3, math.prod(dimensions), batch), tier)
    assert len(bordered) > 100
    for whole in bordered:
        assert (whole[:64] == 7).all()
        assert (whole[-64:] == 7).all()


def test_a_run_never_has_more_parts_than_notes_have_room():
    for dimensions, shell in (((40, 9, 9), Shell(0, 100)), ((5, 5, 5), Shell(3, 70)), ((32, 32, 32), Shell(17, 40))):
        plan = plan_of(dimensions, shell)
        line = line_of(dimensions, plan, 1, torch.float32)
        most = 0
        for run in plan.runs:
            for x in range(dimensions[0]):
                planes = {x - distance for distance in run.distances} | {x + distance for distance in run.distances}
                most = max(most, len(run.made_of) + len(planes & set(range(dimensions[0]))))
        assert most <= program_of(dimensions, plan, line, 1).most_notes


def test_threads_may_share_an_engine():
    engine = CompiledEngine(Stencils.of((5, 5, 5), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = {batch: torch.randn(2, 125, batch) for batch in range(1, 12)}
    expected = {batch: engine.channel_sum(each, "local") for batch, each in fields.items()}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda n: engine.channel_sum(fields[n % 11 + 1], "local"), range(600)))
    finally:
        sys.setswitchinterval(interval)
    assert all(each.equal(expected[number % 11 + 1]) for number, each in enumerate(found))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (torch.zeros(2, 63, 1), r"expected torch\.float32 of shape \[2, 64, 1\].* got .* \[2, 63, 1\]"),
        (torch.zeros(2, 64, 1, dtype=torch.float64), "got torch.float64"),
        (torch.zeros(2, 64, 1, device="meta"), "on the processor, .* on 'meta'"),
    ],
)
def test_what_does_not_fit_is_refused(fields, message):
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    with pytest.raises(ValueError, match=message):
        engine.channel_sum(fields, "local")
    with pytest.raises(ValueError, match=r"expected torch\.float32 of shape \[64, 1\]"):
        engine.channel_mean(torch.zeros(2, 64, 1), "local", torch.ones(64))


def test_any_strides_are_taken():
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    turned = torch.randn(3, 64, 5).transpose(0, 2)
    assert engine.channel_sum(turned, "distant").equal(engine.channel_sum(turned.contiguous(), "distant"))
    spread = torch.randn(1, 64, 1).expand(6, 64, 3)
    assert engine.channel_sum(spread, "distant").equal(engine.channel_sum(spread.contiguous(), "distant"))


def test_shares_are_used_as_given():
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = torch.randn(2, 64, 1)
    sums = engine.channel_sum(fields, "local")
    for shares in (torch.rand(64, 1), torch.rand(64, 1)):
        torch.testing.assert_close(engine.channel_mean(fields, "local", shares), sums * shares)
        expected = engine.channel_sum(fields * shares, "local")
        torch.testing.assert_close(engine.channel_mean_adjoint(fields, "local", shares), expected)


def test_a_workspace_is_used_again():
    engine = CompiledEngine(Stencils.of((6, 6, 6), (1.0, 2.0, 3.0)), CPU, torch.float32)
    for _ in range(4):
        engine.channel_sum(torch.randn(3, 216, 2), "local")
        engine.channel_sum(torch.randn(9, 216, 2), "local")
    (kept,) = engine._sums.values()
    assert len(kept._idle) == 1


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.usefixtures("many_threads")
def test_bytes_are_what_is_held(threads):
    torch.set_num_threads(threads)
    stencils = Stencils.of((16, 16, 16), (0.32, 2.08, 3.2))
    engine = CompiledEngine(stencils, CPU, torch.float32)
    held = 0
    for tier in stencils.shells:
        engine.channel_mean(torch.randn(4, 4096, 1), tier, torch.ones(4096, 1))
        kept = engine._sums[tier, 1]
        tensors = [kept._program.lengths, kept._program.steps, kept._shares[1]]
        tensors += [part for workspace in kept._idle for part in workspace]
        held += sum(tensor.nbytes for tensor in tensors)
    assert engine.bytes == held


def test_the_sizes_of_batches_used_last_are_kept():
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    engine.channel_sum(torch.randn(1, 64, 1), "local")
    first = engine._sums["local", 1]
    for batch in range(2, 30):
        engine.channel_sum(torch.randn(1, 64, batch), "local")
        engine.channel_sum(torch.randn(1, 64, 1), "local")
    assert len(engine._sums) == compiled._MOST_SUMS
    assert engine._sums["local", 1] is first
    assert ("local", 2) not in engine._sums


@pytest.mark.usefixtures("fresh_kernel")
def test_without_llvm_the_engine_is_refused_and_auto_goes_on(monkeypatch):
    real = builtins.__import__

    def refusing(name, *arguments, **more):
        if name.startswith("llvmlite"):
            raise ImportError("DLL load failed")
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(DeviceError, match=r"'compiled' can't be used: LLVM could .*Try neighbors\.engine = 'auto'\."):
        TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), "compiled")
    means = TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0))
    assert "compiled" not in means.engine
    assert kernel.kernel_problem() == "LLVM could not make its code (DLL load failed)"


@pytest.mark.usefixtures("fresh_kernel")
def test_whatever_goes_wrong_in_llvm_auto_goes_on(monkeypatch):
    monkeypatch.delattr(binding, "create_pass_builder")
    assert TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0)).engine == "sparse"


@pytest.mark.usefixtures("fresh_kernel")
def test_a_missing_package_is_noticed_without_an_import(monkeypatch):
    monkeypatch.setattr(kernel, "find_spec", lambda name: None)
    assert kernel.kernel_problem() == "the package llvmlite is not installed"
    assert kernel.kernel_for(torch.float32) is None


def test_other_devices_are_refused():
    with pytest.raises(DeviceError, match=r"it runs on processors, not on 'meta'\. Try neighbors\.engine = 'auto'\."):
        TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), "compiled", device="meta", memory_limit_bytes=10**9)
