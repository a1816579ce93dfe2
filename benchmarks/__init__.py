"""Benchmarks: how fast, how accurate. `python -m benchmarks` writes its tables to docs/speed.md."""
