"""The page in a real browser: accessible, quiet, narrow enough, and working by keyboard."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from riskmc.measures import deficit_exceedance
from riskmc.report.html import render_html
from riskmc.report.model import Report

if TYPE_CHECKING:
    import xarray as xr

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WIDTHS = (1280, 390)


def no_browser(reason: str) -> None:
    """Skip, or fail where a browser was promised."""
    if os.environ.get("RISKMC_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    helper = shutil.which("chromedriver")
    if program is None or helper is None:
        no_browser("no chromium with its chromedriver here")
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for flag in FLAGS:
        options.add_argument(flag)
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options.add_argument(f"--user-data-dir={profile}")
        found = selenium.Chrome(options=options, service=Service(helper))
        yield found
        found.quit()


@pytest.fixture(scope="module")
def page(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(report), encoding="utf-8")
    return path


def show(driver: Any, page: Path, *, width: int = 1280, dark: bool = False) -> None:
    """Open the page at a width, light or dark."""
    driver.get_log("browser")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    driver.get(page.as_uri())


def open_everything(driver: Any) -> None:
    driver.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")


def axe() -> str:
    folder = resources.files("axe_selenium_python")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light", "dark"])
def test_no_accessibility_violation(driver: Any, page: Path, width: int, dark: bool) -> None:
    """Would catch low contrast, lost labels, headings out of order, unreachable scrolling."""
    show(driver, page, width=width, dark=dark)
    open_everything(driver)
    driver.execute_script("window.dispatchEvent(new Event('resize'))")
    driver.execute_script(axe())
    found = driver.execute_async_script(
        "var done = arguments[arguments.length - 1]; axe.run().then(r => done(r.violations));"
    )
    told = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
    assert told == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_console_message(driver: Any, page: Path, width: int) -> None:
    """Would catch a script that fails, or a request that the page's policy refuses."""
    show(driver, page, width=width)
    assert driver.get_log("browser") == []


@pytest.mark.parametrize("width", [390, 320, 768, 1280])
def test_no_sideways_scrolling(driver: Any, page: Path, width: int) -> None:
    """Would catch a table or figure that pushes the page wider than the screen."""
    show(driver, page, width=width)
    open_everything(driver)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


def test_at_200_percent_nothing_is_lost(driver: Any, page: Path) -> None:
    """Would catch text that is cut off when a reader doubles its size."""
    show(driver, page, width=640)
    driver.execute_script("document.documentElement.style.fontSize = '200%'")
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 640


def test_what_scrolls_can_be_reached_by_keyboard(driver: Any, page: Path) -> None:
    """Would catch a wide table that only a mouse can move."""
    show(driver, page, width=390)
    open_everything(driver)
    driver.execute_script("window.dispatchEvent(new Event('resize'))")
    unreachable = driver.execute_script(
        "return Array.from(document.querySelectorAll('.scroll')).filter("
        "r => r.scrollWidth > r.clientWidth && r.tabIndex !== 0).length"
    )
    assert unreachable == 0


def test_tables_sort_and_go_back(driver: Any, page: Path) -> None:
    """Would catch sorting by text where there are numbers, or an order that is lost."""
    show(driver, page)
    column = 2
    read = (
        "return Array.from(document.querySelectorAll('#deficit-table tbody tr')).map("
        f"r => Number(r.cells[{column}].dataset.value))"
    )
    before = driver.execute_script(read)
    click = f"document.querySelectorAll('#deficit-table thead button')[{column}].click()"
    state = (
        "return document.querySelectorAll('#deficit-table thead th')"
        f"[{column}].getAttribute('aria-sort')"
    )
    driver.execute_script(click)
    assert driver.execute_script(read) == sorted(before)
    assert driver.execute_script(state) == "ascending"
    driver.execute_script(click)
    assert driver.execute_script(read) == sorted(before, reverse=True)
    driver.execute_script(click)
    assert driver.execute_script(read) == before
    assert driver.execute_script(state) is None


def test_the_explorer_says_what_the_measure_says(
    driver: Any, page: Path, results: xr.DataTree
) -> None:
    """Would catch an explorer that reads another curve, or rounds another way."""
    show(driver, page)
    for body, regime, amount in (("place", "current", 100.0), ("borough", "devolved", 20.0)):
        _choose(driver, body=body, year="horizon", regime=regime, amount=amount)
        found = deficit_exceedance(
            results, levels=(amount,), over="horizon", organisation=body, regime=regime
        )
        share = 100.0 * float(found["value"].squeeze())
        told = driver.execute_script(
            "return document.querySelector('#explorer-answer p').textContent"
        )
        count = re.search(r"(\d+) of 100 simulated futures", told)
        assert count is not None, told
        assert abs(int(count[1]) - share) <= 0.5 + 0.2 + 1e-9
        rest = re.search(r"; (\d+) do not", told)
        assert rest is not None
        assert int(count[1]) + int(rest[1]) == 100


def _choose(driver: Any, **chosen: object) -> None:
    for name, value in chosen.items():
        driver.execute_script(
            "var e = document.getElementById(arguments[0]); e.value = arguments[1];"
            "e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change'));",
            f"explorer-{name}",
            str(value),
        )


def test_the_explorer_works_by_keyboard(driver: Any, page: Path) -> None:
    """Would catch an explorer that only a mouse can work, or that does not speak."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    show(driver, page)
    answer = driver.find_element(By.ID, "explorer-answer")
    assert answer.get_attribute("aria-live") == "polite"
    before = answer.text
    slider = driver.find_element(By.ID, "explorer-slider")
    slider.send_keys(Keys.END)
    assert answer.text != before
    assert "none of the 2,048" in answer.text
    driver.find_element(By.ID, "explorer-body").send_keys("Acute")
    assert answer.text.startswith("Acute hospital trust")


def test_the_skip_link_leads_to_the_report(driver: Any, page: Path) -> None:
    """Would catch a skip link that cannot be seen or leads nowhere."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    show(driver, page)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    link = driver.switch_to.active_element
    assert link.get_attribute("class") == "skip"
    assert link.location["x"] >= 0
    link.send_keys(Keys.ENTER)
    assert driver.execute_script("return document.activeElement.id") == "main"


def test_everything_is_printed(driver: Any, page: Path) -> None:
    """Would catch a printed report with closed boxes."""
    show(driver, page)
    driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details:not([open])').length"
    assert driver.execute_script(closed) == 0
    driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert driver.execute_script(closed) > 0


def test_without_scripts_the_report_is_whole(driver: Any, page: Path) -> None:
    """Would catch a report that needs its script for more than sorting and exploring."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(driver, page)
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "1. Summary" in driver.page_source
    assert "<noscript>" in driver.page_source
