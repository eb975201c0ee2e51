"""Draws the house: the rooms of both packages on their floors, from the contracts that `make lint` checks.

    python tools/draw_house.py            write docs/images/house.svg
    python tools/draw_house.py --check    only say whether that picture is up to date

Floors come from the contracts of type `layers` in pyproject.toml, and what stands in a room is the first line of its
package's or module's docstring: the picture can't say anything else than the code does.
"""

from __future__ import annotations

import ast
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "house.svg"
WIDTH, MARGIN, GAP = 1200, 24, 10
LINE, PADDING = 17, 12
TITLE_HEIGHT = 34
CHARACTER = 6.6
"""Width of a character of the rooms' texts, in pixels; a little generous, because fonts differ."""


@dataclass(frozen=True)
class House:
    """Floors of one package, the upper ones first."""

    name: str
    floors: tuple[tuple[str, ...], ...]


def houses(project: dict[str, object]) -> list[House]:
    """Return the packages that have a contract of layers, in the order of the contracts."""
    linter = project["tool"]["importlinter"]  # type: ignore[index]
    found = []
    for contract in linter["contracts"]:
        if contract["type"] != "layers":
            continue
        for container in contract.get("containers", [""]):
            floors = (tuple(part.strip(" ()") for part in _parts(layer)) for layer in contract["layers"])
            found.append(House(container, tuple(floors)))
    return found


def _parts(layer: str) -> list[str]:
    return layer.replace(":", "|").split("|")


def says(module: str) -> str:
    """Return the first line of a package's or module's docstring, without its full stop."""
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].rstrip(".")


def draw(plans: list[House]) -> str:
    """Return the picture as SVG text."""
    parts: list[str] = []
    top = float(MARGIN)
    for house in plans:
        parts.append(_text(MARGIN, top + 20, house.name.replace(".", "/") + "/", "house"))
        parts.append(_text(WIDTH - MARGIN, top + 20, "each floor may use the floors below it", "note", "end"))
        top += TITLE_HEIGHT
        for floor in house.floors:
            top += _floor(parts, house.name, floor, top) + GAP
        top += MARGIN
    style = (
        "text{font-family:system-ui,'Segoe UI','DejaVu Sans',sans-serif;font-size:12px;fill:#24292f}"
        ".house{font-size:20px;font-weight:600}.room{font-size:14px;font-weight:600}.note{fill:#57606a}"
        "rect{fill:#f3f6f9;stroke:#8c9aa8}.ground{fill:#ffffff;stroke:none}"
    )
    height = round(top)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
        f'<style>{style}</style>\n<rect class="ground" width="{WIDTH}" height="{height}"/>\n{body}\n</svg>\n'
    )


def _floor(parts: list[str], package: str, rooms: tuple[str, ...], top: float) -> float:
    """Draw one floor; return its height."""
    width = (WIDTH - 2 * MARGIN - GAP * (len(rooms) - 1)) / len(rooms)
    letters = int((width - 2 * PADDING) / CHARACTER)
    texts = [textwrap.wrap(says(f"{package}.{room}" if package else room), letters) for room in rooms]
    height = 2 * PADDING + 18 + LINE * max(len(lines) for lines in texts)
    for number, (room, lines) in enumerate(zip(rooms, texts, strict=True)):
        left = MARGIN + number * (width + GAP)
        parts.append(f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" rx="6"/>')
        parts.append(_text(left + PADDING, top + PADDING + 12, room, "room"))
        for row, line in enumerate(lines):
            parts.append(_text(left + PADDING, top + PADDING + 32 + row * LINE, line))
    return height


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "") -> str:
    attributes = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:.0f}" y="{y:.0f}"{attributes}>{escape(words)}</text>'


def main(arguments: list[str]) -> int:
    """Write the picture or check it; return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    drawn = draw(houses(project))
    if "--check" not in arguments:
        PICTURE.write_text(drawn, encoding="utf-8")
        print(f"Wrote {PICTURE.relative_to(ROOT)}")
        return 0
    if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == drawn:
        return 0
    print("docs/images/house.svg is not what the code says: run python tools/draw_house.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
