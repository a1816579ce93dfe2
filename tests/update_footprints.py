"""Write configs/footprints.toml again: `python -m tests.update_footprints`.

Forty-four places alike but for size make a file of a thousand lines that nobody should type.
"""

from __future__ import annotations

from pathlib import Path

OUT = Path(__file__).parent.parent / "configs" / "footprints.toml"
#: The 44 footprints of the sustainability and transformation plans (NHS England, 2016).
NAMES = (
    "Northumberland, Tyne and Wear",
    "West, North and East Cumbria",
    "Durham, Darlington, Tees",
    "Lancashire and South Cumbria",
    "West Yorkshire",
    "Coast, Humber and Vale",
    "Greater Manchester",
    "Cheshire and Merseyside",
    "South Yorkshire and Bassetlaw",
    "Staffordshire",
    "Shropshire, Telford and Wrekin",
    "Derbyshire",
    "Lincolnshire",
    "Nottinghamshire",
    "Leicester, Leicestershire and Rutland",
    "The Black Country",
    "Birmingham and Solihull",
    "Coventry and Warwickshire",
    "Herefordshire and Worcestershire",
    "Northamptonshire",
    "Cambridgeshire and Peterborough",
    "Norfolk and Waveney",
    "Suffolk and North East Essex",
    "Milton Keynes, Bedfordshire and Luton",
    "Hertfordshire and West Essex",
    "Mid and South Essex",
    "North West London",
    "Central London",
    "East London",
    "South East London",
    "South West London",
    "Kent and Medway",
    "Sussex and East Surrey",
    "Frimley Health",
    "Surrey Heartlands",
    "Cornwall and the Isles of Scilly",
    "Devon",
    "Somerset",
    "Bristol, North Somerset and South Gloucestershire",
    "Bath, Swindon and Wiltshire",
    "Dorset",
    "Hampshire and the Isle of Wight",
    "Gloucestershire",
    "Buckinghamshire, Oxfordshire and Berkshire West",
)
KNOWN = {"Greater Manchester": 0.0519}
#: England, year 2015/16, £m; sources in the head of the file.
PROVIDERS, FROM_ELSEWHERE, UNDERLYING = 75_000.0, 0.09, 0.0493
ALLOCATIONS, ADULT_CARE, CARE_CHARGES = 91_469.0, 14_399.0, 2_571.0
CARE_GRANT, CARE_RESERVES, CAPITAL = 0.27, 0.35, 4_650.0

HEAD = """\
# The 44 footprints of 2016: many places, one centre with a finite pot. Written by `python -m tests.update_footprints`.
#
# Each place is three bodies: its NHS providers, its commissioners, its councils' adult social care. England's figures
# of 2015/16 are shared out: Greater Manchester has 5.19 % (its part of provider income, see greater-manchester.toml);
# the sizes of the other 43 are not in the evidence, so they are equal: assumption. A study of one real place takes its
# own figures. What this file is for: how many places fail in the same year, who pays for whom, and that a devolved
# place is insured by those that are not.
#
# England, £m: providers' income 75,000, 9 % of it from elsewhere; underlying deficit 3,700 = 4.93 % (Nuffield Trust, via
# NHS Providers 2017); allocations 91,469 (CIPFA); net adult care 14,399 and charges 2,571 (MHCLG RS; CLG Committee
# 2017), 27 % of it from grant (assumption); reserves 35 % of it (median upper-tier council); capital 4,650 (NAO 2020).
schema = 1
title = "Forty-four footprints, from April 2016"
start_year = "2016/17"
years = 5
draws = 4096
seed = 2016

"""
TAIL = """\
[planning]
charges_growth = 0.020
[planning.by.commissioner]
grant_growth = [0.040, 0.027, 0.026, 0.028, 0.042]     # allocations of January 2016 (NHS England; CIPFA)
[planning.by.council]
grant_growth = [-0.237, -0.202, 0.079, 0.105, 0.032]   # as in greater-manchester.toml
tax_growth = [0.066, 0.065, 0.065, 0.064, 0.032]
reserve_contribution = 0.005

[dynamics]                    # assumptions
unmet_return = 0.5
delay_cost = 0.1

# What is shared: `shared` by the whole nation, `shared_place` of the rest by the place. The drivers are those of
# greater-manchester.toml; how much the bodies of a place share is an assumption.
[drivers.demand_growth]
distribution = "normal"
mean = 0.027
sd = 0.010
shared = 0.5
shared_place = 0.4
persistence = 0.3
[drivers.demand_growth.by.council]
mean = 0.025
sd = 0.030

[drivers.cost_inflation]
distribution = "quantiles"
p5 = 0.013
p50 = 0.0221
p95 = 0.044
expected = 0.0246
shared = 0.8
shared_place = 0.5
persistence = 0.4

[drivers.funding_shock]
distribution = "normal"
mean = 0.0
sd = 0.010
shared = 0.9

[drivers.savings_delivery]
distribution = "beta"
mean = 0.92
sd = 0.06
shared = 0.3
[drivers.savings_delivery.by.council]
mean = 0.75
sd = 0.15

[drivers.recurrent_share]
distribution = "beta"
mean = 0.72
sd = 0.10
shared = 0.3

[drivers.outturn_variance]
distribution = "student_t"
mean = 0.0
sd = 0.006
df = 6.0
shared = 0.1
persistence = 0.6
[drivers.outturn_variance.by.council]
sd = 0.0375
df = 7.0

# ---------------------------------------------------------------- the rules
# The pot and new money of 2016, for the whole of England; what they do not cover comes off next year's grants of the
# bodies that are exposed to cuts.
[regimes.current]
label = "Every body alone"
extends = "nhs_2016"
[regimes.current.settlement.by.council]
in_year_cuts = "protected"    # the cut of 2016/17 fell on the NHS
"""
ONE = """
[regimes.one_devolved]
label = "Greater Manchester devolved, the others not"
extends = "current"
[[regimes.one_devolved.pools]]
name = "Greater Manchester"
members = ["p07", "c07", "k07"]
rulebook = "place"
"""
BOOK = """
[regimes.{name}.rulebooks.place]
interest = 0.03
restore_reserves = true
plan = [
  {{ instrument = "savings", max_rate = [0.040, 0.040, 0.035, 0.030], min_rate = 0.01, assumed_delivery = 0.95 }},
  {{ instrument = "local_revenue", max_rise = 0.02 }},
  {{ instrument = "service_reduction", lasting = 1.0 }},
  {{ instrument = "restore_services" }},
]
shortfall = [
  {{ instrument = "reserves" }},
  {{ instrument = "in_year_measures", max_rate = 0.02, service_share = 0.7 }},
  {{ instrument = "working_balance" }},
  {{ instrument = "carry_forward", limit = 0.02 }},
  {{ instrument = "bailout", probability = 0.2, loan_share = 0.5 }},
]
surplus = [
  {{ instrument = "repay_debt", share = 0.5 }},
  {{ instrument = "reserves" }},
]
"""


def place(number: int, name: str, share: float) -> str:
    """The three bodies of a place and the contract between two of them."""
    contract = PROVIDERS * (1 - FROM_ELSEWHERE) * share
    elsewhere = PROVIDERS * FROM_ELSEWHERE * share
    grant = ALLOCATIONS * share
    net = ADULT_CARE * share
    charges = CARE_CHARGES * share
    return f'''\
[[organisations]]
id = "p{number:02d}"
name = "{name}: NHS providers"
kind = "provider"
place = "{name}"
cost = {(contract + elsewhere) * (1 + UNDERLYING):.1f}
charges = {elsewhere:.1f}
reserves = {0.01 * (contract + elsewhere):.1f}
capital = {CAPITAL * share:.1f}
[[organisations]]
id = "c{number:02d}"
name = "{name}: commissioners"
kind = "commissioner"
place = "{name}"
cost = {grant - contract:.1f}
grant = {grant:.1f}
reserves = {731.0 * share:.1f}
[[organisations]]
id = "k{number:02d}"
name = "{name}: councils' adult care"
kind = "council"
place = "{name}"
cost = {net + charges:.1f}
grant = {CARE_GRANT * net:.1f}
local_tax = {(1 - CARE_GRANT) * net:.1f}
charges = {charges:.1f}
reserves = {CARE_RESERVES * net:.1f}
reserve_floor = {0.063 * net:.1f}
[[contracts]]
payer = "c{number:02d}"
payee = "p{number:02d}"
value = {contract:.1f}
activity_share = 0.62
uplift = [0.011, 0.003, 0.000, 0.000, 0.009]

'''


def main() -> None:
    """Write the file."""
    rest = (1.0 - sum(KNOWN.values())) / (len(NAMES) - len(KNOWN))
    text = HEAD
    for number, name in enumerate(NAMES, start=1):
        text += place(number, name, KNOWN.get(name, rest))
    text += TAIL + ONE
    for body in ("p07", "c07", "k07"):
        text += f"[regimes.one_devolved.settlement.by.{body}]\n"
        text += 'period = 5\nin_year_cuts = "deferred"\n'
    text += BOOK.format(name="one_devolved")
    text += '\n[regimes.all_devolved]\nlabel = "Every place devolved"\nextends = "current"\n'
    text += '[regimes.all_devolved.settlement]\nperiod = 5\nin_year_cuts = "deferred"\n'
    text += "[regimes.all_devolved.settlement.by.council]\nperiod = 5\n"
    text += "[regimes.all_devolved.payment]\nactivity_share = 0.0\n"
    for number, name in enumerate(NAMES, start=1):
        text += f'[[regimes.all_devolved.pools]]\nname = "{name}"\n'
        text += f'members = ["p{number:02d}", "c{number:02d}", "k{number:02d}"]\n'
        text += 'rulebook = "place"\n'
    text += BOOK.format(name="all_devolved")
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
