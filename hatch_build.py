"""Compiles the library where there is a C compiler; else NumPy does the work."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/riskmc/compiled")
LIBRARY = "_compiled.so"
#: No contraction of products and sums: results must be NumPy's to the bit.
FLAGS = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")


def digest_of(folder: Path) -> str:
    """Return what `riskmc.compiled.library` compares: a digest of the C files of a folder."""
    text = b"\0".join(path.read_bytes() for path in sorted(folder.glob("*.c")))
    return hashlib.sha256(text).hexdigest()


def compile_library(folder: Path) -> bool:
    """Compile every C file of a folder into one library; False where there is no compiler.

    The library is replaced in one step: whoever opens it meanwhile finds the old one or the new.
    """
    library = folder / LIBRARY
    made = folder / f"{os.getpid()}{LIBRARY}"
    sources = sorted(str(path) for path in folder.glob("*.c"))
    said = f'-DRISKMC_SOURCES="{digest_of(folder)}"'
    command = [os.environ.get("CC", "cc"), *FLAGS, said, "-o", str(made), *sources, "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        made.unlink(missing_ok=True)
        library.unlink(missing_ok=True)
        return False
    made.replace(library)
    return True


class LibraryBuild(BuildHookInterface[Any]):
    """Builds the compiled library and puts it into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a machine without a compiler gets a package without the library."""
        del version
        if self.target_name != "wheel" or not compile_library(Path(self.root) / FOLDER):
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"
        build_data["artifacts"].append(str(FOLDER / LIBRARY))


def _platform() -> str:
    import sysconfig

    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


if __name__ == "__main__":  # where an edit of a C file is to take effect
    raise SystemExit(0 if compile_library(Path(__file__).parent / FOLDER) else "no C compiler")
