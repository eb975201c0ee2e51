"""Kills runs with SIGKILL at random moments and looks at what is left: `python tools/kill_campaign.py --kills 200`.

Two kinds of runs take turns: `--headless --out`, and the worker with its autosaves as the window has them. After each
kill the newest file must load, must not be older than what was promised, and no other process may be needed to go on.
A headless run is resumed and killed again until it ends; an autosave is resumed to the end at once. Weights and
moments at the end must be those of a run that nobody disturbed, bit for bit.

Programs are forked from this one, which has loaded torch already, so that a kill takes about a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PyQt6.QtCore import QCoreApplication  # noqa: E402

from app.run.autosave import Autosave  # noqa: E402
from app.run.commands import OpenRun  # noqa: E402
from app.run.controller import RunController  # noqa: E402
from lattice.atomic import ENDING  # noqa: E402
from lattice.cli.arguments import build_parser  # noqa: E402
from lattice.cli.main import run_command_line  # noqa: E402
from lattice.cli.wishes import config_from  # noqa: E402
from lattice.log import configure_logging  # noqa: E402
from lattice.runs.peek import peek  # noqa: E402
from lattice.runs.resume import ResumeRequest, resume_run  # noqa: E402

STEPS = 120
SETTINGS = {
    "lattice.dimensions": "[3,3,3]",
    "lattice.lattice_steps": "2",
    "lattice.adaptive_radius_ratio": "0.5",
    "model.state_size": "6",
    "training_embedding.batch_size": "4",
    "training_embedding.evaluation_samples": "8",
    "training_embedding.evaluate_every": "20",
    "training_embedding.objective": "denoise",
    "training_embedding.training_steps": str(STEPS),
}
AUTOSAVE_MILLISECONDS = 60
LONGEST_STRETCH = 30
"""Training steps from the start of a session to its kill, at most."""
MOMENT_SECONDS = 0.05
"""A kill comes at a random moment within this time after the training step that was waited for."""
LONGEST_SECONDS = 120.0


class Campaign:
    """One campaign in a folder of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Make the data and the run that nobody disturbs."""
        self.folder, self.random = folder, random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.lags: list[int] = []
        np.save(folder / "rows.npy", np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32))
        began = time.monotonic()
        code = wait(fork(lambda: headless(self.command(folder / "whole", 10**6))))
        if code != 0:
            raise SystemExit(f"the undisturbed run ended with {code}")
        self.seconds = time.monotonic() - began
        self.wanted = tensors(folder / "whole" / "checkpoint.safetensors")

    def command(self, out: Path, every: int) -> list[str]:
        """Return the arguments of a new run."""
        settings = [part for key, value in SETTINGS.items() for part in ("--set", f"{key}={value}")]
        data = ["--data", str(self.folder / "rows.npy"), "--device", "cpu"]
        return ["--headless", *data, *settings, "--out", str(out), "--save-every", str(every)]

    def headless_course(self, number: int) -> None:
        """Kill and resume one headless run until it ends."""
        out, every = self.folder / f"run-{number}", self.random.choice((1, 3, 20))
        arguments = self.command(out, every)
        while True:
            child = fork(lambda arguments=arguments: headless(arguments))
            target = last_step(out) + self.random.randint(1, LONGEST_STRETCH)
            if not self.killed(child, lambda target=target: last_step(out) >= target):
                break
            self.counts["headless"] += 1
            saved = peek(out / "checkpoint.safetensors")
            if saved is None:
                if last_step(out) > 0:
                    self.problems.append(f"{out}: trained, but there is no checkpoint that loads")
                self.counts["killed before the first save"] += 1
                continue
            self.look_at(out / "checkpoint.safetensors")
            if (out / "best.safetensors").exists():
                self.look_at(out / "best.safetensors")
            lag = last_step(out) - saved.training_step
            self.lags.append(lag)
            if lag > every:
                self.problems.append(f"{out}: saved at {saved.training_step}, {lag} steps behind; promised {every}")
            arguments = ["--headless", "--resume", str(out), "--save-every", str(every), "--device", "cpu"]
        self.compare(out / "checkpoint.safetensors")
        self.check_course(out)
        shutil.rmtree(out, ignore_errors=True)

    def autosave_course(self, number: int) -> None:
        """Kill a worker that autosaves, and resume what it left to the end."""
        home = self.folder / f"home-{number}"
        told, enough = home / "saved.txt", self.random.randint(1, 4)
        child = fork(lambda: autosaving(self.command(home, 1), home))
        if not self.killed(child, lambda: told.exists() and told.read_text().count("\n") >= enough):
            self.problems.append("the worker ended by itself")
        self.counts["autosave"] += 1
        promised = int(told.read_text().split()[-1]) if told.exists() and told.read_text().strip() else 0
        found = sorted((home / "cellcube" / "autosave").glob("run-*.safetensors"))
        if promised and not found:
            self.problems.append(f"{home}: step {promised} was autosaved, and nothing is left")
        if not found:
            self.counts["killed before the first save"] += 1
        for checkpoint in found:
            head = peek(checkpoint)
            if head is None or head.training_step < promised:
                self.problems.append(f"{checkpoint}: holds {head}, but step {promised} was autosaved")
                continue
            trainer = resume_run(ResumeRequest(checkpoint))
            while trainer.training_step < STEPS:
                trainer.step()
            trainer.save(home / "end.safetensors")
            self.compare(home / "end.safetensors")
        shutil.rmtree(home, ignore_errors=True)

    def killed(self, child: int, far: Callable[[], bool]) -> bool:
        """Kill a child a moment after it got far enough, one time in ten at any moment; False if it ended before."""
        patience = self.random.uniform(0.0, self.seconds) if self.random.random() < 0.1 else LONGEST_SECONDS
        began = time.monotonic()
        while time.monotonic() - began < patience and not far():
            if (ended := os.waitpid(child, os.WNOHANG))[0]:
                self.expect_end(os.waitstatus_to_exitcode(ended[1]))
                return False
            time.sleep(0.001)
        time.sleep(self.random.uniform(0.0, MOMENT_SECONDS))
        os.kill(child, signal.SIGKILL)
        code = wait(child)
        self.expect_end(code)
        return code != 0

    def expect_end(self, code: int) -> None:
        """Note an end that is neither that of the run nor the kill."""
        if code not in (0, -signal.SIGKILL):
            self.problems.append(f"a run ended by itself with exit code {code}")

    def look_at(self, checkpoint: Path) -> None:
        """Load a checkpoint as a person would."""
        try:
            resume_run(ResumeRequest(checkpoint))
        except Exception as error:
            self.problems.append(f"{checkpoint} does not load: {error}")

    def compare(self, checkpoint: Path) -> None:
        """Compare the end of a run with that of the undisturbed one."""
        found = tensors(checkpoint)
        if found.keys() != self.wanted.keys() or not all(torch.equal(found[name], self.wanted[name]) for name in found):
            self.problems.append(f"{checkpoint}: other bits than the undisturbed run")
        self.counts["compared bit for bit"] += 1

    def check_course(self, out: Path) -> None:
        """See that the figures are one course, that nothing lies about, and that the lock is gone."""
        if steps_of(out) != list(range(1, STEPS + 1)):
            self.problems.append(f"{out}: metrics.jsonl is not one course")
        left = [path.name for path in out.iterdir() if path.name.endswith(ENDING) or path.name == "run.lock"]
        if left:
            self.problems.append(f"{out}: left behind {left}")


def fork(act: Callable[[], int]) -> int:
    """Run `act` in a process of its own with its output thrown away; return its id."""
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        try:
            os._exit(act())
        except BaseException:
            os._exit(99)
    return child


def wait(child: int) -> int:
    """Return the exit code of a child."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def headless(arguments: list[str]) -> int:
    """Train as the command line does."""
    return run_command_line(arguments, lambda _: 1)


def autosaving(arguments: list[str], home: Path) -> int:
    """Train the run of a command line in the window's worker, with autosaves, until killed; note each one reported."""
    os.environ["XDG_DATA_HOME"] = str(home)
    home.mkdir()
    application = QCoreApplication([])
    controller = RunController()
    autosave = Autosave(controller)

    def note(message: object) -> None:
        with (home / "saved.txt").open("a", encoding="utf-8") as file:
            file.write(f"{message.training_step}\n")  # type: ignore[attr-defined]

    controller.saved.connect(note)
    autosave._timer.start(AUTOSAVE_MILLISECONDS)
    controller.launch()
    controller.open(OpenRun("campaign", config_from(build_parser().parse_args(arguments)), start=True))
    return application.exec()


def tensors(checkpoint: Path) -> dict[str, torch.Tensor]:
    """Return what a run consists of; torch's own generator, from which no run draws, and curves are left out."""
    loaded = safetensors.torch.load_file(checkpoint)
    return {name: value for name, value in loaded.items() if name.startswith(("student.", "optimizer."))}


def steps_of(out: Path) -> list[int]:
    """Return the training steps in the figures of a run; a line that the kill cut short is no line."""
    metrics = out / "metrics.jsonl"
    lines = metrics.read_bytes().split(b"\n")[:-1] if metrics.exists() else []
    return [value["training_step"] for value in map(json.loads, lines) if value["kind"] == "step"]


def last_step(out: Path) -> int:
    """Return the last training step in the figures of a run."""
    return max(steps_of(out), default=0)


def main() -> int:
    """Run the campaign; return 1 if anything was lost."""
    parser = argparse.ArgumentParser(description="Kill runs at random moments and look at what is left.")
    parser.add_argument("--kills", type=int, default=200, help="number of kills (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    configure_logging("WARNING")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-campaign-") as folder:
        campaign = Campaign(Path(folder), arguments.seed)
        number = 0
        while (
            campaign.counts["headless"] + campaign.counts["autosave"] < arguments.kills
            and time.monotonic() - began < arguments.seconds
        ):
            number += 1
            (campaign.headless_course if number % 5 == 0 else campaign.autosave_course)(number)
    for name, count in sorted(campaign.counts.items()):
        print(f"{name:32} {count}")
    print(f"{'steps behind, at most':32} {max(campaign.lags, default=0)}")
    print(f"{'seconds':32} {time.monotonic() - began:.0f}")
    print("\n".join(campaign.problems) or "nothing was lost", flush=True)
    return 1 if campaign.problems else 0


if __name__ == "__main__":
    sys.exit(main())
