"""Measures: what boards and analysts ask of results, each with its Monte Carlo error.

Plain functions on a results tree. Most take `organisation` ("place", an id, several; default
all), `regime` (default all) and `against` (a regime: then everything is the paired difference
from it), and return a Dataset of `value`, `mcse`, `low`, `high` with units.
"""

from riskmc.measures.amounts import (
    amount_exceedance,
    amount_mean,
    amount_quantiles,
    amount_sd,
    amount_shortfall,
    bailout_expected_shortfall,
    bailout_mean,
    bailout_value_at_risk,
    central_cost,
    deficit_exceedance,
    deficit_mean,
    deficit_quantiles,
    deficit_sd,
    expected_shortfall,
    extra_local_tax,
    reserves_mean,
    reserves_quantiles,
    unmet_mean,
    value_at_risk,
)
from riskmc.measures.bailouts import (
    bailout_given_one,
    bailout_probability,
    first_bailout_year,
    rescue_needed_probability,
    section_114_probability,
)
from riskmc.measures.centre import fiscal_neutrality
from riskmc.measures.comparison import compare, per_draw
from riskmc.measures.deficits import (
    deficit_parts,
    deficit_probability,
    deficit_spells,
    longest_spell,
    years_in_deficit,
)
from riskmc.measures.drivers_of_risk import first_order_shares, rank_correlations, tornado
from riskmc.measures.early_warning import Sign, warning_signs
from riskmc.measures.failures import failed_draws, failed_numbers
from riskmc.measures.futures import check_same_futures
from riskmc.measures.harm import harm_readings, service_harm
from riskmc.measures.headline import summary
from riskmc.measures.holders import holder_parameters, not_applicable
from riskmc.measures.incidence import incidence, incidence_draws, incidence_shares
from riskmc.measures.joint import bodies_at_once
from riskmc.measures.like_for_like import (
    large_rescue_probability,
    one_pot_probability,
    spending_without_reserves,
)
from riskmc.measures.national import national_share
from riskmc.measures.pick_freeze import pick_freeze
from riskmc.measures.places import bailout_concentration, paid_for_others, places_at_once
from riskmc.measures.prices import real_terms
from riskmc.measures.rankings import dominance, ranking, trade_off
from riskmc.measures.reserve_kinds import reserves_by_kind
from riskmc.measures.reserves import (
    draw_on_reserves,
    exhausted_probability,
    exhaustion_year,
    exhaustion_year_quantiles,
    hazard,
    insolvency_probability,
    survival,
)
from riskmc.measures.reserves_question import (
    customary_rules,
    reserves_curve,
    reserves_needed,
)
from riskmc.measures.scenario_discovery import failing_futures
from riskmc.measures.services import local_tax_rise, service_cut_probability, unmet_share
from riskmc.measures.tables import headline_table, tidy, write_summary_csv
from riskmc.measures.view import Results
from riskmc.variables import BEARERS

__all__ = [
    "BEARERS",
    "Results",
    "Sign",
    "amount_exceedance",
    "amount_mean",
    "amount_quantiles",
    "amount_sd",
    "amount_shortfall",
    "bailout_concentration",
    "bailout_expected_shortfall",
    "bailout_given_one",
    "bailout_mean",
    "bailout_probability",
    "bailout_value_at_risk",
    "bodies_at_once",
    "central_cost",
    "check_same_futures",
    "compare",
    "customary_rules",
    "deficit_exceedance",
    "deficit_mean",
    "deficit_parts",
    "deficit_probability",
    "deficit_quantiles",
    "deficit_sd",
    "deficit_spells",
    "dominance",
    "draw_on_reserves",
    "exhausted_probability",
    "exhaustion_year",
    "exhaustion_year_quantiles",
    "expected_shortfall",
    "extra_local_tax",
    "failed_draws",
    "failed_numbers",
    "failing_futures",
    "first_bailout_year",
    "first_order_shares",
    "fiscal_neutrality",
    "harm_readings",
    "hazard",
    "headline_table",
    "holder_parameters",
    "incidence",
    "incidence_draws",
    "incidence_shares",
    "insolvency_probability",
    "large_rescue_probability",
    "local_tax_rise",
    "longest_spell",
    "national_share",
    "not_applicable",
    "one_pot_probability",
    "paid_for_others",
    "per_draw",
    "pick_freeze",
    "places_at_once",
    "rank_correlations",
    "ranking",
    "real_terms",
    "rescue_needed_probability",
    "reserves_by_kind",
    "reserves_curve",
    "reserves_mean",
    "reserves_needed",
    "reserves_quantiles",
    "section_114_probability",
    "service_cut_probability",
    "service_harm",
    "spending_without_reserves",
    "summary",
    "survival",
    "tidy",
    "tornado",
    "trade_off",
    "unmet_mean",
    "unmet_share",
    "value_at_risk",
    "warning_signs",
    "write_summary_csv",
    "years_in_deficit",
]
