"""Accounts of councils and NHS providers: the tables that ship, and a user's own in the same form.

Money is in £m here, £ thousand in the files; `riskmc/data/README.md` says where they come from.
"""

from __future__ import annotations

from riskmc.accounts.councils import Accounts, council_accounts, read_accounts
from riskmc.accounts.providers import provider_series, trusts_drawing

__all__ = ["Accounts", "council_accounts", "provider_series", "read_accounts", "trusts_drawing"]
