"""A real Chromium that looks at a page in a frame of a given width and reports what it measured."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --window-size=1600,1200 --dump-dom"
).split()

# Headless Chromium makes no window narrower than about 500 pixels; a frame may be as narrow as a phone.
_WRAPPER = """<!DOCTYPE html><iframe id="frame" style="border: 0; width: {width}px; height: 900px" srcdoc="{page}"></iframe>
<pre id="report"></pre>
<script>
addEventListener("load", () => {{
  const frame = document.getElementById("frame");
  const page = frame.contentDocument, root = page.documentElement, view = frame.contentWindow;
  const rgba = (text) => {{
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return numbers.length === 3 ? [...numbers, 1] : numbers;
  }};
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
  const background = (element) => {{
    if (!element) return [255, 255, 255, 1];
    const own = rgba(view.getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, background(element.parentElement));
  }};
  const luminance = (colour) => {{
    const [r, g, b] = colour.slice(0, 3).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }};
  const faint = [];
  for (const element of page.body.querySelectorAll("*")) {{
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!text || ["TITLE", "SCRIPT", "STYLE"].includes(element.tagName.toUpperCase())) continue;
    const style = view.getComputedStyle(element), ground = background(element);
    const ink = over(rgba(element.ownerSVGElement ? style.fill : style.color), ground);
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${{contrast.toFixed(2)}} ${{element.tagName}}.${{element.className}}: ${{text.slice(0, 40)}}`);
  }}
  const extra = (() => {{ {script} }})();
  document.getElementById("report").textContent = JSON.stringify({{
    width: view.innerWidth,
    needed: Math.max(root.scrollWidth, page.body.scrollWidth),
    requests: view.performance.getEntriesByType("resource").map((entry) => entry.name),
    active: [...page.querySelectorAll("script, img, iframe, object, embed, link, form, [onerror], [onload], [onclick]")]
      .map((element) => element.outerHTML.slice(0, 60)),
    outside: [...page.querySelectorAll("[src], [href]")].map((element) => element.getAttribute("src") ?? element.getAttribute("href")),
    pwned: Boolean(view.pwned || window.pwned),
    dark: view.matchMedia("(prefers-color-scheme: dark)").matches,
    faint: [...new Set(faint)],
    extra,
  }});
}});
</script>
"""


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail(
        "The reports are looked at in a real browser. Install Chromium: apt-get update && apt-get install chromium"
    )


def look(page: Path, folder: Path, *, width: int, dark: bool = False, script: str = "return null;") -> dict[str, Any]:
    """Measure a page in a frame of ``width`` CSS pixels; ``script`` may use ``page`` and ``view``, and returns ``extra``."""
    wrapper = folder / f"{page.stem}-{width}-{dark}.html"
    wrapper.write_text(
        _WRAPPER.format(width=width, page=html.escape(page.read_text(encoding="utf-8")), script=script),
        encoding="utf-8",
    )
    profile = folder / f"profile-{page.stem}-{width}-{dark}"
    command = [
        find_chromium(),
        *_OPTIONS,
        f"--user-data-dir={profile}",
        f"--blink-settings=preferredColorScheme={int(not dark)}",
    ]
    done = subprocess.run([*command, wrapper.as_uri()], capture_output=True, encoding="utf-8", timeout=180, check=True)
    match = re.search(r'<pre id="report">(.+?)</pre>', done.stdout, re.DOTALL)
    assert match, f"Chromium wrote no report: {done.stderr[-500:]}"
    report: dict[str, Any] = json.loads(html.unescape(match[1]))
    return report
