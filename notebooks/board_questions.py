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
# # A board's questions
#
# One run, and the questions that a board asks of it, one by one. The place is the invented one of
# `configs/example.toml`; 2,000 futures, so mind the errors. Answers are given in counts of 100
# futures where that helps. After ± comes the standard error of simulation, which every measure
# carries (`mcse`) with a 95 % interval (`low`, `high`); where it is left out, there is none.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import riskmc
from riskmc import measures
from riskmc.study import parse_study, study_mapping

CONFIGS = next(folder for folder in map(Path, ("configs", "../configs")) if folder.exists())
REGIMES = ["current", "devolved"]
STYLES = {"current": ("#12436D", "-"), "devolved": ("#F46A25", "--")}

study = riskmc.load_study(CONFIGS / "example.toml")
drivers = riskmc.sample(study, draws=2_000, seed=1)
results = riskmc.run(study, draws=2_000, seed=1)
asked = {"organisation": "place", "regime": REGIMES}
labels = {name: study.regimes[name].label for name in REGIMES}


def of_place(dataset, field="value"):
    """Return one field of a measure of the place, as a pandas Series."""
    return dataset[field].sel(organisation="place").to_series()


def printed(value, error, digits=0):
    """Return a number as text, with its standard error."""
    return f"{value:,.{digits}f}" + (f" ±{float(f'{error:.1g}'):g}" if error > 0 else "")


def texts(dataset, scale=1, digits=0):
    """Return a measure of the place as text with errors, as a pandas Series."""
    values, errors = (scale * of_place(dataset, field) for field in ("value", "mcse"))
    said = [printed(*pair, digits) for pair in zip(values, errors, strict=True)]
    return pd.Series(said, index=values.index)


def table(dataset, columns="regime", scale=1, digits=0):
    """Return a measure of the place, with its errors, as a table."""
    return texts(dataset, scale, digits).unstack(columns)


# %% [markdown]
# ## How big may the deficit get?
#
# The net deficit of the place in its worst year. In 5 of 100 futures it is above the 0.95 row. A
# percentile for which 2,000 futures are too few would be NaN.

# %%
worst = measures.deficit_quantiles(results, over="peak", p=(0.5, 0.8, 0.95, 0.99), **asked)
table(worst)

# %% [markdown]
# And if it gets that bad, how bad on average? The mean of the worst 5 and 1 of 100 futures, total
# over ten years, £m:

# %%
table(measures.expected_shortfall(results, **asked))

# %% [markdown]
# A place's deficit is net: surpluses of some bodies are set off against deficits of others. How
# much of an improvement is mere netting inside the pool?

# %%
table(measures.deficit_parts(results, over="horizon", regime=REGIMES), "part")

# %% [markdown]
# ## When do the reserves run out?
#
# One pool and many budgets compare only on equal terms. The share of spending that is run by
# holders without usable reserves, %, by the end of each year:

# %%
table(measures.spending_without_reserves(results, **asked), scale=100, digits=1)

# %% [markdown]
# All reserves counted as one pot: the futures of 100 in which it has been down at the floor by
# then, with the help that is given.

# %%
table(measures.one_pot_probability(results, **asked), scale=100, digits=1)

# %% [markdown]
# The chance that *any* holder's reserves have lasted falls with the number of holders, which is
# 1 under devolved rules: it says when the first trouble comes, and not which rules are better.

# %%
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for regime, (colour, line) in STYLES.items():
    lasting = 100 * measures.survival(results, **asked).sel(organisation="place", regime=regime)
    years, value, low, high = (lasting[name] for name in ("year", "value", "low", "high"))
    axes.step(years, value, line, where="mid", color=colour, label=labels[regime])
    axes.fill_between(years, low, high, step="mid", color=colour, alpha=0.2)
axes.set(ylabel="Futures of 100", ylim=(0, 100), title="Every holder's reserves above the floor")
axes.tick_params(axis="x", rotation=45)
axes.legend()
figure

# %% [markdown]
# ## How likely is a bailout?
#
# First whether one is needed, then whether it is granted, because granting is the centre's choice.
# Summed over all bodies, so that one pool and many budgets compare: above 0.1 % and 1 % of a
# year's income of the place, in any of the ten years; futures of 100.

# %%
ASKED = {"needed": measures.rescue_needed_probability, "granted": measures.bailout_probability}
SIZES = {"above 0.1 % of income": 0.001, "above 1 % of income": 0.01}
chances = pd.DataFrame(
    {
        (words, size): texts(measure(results, above=above, **asked), scale=100)
        for words, measure in ASKED.items()
        for size, above in SIZES.items()
    }
)
chances

# %% [markdown]
# How large is it where there is one, £m over ten years?

# %%
texts(measures.bailout_given_one(results, **asked))

# %% [markdown]
# ## Who pays?
#
# Of every £1 that had to be found, who bore it. The parts add up to £1.

# %%
borne = measures.incidence_shares(results, **asked)
shares = of_place(borne).unstack("regime")
assert ((shares.sum() - 1).abs() < 1e-9).all()
table(borne, digits=2).rename(index=measures.BEARERS)

# %%
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
colours = ["#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1", "#BFBFBF"]
hatches = ["", "//", "", "..", "", "xx", ""]
left = pd.Series(0.0, index=REGIMES)
for bearer, colour, hatch in zip(shares.index, colours, hatches, strict=True):
    part = shares.loc[bearer, REGIMES]
    axes.barh(
        [labels[name] for name in REGIMES],
        part,
        left=left,
        color=colour,
        hatch=hatch,
        edgecolor="white",
        label=measures.BEARERS[bearer].partition(" (")[0],
    )
    left = left + part
axes.set(xlabel="Part of every £1", title="Who bears the shortfall")
axes.invert_yaxis()
figure.legend(loc="outside lower center", ncols=4, fontsize=8)
figure

# %% [markdown]
# ## Are services cut, and is local tax raised?
#
# Unmet need as a share of cost, and the chance that more than 2 % of cost is cut in some year.
# Next to it, local tax above plan at the end, as a share of planned tax.

# %%
unmet = measures.unmet_share(results, over="horizon", **asked)
cuts = measures.service_cut_probability(results, shares=(0.02,), **asked).sel(share=0.02)
taxed = measures.local_tax_rise(results, over="end", **asked)
harm = pd.DataFrame(
    {
        "unmet need, % of cost": texts(unmet, 100, 2),
        "cut above 2 % in some year, of 100": texts(cuts, 100),
        "local tax above plan at the end, %": texts(taxed, 100, 1),
    }
)
harm

# %% [markdown]
# ## Does one regime win because it is given more money?
#
# What each costs the centre over ten years, and what is still to come at the end, £m. The
# difference is paired.

# %%
table(measures.fiscal_neutrality(results, **asked), "part")

# %%
table(measures.fiscal_neutrality(results, against="current", **asked), "part")

# %% [markdown]
# ## What if the centre always rescues? What if it never does?
#
# The same rules and the same futures, with another probability of rescue than the 20 of 100 that
# `devolved` assumes. A variant extends a
# regime, and lists are replaced whole.

# %%
tables = study_mapping(study)
devolved = tables["regimes"]["devolved"]
*others, bailout = devolved["rulebooks"]["place"]["shortfall"]


def rescued_in(percent):
    """Return devolved with another probability of rescue."""
    shortfall = [*others, bailout | {"probability": percent / 100}]
    rulebooks = {"place": {"shortfall": shortfall}}
    return {"extends": "devolved", "label": f"Rescued in {percent} of 100", "rulebooks": rulebooks}


variants = {f"rescue_{percent}": rescued_in(percent) for percent in (0, 50, 100)}
tables["regimes"] = {"devolved": devolved} | variants
rescued = riskmc.run(parse_study(tables), draws=2_000, seed=1)
headline = riskmc.summary(rescued, organisation="place")
rows = [
    "p_rescue_needed_above_1_percent",
    "p_granted_above_1_percent",
    "bailout",
    "unmet",
    "unresolved",
    "reserves_end",
    "central_cost",
]
texts(headline.sel(measure=rows), digits=2).unstack("regime").loc[rows]

# %% [markdown]
# The need hardly moves: a refusal does not make it go away. It moves from `bailout` to
# `unresolved`, and reserves pay. How bodies would behave if they knew is not in these rules.

# %% [markdown]
# ## How much must we hold?
#
# Opening reserves with which the place's reserves would last all ten years, at a given confidence,
# all else unchanged and without any help, £m. Next to them, what is held and the customary rules.

# %%
curve = measures.reserves_curve(results, confidence=(0.5, 0.8, 0.9, 0.95), regime=REGIMES)
table(curve)

# %%
held = sum(body.reserves for body in study.organisations)
pd.Series({"held now": held} | measures.customary_rules(study), name="£m").round(1)

# %% [markdown]
# That counts plans and interest as they were. Running the study again with other opening reserves
# lets them answer too. How much must the pool hold so that it runs out in at most half of futures?

# %%
needed = measures.reserves_needed(
    study, riskmc.run, drivers=drivers, regime="devolved", alpha=0.5, precision=0.02
)
print(
    f"£{float(needed.reserves):.0f}m (95 % interval {float(needed.low):.0f} to "
    f"{float(needed.high):.0f})"
)

# %% [markdown]
# ## What drives it?
#
# Rank correlations of each driver, averaged over years and bodies, with the total net deficit:

# %%
driven = {
    regime: measures.rank_correlations(results, measure="net_deficit", regime=regime)
    for regime in REGIMES
}
values, errors = (
    pd.DataFrame({name: found[field].to_series() for name, found in driven.items()})
    for field in ("value", "mcse")
)
order = values["current"].abs().sort_values(ascending=False).index
(values.map("{:+.2f}".format) + errors.map(" ±{:.2f}".format)).loc[order]

# %% [markdown]
# ## Which futures go wrong?
#
# A small box of driver values in which a bailout is much likelier than elsewhere, in words. It is
# sought in one half of the futures and measured in the other.

# %%
box = measures.failing_futures(
    results, measure="p_rescue_needed_above_1_percent", regime="devolved"
)
print(box.words)

# %% [markdown]
# ## What does it not say?
#
# It is not a forecast of any one year. The errors above are those of drawing 2,000 futures; those
# of the model and its assumptions are not in them and are likely to be larger. What the model
# leaves out is at the end of `docs/model.md`.
