"""What the report says of sensitivity maps."""

import json

import numpy as np
import pandas as pd

from spectrolabe.validate.sensitivity import PEAK_COLUMNS
from spectrolabe.validate.sensitivity_tables import line_rows, share_rows


def test_named_lines_with_ranks_and_signs(tmp_path):
    peaks = [
        ("mg_fe", "8480-8930", 1, 8806.7, -0.14, 0.01, "Mg", 1, 8806.757, 8806.756),
        ("mg_fe", "8480-8930", 2, 8712.6, -0.12, 0.01, "Mg", 1, 8712.689, np.nan),
        ("al_fe", "5350-5600", np.nan, np.nan, 0.02, 0.01, np.nan, np.nan, np.nan, 5557.063),
    ]
    pd.DataFrame(peaks, columns=PEAK_COLUMNS).to_csv(tmp_path / "cnn.csv", index=False)
    assert line_rows(tmp_path / "cnn.csv") == [
        {"label": "mg_fe", "line": "8806.76", "arm": "8480–8930", "rank": "1", "sign": "−"},
        {"label": "al_fe", "line": "5557.06", "arm": "5350–5600", "rank": "–", "sign": "+"},
    ]


def test_shares_within_own_and_other_lines(tmp_path):
    def row(label, lines, own, pixels, share):
        return {"label": label, "arm": "1-2", "lines": lines, "own": own, "pixels": pixels, "share": share}

    shares = [
        row("mg_fe", "mg_fe", True, 0.02, 0.2), row("mg_fe", "al_fe", False, 0.01, 0.03),
        row("mg_fe", "elsewhere", False, 0.97, 0.77), row("teff", "mg_fe", False, 0.02, 0.1),
        row("teff", "elsewhere", False, 0.98, 0.9), row("a_al", "al_fe", True, 0.0, None),
    ]  # fmt: skip
    (tmp_path / "cnn.json").write_text(json.dumps({"shares": shares}))
    assert share_rows(tmp_path / "cnn.json") == [
        {"label": "mg_fe", "arm": "1–2", "own": "20.0 % (10.0 times)", "others": "3.0 % (3.0 times)",
         "elsewhere": "77.0 % (0.8 times)"},
        {"label": "a_al", "arm": "1–2", "own": "–", "others": "–", "elsewhere": "–"},
    ]  # fmt: skip
