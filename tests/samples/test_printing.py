from __future__ import annotations

import numpy as np
import pytest

from sigforensics.samples.printing import Press


def test_a_rule_stands_where_it_was_placed():
    press = Press(254.0)  # ten pixels a millimetre
    press.rule(20, 50, 30)
    rows, columns = np.nonzero(press.absorbance(1.0))
    assert rows.min() == pytest.approx(500, abs=1)
    assert (columns.min(), columns.max()) == (200, 500)


def test_paragraphs_are_broken_at_the_width_of_the_column():
    press = Press(150.0)
    text = "Both parties keep one original each. " * 12
    end = press.paragraph(25, 30, text, points=10.5)
    columns = np.flatnonzero(press.absorbance(1.0).any(0))
    assert press.mm(columns[-1] - columns[0]) <= 160.5
    assert end - 30 == pytest.approx(press.lines_of(text) * 10.5 * 0.46)


def test_bold_type_takes_more_toner():
    thin, bold = Press(150.0), Press(150.0)
    thin.line(20, 20, "Agreement", points=12)
    bold.line(20, 20, "Agreement", points=12, bold=True)
    assert bold.absorbance(1.0).sum() > 1.1 * thin.absorbance(1.0).sum()


def test_a_table_ends_below_its_last_row():
    press = Press(150.0)
    end = press.table(25, 40, [("Item", "Quantity"), ("Desk", "4")], columns=(40, 30))
    rows, columns = np.nonzero(press.absorbance(1.0))
    assert press.mm(rows.max()) == pytest.approx(end, abs=0.4)
    assert press.mm(columns.max()) == pytest.approx(95, abs=0.4)
