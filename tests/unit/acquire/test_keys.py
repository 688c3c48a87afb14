"""Keys of a catalogue's rows, made of its columns."""

import pandas as pd
import pytest

from spectrolabe.acquire.key_patterns import key_columns
from spectrolabe.acquire.keys import make_keys

SPEC = "spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}"


def table(**columns):
    return pd.DataFrame({name: pd.Series(values, dtype=str) for name, values in columns.items()})


def test_a_pattern_names_its_columns_once():
    assert key_columns(SPEC) == ["PLATE", "MJD", "FIBER"]
    assert key_columns("{a}/{a}_{b b}.fits") == ["a", "b b"]
    assert key_columns("NAME") == ["NAME"]


def test_integers_are_written_as_such_whatever_the_table_calls_them():
    stars = table(PLATE=["266", "3586.0"], MJD=["51602", "55181"], FIBER=["31", "500"])
    assert make_keys(stars, SPEC).tolist() == ["spec-0266-51602-0031", "spec-3586-55181-0500"]


def test_a_column_without_a_format_stands_as_it_is_written():
    stars = table(field=["007", "12"], night=["a", "b"])
    assert make_keys(stars, "{{x}}{night}-{field}").tolist() == ["{x}a-007", "{x}b-12"]
    assert make_keys(stars, "{night:>3}").tolist() == ["  a", "  b"]
    assert make_keys(table(x=["1.25", "2"]), "{x:.1f}").tolist() == ["1.2", "2.0"]


def test_a_row_without_one_of_the_columns_has_no_key():
    keys = make_keys(table(a=["1", None, "3"], b=["x", "y", None]), "{a:02d}{b}")
    assert keys[0] == "01x"
    assert keys[1:].isna().all()


@pytest.mark.parametrize("key", ["{PLATE", "PLATE}", "x{}", "{a!r}", "{a:{b}}", "{a:04q}", "{a[b]}"])
def test_other_braces_are_refused(key):
    with pytest.raises(ValueError, match=r"expected|format|brace|'}'"):
        key_columns(key)


def test_values_that_cannot_have_the_format_are_named():
    with pytest.raises(ValueError, match="column 'a' cannot be written as '04d'"):
        make_keys(table(a=["1", "none"]), "{a:04d}")
