"""What the second run says in a sentence: since the last paper, and which rule does the work."""

from __future__ import annotations

from riskmc.report.facts.store import Fact, Facts
from riskmc.words.board import lower_first, money

#: The measure that sentences and waterfalls are about.
LEVEL = "net_deficit"


def since_words(facts: Facts) -> str:
    """Say what became of the deficit since the last paper, and its largest causes."""
    assert facts.asked is not None
    assert facts.asked.bridge is not None
    found = facts.asked.bridge
    regime, steps = str(found.attrs["regime"]), found["step"].values.tolist()[1:]
    body = facts.names.body

    def change(step: str) -> Fact:
        return facts.get(f"since last: {LEVEL}", step, regime, body=body)

    whole = change("in all")
    clear = [step for step in steps if change(step).clear]
    causes = sorted(clear, key=lambda step: -abs(change(step).value))[:2]
    named = " and ".join(f"{lower_first(step)} ({_signed(change(step))})" for step in causes)
    if not whole.clear:
        words = "The average deficit shows no clear change since the last paper"
        return f"{words}; clear causes: {named}" if named else words
    way = "higher" if whole.value > 0.0 else "lower"
    size = money(abs(whole.value), mcse=whole.mcse)
    words = f"The average deficit is {size} {way} than in the last paper"
    return f"{words}, above all by {named}" if named else words


def _signed(found: Fact) -> str:
    size = money(abs(found.value), mcse=found.mcse)
    return f"{size} {'more' if found.value > 0.0 else 'less'}"


def work_words(facts: Facts) -> str:
    """Say which group of rules does most of the work on the deficit."""
    assert facts.asked is not None
    assert facts.asked.attribution is not None
    found = facts.asked.attribution
    start, end = str(found.attrs["start"]), str(found.attrs["end"])
    labels = dict(zip(found["group"].values.tolist(), found["group_label"].values, strict=True))

    def part(group: str) -> Fact:
        where = {"against": start, "body": facts.names.body}
        return facts.get(f"attributed: {LEVEL}", group, end, **where)

    clear = [group for group in labels if part(group).clear]
    if not clear:
        return "No group of rules clearly moves the average deficit"
    most = max(clear, key=lambda group: abs(part(group).value))
    does = "raises" if part(most).value > 0.0 else "lowers"
    size = money(abs(part(most).value), mcse=part(most).mcse)
    return f"What does most is {labels[most]}: it {does} the average deficit by {size}"
