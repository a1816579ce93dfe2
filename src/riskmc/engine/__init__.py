"""The engine: a regime as a pure function of drivers, block by block; the only year loop."""
