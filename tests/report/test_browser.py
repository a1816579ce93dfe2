"""The page in a browser: no overflow at any width, text large enough on a phone."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from report_cases import report_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
PROBE = """<script>window.onload=function(){
var r={wide:document.documentElement.scrollWidth,small:[],clipped:[]};
document.querySelectorAll('figure svg').forEach(function(s){var b=s.getBoundingClientRect();
if(!b.width)return;
s.querySelectorAll('text').forEach(function(t){var q=t.getBoundingClientRect();
if(q.left<b.left-2||q.right>b.right+2)r.clipped.push(t.textContent)})});
var w=document.createTreeWalker(document.querySelector('main'),4),n;
while(n=w.nextNode()){if(!n.textContent.trim())continue;
if(n.parentElement.closest('details:not([open])'))continue;
var f=parseFloat(getComputedStyle(n.parentElement).fontSize),e=n.parentElement.closest('svg');
if(e&&e.viewBox.baseVal.width){f=f*e.getBoundingClientRect().width/e.viewBox.baseVal.width}
if(f<10.9)r.small.push([n.textContent.trim().slice(0,20),f])}
var o=document.createElement('pre');o.id='probe';o.textContent=JSON.stringify(r);
document.body.appendChild(o)}</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 794, 1280])
def test_nothing_overflows_and_all_can_be_read(width: int, tmp_path: Path) -> None:
    """Would catch a table wider than a phone, a label cut off, text too small to read."""
    page = tmp_path / "page.html"
    page.write_text(report_of(2, 13).html().replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    # a headless window is never narrower than 500: the phone is a frame in one
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe id="f" src="page.html" width="{width}" height="3000"></iframe>', encoding="utf-8"
    )
    assert BROWSER is not None
    target = page if width >= 600 else frame
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--allow-file-access-from-files", f"--window-size={max(width, 600)},2000",
        "--virtual-time-budget=4000", "--dump-dom", target.as_uri(),
    ]  # fmt: skip
    if target is frame:
        script = (
            "<script>window.onload=function(){setTimeout(function(){"
            "document.body.innerHTML=document.getElementById('f').contentDocument"
            ".getElementById('probe').outerHTML},1500)}</script>"
        )
        frame.write_text(frame.read_text(encoding="utf-8") + script, encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stderr[-500:]
    seen = json.loads(html.unescape(found[1]))
    assert seen["wide"] <= width + 1
    assert seen["clipped"] == []
    if width == 390:
        assert seen["small"] == []
