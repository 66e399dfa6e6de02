"""A visit to the built site."""

from __future__ import annotations

from pathlib import Path

from browser import listen
from playwright.sync_api import BrowserContext, Page

SITE = Path(__file__).parent.parent.parent / "build" / "site"


class Visit:
    """A tab, what its console complained of, and the addresses outside the site that it asked for."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.page: Page = context.new_page()
        self.errors = listen(self.page)
        self.outside: list[str] = []
        self.missing: list[str] = []
        inside = (home, "file:", "data:", "blob:")
        self.page.on(
            "request", lambda asked: self.outside.append(asked.url) if not asked.url.startswith(inside) else None
        )
        self.page.on("response", lambda got: self.missing.append(got.url) if got.status >= 400 else None)

    def to_the_end(self) -> None:
        """Scroll down slowly, so that everything wakes that wakes when it comes near."""
        height, at = self.page.evaluate("document.documentElement.scrollHeight"), 0
        while at < height:
            self.page.evaluate("y => scrollTo(0, y)", at)
            self.page.wait_for_timeout(50)
            at += 700

    def assert_clean(self) -> None:
        assert self.errors == [], self.errors
        assert self.outside == [], self.outside
        assert self.missing == [], self.missing
