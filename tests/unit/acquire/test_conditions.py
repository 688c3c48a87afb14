"""Conditions in SQL: what they say of each row, and what they may not do."""

import math

import pytest

from spectrolabe.acquire.conditions import ConditionError, check_condition, evaluate_conditions

COLUMNS = {
    "snr": [10.0, 40.0, math.nan, 50.0],
    "SNR": [99.0] * 4,
    "tech": ["", "10020", "", None],
    "cluster": ["47 Tuc", "", "o'Neil", ""],
}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ("snr >= 30", [0, 1, 0, 1]),
        ("not snr >= 30", [1, 0, 0, 0]),
        ("abs(snr - 45) <= 5", [0, 1, 0, 1]),
        ("tech = ''", [1, 0, 1, 0]),
        ("cluster in ('47 Tuc', 'o''Neil')", [1, 0, 1, 0]),
        ("snr is null or snr > 45 -- a remark", [0, 0, 1, 1]),
        ("snr > 0\nand snr < 45", [1, 1, 0, 0]),
        ("snr > (select avg(snr) from spectra)", [0, 1, 0, 1]),
        ('"snr" > 45', [0, 0, 0, 1]),
        ("cluster = 'a \"word\"'", [0, 0, 0, 0]),
        ("snr / 0 > 1", [0, 0, 0, 0]),
    ],
)
def test_what_is_unknown_is_not_met(condition, met):
    assert evaluate_conditions(COLUMNS, [condition]) == {condition: list(map(bool, met))}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("snrr >= 30", "no such column: snrr"),
        ('"snrr" >= 30', "no such column: snrr"),
        ("snr >=", 'near ")": syntax error'),
        ("typo(snr) > 1", "no such function: typo"),
        ("max(snr) > 1", "it is about all spectra together"),
    ],
)
def test_what_cannot_be_evaluated_is_named(condition, reason):
    with pytest.raises(ConditionError) as caught:
        evaluate_conditions(COLUMNS, ["snr > 1", condition])
    assert (caught.value.condition, caught.value.reason) == (condition, reason)
    assert str(caught.value) == f"condition {condition!r}: {reason}"


@pytest.mark.parametrize(
    "condition",
    [
        "1) from spectra; drop table spectra; --",
        "1; attach 'x.db' as x",
        "(insert into spectra values (1))",
        "random() > 0",
        "load_extension('x')",
        "exists (with recursive c(x) as (select 1 union all select x + 1 from c) select * from c)",
        "(pragma database_list)",
    ],
)
def test_conditions_read_and_nothing_else(condition):
    with pytest.raises(ConditionError):
        evaluate_conditions(COLUMNS, [condition])


def test_conditions_are_checked_before_the_columns_are_known():
    for condition in ("snr >= 30", "tech = ''", "abs(feh - metallicity) <= 0.2", '"snr" > 1', "max(a) > 1"):
        check_condition(condition)
    for condition in ("snr >=", "", "snr > 3)", "'open", "typo(1)", "1; drop table spectra"):
        with pytest.raises(ConditionError):
            check_condition(condition)
