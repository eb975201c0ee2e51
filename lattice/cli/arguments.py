"""The arguments of `python main.py` and `cellcube`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lattice.cli.argument_types import count, not_empty, path, window_size
from lattice.cli.endings import EXIT_CODES
from lattice.config import preset_names
from lattice.errors import ConfigError
from lattice.version import __version__

DEFAULT_PRESET = "wave"


class CommandLineError(ConfigError):
    """The command line can't be read."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of exiting, so that bad arguments end like any other bad input."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise CommandLineError(f"{message}; `{_command()} --help` lists the options")


def _command() -> str:
    """Return what was typed to start the program: `cellcube` where that command is installed."""
    return "cellcube" if Path(sys.argv[0]).stem == "cellcube" else "python main.py"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all options, those of the window included."""
    parser = _Parser(
        prog=_command().removeprefix("python "),
        description="Watch, steer and take apart a 3D cellular neural network while it learns. "
        "Without --headless a window opens.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Cellcube {__version__}")
    _add_run_options(parser.add_argument_group("the run"))
    _add_data_options(parser.add_argument_group("data"))
    _add_headless_options(parser.add_argument_group("without a window"))
    _add_window_options(parser.add_argument_group("with a window"))
    return parser


def _add_run_options(group: argparse._ArgumentGroup) -> None:
    source = group.add_mutually_exclusive_group()
    source.add_argument("--preset", choices=preset_names(), help=f"bundled configuration (default {DEFAULT_PRESET})")
    source.add_argument("--config", type=path, metavar="FILE.toml", help="configuration file")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="SECTION.KEY=VALUE",
        help="change one setting; may be given often",
    )
    group.add_argument(
        "--plugin",
        action="append",
        default=[],
        dest="plugins",
        type=not_empty,
        metavar="FILE.py",
        help="load a plugin, a file or a module such as package.module; may be given often",
    )
    group.add_argument(
        "--tracker",
        action="append",
        default=[],
        dest="trackers",
        metavar="NAME",
        help="also hand figures and pictures to tensorboard, trackio or wandb, through their own packages; may be "
        "given often",
    )
    group.add_argument("--training-steps", type=count, metavar="N", help="optimizer updates of the whole run")
    group.add_argument("--seed", type=int, metavar="N", help="start of every random choice")
    group.add_argument("--device", choices=("auto", "cuda", "cpu"), help="where to compute")
    group.add_argument(
        "--resume",
        type=path,
        metavar="FILE",
        help="go on from a checkpoint, or from the folder of a run, which then also keeps it; with --data, where its "
        "data is now",
    )
    group.add_argument(
        "--weights",
        type=path,
        metavar="FILE",
        help="begin a new run from the weights of a checkpoint or an export, as far as they fit; the cells fit a cube "
        "of any size (without --preset and --config: with the settings stored in the file)",
    )
    group.add_argument(
        "--restart-student",
        action="store_true",
        help="with --resume: let a new student take the trained one's place where a changed setting needs that",
    )


def _add_data_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--data", type=not_empty, metavar="FILE", help="embeddings or texts to learn (default: the bundled demo)"
    )
    group.add_argument("--max-total-samples", type=count, metavar="N", help="read at most N samples")
    group.add_argument(
        "--teacher", metavar="NAME", help="encoder: a hub name, a local folder, 'minilm', or 'auto' (default)"
    )
    group.add_argument(
        "--prompt",
        metavar="NAME",
        help="the teacher's own prompt of that name goes before every text, or a text such as 'query: ' itself; "
        "'none': none",
    )
    group.add_argument(
        "--truncate-dim", type=count, metavar="N", help="keep the first N numbers of each of the teacher's embeddings"
    )
    group.add_argument("--text-column", metavar="NAME", help="column that holds the texts (default: guessed)")
    group.add_argument(
        "--vector-column",
        metavar="NAME",
        help="column that holds ready-made vectors (default: guessed); 'none' encodes the texts beside them",
    )
    group.add_argument(
        "--label-column", metavar="NAME", help="column of the categories (default: guessed by its name; 'none': none)"
    )
    group.add_argument("--table", metavar="NAME", help="table to read from an archive that holds several")
    group.add_argument(
        "--pair-columns", nargs=2, metavar=("A", "B"), help="columns of input and target texts, for the objective pairs"
    )
    group.add_argument(
        "--encode", type=path, metavar="IN", help="encode a file of texts into --out FILE.safetensors and exit"
    )


def _add_headless_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--headless", action="store_true", help="train in the terminal")
    group.add_argument(
        "--stop-at", type=count, metavar="N", help="stop and save at training step N; the schedule stays as it is"
    )
    group.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        help="folder for checkpoint.safetensors, best.safetensors, config.toml and metrics.jsonl; with --encode, the "
        "file to write",
    )
    group.add_argument(
        "--export",
        type=path,
        metavar="FILE",
        help="write the student of --resume for use elsewhere and exit: weights (.safetensors), ONNX (.onnx) or "
        "torch's exported program (.pt2), with a model card beside it",
    )
    group.add_argument(
        "--push-to-hub",
        metavar="REPO",
        help="with --export: also upload the file and its card to owner/name on the Hugging Face hub, privately, with "
        "the token of hf auth login",
    )
    group.add_argument("--public", action="store_true", help="with --push-to-hub: let anyone see what is uploaded")
    group.add_argument(
        "--save-every",
        metavar="WHEN",
        help="save to --out so often: 10m (minutes), 500 (training steps), 10m,500 or never (default 5m,1000)",
    )
    group.add_argument(
        "--overwrite",
        action="store_true",
        help="let the run replace one that --out holds; with --export or --encode, replace the file",
    )
    group.add_argument("--json", action="store_true", help="end with one JSON object on standard output")
    group.add_argument(
        "--prove-resume",
        type=count,
        metavar="K",
        help="end with a proof that the run resumes: K training steps go on here and, from a save, in another process, "
        "and every bit is compared; the run stays as it is, and its checkpoint keeps the result",
    )
    group.add_argument(
        "--damage-report",
        action="store_true",
        help="end with the score against the share erased of the cells that may be, and with one layer erased",
    )
    group.add_argument(
        "--tiers", metavar="SIZE", help="print what the tiers of a cube hold, such as 27 or 9,12,14, and exit"
    )


def _add_window_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--no-autostart", action="store_true", help="wait for Start instead of training at once")
    group.add_argument("--screenshot", type=path, metavar="FILE", help="save a picture of the window and exit")
    group.add_argument(
        "--after-training-steps",
        type=int,
        default=60,
        metavar="N",
        help="training steps before it is taken, at the earliest (default %(default)s)",
    )
    group.add_argument(
        "--scene", choices=("default", "sliced", "focus", "inside"), default="default", help="what the picture shows"
    )
    group.add_argument(
        "--color-mode",
        metavar="NAME",
        help="what the cube's colours mean, such as norm, or trace_NAME for a value that the cell rule traces",
    )
    group.add_argument("--theme", choices=("system", "dark", "light"), help="colours (default: as chosen last)")
    group.add_argument("--size", type=window_size, metavar="WxH", help="size of the window, such as 1024x700")
