# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # The second run
#
# The board has read the paper. Now it asks: what if need grows a point faster, how far may local
# tax have to rise for a large rescue to come in one future of four at the most, which rule does the
# work, and can we have the numbers?

# %%
from pathlib import Path

import riskmc

CONFIGS = next(folder for folder in map(Path, ("configs", "../configs")) if folder.exists())

study = riskmc.load_study(CONFIGS / "example.toml").with_("draws=1000")

# %% [markdown]
# A sweep on the same futures: the change has a far smaller error than either value.

# %%
sweep = riskmc.sweep(study, {"drivers.demand_growth.mean": [0.02, 0.025, 0.03]})
sweep["change_value"].sel(measure="net_deficit").to_pandas()

# %%
sweep["change_mcse"].sel(measure="net_deficit").to_pandas()

# %% [markdown]
# Councils have a mean of their own, which the sweep leaves alone. A scenario may shift both.

# %%
from riskmc.variants import variants

faster = {
    "Need grows a point faster": [
        "drivers.demand_growth.mean+=0.01",
        "drivers.demand_growth.by.council.mean+=0.01",
    ]
}
found = variants(study, faster, measures=["net_deficit", "unmet"])
found.sel(setting="Need grows a point faster")[["change_value", "change_mcse"]].to_dataframe()[
    ["change_value", "change_mcse"]
]

# %% [markdown]
# How much may the devolved place have to raise local tax in a year, at most, for a large rescue to
# be needed in one future of four?

# %%
solved = riskmc.solve(
    study,
    "regimes.devolved.rulebooks.place.plan.local_revenue.max_rise",
    "P(rescue_needed_above_1_percent) <= 0.25",
    between=(0.0, 0.1),
    regime="devolved",
)
print(solved.sentence())

# %% [markdown]
# Which rule does the work? All mixtures of the two sets of rules, on the same futures.

# %%
from riskmc.attribution import attribution_sentences

work = riskmc.attribute(
    study, "current", "devolved", groups=["settlement", "payment", "pools", "plan"]
)
work[["shapley_value", "shapley_mcse"]].sel(measure="net_deficit").to_dataframe()[
    ["shapley_value", "shapley_mcse"]
]

# %%
for sentence in attribution_sentences(work):
    print(sentence)

# %% [markdown]
# What changed since last time, and the draws as a table.

# %%
bridge = riskmc.bridge(study, study.with_("organisations.acute.reserves+=10"), regime="current")
bridge[["change_value", "change_mcse"]].sel(measure="reserves_end").to_dataframe()[
    ["change_value", "change_mcse"]
]

# %%
results = riskmc.run(study, draws=2_000)
riskmc.draws_frame(results).describe().T.head()
