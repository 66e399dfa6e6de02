"""What a lesson shows of the handout: equations as handed out, section by section, and slips with their refutations."""

import itertools
import re

import pytest

from mlpcourse.derivation.handout import HANDOUT, HANDOUT_SLIPS, SECTIONS, refute, show_handout, show_slips
from mlpcourse.derivation.typesetting import plain_tex


def test_every_equation_is_in_one_section_in_order():
    assert list(itertools.chain.from_iterable(SECTIONS.values())) == list(HANDOUT)


def test_an_equation_is_shown_in_one_row_as_it_was_handed_out():
    *_, row = show_handout("H02", "H12")._repr_markdown_().splitlines()
    assert row == rf"| H12 | $\displaystyle {HANDOUT['H12']}$ |"
    assert repr(show_handout("H12")) == "H12  = [-y_ti(1 - A_2i) if i = k, y_ti A_2k if i != k] (2)"


@pytest.mark.parametrize("formula", [*HANDOUT.values(), *(slip.says for slip in HANDOUT_SLIPS.values())])
def test_a_formula_of_the_page_can_be_read_as_text(formula: str):
    """No sign of LaTeX is left, brackets match, and every letter with its index stands there as often as before."""
    text = plain_tex(formula)
    assert not re.search(r"[\\{}$&]|  |frac|ldots", text)
    assert [text.count(one) for one in "(["] == [text.count(one) for one in ")]"]
    named = re.sub(r"_\{(\w+)\}", r"_\1 ", re.sub(r"\\mathbf\{(\w)\}", r"\1", formula))
    assert sorted(re.findall(r"[Awbyz]_\w+", text)) == sorted(re.findall(r"[Awbyz]_\w+", named))


@pytest.mark.parametrize("name", ["H33", "h12", ""])
def test_an_equation_that_does_not_exist_is_named(name: str):
    with pytest.raises(ValueError, match=f"{name!r} was asked for"):
        show_handout("H01", name)


def test_a_slip_is_loud_where_it_does_not_run_and_silent_where_its_numbers_are_wrong():
    verdicts = {row[0].replace(" ", "_"): row[-1] for row in show_slips().rows}
    assert list(verdicts) == list(HANDOUT_SLIPS)
    for name, verdict in verdicts.items():
        found = refute(name)
        if percent := re.search(r"(\d+)% off", verdict):
            assert int(percent[1]) == pytest.approx(100 * found.error, abs=0.5)
        assert verdict.startswith("silent") == (found.how == "the numbers differ")
    assert "shape (3, 1)" in verdicts["order_of_factors"]
    assert verdicts["kink"].startswith("a choice")
