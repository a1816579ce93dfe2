"""Words that a finance officer would not write: none in messages, docstrings, docs or configs.

The test walks every string, docstring and comment of the package, notebooks and benchmarks, the
Markdown (docs/arguments too) and the study files, so that a phrase banned once does not come back.
Names of files, functions, variables and examples are walked in the tests too.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: What is not written, and what is.
BANNED = {
    r"tell|tells|told|telling|retold|retells?": "say, show, report, distinguish, ask",
    r"beside": "alongside, with, next to, as well as",
    r"(?<!as it )(?<!as they )(?<!rules )(?<!study )(?<!rulebook )"
    r"(?:stands?|stood)(?! for| out| alone| in for| it)": "is, is given, is shown",
    r"anew": "again, newly",
    r"mend|mends|mended|mending": "fix, repair",
    r"spoilt|spoiled": "damaged",
    r"dear|dearer|dearest": "expensive, costly",
    r"lies? here|lies? there": "is here, holds",
    r"touches nobody|followed by nobody": "has no effect",
    r"has not the|have not the|has it not|has not(?=[.,;\"'])": "does not have",
    r"goes? round in a circle": "is circular",
    r"twice over|one too many of": "is defined twice, is surplus to",
    r"wishes|mood": "requests, willingness",
    r"of one's own|the asker": "user-supplied, the parent",
    r"the same command goes on": "run the same command to resume",
    r"a little to its kind side|breaks us": "slightly better than its median, triggers a rescue",
    r"futures are so": "this describes",
    r"as far as each says": "each contract keeps its own",
    r"touches nothing|nobody can plan for": "has no effect, planners need",
    r"(?:is|are|it is) no (?:unit|workbook|file|table|probability|delivery|regime of|year of|"
    r"word of|way to|organisation of|financial year)": "is not a",
    r"cannot be with|beyond its meaning|taken as the nearest end": "cannot be combined with, "
    r"outside its range, the nearest limit is used",
    r"for want of": "without, for lack of",
    r"likeliest|comes less often|need of a rescue": "most likely, is needed less often",
    r"what came (?:lay|inside)": "where the outcome fell",
    r"one a (?:future|processor)|once a future": "one per future, once per future",
    r"far oftener|nobody's law": "far more often, no law",
    r"(?:that|which) can(?:not)? be(?: is| \()": "possible, impossible",
    r"kind side|a kind one": "favourable",
    r"is seen; where|no plan knows of": "is detected, no plan allows for",
    r"is no (?:proof|evidence|risk|forecast)": "is not",
    r"besides": "as well as, in addition, too",
    r"no draw is kept": "draws are not kept",
    r"(?:is|are|be|was|were|none is) taken up|take up what": "is resumed, is read",
    r"(?:run|tree) of another kind": "another run, not a results tree",
    r"in whatever order|one behind the other": "in any order, one after the other",
    r"another coin|in another's coin": "trade-offs",
    r"(?:wants|want) first": "headline results",
    r"hand(?:s|ed) in": "supply, pass, return",
    r"laid down|looked over": "stored, checked",
    r"(?:blocks are|task|all is) done again": "is run again",
    r"(?<!each )one's own": "user-supplied, your own",
    r"streamed|(?:folded|kept) in streams": "summarised (streams are of random numbers)",
}
#: Words that no name has, in part or whole.
BANNED_NAMES = {
    *("tell", "tells", "told", "retold", "beside", "besides", "anew", "mend", "mended", "mends"),
    *(
        "spoilt",
        "spoiled",
        "dear",
        "dearest",
        "mood",
        "coin",
        "asker",
        "stands",
        "stood",
        "streamed",
        "dearer",
        "touches",
    ),
}

#: What contains a banned word and is right: by the text around it.
ALLOWED = re.compile(r"stands in its own deficit")

_WORDS = {
    re.compile(rf"(?<![\w`.\[/-])(?:{words})(?![\w(`\]=])", re.I): instead
    for words, instead in BANNED.items()
}


_ANY_BANNED = re.compile(rf"(?<![a-z])(?:{'|'.join(BANNED_NAMES)})(?![a-z])", re.I)


def programs(*folders: str) -> list[Path]:
    """Return the programs in folders, which are package, notebooks and benchmarks by default."""
    found = (ROOT / name for name in folders or ("src", "notebooks", "benchmarks"))
    return sorted(path for folder in found for path in folder.rglob("*.py"))


def names(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every name of a program that holds a banned word, ids of tests too."""
    if not _ANY_BANNED.search(source):
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and _banned(token.string):
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in ("id", "ids"):
            for part in ast.walk(node.value):
                if isinstance(part, ast.Constant) and _banned(str(part.value)):
                    yield part.lineno, str(part.value)


def _banned(name: str) -> bool:
    return bool(BANNED_NAMES & {*re.split(r"[^a-z]+", name.lower())})


def texts() -> Iterator[tuple[str, int, str]]:
    """Yield file, line and text of everything that is read by people."""
    for path in programs():
        yield from _python(path)
    tables = ("configs/**/*.toml", "src/**/*.toml", "docs/arguments/*")
    templates = ("src/**/*.typ", "src/**/*.j2", "src/**/*.md")
    for pattern in ("docs/*.md", "*.md", ".github/**/*.md", "Makefile", *tables, *templates):
        for path in sorted(ROOT.glob(pattern)):
            if path.name != "CHANGELOG.md":
                yield path.relative_to(ROOT).as_posix(), 1, path.read_text(encoding="utf-8")


def _python(path: Path) -> Iterator[tuple[str, int, str]]:
    name = path.relative_to(ROOT).as_posix()
    source = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = token.string
        if token.type == tokenize.STRING:
            if re.match(r"[rRbBuU]*[fF]", text):
                text = re.sub(r"\{[^{}]*\}", "{}", text)
            if re.fullmatch(r"[a-zA-Z]*(['\"]+)[\w.-]*\1", text):
                continue  # a key, not a phrase
        elif token.type != tokenize.COMMENT:
            continue
        yield name, token.start[0], text


def faults(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line offset, phrase and what to write instead."""
    for pattern, instead in _WORDS.items():
        for found in pattern.finditer(text):
            around = text[max(0, found.start() - 30) : found.end() + 30]
            if not ALLOWED.search(around):
                yield text.count("\n", 0, found.start()), " ".join(around.split()), instead


def test_no_phrase_of_the_list_is_written() -> None:
    """Would catch dialect that comes back into a message, a docstring or the docs."""
    found = [
        f"{name}:{line + offset}: …{around}… (write: {instead})"
        for name, line, text in texts()
        for offset, around, instead in faults(text)
    ]
    assert not found, "\n".join(found)


def test_no_name_holds_a_word_of_the_list() -> None:
    """Would catch `told` and `beside` as names of what is computed, and in names of tests."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in programs("src", "notebooks", "benchmarks", "tests")
        for line, name in ((0, path.stem), *names(path.read_text(encoding="utf-8")))
        if _banned(name)
    ]
    assert not found, "\n".join(found)
    assert list(names("rows_told = beside")) == [(1, "rows_told"), (1, "beside")]
    assert list(names("param(id='is told of')")) == [(1, "is told of")]


@pytest.mark.parametrize(
    "text", ["'reserves' stands twice", "told apart", "it stood in A7", "costs more, and is dearer"]
)
def test_the_list_finds_what_it_bans(text: str) -> None:
    """Would catch a pattern that matches nothing."""
    assert list(faults(text))


@pytest.mark.parametrize(
    "text", ["one row stands for all", "the study as it stands", "`standing`", "foretold", "twice"]
)
def test_the_list_leaves_good_english_alone(text: str) -> None:
    """Would catch a pattern that bans too much."""
    assert not list(faults(text))
