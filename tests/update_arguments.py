"""The numbers on the pages of docs/arguments, made by the program.

`python -m tests.update_arguments` runs each study and writes its tables between the page's marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from arguments import ARGUMENTS, FOLDER, tables
from update_docs import marked


def main() -> None:
    """Write the tables anew."""
    for argument in ARGUMENTS:
        path = FOLDER / f"{argument.name}.md"
        path.write_text(marked(path.read_text(encoding="utf-8"), tables(argument)), "utf-8")


if __name__ == "__main__":
    main()
