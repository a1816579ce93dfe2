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
# # A first comparison
#
# Two sets of rules for the same invented place, on the same futures, in ten lines of code. You
# need to know pandas and a little xarray; nothing about simulation.
#
# This notebook is a script in jupytext's percent form: open it as a notebook, or run it with
# Python. It draws 2,000 futures, few enough to take a second and too few for a report.

# %%
from pathlib import Path

import pandas as pd

import riskmc
from riskmc.measures import headline_table

CONFIGS = next(folder for folder in map(Path, ("configs", "../configs")) if folder.exists())

study = riskmc.load_study(CONFIGS / "example.toml")
results = riskmc.run(study, draws=2_000, seed=1)
place = results["place"].to_dataset()  # dims regime, chain, draw, year

# %% [markdown]
# A future is one value of `chain` and `draw`. A mean over both is a mean over futures. This is the
# net deficit of the place, by year and regime, £m, with the error of having drawn so few futures:

# %%
deficit = place["net_deficit"]
futures = deficit.sizes["chain"] * deficit.sizes["draw"]
mean = deficit.mean(("chain", "draw")).to_series().unstack("regime")
error = (deficit.std(("chain", "draw")) / futures**0.5).to_series().unstack("regime")
mean.map("{:.1f}".format) + error.map(" ±{:.1f}".format)

# %% [markdown]
# A chance is the mean of something that is true or false. In how many of 100 futures is a large
# rescue needed, over 1 % of the place's income in any of the ten years, and in how many is one
# granted? Summed over all bodies, so that one pool and many budgets compare. A chance of futures
# drawn independently has the error of tossing a coin.

# %%
large = 0.01 * place["income"]
needed = (place["rescue_needed"] > large).any("year").mean(("chain", "draw"))
granted = (place["bailout"] > large).any("year").mean(("chain", "draw"))
chances = pd.DataFrame({"needed": needed.to_series(), "granted": granted.to_series()})
chance_error = (chances * (1 - chances) / futures) ** 0.5
(100 * chances).map("{:.0f}".format) + (100 * chance_error).map(" ±{:.1f}".format)

# %% [markdown]
# The measures that come with the package say the same with their Monte Carlo errors: how far a
# figure would move if 2,000 other futures were drawn. Nothing is printed to more digits than that
# supports.

# %%
print(*(f"{line.label}: {line.cells[0].text}" for line in headline_table(results).lines), sep="\n")

# %% [markdown]
# Both regimes met the same futures, so compare them future by future. `value` is the mean
# difference, devolved less current; `p_better` the share of futures in which devolved is better by
# that measure. `variance_reduction` says how many times more futures the comparison would need if
# each regime had futures of its own.

# %%
rows = ["net_deficit", "rescue_needed", "unmet", "extra_local_tax", "central_cost"]
columns = ["value", "mcse", "p_better", "p_tie", "p_worse", "variance_reduction"]
difference = riskmc.compare(results, "devolved", "current").sel(organisation="place", measure=rows)
difference[columns].to_dataframe()[columns].round(2)

# %% [markdown]
# A smaller deficit with more unmet need and more local tax is not a better regime. It is another
# answer to who pays. `board_questions.py` goes on from here.

# %% [markdown]
# The spread is as interesting as the mean. Nine futures in ten lie in the shaded band:

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
styles = {"current": ("#12436D", "-"), "devolved": ("#F46A25", "--")}
for regime, (colour, line) in styles.items():
    deficit = place["net_deficit"].sel(regime=regime)
    low, middle, high = deficit.quantile([0.05, 0.5, 0.95], ("chain", "draw"))
    axes.fill_between(place["year"], low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(place["year"], middle, line, color=colour, label=study.regimes[regime].label)
axes.set(ylabel="Net deficit in the year, £m", title="The deficit: median, and nine futures in ten")
axes.tick_params(axis="x", rotation=45)
axes.legend()
figure
