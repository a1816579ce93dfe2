"""`python -m riskmc` is the same as `riskmc`."""

from riskmc.cli import main

if __name__ == "__main__":
    main()
