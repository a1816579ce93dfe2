"""One future replayed to the bit, as a story, and picked by what it shows."""

from riskmc.replays.choosing import median, worst
from riskmc.replays.replaying import replay
from riskmc.replays.story import tell

__all__ = ["median", "replay", "tell", "worst"]
