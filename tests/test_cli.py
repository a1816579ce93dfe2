"""The command line as a user meets it: exit codes, messages, files, no traceback."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from riskmc.cli import SECTIONS, main, outputs
from riskmc.cli.folder import Folder
from riskmc.cli.output import failure_bounds, headline_text
from riskmc.cli.streams import stop_on_signals
from riskmc.errors import ResultsError
from riskmc.measures import Results
from riskmc.results import check_file, open_results
from riskmc.runs.simulation import run
from riskmc.study import load_study

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "configs" / "example.toml"


def riskmc(*words: str, cwd: Path) -> Result:
    """Give a command in a folder, in this process; what is not turned into a message is raised."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(cwd)
        return CliRunner().invoke(main, words, catch_exceptions=False)


@dataclass(frozen=True)
class Place:
    """A study and its one whole run, which tests read and do not change."""

    folder: Path
    ran: Result

    @property
    def out(self) -> Path:
        return self.folder / "reports" / "my-place"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A starter study with the reports of a run."""
    folder = tmp_path_factory.mktemp("place")
    assert riskmc("new", "my-place", cwd=folder).exit_code == 0
    words = ("run", "my-place.toml", "--draws", "320", "--keep", "headline")
    return Place(folder, riskmc(*words, cwd=folder))


def test_from_new_to_a_report(place: Place) -> None:
    """Would catch a starter that does not validate, or a run that leaves a file out."""
    assert "can be run" in riskmc("validate", "my-place.toml", cwd=place.folder).stdout
    assert place.ran.exit_code == 0, place.ran.stderr
    assert place.ran.stderr == ""
    assert "Net deficit" in place.ran.stdout
    expected = {
        "report.html",
        "annex.pdf",
        "paper.pdf",
        "tables.xlsx",
        "summary.csv",
        "results.nc",
        "run.json",
    }
    assert {file.name for file in place.out.iterdir()} == expected
    record = json.loads((place.out / "run.json").read_text(encoding="utf-8"))
    assert record["draws"] == 320
    assert record["draws_failed"] == 0
    assert len(record["study"]["sha256"]) == 64
    assert riskmc("new", "my-place", cwd=place.folder).exit_code == 2


def test_a_report_written_again_has_the_same_bytes(place: Place) -> None:
    """Would catch a report that hangs on the time, or on what a run knows and its file does not."""
    words = ("report", "reports/my-place", "--outputs", "html", "--out", "again")
    again = riskmc(*words, cwd=place.folder)
    assert again.exit_code == 0, again.stderr
    fresh = (place.folder / "again" / "report.html").read_bytes()
    assert fresh == (place.out / "report.html").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "nowhere.toml"), "nowhere.toml"),
        (("run", "bad.toml"), "did you mean"),
        (("validate", "bad.toml"), "bad.toml:"),
        (("report", "nowhere"), "no such results file"),
        (("replay", "nowhere", "--draw", "1"), "no such results file"),
        (("rules", "devolve"), "did you mean 'devolved'"),
        (("rum", "x.toml"), "did you mean 'run'"),
        (("run", "bad.toml", "--draws", "0"), "--draws"),
        (("run", "bad.toml", "--memory", "lots"), "2GB"),
        (("run", "bad.toml", "--drows", "9"), "--draws"),
    ],
)
def test_wrong_input_gets_a_message_and_exit_code_2(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """Would catch a traceback, an exit code of 1 or 0, or a message on standard output."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("grant_growth", "grant_grwoth", 1)
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = riskmc(*words, cwd=tmp_path)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_the_program_itself_ends_with_the_code_and_the_message(tmp_path: Path) -> None:
    """Would catch an entry point that loses the exit code, and a warning as the program starts."""
    command = [sys.executable, "-W", "error", "-m", "riskmc", "validate", "nowhere.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("riskmc: ")
    assert "nowhere.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_reports_faults_to_scripts(tmp_path: Path) -> None:
    """Would catch faults that only a person can read."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("grant_growth", "grant_grwoth", 1)
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = riskmc("validate", "bad.toml", "--json", cwd=tmp_path)
    assert done.exit_code == 2
    (problem,) = json.loads(done.stdout)["problems"]
    line = text.splitlines().index(next(x for x in text.splitlines() if "grant_grwoth" in x)) + 1
    assert (problem["file"], problem["line"]) == ("bad.toml", line)
    assert problem["nearest"] == "grant_growth"
    assert f"bad.toml:{line}" in done.stderr


def test_every_command_speaks_json(place: Place, tmp_path: Path) -> None:
    """Would catch a command that a script cannot read."""
    out = str(place.out)
    run = riskmc("run", str(EXAMPLE), "--draws", "160", "--no-report", "--json", cwd=tmp_path)
    answers = [
        run,
        riskmc("validate", str(EXAMPLE), "--json", cwd=tmp_path),
        riskmc("new", "place", "--json", cwd=tmp_path),
        riskmc("schema", "--json", cwd=tmp_path),
        riskmc("rules", "--json", cwd=tmp_path),
        riskmc("rules", "current", "--json", cwd=tmp_path),
        riskmc("replay", out, "--draw", "3", "--json", cwd=tmp_path),
        riskmc("report", out, "--for", "hospital", "--outputs", "xlsx", "--out", "one", "--json",
               cwd=tmp_path),
    ]  # fmt: skip
    for answer in answers:
        assert answer.exit_code == 0, answer.stderr
        json.loads(answer.stdout)
    headline = json.loads(run.stdout)["headline"]
    assert set(headline) == {"place", "acute", "ccg", "borough"}


def at_a_terminal(*words: str, cwd: Path) -> tuple[int, str]:
    """Run a command at a terminal; return its exit code and what was to be seen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "riskmc", *words], cwd=cwd, stdin=theirs, stdout=theirs,
        stderr=theirs, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    return process.wait(), seen.decode(errors="replace")


def test_a_run_at_a_terminal_shows_how_far_it_is_and_what_is_odd(tmp_path: Path) -> None:
    """Would catch a progress bar that fails, which no pipe shows, and per cents typed for shares
    that only `validate` would have told of."""
    text = EXAMPLE.read_text(encoding="utf-8")
    odd = text.replace("median = 0.008\np95 = 0.030", "median = 0.8\np95 = 3.0")
    assert odd != text
    (tmp_path / "odd.toml").write_text(odd, encoding="utf-8")
    words = ("run", "odd.toml", "--draws", "9000", "--keep", "summaries")
    code, seen = at_a_terminal(*words, cwd=tmp_path)
    assert code == 0, seen
    assert re.search(r"[\d,]+ of 9,\d\d\d futures", seen)
    assert re.search(r"0:00:\d\d", seen), "no time left"
    assert "Net deficit" in seen
    assert seen.count("in_year_cut") == 1, "said once"
    assert "in_year_cut was outside its range (0 to 1) in" in " ".join(seen.split())


def test_a_folder_is_for_one_run_at_a_time(tmp_path: Path) -> None:
    """Would catch two runs writing the same files."""
    folder = Folder(tmp_path / "out")
    folder.open()
    done = riskmc("run", str(EXAMPLE), "--draws", "160", "--out", "out", cwd=tmp_path)
    assert done.exit_code == 1
    assert "another run is using this folder" in done.stderr
    folder.publish()
    assert riskmc("run", str(EXAMPLE), "--draws", "160", "--keep", "summaries", "--out", "out",
                  cwd=tmp_path).exit_code == 0  # fmt: skip


def test_a_run_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    """Would catch empty folders in the reports of those who typed a nought too many."""
    done = riskmc("run", str(EXAMPLE), "--draws", "5000000000", "--keep", "all", "--out", "out",
                  cwd=tmp_path)  # fmt: skip
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_run_whose_report_is_to_come_is_not_replaced_by_another(tmp_path: Path) -> None:
    """Would catch simulated futures thrown away for those of another seed."""
    workshop = tmp_path / "out" / ".unfinished"
    workshop.mkdir(parents=True)
    made = run(load_study(EXAMPLE), draws=160, keep="summaries", out=workshop / "results.nc")
    made.close()
    words = ("run", str(EXAMPLE), "--draws", "160", "--keep", "summaries", "--out", "out")
    other = riskmc(*words, "--seed", "7", cwd=tmp_path)
    assert other.exit_code == 1
    assert "unfinished and that differs in seed" in other.stderr
    began = (workshop / "results.nc").stat().st_mtime_ns
    done = riskmc(*words, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "results.nc").stat().st_mtime_ns == began, "simulated again"
    check_file(tmp_path / "out")


def test_several_studies_get_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a batch that stops after the first study, or an index with dead links."""

    def stub(making: outputs.OutputRequest) -> None:
        (making.folder / "report.html").write_text("a page", encoding="utf-8")

    rows = [replace(row, write=stub) for row in outputs.OUTPUTS if row.name == "html"]
    monkeypatch.setattr(outputs, "OUTPUTS", tuple(rows))
    for name in ("north", "south"):
        assert riskmc("new", name, cwd=tmp_path).exit_code == 0
    done = riskmc("run", "north.toml", "south.toml", "--draws", "160", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    for name in ("north", "south"):
        assert f'href="{name}/report.html"' in page
        assert (tmp_path / "reports" / name / "report.html").exists()
    comparison = (tmp_path / "reports" / "comparison.csv").read_text(encoding="utf-8")
    assert comparison.count("net_deficit") == 2 * 5  # three regimes, two differences


def test_help_needs_no_slow_library() -> None:
    """Would catch an import at the top that makes every command wait for seconds."""
    code = (
        "import sys; from riskmc.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {"numpy", "scipy", "xarray", "matplotlib", "pydantic", "h5netcdf", "rich", "jinja2"}
    assert slow.isdisjoint(done.stderr.split())


def test_failed_draws_are_shown_as_bounds() -> None:
    """Would catch chances printed as if draws that are not finite had never been drawn."""
    results = run(load_study(EXAMPLE), draws=160, keep="all")
    assert failure_bounds(Results(results)) == []
    results["place"]["balance"].values[0, 3, 5, 0] = float("nan")
    said = failure_bounds(Results(results))
    assert len(said) == 2 * 3
    assert "without the 1 draws that failed, between" in said[0]


def test_every_command_is_listed_with_an_example() -> None:
    """Would catch a command that `riskmc --help` leaves out, or one without an example."""
    listed = [name for section in SECTIONS.values() for name in section]
    assert sorted(listed) == sorted(main.commands)
    for name, command in main.commands.items():
        assert f"riskmc {name} " in (command.help or ""), name
    assert max(len(words) for section in SECTIONS.values() for words in section.values()) < 66


def test_a_narrow_terminal_breaks_no_line(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch columns side by side that the terminal cannot hold, which it then tangles."""
    view = Results(open_results(place.out))
    for width in (40, 60, 80):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = headline_text(view).splitlines()
        assert max(map(len, lines)) <= width
        assert sum("Net deficit" in line for line in lines) >= 2, "one block was enough"
    view.tree.close()


def test_output_in_few_characters_is_no_fault(place: Place) -> None:
    """Would catch a traceback, after the whole run, for a quotation mark that latin-1 lacks."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(place.folder)
        words = ("run", "my-place.toml", "--draws", "64", "--no-report", "--out", "latin")
        done = CliRunner(charset="latin-1").invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "?Cannot happen?" in done.stdout


def test_a_file_name_that_is_no_text_is_kept_as_far_as_it_is(tmp_path: Path) -> None:
    """Would catch a run that ends in HDF5's traceback for the name of its study."""
    file = tmp_path / os.fsdecode(b"caf\xc3\xa9 \xff.toml")
    file.write_bytes(EXAMPLE.read_bytes())
    done = riskmc("run", str(file), "--draws", "64", "--no-report", "--out", "out", cwd=tmp_path)
    assert done.exit_code == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["study"]["file"] == "café \ufffd.toml"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_scheduler_stops_a_command_as_ctrl_c_does(number: signal.Signals) -> None:
    """Would catch a run ended by SIGTERM without a word of how to go on; nohup is let be."""
    before = signal.getsignal(number)
    try:
        signal.signal(number, signal.SIG_DFL)
        stop_on_signals()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        signal.signal(number, signal.SIG_IGN)
        stop_on_signals()
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_table_is_written_before_it_is_printed(monkeypatch: pytest.MonkeyPatch,
                                                 tmp_path: Path) -> None:  # fmt: skip
    """Would catch files that are missing because the reader of the table (head, say) was gone,
    and a folder that cannot be written found out after the work."""
    key = "drivers.funding_shock.mean=0.0"
    words = ("sweep", str(EXAMPLE), "--over", key, "--draws", "64", "--out")
    monkeypatch.setattr("click.echo", _closed_pipe)
    assert riskmc(*words, "out", cwd=tmp_path).exit_code == 1
    assert (tmp_path / "out" / "sweep.csv").exists()
    monkeypatch.undo()
    (tmp_path / "file").touch()
    monkeypatch.setattr("riskmc.variants.sweep", _closed_pipe)
    done = riskmc(*words, "file/out", cwd=tmp_path)
    assert done.exit_code == 2
    assert "file/out: cannot be written" in done.stderr


def _closed_pipe(*_: object, **__: object) -> None:
    raise BrokenPipeError


def test_results_that_may_not_be_read_say_so(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    """Would catch HDF5's own words, or the blame put on standard output."""

    def closed(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(ResultsError, match=r"results\.nc: cannot be read: Permission denied"):
        open_results(place.out)


@pytest.mark.parametrize("option", ["--neutral", "--attribute"])
def test_what_needs_two_sets_of_rules_is_refused_for_one(option: str, tmp_path: Path) -> None:
    """Would catch an option that does nothing, and says nothing."""
    study = load_study(EXAMPLE)
    study.replaced(regimes={"current": study.regimes["current"]}, behaviour={}).save(
        tmp_path / "one.toml"
    )
    done = riskmc("run", "one.toml", option, "--out", "out", cwd=tmp_path)
    assert done.exit_code == 2
    assert f"{option}: one.toml has one set of rules" in done.stderr
    assert not (tmp_path / "out").exists()


def test_linear_algebra_has_one_thread_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch threads that wait for each other, or a setting of the user lost."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    CliRunner().invoke(main, ["--version"])
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    CliRunner().invoke(main, ["--version"])
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
