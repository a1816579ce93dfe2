"""The compiled library, where there is one: what NumPy does, done faster, to the same bit.

Every `*.c` of this folder goes into one library when the package is installed, if there is a C
compiler. Where there is none, or the library is of another version, NumPy does all the work.
"""

from riskmc.compiled.library import LIBRARY, aligned, compiled_function

__all__ = ["LIBRARY", "aligned", "compiled_function"]
