"""Limits on files that come from elsewhere: each is checked before the work that it bounds.

A file above a limit is refused with one line that names the limit. `docs/data.md` lists them for users. Importing this
module loads neither torch nor numpy.
"""

from __future__ import annotations

MEBIBYTE = 1 << 20

MAX_SETTINGS_BYTES = MEBIBYTE
"""Largest TOML file of settings; one with every setting has about 4 KiB."""
MAX_NOTE_BYTES = 64 << 10
"""Largest autosave note, or other small JSON file that this program writes for itself."""
MAX_HEADER_BYTES = 4 * MEBIBYTE
"""Longest header of a `.safetensors` file: about 40,000 tensors. It is parsed in the window's thread."""
MAX_SETTING_DEPTH = 16
"""Levels of tables and lists in settings and in the metadata of a checkpoint; those of a run have 4."""
SHOWN_FAULTS = 8
"""Faults of one settings file that a message lists; of more it gives the number."""
SHOWN_KEY_CHARACTERS = 80
"""Characters of an unknown key that a message shows, and for which a similar one is searched."""

MAX_WIDTH = 1 << 16
"""Largest embedding width, in numbers per sample; language models have up to 16,384."""
MAX_COUNTER = 1 << 48
"""Largest training step, epoch or offset in a checkpoint; with it, what seeds noise stays within 64 bits."""

MAX_COLUMNS = MAX_WIDTH + 1024
"""Most columns of a table: one for each number of the widest embedding, and some beside."""
MAX_MEMBERS = 1024
"""Most members of an `.npz` archive; embeddings need one or two."""
MAX_UNPACKED_BYTES = 4 << 30
"""Largest unpacked size, by the file's own account, of one row group of a `.parquet` file."""
MAX_UNPACK_RATIO = 100
"""How many times larger than on the disk an archive's member or a parquet column may be; real embeddings and texts
pack to a tenth at best, rows of zeros to a thousandth."""
MAX_ROW_BYTES = 8 * MEBIBYTE
"""Longest line of a file of texts, and longest field of a table."""
MAX_STREAM_BYTES = 1 << 40
"""Most bytes that a compressed file is unpacked to on the disk."""
MAX_JSON_VALUE_CHARACTERS = 1 << 30
"""Longest value of a JSON file of data: one record of a list, or a whole object."""
MAX_VECTOR_CHARACTERS = 32 * MEBIBYTE
"""Longest text that is taken for a vector."""
MAX_BESIDE_BYTES = 1 << 30
"""Largest array of texts or labels beside the embeddings of an archive."""
MAX_FILES = 100_000
"""Most files in a folder and those within it: more are no data set."""
MAX_FREE_UNPACKED_BYTES = 64 * MEBIBYTE
"""Unpacked size below which no ratio is checked."""
HOST_RESERVE_SHARE = 0.2
"""Share of the computer's free memory that samples must leave to everything else, where no card holds them; texts that
are read must leave half of it, of all memory."""
