"""The feasibility report as text for a terminal: ASCII, at most about 100 columns."""

from __future__ import annotations

import textwrap

from lattice.feasibility.report import TierReport
from lattice.units import bytes_text, milliseconds_text

_COLUMNS = 100
_INDENT = " " * 14


def report_text(report: TierReport) -> str:
    """Return the report as lines of text."""
    cube = " x ".join(str(side) for side in report.dimensions)
    lines = [
        f"Cube {cube}: {_cells(report.cells)}, {report.surface_cells:,} of them on the surface",
        "",
        *_tier_lines(report),
        "",
        *_light_cone_lines(report),
        "",
        *_engine_lines(report),
        "",
    ]
    if not report.warnings:
        return "\n".join([*lines, "No warnings"])
    for warning in report.warnings:
        label = "Serious" if warning.serious else "Note" if warning.calm else "Warning"
        lines += _paragraph(label, warning.text)
    return "\n".join(lines)


def _tier_lines(report: TierReport) -> list[str]:
    lines = [f"{'Tier':<14}{'up to':>8}{'neighbours':>14}{'least':>9}{'mean':>11}{'most':>9}{'edges':>20}"]
    for tier in report.tiers:
        lines.append(
            f"{tier.tier:<14}{tier.threshold:>8.4g}{tier.interior:>14,}{tier.least:>9,}{tier.mean:>11,.1f}"
            f"{tier.most:>9,}{tier.edges:>20,}" + ("   empty" if tier.edges == 0 else "")
        )
    lines.append(f"{'all':<14}{'cells':>8}{'inside':>14}{'with borders':>29}{report.edges:>20,}")
    return lines


def _light_cone_lines(report: TierReport) -> list[str]:
    cone = report.light_cone
    x, y, z = cone.reach
    if cone.placement == "through":
        needed, target = f"{cone.distance} from the {cone.faces[0]} to the {cone.faces[1]} face", "read-out face"
    else:
        needed, target = f"{cone.distance} to the middle of the longest side", "surface"
    painted = cone.faces[0] if cone.placement == "through" else "-x"
    steps = "lattice step" if cone.lattice_steps == 1 else "lattice steps"
    reach = _cells(x) if x == y == z else f"{x}, {y} and {z} cells along x, y and z"
    text = (
        f"{cone.lattice_steps} {steps} of at most {reach}; along {'xyz'[cone.axis]} "
        f"that makes {cone.span}, and it takes {needed}. A painted corner cell can influence up to "
        f"{cone.corner_share:.0%} of the {target}, the middle of the {painted} face up to {cone.middle_share:.0%}"
    )
    return _paragraph("Light cone", text)


def _engine_lines(report: TierReport) -> list[str]:
    lines: list[str] = []
    for estimate in report.engines:
        time = f"{milliseconds_text(estimate.milliseconds)} per field on one core (estimate)"
        mark = "" if estimate.fits else ", does not fit"
        label = "" if lines else "Engines"
        lines.append(f"{label:<14}{estimate.engine:<11}{bytes_text(estimate.bytes):>9}, {time}{mark}")
    return [*lines, *_paragraph("", f"{report.engine}: {report.engine_reason}")]


def _cells(count: int) -> str:
    return f"{count:,} cell{'' if count == 1 else 's'}"


def _paragraph(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _COLUMNS, initial_indent=f"{label:<14}", subsequent_indent=_INDENT)
