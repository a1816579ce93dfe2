"""Runs: a study simulated under every regime, here, in other processes or on other machines."""
