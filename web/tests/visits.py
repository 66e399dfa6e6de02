"""A visit to the built site."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from browser import listen
from playwright.sync_api import BrowserContext, Page, Request

SITE = Path(__file__).parent.parent.parent / "build" / "site"


# JupyterLite's worker wakes itself by asking its host's root for this, and answers itself.
HEARTBEAT = "/api/service-worker-heartbeat"


def stays(request: Request) -> bool:
    """Whether a request outside the site is the one that never leaves the browser."""
    if urlsplit(request.url).path != HEARTBEAT:
        return False
    answer = request.response()
    return answer is not None and answer.from_service_worker


class Visit:
    """A tab, what its console complained of, and the addresses outside the site that it or its workers asked for."""

    def __init__(self, context: BrowserContext, home: str, elsewhere: list[str]) -> None:
        self.page: Page = context.new_page()
        self.errors = listen(self.page)
        self.elsewhere = elsewhere  # what the host itself was asked for outside the site
        self.missing: list[str] = []
        self._strangers: list[Request] = []
        inside = (home, "file:", "data:", "blob:")
        context.on("request", lambda asked: None if asked.url.startswith(inside) else self._strangers.append(asked))
        context.on("response", lambda got: self.missing.append(got.url) if got.status >= 400 else None)

    @property
    def outside(self) -> list[str]:
        return [*(request.url for request in self._strangers if not stays(request)), *self.elsewhere]

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
