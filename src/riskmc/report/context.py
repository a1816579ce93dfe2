"""What every section of a report needs: the results, whose report it is, and names in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from riskmc.figures.tables import MOST_REGIMES
from riskmc.measures.reading import Reader
from riskmc.statistics.estimates import Single
from riskmc.variables import PLACE
from riskmc.words.figure_text import listed, short_names
from riskmc.words.rounding import units_word

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.report.extra import Extra
    from riskmc.study import Study

_PLURALS = {"provider": "NHS providers", "commissioner": "commissioners", "council": "councils"}
_FIELDS = ("value", "mcse", "low", "high", "bound", "units")


@dataclass(frozen=True)
class Options:
    """What a reader may choose.

    organisation      whose report it is; None: the place
    likelihood_words  whether PHIA words stand behind the numbers
    """

    organisation: str | None = None
    likelihood_words: bool = True


@dataclass
class Context:
    """The results of a run, read for one report; everything below is worked out when asked.

    `extra` holds the runs beside the main one: stress tests, behaviour, the rescue sweep.
    """

    results: xr.DataTree
    options: Options = field(default_factory=Options)
    extra: Extra | None = None

    @cached_property
    def reader(self) -> Reader:
        """The results' reader; ResultsError for an organisation that is not there."""
        reader = Reader(self.results)
        if self.options.organisation is not None:
            reader.choose_bodies(self.options.organisation)
        return reader

    @cached_property
    def study(self) -> Study:
        """The study that the results carry."""
        return self.reader.study()

    @property
    def body(self) -> str:
        """Whose report it is: "place" or an organisation's id."""
        return self.options.organisation or PLACE

    @property
    def is_place(self) -> bool:
        """Whether it is the report of the place as a whole."""
        return self.body == PLACE

    @property
    def subject(self) -> str:
        """The body in the middle of a sentence."""
        return self.name(self.body)

    @property
    def subject_first(self) -> str:
        """The body at the start of a sentence."""
        return self.subject[:1].upper() + self.subject[1:]

    def name(self, body: str) -> str:
        """Return "the place", or the name of an organisation."""
        return "the place" if body == PLACE else self.study.name_of(body)

    def who(self, ids: Sequence[str]) -> str:
        """Return several organisations in words, by kind where they are all of a kind."""
        known = self.study.organisations
        if len(ids) == len(known) > 1:
            return "every body"
        left, said = list(ids), []
        for kind, plural in _PLURALS.items():
            of_kind = [body.id for body in known if body.kind == kind]
            if len(of_kind) > 1 and set(of_kind) <= set(left):
                said.append(f"all {len(of_kind)} {plural}")
                left = [body for body in left if body not in of_kind]
        return listed([*said, *(self.name(body) for body in left)])

    @property
    def regimes(self) -> tuple[str, ...]:
        """Regimes, in the study's order; the first is the one that others are set against."""
        return self.reader.regimes

    @property
    def drawn(self) -> tuple[str, ...]:
        """The regimes that figures can show: the first four."""
        return self.regimes[:MOST_REGIMES]

    @property
    def first(self) -> str:
        """The regime that the others are compared with."""
        return self.regimes[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The regimes after the first."""
        return self.regimes[1:]

    def label(self, regime: str) -> str:
        """Return a regime's name as printed."""
        known = self.study.regimes
        return known[regime].label if regime in known else regime

    @cached_property
    def short(self) -> dict[str, str]:
        """Short, distinct names of the regimes."""
        names = short_names([self.label(regime) for regime in self.regimes])
        plain = any(name.startswith("regime ") for name in names)
        chosen = [self.label(regime) for regime in self.regimes] if plain else list(names)
        return dict(zip(self.regimes, chosen, strict=True))

    @property
    def years(self) -> tuple[str, ...]:
        """Labels of the years."""
        return self.reader.years

    @property
    def draws(self) -> int:
        """How many futures were simulated."""
        return self.reader.draws

    @property
    def what(self) -> str:
        """What the independent units of the scheme are called in a bound; "" for futures."""
        return units_word(self.reader.scheme)

    @property
    def bodies(self) -> tuple[str, ...]:
        """Bodies that the report has tables of: the place with every one, or the one."""
        return self.reader.bodies if self.is_place else (self.body,)

    @cached_property
    def summary(self) -> xr.Dataset:
        """The headline measures of all bodies of the report, read once."""
        from riskmc.measures import summary

        return summary(self.results, organisation=self.bodies)

    def headline(self, measure: str, regime: str, body: str | None = None) -> Single:
        """Return a headline measure over the horizon."""
        return self._horizon(measure, regime, body, "")

    def headline_difference(self, measure: str, regime: str, body: str | None = None) -> Single:
        """Return the paired difference of a headline measure from the first regime."""
        return self._horizon(measure, regime, body, "difference_")

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        """The headline measures over the horizon as arrays: (measure, organisation, regime)."""
        names = [prefix + name for prefix in ("", "difference_") for name in _FIELDS]
        dims = ("measure", "organisation", "regime")
        return {name: self.summary[name].transpose(*dims).values for name in names}

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        """Where each label stands along its dimension."""
        return {
            dim: {str(label): i for i, label in enumerate(self.summary[dim].values)}
            for dim in ("measure", "organisation", "regime")
        }

    def _horizon(self, measure: str, regime: str, body: str | None, prefix: str) -> Single:
        labels = {"measure": measure, "organisation": body or self.body, "regime": regime}
        at = tuple(self._places[dim][label] for dim, label in labels.items())
        value, mcse, low, high, bound, units = (self._arrays[prefix + name][at] for name in _FIELDS)
        return Single(float(value), float(mcse), float(low), float(high), bool(bound), int(units))

    def yearly(self, measure: str, regime: str, *, difference: bool = False) -> xr.Dataset:
        """Return a headline measure by year: `value`, `low`, `high` along `year`."""
        found = self.summary.sel(organisation=self.body, yearly_measure=measure, regime=regime)
        prefix = "yearly_difference_" if difference else "yearly_"
        return found[[prefix + name for name in _FIELDS]].rename(
            {prefix + name: name for name in _FIELDS}
        )

    def with_differences(
        self, function: Callable[..., xr.Dataset], **asked: Any
    ) -> tuple[xr.Dataset, xr.Dataset | None]:
        """Return a measure of the body under every regime, and less the first where several."""
        found = function(self.results, organisation=self.body, **asked)
        if not self.others:
            return found, None
        return found, function(self.results, organisation=self.body, against=self.first, **asked)

    @property
    def source(self) -> str:
        """What stands under every figure: source, coverage, period."""
        who = self.study.title if self.is_place else f"{self.subject}; {self.study.title}"
        return (
            f"Source: simulation of {self.draws:,} futures; coverage: {who}; "
            f"period: {self.years[0]} to {self.years[-1]}."
        )


def single(dataset: xr.Dataset, prefix: str = "", **labels: Any) -> Single:
    """Return one estimate of a measure's Dataset, chosen by labels, as plain numbers."""
    chosen = dataset.sel(**labels) if labels else dataset
    value, mcse, low, high, bound, units = (chosen[prefix + name].item() for name in _FIELDS)
    return Single(float(value), float(mcse), float(low), float(high), bool(bound), int(units))
