"""One future replayed to the bit, as a story, and picked by what it shows."""

from riskmc.replays.choosing import median, worst
from riskmc.replays.replaying import replay
from riskmc.replays.story import narrate

__all__ = ["median", "narrate", "replay", "worst"]
