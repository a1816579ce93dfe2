"""Compiles the player of recorded regimes where there is a C compiler; else NumPy does the work."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/riskmc/engine/recorded")
#: No contraction of products and sums: results must be NumPy's to the bit.
FLAGS = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")


class PlayerBuild(BuildHookInterface[Any]):
    """Builds `_player.so` and puts it into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a machine without a compiler gets a package without a player."""
        del version
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / FOLDER
        library = folder / "_player.so"
        library.unlink(missing_ok=True)
        command = [os.environ.get("CC", "cc"), *FLAGS, "-o", str(library), str(folder / "player.c")]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            library.unlink(missing_ok=True)
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"
        build_data["artifacts"].append(str(FOLDER / "_player.so"))


def _platform() -> str:
    import sysconfig

    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
