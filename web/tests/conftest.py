"""The built site, served below a sub-path as on a host that has more than one, and a browser."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from browser import chromium
from playwright.sync_api import Browser, expect
from visits import SITE, Visit

expect.set_options(timeout=30_000)  # for what never comes: how soon something comes is no matter of these tests


class Host(http.server.SimpleHTTPRequestHandler):
    """Serves the folder that the site lies in, and keeps what it was asked for elsewhere."""

    elsewhere: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: object) -> None:
        pass

    def log_request(self, code: object = "-", size: object = "-") -> None:
        if not self.path.startswith(f"/{SITE.name}/"):
            self.elsewhere.append(self.path)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the site's folder."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no site to test: `make site` builds it")
    handler = functools.partial(Host, directory=str(SITE.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{SITE.name}"
        server.shutdown()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(chrome: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    options = getattr(request, "param", {})
    context = chrome.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
    Host.elsewhere.clear()
    yield Visit(context, site, Host.elsewhere)
    context.close()
