import numpy as np
import pandas as pd

from spectrolabe.validate.screening import VERDICTS
from spectrolabe.validate.screening_tables import OUTSIDE, RECALL, outside_rows, recall_rows


def test_every_verdict_has_a_column():
    assert [*RECALL] == ["kind", "n", *VERDICTS]


def test_recall_and_precision_of_every_verdict(tmp_path):
    rows = [
        {"verdict": verdict, "kind": kind, "subset": subset, "n": n, "flagged": share, "precision": precision}
        for verdict in VERDICTS
        for kind, subset, n, share, precision in (
            ("sound", "test", 1200, 0.018, np.nan),
            ("double_lined", "all", 60, 0.5, np.nan),
            ("double_lined", "snr_above_30", 40, np.nan if verdict == "joint_map" else 0.95, np.nan),
            ("any", "all", 60, 0.5, 0.1),
            ("any", "snr_above_30", 40, 0.9, 0.756),
        )
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "survey.csv", index=False)
    sound, double, precision = recall_rows(tmp_path / "survey.csv")
    assert [*sound] == [*RECALL]
    assert (sound["n"], sound["combined"]) == ("1,200", "1.8 %")
    assert (double["kind"], double["n"], double["joint_map"], double["combined"]) == (
        "double lined",
        "40",
        "–",
        "95.0 %",
    )
    assert (precision["n"], precision["combined"]) == ("–", "75.6 %")


def test_a_survey_whose_trouble_nobody_knows_has_no_rows(tmp_path):
    columns = ["verdict", "kind", "subset", "n", "flagged", "precision"]
    pd.DataFrame(columns=columns).to_csv(tmp_path / "survey.csv", index=False)
    assert recall_rows(tmp_path / "survey.csv") == []


def test_shares_outside_the_training_labels(tmp_path):
    table = pd.DataFrame(
        {"set": ["inner", "outer"], "n": [2500, 0], "outside": [0.118, np.nan], "published": [0.12, 0.58]}
    )
    table.to_csv(tmp_path / "survey.sets.csv", index=False)
    rows = outside_rows(tmp_path / "survey.sets.csv")
    assert rows[0] == {"set": "inner", "n": "2,500", "outside": "11.8 %", "published": "12 %"}
    assert [rows[1][key] for key in OUTSIDE] == ["outer", "0", "–", "58 %"]
