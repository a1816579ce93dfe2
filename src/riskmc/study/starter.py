"""The study that `riskmc new` writes: small, commented, and ready to run."""

from __future__ import annotations

import json
import unicodedata

_TEMPLATE = """\
# A study of one place. Every figure here is invented: put your own in.
# Money is in £m of the day, rates are fractions a year (0.02 is 2 %), years are financial years.
# `riskmc validate` checks the file; `riskmc rules` lists the rules that ship with riskmc.
schema = 1                    # version of the form of this file
title = {title}
start_year = "2026/27"        # the first simulated year
years = 5
draws = 20_000                # futures to draw; more draws, smaller errors
seed = 1                      # any whole number; the same seed draws the same futures

# ---------------------------------------------------------------- who has a budget
# kind is provider (an NHS trust), commissioner (an ICB) or council. What is left out is 0.
[[organisations]]
id = "hospital"               # short name, used below and in results
name = "Hospital trust"
kind = "provider"
cost = 500.0                  # own cost a year, in the year before the first
charges = 70.0                # all other income from outside
reserves = 15.0               # usable reserves
capital = 20.0                # capital budget a year

[[organisations]]
id = "icb"
name = "Integrated care board"
kind = "commissioner"
cost = 250.0                  # what it spends itself, without its contracts below
grant = 680.0                 # central funding
reserves = 4.0

[[organisations]]
id = "borough"
name = "Council, adult social care"
kind = "council"
cost = 200.0
grant = 60.0
local_tax = 115.0             # council tax and retained business rates
charges = 25.0
reserves = 25.0
reserve_floor = 5.0           # level that may not be used

[[contracts]]                 # who pays whom inside the place
payer = "icb"
payee = "hospital"
value = 430.0                 # £m in the year before the first
activity_share = 0.2          # 1 is payment by results, 0 a block contract
uplift = 0.025                # price uplift a year

# ---------------------------------------------------------------- what is planned
[planning]                    # a number, or a list by year whose last value holds on
grant_growth = [0.040, 0.035, 0.030]
tax_growth = 0.04
charges_growth = 0.02
[planning.by.council]         # for one kind, or for one organisation by its id
grant_growth = 0.01

[dynamics]
unmet_return = 0.5            # share of need unmet that returns next year
delay_cost = 0.1              # how much more expensive it is then
prevention_decay = 0.1        # share of a prevention benefit lost a year

# ---------------------------------------------------------------- what is uncertain
# A driver left out keeps its neutral value, and `riskmc validate` says so.
[drivers.demand_growth]       # growth of need
distribution = "normal"
mean = 0.02
sd = 0.01
shared = 0.5                  # part of the variation common to all bodies
persistence = 0.3             # how much of it lasts from year to year
[drivers.demand_growth.by.council]
mean = 0.025

[drivers.cost_inflation]      # growth of pay and prices
distribution = "normal"
mean = 0.025
sd = 0.01
shared = 0.8
persistence = 0.3

[drivers.funding_shock]       # central funding against plan
distribution = "normal"
mean = 0.0
sd = 0.008
shared = 0.9

[drivers.tax_shock]           # local tax base against plan
distribution = "normal"
mean = 0.0
sd = 0.01

[drivers.in_year_cut]         # share of the year's grant taken back during the year
probability = 0.1             # an event: it happens in one year of ten
distribution = "lognormal"
median = 0.008                # as likely above as below
p95 = 0.03                    # one in twenty lies above
shared = 1.0

[drivers.recognition]         # when a shortfall is seen: 0 is April, 1 is March
distribution = "uniform"
low = 0.0
high = 1.0

[drivers.savings_delivery]    # savings delivered over savings planned
distribution = "beta"
mean = 0.87
sd = 0.09
shared = 0.3

[drivers.recurrent_share]     # share of delivered savings that recurs
distribution = "beta"
mean = 0.7
sd = 0.1

[drivers.new_burden]          # cost of new central mandates, share of cost
probability = 0.2
distribution = "pert"
low = 0.001
likely = 0.003
high = 0.010
shared = 1.0

[drivers.prevention_yield]    # £ a year avoided per £ of prevention
distribution = "quantiles"
p5 = 0.0
p50 = 0.10
p95 = 0.40

[correlation]                 # between drivers; what is not listed is 0
"demand_growth, cost_inflation" = 0.2

# ---------------------------------------------------------------- one-off risks
[[risks]]
name = "A ward block closes"
organisation = "hospital"
probability = 0.05            # a year
low = 1.0                     # £m, as a risk register has it
likely = 3.0
high = 10.0

# ---------------------------------------------------------------- the rules to compare
# Both start from the rules that ship with riskmc; anything set here overrides them.
[regimes.current]
extends = "current"

[regimes.devolved]
extends = "devolved"

[regimes.devolved_three]      # a variant: the same, but settled every three years
label = "Devolved, settled every three years"
extends = "devolved"
[regimes.devolved_three.settlement]
period = 3

[paper.short]                 # names of the rules where a column is narrow
current = "As now"
devolved = "Devolved"
devolved_three = "Three years"
"""


def starter(name: str) -> str:
    """Return a commented study to start from, with `name` as its title; it loads as it stands.

    Parameters
    ----------
    name : str
        Title of the study; characters that cannot be printed are left out.

    Returns
    -------
    str
        TOML that `load_study` accepts, with invented figures.
    """
    printable = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    return _TEMPLATE.format(title=json.dumps(printable or "My place", ensure_ascii=False))
