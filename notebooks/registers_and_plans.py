# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # A register and a plan, as people keep them
#
# A county keeps its risks, its savings and its medium-term plan as tables. The study names the
# files; what was understood of them is shown before anything is run.

# %%
from pathlib import Path

import riskmc
from riskmc.measures import headline_table
from riskmc.study import validate

CONFIGS = next(folder for folder in map(Path, ("configs", "../configs")) if folder.exists())

study = riskmc.load_study(CONFIGS / "county.toml")
[(risk.name, risk.organisation) for risk in study.risks][:5]

# %% [markdown]
# What the study says of itself: opening income less cost, and what no English body could be.

# %%
for line in validate(study).lines()[-6:]:
    print(line)

# %%
results = riskmc.run(study, draws=2_000)
headline_table(results)

# %% [markdown]
# One risk of the register, three times as likely, on the same futures: the error of the change is
# far smaller than that of either level.

# %%
from riskmc.variants import variants

claim = 'risks."Contract for waste disposal: claim by the contractor".probability*=3'
found = variants(study, {"The claim likelier": [claim]}, measures=["net_deficit"], draws=1000)

# %%
found[["change_value", "change_mcse"]].isel(setting=1).to_dataframe()
