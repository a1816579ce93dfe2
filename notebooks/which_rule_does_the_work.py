# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which rule does the work?
#
# `devolved` differs from `current` in many rules at once. Here they are switched on one after the
# other, on the same futures, so that each step shows what that rule adds to those before it. At
# the other end each is taken out of `devolved` alone. A rule whose two figures are far apart works
# together with others, and no single figure is its effect.
#
# The place is the invented one of `configs/example.toml`; 2,000 futures.

# %%
from copy import deepcopy
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import riskmc
from riskmc.study import parse_study, study_mapping

CONFIGS = next(folder for folder in map(Path, ("configs", "../configs")) if folder.exists())

study = riskmc.load_study(CONFIGS / "example.toml")
tables = study_mapping(study)  # the study as nested dicts, regimes resolved
current, devolved = tables["regimes"]["current"], tables["regimes"]["devolved"]

# %% [markdown]
# ## The rules that differ
#
# A function that makes a regime from the rules that are switched on. What is on is taken from
# `devolved`, what is off stays as under `current`. "One budget" is the pool with its rulebook, but
# with a rescue as sure as the NHS has now, nothing carried forward and no rise of local tax: those
# are switched on by themselves.

# %%
SETTLEMENT = {
    "five-year settlement": "period",
    "cuts wait for the review": "in_year_cuts",
    "new burdens paid": "new_burdens_funded",
    "open books": "open_book",
}
RULES = [
    *SETTLEMENT,
    "capitation",
    "one budget",
    "deficits carried",
    "local tax",
    "rescue unlikely",
]


def regime(label: str, on: list[str]) -> dict:
    """Return a regime with some of devolved's rules switched on."""
    table = deepcopy(current) | {"label": label}
    for rule, setting in SETTLEMENT.items():
        if rule in on:
            table["settlement"][setting] = devolved["settlement"][setting]
    if "capitation" in on:
        table["payment"] = deepcopy(devolved["payment"])
    if "one budget" in on:
        table["pools"] = deepcopy(devolved["pools"])
        table["rulebooks"] = {"place": pooled(on)}
    return table


def pooled(on: list[str]) -> dict:
    """Return the pool's rulebook, without the rules that are off."""
    book = deepcopy(devolved["rulebooks"]["place"])
    if "local tax" not in on:
        book["plan"] = [row for row in book["plan"] if row["instrument"] != "local_revenue"]
    if "deficits carried" not in on:
        book["shortfall"] = [
            row for row in book["shortfall"] if row["instrument"] != "carry_forward"
        ]
    if "rescue unlikely" not in on:
        book["shortfall"][-1]["probability"] = 1.0
    return book


# %%
forward = {"none": regime("Current rules", [])}
for n, rule in enumerate(RULES, start=1):
    forward[rule] = regime(f"+ {rule}", RULES[:n])
without = {
    f"without {rule}": regime(f"Without {rule}", [r for r in RULES if r != rule]) for rule in RULES
}

variants = parse_study({**tables, "regimes": forward | without, "behaviour": {}})
results = riskmc.run(variants, draws=2_000, seed=1)
list(variants.regimes)

# %% [markdown]
# With everything on we must have arrived at `devolved`, to the last bit. If not, a rule was
# forgotten:

# %%
original = riskmc.run(study, draws=2_000, seed=1)
assert (
    results["place"]
    .to_dataset()
    .sel(regime=RULES[-1], drop=True)
    .identical(original["place"].to_dataset().sel(regime="devolved", drop=True))
)

# %% [markdown]
# ## Step by step
#
# Each row is the paired difference that a rule makes when it is switched on after those above it,
# for the place, over ten years. After it, the standard error.

# %%
MEASURES = {
    "net_deficit": "net deficit, £m",
    "p_rescue_needed_above_1_percent": "P(large rescue needed)",
    "unmet": "unmet need, £m",
    "extra_local_tax": "local tax, £m a year",
    "reserves_end": "reserves at the end, £m",
    "central_cost": "central cost, £m",
}


def difference(a: str, b: str, field: str = "value") -> pd.Series:
    """Return the paired difference of two variants, by measure."""
    found = riskmc.compare(results, a, b, organisation="place")[field]
    return found.sel(organisation="place", measure=list(MEASURES)).to_series()


def table(rows: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return paired differences of variants with their standard errors, as text."""
    values, errors = (
        pd.DataFrame({name: difference(*pair, field=field) for name, pair in rows.items()}).T
        for field in ("value", "mcse")
    )
    said = values.map("{:,.2f}".format) + errors.fillna(0.0).map(" ±{:.2f}".format)
    return said.rename(columns=MEASURES)


pairs = list(zip(RULES, ["none", *RULES[:-1]], strict=True))
steps = pd.DataFrame({rule: difference(rule, before) for rule, before in pairs}).T
table({rule: (rule, before) for rule, before in pairs})

# %% [markdown]
# The steps add up to the whole difference, because they are differences on the same futures:

# %%
whole = difference(RULES[-1], "none")
assert ((steps.sum() - whole).abs() < 1e-6).all()
table({"all of them": (RULES[-1], "none")})

# %% [markdown]
# ## From the other end
#
# What each rule does when all others are on: `devolved` less `devolved` without it. Where "one
# budget" is left out, the three rules of the pool have nothing to act on and go with it.
# Capitation does nothing here: inside one budget, contracts only move money between members.

# %%
alone = pd.DataFrame({rule: difference(RULES[-1], f"without {rule}") for rule in RULES}).T
table({rule: (RULES[-1], f"without {rule}") for rule in RULES})

# %% [markdown]
# ## A picture
#
# The net deficit, step by step, with the error of each step, and next to it what the rule does
# when it comes last. Below zero is less deficit.

# %%
errors = [1.96 * difference(*pair, field="mcse")["net_deficit"] for pair in pairs]
deficit, places = steps["net_deficit"], range(len(RULES))
figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
axes.barh(places, deficit, height=0.5, color="#12436D", label="switched on in this order")
axes.errorbar(deficit, places, xerr=errors, fmt="none", ecolor="black")
axes.plot(alone["net_deficit"], places, "D", color="#F46A25", label="switched on last of all")
axes.axvline(0, color="black", linewidth=0.8)
axes.set_yticks(places, RULES)
axes.invert_yaxis()
axes.set(xlabel="Change of the net deficit over ten years, £m", title="Which rule does the work")
axes.legend()
figure

# %% [markdown]
# Read the columns together. A rule that makes the deficit smaller may do it with local tax, with
# services that are not given, or with money from the centre, and the table says which.
