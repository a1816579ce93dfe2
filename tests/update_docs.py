"""The documents that hold the program's own output: played, compared, and written again.

`python -m tests.update_docs` refreshes docs/command-line.md, the tables of docs/figures.md,
docs/instruments.md, docs/measures.md and docs/model.md and the output shown in docs/tutorial.md,
docs/your-own-place.md and docs/your-own-rule.md.

A document is played from top to bottom in an empty folder that holds the repository's `configs`:

- ```console     lines that begin with `$ riskmc` are run; what they print follows them. A pipe to
                 `head -n N` or `tail -n N` is understood, and exit codes are not shown;
- ```toml FILE   is appended to FILE (csv likewise);
- ```diff FILE   changes FILE, which must hold the lines taken out; undone at the next heading;
- ```python      is run; what it prints stands in a ```text block that follows at once.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from riskmc.cli import main as riskmc
from riskmc.cli.reference import reference
from riskmc.figures import FIGURES
from riskmc.measures.catalogue import HORIZON, YEARLY, Measure
from riskmc.measures.measure import MEASURES
from riskmc.rules import register
from riskmc.rules.effects import EFFECTS, MOVED, TAKEN, WATERFALLS, WEIGHTS, moved
from riskmc.rules.register import INSTRUMENTS, Instrument, Parameter, Required
from riskmc.rules.rows import SITUATION
from riskmc.study import shipped_regime, shipped_regimes
from riskmc.study.words import in_words
from riskmc.variables import DRIVERS, VARIABLES, Example

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
#: Documents whose commands and code are run.
PLAYED = ("tutorial", "your-own-place", "your-own-rule")
_FENCE = re.compile(r"^(`{3,})(.*)$")
_COLUMNS = "100"


@dataclass
class Part:
    """A fenced block, or the text between two: `words` is what stands behind the fence."""

    lines: list[str]
    fence: str = ""
    words: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def file(self) -> str:
        return self.words[1] if len(self.words) > 1 else ""

    def text(self) -> str:
        if not self.fence:
            return "\n".join(self.lines)
        return "\n".join([self.fence + " ".join(self.words), *self.lines, self.fence])


def parts_of(text: str) -> list[Part]:
    """Part a document into fenced blocks and the text between them."""
    parts = [Part([])]
    for line in text.split("\n"):
        found = _FENCE.match(line)
        inside = bool(parts[-1].fence)
        if found and not inside:
            parts.append(Part([], found[1], tuple(found[2].split())))
        elif found and found[1] == parts[-1].fence and not found[2]:
            parts.append(Part([]))
        else:
            parts[-1].lines.append(line)
    return [part for part in parts if part.fence or part.lines]


@dataclass
class Player:
    """Plays a document in the working folder; parts are changed in place."""

    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__docs__"})
    before: dict[Path, str] = field(default_factory=dict)

    def play(self, parts: list[Part]) -> None:
        """Run every block, and put what is printed where it is shown."""
        for place, part in enumerate(parts):
            if not part.fence and any(line.startswith("#") for line in part.lines):
                self.undo()
            if part.language == "console":
                part.lines = list(_played(part.lines))
            elif part.language in ("toml", "csv") and part.file:
                with Path(part.file).open("a", encoding="utf-8") as file:
                    file.write("\n".join(part.lines) + "\n\n")
            elif part.language == "diff" and part.file:
                self.change(Path(part.file), part.lines)
            elif part.language == "python":
                self.run(part, _next(parts[place + 1 :]))

    def undo(self) -> None:
        """Undo the changes made since the last heading."""
        for path, text in self.before.items():
            path.write_text(text, encoding="utf-8")
        self.before.clear()

    def change(self, path: Path, lines: list[str]) -> None:
        """Apply a change: what is taken out must stand in the file once."""
        text = path.read_text(encoding="utf-8")
        self.before.setdefault(path, text)
        old = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "-"))
        new = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "+"))
        if text.count(old) != 1:
            raise AssertionError(f"{path} does not hold these lines once:\n{old}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, part: Part, after: Part) -> None:
        """Run a block of Python; a block of text behind it shows what it printed."""
        code = compile("\n".join(part.lines) + "\n", "<document>", "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.names)
        if after.language == "text":
            after.lines = printed.getvalue().rstrip("\n").split("\n")


def _next(parts: list[Part]) -> Part:
    """Return the part that follows, blank lines apart."""
    return next((part for part in parts if part.fence or any(part.lines)), Part([]))


def _played(lines: list[str]) -> Iterator[str]:
    """Yield commands with what they print now; other commands with what stands there."""
    ours = False
    for line in lines:
        if line.startswith("$ "):
            ours = line.startswith("$ riskmc ")
            yield line
            if ours:
                yield from output(line.removeprefix("$ "))
        elif not ours:
            yield line


def output(command: str) -> list[str]:
    """Run a command of ours and return the lines that it prints, errors included."""
    command, _, pipe = command.partition(" | ")
    arguments = shlex.split(command, comments=True)[1:]
    result = CliRunner().invoke(
        riskmc, arguments, prog_name="riskmc", env={"COLUMNS": _COLUMNS, "LINES": "24"}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    lines = result.output.rstrip("\n").split("\n")
    if pipe:
        end, _, count = pipe.split()
        lines = lines[: int(count)] if end == "head" else lines[-int(count) :]
    return [line.rstrip() for line in lines]


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """Give an empty working folder that holds the repository's studies."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "configs").symlink_to(ROOT / "configs")
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(here)


def marked(text: str, tables: Mapping[str, str]) -> str:
    """Return a document with tables written again between `<!-- name -->` and `<!-- end -->`."""
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->", "<!-- end -->"
        head, mark, rest = text.partition(begin)
        if mark:
            text = f"{head}{begin}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return text


def asks() -> str:
    """Return the table of what a rule may ask for, by list."""
    names = dict.fromkeys(name for known in SITUATION.values() for name in known)
    lines = [
        f"| argument | {' | '.join(SITUATION)} | meaning |",
        f"| --- |{' --- |' * len(SITUATION)} --- |",
    ]
    for name in names:
        cells = ["yes" if name in known else "" for known in SITUATION.values()]
        meaning = next(known[name] for known in SITUATION.values() if name in known)
        lines.append(f"| `{name}` | {' | '.join(cells)} | {meaning} |")
    return "\n".join(lines)


def returns() -> str:
    """Return the table of what a rule may return, by list, and what each field moves."""
    lines = [
        "| list | field | moves | shared in a pool by | recorded as |",
        "| --- | --- | --- | --- | --- |",
    ]
    for waterfall, effects in EFFECTS.items():
        first = f"| {waterfall} | `{TAKEN[waterfall]}` | what reaches the next instrument | | "
        lines.append(first + "`records` of the row |")
        for effect in effects:
            moves = "; ".join(
                {"-": "less: ", "=": "again: "}.get(move[0], "") + MOVED[moved(move)]
                for move in effect.moves
            )
            recorded = f"`{effect.records}`" if effect.records else ""
            by = WEIGHTS[effect.shared_by]
            lines.append(f"| {waterfall} | `{effect.name}` | {moves} | {by} | {recorded} |")
    return "\n".join(line.replace("|  |", "| |") for line in lines)


def played(text: str) -> str:
    """Return a document with what its commands and code print now."""
    text = marked(text, {"asks": asks(), "returns": returns()})
    parts, rows = parts_of(text), register.INSTRUMENTS
    try:
        with workshop():
            Player().play(parts)
    finally:
        register.INSTRUMENTS = rows
    return "\n".join(part.text() for part in parts)


# ------------------------------------------------------------------- measures


def measures(text: str) -> str:
    """Return docs/measures.md with the rows of the catalogue between its marks."""
    named = ["| measure | returns |", "| --- | --- |"]
    for row in MEASURES.values():
        said = row.summary.replace("|", "\\|")
        named.append(f"| `{row.name}` | {said} |")
    tables = {"named": "\n".join(named), "horizon": headline(HORIZON), "yearly": headline(YEARLY)}
    return marked(text, tables)


def headline(rows: Sequence[Measure]) -> str:
    """Return the table of headline rows."""
    lines = ["| name | label | unit | better |", "| --- | --- | --- | --- |"]
    lines += [f"| `{row.name}` | {row.label} | {row.unit} | {row.better} |" for row in rows]
    return "\n".join(lines)


# ------------------------------------------------------------------- drivers


def model(text: str) -> str:
    """Return docs/model.md with what the registers hold between its marks."""
    lists = ["| list | instruments |", "| --- | --- |"]
    for waterfall in (*WATERFALLS, "excess"):
        members = ", ".join(f"`{name}`" for name in register.names(waterfall))
        lists.append(f"| `{waterfall}` | {members} |")
    outputs = ["| output | kind | meaning | borne by |", "| --- | --- | --- | --- |"]
    for row in VARIABLES:
        name = f"`{row.name}`" + ("" if row.place == "sum" else " *")
        bearer = row.bearer.replace("_", " ")
        outputs.append(f"| {name} | {row.kind} | {row.meaning} | {bearer} |")
    tables = {"drivers": drivers(), "instruments": "\n".join(lists), "outputs": "\n".join(outputs)}
    return marked(text, tables)


def drivers() -> str:
    """Return the table of the register of drivers."""
    lines = [
        "| driver | meaning | where it enters | neutral value | example |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in DRIVERS:
        meaning = f"{row.meaning} [{row.unit}]" + ("; may have `expected`" if row.planned else "")
        neutral = f"{row.neutral:g}"
        if row.source == "uniform" and not row.drawn_for:
            neutral = f"always {row.unit}"
        cells = (f"`{row.name}`", meaning, row.enters, neutral, _example(row.example))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _example(example: Example) -> str:
    first, second = ("nothing" if x == 0.0 else f"{x:+g}m" for x in example.more)
    moved = f"`{example.output}` {first}, then {second}".replace("-", "−£").replace("+", "+£")
    moved = f"{example.value:g}: ".replace("-", "−") + moved
    rules = example.rules.removeprefix("rulebooks.council.")
    return f"{moved}, with `{rules}`" if rules else moved


# ------------------------------------------------------------------- figures


def figures(text: str) -> str:
    """Return docs/figures.md with how each figure says that it is read."""
    lines = [
        "| figure | question | how to read it | do not read it as |",
        "| --- | --- | --- | --- |",
    ]
    for figure in FIGURES:
        guide = figure.guide
        name = f"{guide.place}, `{figure.__name__}`"
        lines.append(f"| {name} | {guide.question} | {guide.reading} | {guide.misreading} |")
    return marked(text, {"figures": "\n".join(lines)})


# ------------------------------------------------------------------- instruments


def instruments(text: str) -> str:
    """Return docs/instruments.md with what the register says between its marks."""
    for row in INSTRUMENTS:
        begin, end = f"<!-- {row.waterfall} {row.name} -->", "<!-- end -->"
        if begin not in text:
            text = with_section(text, row, begin, end)
        head, _, rest = text.partition(begin)
        text = head + begin + "\n\n" + from_register(row) + "\n\n" + end + rest.partition(end)[2]
    return text


def with_section(text: str, row: Instrument, begin: str, end: str) -> str:
    """Return the document with a section for an instrument that has none, at its list's end."""
    section = f"\n### {row.name}\n\n{begin}\n\n{end}\n"
    of_list = list(re.finditer(rf"<!-- {row.waterfall} \w+ -->.*?{end}\n", text, re.S))
    if not of_list:
        return f"{text}\n## {row.waterfall.capitalize()}\n{section}"
    place = of_list[-1].end()
    return text[:place] + section + text[place:]


def from_register(row: Instrument) -> str:
    """Return what code and shipped rules say of an instrument: words, parameters, figures."""
    lines = [f"In a rulebook's words: “{row.words}”.", ""]
    if row.parameters:
        lines += [
            "| parameter | meaning | unit | allowed | default |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [_parameter(parameter) for parameter in row.parameters]
    else:
        lines += ["It takes no parameters."]
    lines += ["", *(f"{word}: {_linked(text)}\n" for word, text in stated(row.function).items())]
    lines += [f"Code: `{row.function.__module__}.{row.function.__name__}`."]
    used = list(_used(row))
    if used:
        lines += ["", "| as it ships (place in the list) | figures |", "| --- | --- |", *used]
    return "\n".join(lines)


def _parameter(parameter: Parameter) -> str:
    least = "above" if parameter.above_low else "from"
    allowed = f"{least} {parameter.low:g} to {parameter.high:g}"
    if parameter.by_year:
        allowed += ", or a list by year"
    default = parameter.default
    if isinstance(default, Required):
        standard = "must be given"
    else:
        standard = "no limit" if default is None else f"{default:g}"
    cells = (f"`{parameter.name}`", parameter.meaning, f"[{parameter.unit}]", allowed, standard)
    return f"| {' | '.join(cells)} |"


def stated(function: Any) -> dict[str, str]:
    """Return the Identity and the Source that a rule's docstring states."""
    text = inspect.cleandoc(function.__doc__ or "")
    found = re.findall(r"(Identity|Source): (.*?)(?=\s*(?:Identity|Source):|\n\n|\Z)", text, re.S)
    return {word: " ".join(sentence.split()) for word, sentence in found}


def _linked(text: str) -> str:
    """Return a source with the model as a link."""
    return re.sub(r"^model, instruments(, `\w+`)?( among[^;.]*)?", "[the model](model.md)", text)


def _used(row: Instrument) -> Iterator[str]:
    if row.waterfall == "excess":  # the centre's list, which no shipped rulebook has
        return
    for name in shipped_regimes():
        for book_name, book in shipped_regime(name).rulebooks.items():
            setting = book.find(row.waterfall, row.name)
            if setting is None:
                continue
            figures = [
                f"{p.name} {in_words(setting.parameters[p.name], p.unit)}" for p in row.parameters
            ]
            place = [s.instrument for s in book.waterfall(row.waterfall)].index(row.name) + 1
            said = "; ".join(figures) or "–"
            yield f"| `{name}`, {book_name} ({place}) | {said} |"


def refreshed() -> dict[Path, str]:
    """Return every document that holds the program's own words, as it should be."""
    found = {DOCS / "command-line.md": reference(riskmc)}
    rows = (
        ("figures", figures),
        ("instruments", instruments),
        ("measures", measures),
        ("model", model),
    )
    for name, made in (*rows, *((name, played) for name in PLAYED)):
        path = DOCS / f"{name}.md"
        found[path] = made(path.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the documents again."""
    for path, text in refreshed().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
