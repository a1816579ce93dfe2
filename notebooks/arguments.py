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
# # The arguments, one after the other
#
# Ten arguments about devolved health budgets, each with a small study in `docs/arguments`: only
# the rules that the argument is about differ, and all rules meet the same 2,000 futures. The place
# is invented: take from here the sign of an effect and the reason for it. Behind ±: the standard
# error of simulation. The error of the assumptions is not in it, and is larger.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmc
from riskmc.measures import amount_mean, paid_for_others, service_harm
from riskmc.variants import behaviour_map

FOLDER = next(f for f in map(Path, ("docs/arguments", "../docs/arguments")) if f.exists())


def ran(name: str, behaviour: bool = False):
    """Return an argument's study, run, with the behaviour it assumes where asked."""
    study = riskmc.load_study(FOLDER / f"{name}.toml")
    return riskmc.run(study.with_behaviour() if behaviour else study, keep="all")


def headline(results, a: str, b: str, measures: list[str]) -> pd.Series:
    """Return paired differences of headline measures of the place, a less b, with errors."""
    found = riskmc.compare(results, a, b, organisation="place").sel(organisation="place")
    rows = [found.sel(measure=name) for name in measures]
    said = {
        str(row["label"].item()): printed(float(row["value"]), float(row["mcse"]), 2)
        for row in rows
    }
    return pd.Series(said, name=f"{a} less {b}")


def printed(value: float, error: float, digits: int = 0) -> str:
    """Return a number with its error; one that is the same in every future has none."""
    return f"{value:,.{digits}f}" + (f" ±{error:.{digits}f}" if error > 0.0 else "")


def averages(values) -> pd.Series:
    """Return means over futures, £m, with their errors."""
    count = values.sizes["chain"] * values.sizes["draw"]
    mean = values.mean(("chain", "draw")).to_series()
    error = (values.std(("chain", "draw")) / count**0.5).to_series()
    return pd.Series(map(printed, mean, error, [1] * len(mean)), index=mean.index)


def own_balance(results, body: str, a: str, b: str) -> tuple[float, float]:
    """Return the paired difference of a body's own balance over all years, and its error."""
    found = amount_mean(
        results, variable="own_balance", over="horizon", organisation=body, regime=a, against=b
    )
    return found["value"].item(), found["mcse"].item()


# %% [markdown]
# ## Payment: the central argument
#
# Paid by activity, a hospital that keeps patients well loses income; paid by head it gains what it
# no longer spends. A fund of £100m buys early action, and what that avoids is hospital care.

# %%
results = ran("payment")
payments = {"activity": "all by activity", "mixed": "62 % by activity", "capitation": "capitation"}
bodies = {"hospital": "hospital", "ccg": "commissioner", "place": "all three"}
gains = {
    body: [own_balance(results, body, f"{payment}_fund", payment) for payment in payments]
    for body in bodies
}

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
places = np.arange(len(payments))
for i, (body, rows) in enumerate(gains.items()):
    values, errors = np.array(rows).T
    axes.bar(places + 0.27 * (i - 1), values, 0.25, yerr=1.96 * errors, label=bodies[body])
axes.axhline(0, color="black", linewidth=0.8)
axes.set_xticks(places, payments.values())
axes.set(ylabel="£m over ten years", title="What early action does to each one's own balance")
axes.legend()
figure

# %% [markdown]
# The hospital's sign turns; the place's does not move. What one loses the other keeps.

# %%
assert gains["hospital"][0][0] < 0.0 < gains["hospital"][2][0]

# %% [markdown]
# ## Long settlements, local tax, new burdens
#
# Cuts that wait for the review help, and the centre pays. Tax takes the place of cuts in services.
# Burdens that are paid for are met by the centre instead of by services and deficits.

# %%
MEASURES = ["net_deficit", "unmet", "extra_local_tax", "central_cost"]
pairs = {
    "long-settlements": ("five", "yearly"),
    "local-tax": ("rises", "none"),
    "new-burdens": ("funded", "unfunded"),
}
pd.DataFrame({name: headline(ran(name), *pair, MEASURES) for name, pair in pairs.items()})

# %% [markdown]
# ## Pooling and wrong pockets
#
# One budget needs fewer rescues and holds less at the end. A project that costs the council and
# spares the hospital is taken only where both are one budget, settled for several years.

# %%
pooled = ran("pooling")
headline(
    pooled, "pool", "apart", ["gross_deficit", "p_rescue_needed_above_1_percent", "reserves_end"]
)

# %%
pockets = ran("wrong-pockets")
spent = averages(pockets["place"]["project_outlay"].sum("year"))
avoided = averages(pockets["place"]["project_benefit"].sum("year"))
pd.DataFrame({"spent on the project, £m": spent, "avoided by it, £m": avoided})

# %% [markdown]
# ## Prevention
#
# The fund helps the place within ten years; it does not pay back the centre that gave it.

# %%
headline(
    ran("prevention"), "fund", "none", ["net_deficit", "unmet", "reserves_end", "central_cost"]
)

# %% [markdown]
# ## Forced balance
#
# The deficit moves to services. Two readings of what such cuts did to health in Italy; they hold
# for cuts of that size, are not scaled, and no English estimate exists.

# %%
forced = ran("forced-balance")
headline(forced, "forced", "rescued", ["net_deficit", "unmet", "unresolved", "central_cost"])

# %%
harm = service_harm(forced).sel(organisation="place")
pd.DataFrame(
    100 * harm["rise"].sel(bound="high").values,
    index=harm["regime"].values,
    columns=[f"{label}: at most, %" for label in harm["label"].values],
)

# %% [markdown]
# ## The pot
#
# What each place pays for the others: cuts less bailouts. The second place is devolved under the
# last rules and cannot be reached by the cut.

# %%
pot = ran("the-pot")
paid = paid_for_others(pot).sel(organisation="place")
values, errors = (paid[field].to_pandas() for field in ("value", "mcse"))
values.map("{:.0f}".format) + errors.map(" ±{:.0f}".format)

# %% [markdown]
# ## Retained savings, and behaviour
#
# With the rules alone the centre pays more where surpluses are kept. Let effort respond to what a
# body keeps and bears, an assumption, and the sign turns. The map shows where.

# %%
study = riskmc.load_study(FOLDER / "retained-savings.toml")
found = behaviour_map(study, "taken", "kept", measure="central_cost", draws=500)
for word in ("off", "on"):
    value, error = float(found[f"{word}_value"]), float(found[f"{word}_mcse"])
    print(f"{word}: {printed(value, error)} £m, surpluses taken less kept")

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
taken, rescued = 100 * found["taken"], 100 * found["rescued"]
most = float(abs(found["value"]).max())
shades = axes.pcolormesh(
    taken, rescued, found["value"], cmap="RdBu_r", vmin=-most, vmax=most, shading="nearest"
)
axes.contour(taken, rescued, found["value"], levels=[0.0], colors="black")
axes.set(
    xlabel="part of a surplus that is taken, %",
    ylabel="part of a shortfall that the centre bears, %",
)
axes.set_title("Cost to the centre: surpluses taken less kept, £m")
figure.colorbar(shades, ax=axes).ax.set_title("£m")
figure

# %% [markdown]
# Each argument in full, with what would change it: `docs/arguments`. For amounts, put in your own
# place.
