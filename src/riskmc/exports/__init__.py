"""Results elsewhere: draws in pandas, and as Parquet, CSV, Excel and SIPmath files."""

from riskmc.exports.frames import draws_frame
from riskmc.exports.writing import FORMATS, export

__all__ = ["FORMATS", "draws_frame", "export"]
