"""The rules of public money as pure functions on arrays: no study, no randomness, no files."""
