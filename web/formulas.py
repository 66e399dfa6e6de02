"""Formulas, set by KaTeX when the site is built: they stand at once, without JavaScript, and on paper."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

# What a text holds besides its words: code, which may hold dollar signs, and formulas.
_PARTS = re.compile(
    r"(?P<code>^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|<code>.*?</code>)"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>align|equation|gather)(?P<star>\*?)\}.*?\\end\{(?P=name)(?P=star)\})"
    r"|(?<![\\$])\$(?P<inline>[^$\s](?:[^$]*?[^$\s\\])?)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_PLACE = re.compile(r"⟦(\d+)⟧([,.;:!?)]*)")
_SHORT = 24  # letters of a formula that stands in one line on a phone, too


class Formulas:
    """The formulas of a site: taken out of texts, set all together, and put back."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, bool], int] = {}
        self.set: list[str] = []

    def take(self, text: str, *, escaped: bool = False) -> str:
        """``text`` with a mark in place of each formula, so that nothing takes its signs for Markdown's.

        In HTML (``escaped``) a formula's own signs are written as HTML writes them.
        """

        def taken(found: re.Match[str]) -> str:
            if found["code"]:
                return found[0]
            tex, display = found["inline"] or found["display"] or found["environment"], not found["inline"]
            return self.mark(html.unescape(tex) if escaped else tex, display=display)

        return _PARTS.sub(taken, text)

    def mark(self, tex: str, *, display: bool) -> str:
        return f"⟦{self.all.setdefault((tex.strip(), display), len(self.all))}⟧"

    def typeset(self, tools: Path) -> None:
        """Run KaTeX, which npm has put below ``tools``. Raises RuntimeError with KaTeX's own words."""
        asked = json.dumps([{"tex": _apart(tex), "display": display} for tex, display in self.all])
        done = subprocess.run(
            ["node", "katex.mjs"], cwd=tools, input=asked, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"KaTeX: {done.stderr.strip()[-2000:]}")
        # What may be wider than a phone is reached by the keyboard, too; site.js lets go of what is not.
        plain, reached = 'class="katex-display"', 'class="katex-display" tabindex="0"'
        self.set = [one.replace(plain, reached, 1) for one in json.loads(done.stdout)]

    def put_back(self, page: str) -> str:
        """``page`` with its formulas; behind a short one no line ends before a comma."""
        known = list(self.all)

        def put(found: re.Match[str]) -> str:
            (tex, display), shown = known[int(found[1])], self.set[int(found[1])]
            if found[2] and not display and len(_letters(tex)) <= _SHORT:
                return f'<span class="whole">{shown}{found[2]}</span>'
            return shown + found[2]

        return _PLACE.sub(put, page)

    def as_words(self, text: str) -> str:
        """For the search index and titles: a formula as its letters."""
        known = list(self.all)
        return _PLACE.sub(lambda found: _letters(known[int(found[1])][0]) + found[2], text)


def _apart(tex: str) -> str:
    """With room between cases that are fractions: their rows touch in KaTeX, which measures from the line of text."""
    cases = re.compile(r"\\begin\{cases\}.*?frac.*?\\end\{cases\}", re.DOTALL)
    return cases.sub(lambda found: found[0].replace(r"\\", r"\\[1.4em]"), tex)


def _letters(tex: str) -> str:
    plain = re.sub(r"\\(?:dfrac|frac)\{(.*?)\}\{(.*?)\}", r"\1/\2", html.unescape(tex))
    plain = re.sub(r"\\(?:text|mathrm|operatorname)\{(.*?)\}", r"\1", plain)
    plain = plain.replace(r"\partial", "d").replace(r"\delta", "delta")
    plain = re.sub(r"\\(?:displaystyle|left|right|q?quad|hfill|begin\{\w+\}|end\{\w+\})|\\[\\,;:! ]|&", " ", plain)
    return re.sub(" +", " ", re.sub(r"[\\{}_$^]", "", plain)).strip()
