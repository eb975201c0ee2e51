"""Start Cellcube from a checkout: `python main.py` opens the window, `python main.py --help` lists everything else."""

import sys

from app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
