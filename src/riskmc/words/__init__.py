"""Words: how numbers and sentences are printed."""
