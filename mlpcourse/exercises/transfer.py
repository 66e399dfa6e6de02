"""Derivations whose answer stands nowhere in the course: the same means, another question."""

from __future__ import annotations

from mlpcourse.derivation.lines.line import Derivation

TRANSFERS: dict[str, Derivation] = {}
