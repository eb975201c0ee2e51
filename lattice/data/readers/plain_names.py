"""Files of plain text without an ending of their own: none at all, or that of a language, as parallel corpora have it.

Importing this module loads no torch.
"""

from __future__ import annotations

from pathlib import Path

from lattice.formats import ending_of

_LANGUAGES = frozenset((
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh", "bi", "bm",
    "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee",
    "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu",
    "gv", "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is",
    "it", "iu", "ja", "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw",
    "ky", "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms",
    "mt", "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os",
    "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk",
    "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl",
    "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi",
    "yo", "za", "zh", "zu",
    "cn", "cz", "dk", "gr", "iw", "jp", "ua", "vn",
))  # fmt: skip
"""Codes of languages (ISO 639-1), and some that people write in their place."""
SOURCE_SIDES = frozenset(("src", "source"))
TARGET_SIDES = frozenset(("tgt", "trg", "target", "ref", "hyp"))
"""What the two sides of a parallel corpus are called where their languages are not."""


def is_side(word: str) -> bool:
    """Say whether a word names one side of a parallel corpus: a language, also with a region, or `src` or `tgt`."""
    lower = word.lower()
    language, _, region = lower.replace("_", "-").partition("-")
    known = language in _LANGUAGES and (not region or (region.isalpha() and len(region) in (2, 4)))
    return known or lower in SOURCE_SIDES or lower in TARGET_SIDES


def has_plain_name(path: Path) -> bool:
    """Say whether a file's name has no ending, or that of a language: such files may hold lines, JSON or a table."""
    return not ending_of(path) or is_side(ending_of(path)[1:])
