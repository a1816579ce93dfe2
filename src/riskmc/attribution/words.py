"""What an attribution says, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmc.words.board import hundred, money

if TYPE_CHECKING:
    import xarray as xr

#: An interaction is named where it is at least this share of the largest Shapley value.
LARGE_INTERACTION = 0.25


def attribution_sentences(found: xr.Dataset) -> list[str]:
    """Return what an attribution says of each measure: the difference, and what does it.

    Parameters
    ----------
    found : xarray.Dataset
        What `riskmc.attribute` returned.

    Returns
    -------
    list of str
        One text per measure. A group is named only where its 95 % interval leaves out 0.
    """
    start, end = found.attrs["start"], found.attrs["end"]
    sentences = []
    for name in found["measure"].values.tolist():
        one = found.sel(measure=name)
        chance = str(one["unit"].item()) == "probability"
        label = str(one["label"].item())
        same = bool(one["difference_bound"]) or bool(one["difference_impossible"])
        if same or float(one["difference_low"]) <= 0.0 <= float(one["difference_high"]):
            word = "no difference" if same else "no clear difference"
            text = f"{label}: there is {word} between '{start}' and '{end}'."
        else:
            size = _amount(one, "difference", chance=chance)
            text = f"{label}: {size} under '{end}' than under '{start}'."
        clear = (one["shapley_low"] > 0.0) | (one["shapley_high"] < 0.0)
        if bool(clear.any()):
            sizes = abs(one["shapley_value"]).where(clear, 0.0)
            most = one.isel(group=int(sizes.argmax("group")))
            size = _amount(most, "shapley", chance=chance)
            text += f" The largest part comes from {most['group_label'].item()}: {size}."
            text += _together(one, float(sizes.max()))
        sentences.append(text)
    if found.attrs["joined"]:
        sentences.append(
            f"Taken together, since they cannot be separated: {found.attrs['joined']}."
        )
    return sentences


def _amount(one: xr.Dataset, name: str, *, chance: bool) -> str:
    """Return a change in words: "£270m lower", "50 fewer of 100 futures"."""
    change, error = float(one[f"{name}_value"]), float(one[f"{name}_mcse"])
    if chance:
        return f"{hundred(abs(change))} {'more' if change > 0.0 else 'fewer'} of 100 futures"
    return f"{money(abs(change), mcse=error)} {'higher' if change > 0.0 else 'lower'}"


def _together(one: xr.Dataset, largest: float) -> str:
    """Name the pair of groups that act on each other most, where that is much."""
    if one.sizes["pair"] == 0:
        return ""
    clear = (one["interaction_low"] > 0.0) | (one["interaction_high"] < 0.0)
    sizes = abs(one["interaction_value"]).where(clear, 0.0)
    if float(sizes.max()) < LARGE_INTERACTION * largest:
        return ""
    pair = one["pair"].values[int(sizes.argmax("pair"))]
    return f" The effects of {pair} depend on each other."
