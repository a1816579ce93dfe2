"""Statistics with their Monte Carlo errors, of kept draws or of running summaries."""
