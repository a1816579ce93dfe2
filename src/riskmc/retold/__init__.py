"""One future retold to the bit, told as a story, and picked by what it shows."""

from riskmc.retold.choosing import median, worst
from riskmc.retold.replaying import replay
from riskmc.retold.story import tell

__all__ = ["median", "replay", "tell", "worst"]
