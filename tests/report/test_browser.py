"""The page in a browser: nothing overflows or is cut, all can be read, touched and printed."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest
from report_cases import report_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
PROBE = """<script>window.onload=function(){
var r={wide:document.documentElement.scrollWidth,small:[],clipped:[],untouchable:[],cut:[]};
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
document.querySelectorAll('details').forEach(function(d){d.open=true});
document.querySelectorAll('button,select,input,summary,a,[tabindex]').forEach(function(e){
e.focus();var b=(e.closest('label')||e).getBoundingClientRect();
if(b.width&&(b.width<44||b.height<44)||e.tabIndex>0)
r.untouchable.push([e.tagName,e.textContent.trim().slice(0,20),b.width,b.height])});
document.querySelectorAll('td,th,td *,th *').forEach(function(e){var s=getComputedStyle(e);
if(s.display=='inline'||!e.clientWidth)return;
if(e.scrollWidth>e.clientWidth+1||s.overflowY!='visible'&&e.scrollHeight>e.clientHeight+1)
r.cut.push(e.textContent.trim().slice(0,30))});
document.querySelectorAll('table').forEach(function(t){
if(t.getBoundingClientRect().right>innerWidth+1&&getComputedStyle(t.parentElement).overflowX!='auto')
r.cut.push(t.textContent.trim().slice(0,30))});
var o=document.createElement('pre');o.id='probe';o.textContent=JSON.stringify(r);
document.body.appendChild(o)}</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 794, 1280])
def test_nothing_overflows_and_all_can_be_read(width: int, tmp_path: Path) -> None:
    """Would catch a table wider than a phone, a label cut off, text too small to read, cut inside
    a table or out of reach, and a control that a finger misses or that is out of its order."""
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
    assert seen["untouchable"] == []
    assert seen["cut"] == []
    if width == 390:
        assert seen["small"] == []


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_the_paper_prints_on_four_pages(tmp_path: Path) -> None:
    """Would catch pages that hold a foot only, and an annex that nobody opened."""
    page, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(report_of(2, 3).html(), encoding="utf-8")
    assert BROWSER is not None
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        f"--print-to-pdf={printed}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert len(pypdf.PdfReader(printed).pages) == 4
