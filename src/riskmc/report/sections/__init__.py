"""The sections of the report, each a function of the context that returns one or None."""
