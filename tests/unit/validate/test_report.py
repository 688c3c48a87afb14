import json
import re
import shutil
import subprocess
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate import report
from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.figure_names import FIGURES, OF_CATALOGUE, OF_GRIDS
from spectrolabe.validate.report import build_report, write_report
from spectrolabe.validate.report_sections import FIGURES as SECTION_FIGURES
from spectrolabe.validate.report_sections import describe_sections
from spectrolabe.validate.report_tables import accuracy_table
from spectrolabe.validate.style import draw_message, save_figure

FOLDER = Path(__file__).parents[3] / "workflow" / "report"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
# Says, once all is loaded, which pictures are drawn, whether the page is too wide, and what was asked of a network.
PROBE = """<script>addEventListener("load", () => { document.body.dataset.probe = JSON.stringify({
  widths: [...document.images].map(image => image.naturalWidth), alts: [...document.images].map(image => image.alt),
  overflow: document.documentElement.scrollWidth - innerWidth,
  asked: performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:"))
}) })
</script></body>"""


def put(path, write):
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A report of two catalogues: a test set with scores, and a survey with benchmark stars and unreadable files."""
    root = tmp_path_factory.mktemp("results") / "demo"
    test = pd.DataFrame(
        {"spectrum_id": ["a", "b"], "flag": [1024, 1032], "flag_text": ["", "teff outside"], "teff": [1.0, 2]}
    ).assign(teff_err_grid=[20.0, 30.0])
    survey = pd.DataFrame({"spectrum_id": [f"broken {n}" for n in range(60)], "flag": 1, "flag_text": "<empty> file"})
    catalogues = [
        put(root / f"predict/catalogue/cnn/{name}.parquet", frame.to_parquet)
        for name, frame in (("synthetic-test", test), ("survey", survey))
    ]
    statistics = {"n": 1600, "bias": -4.4, "scatter": 58.2, "coverage68": 0.724, "coverage95": None}
    costs = {"parameters": 1234567, "members": 3, "training_seconds": 312.0, "spectra_per_second": None}
    noisy = {"n": 1200, "medae": 61.4}
    scored = {"labels": {"teff": {"all": statistics, "snr_below_30": noisy}}, "model": costs}
    scores = [
        put(
            root / f"validate/scores/cnn/{name}.json",
            lambda path, content=content: path.write_text(json.dumps(content)),
        )
        for name, content in (("synthetic-test", scored), ("survey", scored | {"labels": {}}))
    ]
    comparison = pd.DataFrame(
        {"spectrum_id": ["s"], "star": ["Sun"], "group": "MRD", "flag": [0], "flag_text": [np.nan], "teff": [5800.0]}
    ).assign(subset="mask", inside_range=False, used_for_mask=True)
    comparison = comparison.assign(
        teff_err=60.0, teff_literature=5771.0, teff_difference=29.0, alpha_fe=0.1, alpha_fe_err=0.02
    ).assign(alpha_fe_literature=np.nan, alpha_fe_difference=np.nan)
    benchmarks = [put(root / "validate/benchmarks/cnn/survey.csv", lambda path: comparison.to_csv(path, index=False))]
    groups = pd.DataFrame(
        [["compared", "MRD", 3, 83.4, -20.0], ["compared", "all", 3, 83.4, -20.0], ["mask", "MRD", 1, 29.0, 29.0]],
        columns=["subset", "group", "stars", "quadratic_mean", "bias"],
    ).assign(label="teff", spectra=4)
    averages = [put(root / "validate/benchmarks/cnn/survey.groups.csv", lambda path: groups.to_csv(path, index=False))]
    matrix = pd.DataFrame({"trained_on": ["m", "k"], "tested_on": "m", "label": "teff", "n": 9, "bias": [3.0, -41]})
    matrix = matrix.assign(scatter=60.0, medae=40.0, coverage68=[0.7, np.nan], coverage95=0.9)
    names = ["residuals/cnn/synthetic-test", "kiel/cnn/synthetic-test", "kiel/cnn/survey", "losses/cnn", "cross_grid"]
    names += ["model_comparison/synthetic-test", "one_to_one/cnn/synthetic"]
    figures = [
        put(root / f"validate/figures/{name}.png", lambda path: save_figure(draw_message("x"), path)) for name in names
    ]
    cuts = "condition,failed,failed_alone,left\nsnr >= 30,1234,5,6789\n"
    coverage = "part,label,n,lowest,q05,median,q95,highest,ks_p\ntraining,teff,10,4000.4,4100,5000,6000,6900,\n"
    tables = [
        put(root / f"prepare/selection/{name}.csv", lambda path, content=content: path.write_text(content))
        for name, content in (("stars", cuts), ("stars.coverage", coverage))
    ]
    errors = {"nodes_fitted": 720, "nodes_tested": 80, "mean_absolute_error": 0.00242}
    content = build_report(
        "demo",
        (FOLDER / "report.html.j2").read_text(encoding="utf-8"),
        catalogues=catalogues,
        scores=scores,
        figures=figures,
        benchmarks=benchmarks,
        groups=averages,
        cross_grid=[put(root / "validate/cross_grid.csv", lambda path: matrix.to_csv(path, index=False))],
        emulators=[put(root / "grids/fgk_mgb.emulator.json", lambda path: path.write_text(json.dumps(errors)))],
        tables=tables,
        cards=[put(root / "cards/cnn.md", lambda path: path.write_text("# cnn of demo\n\nFor *F* < G stars.\n"))],
        captions=FOLDER.glob("*.rst"),
    )
    write_report(content, root / "report.html")
    return root / "report.html"


def test_page_says_what_was_run(page):
    text = page.read_text(encoding="utf-8")
    assert "<h1>demo</h1>" in text
    assert "3 networks of 1,234,567 parameters, trained in 5.2 min." in text
    assert "<b>fgk_mgb</b>: mean absolute flux error 0.0024 on 80 nodes left out of a fit to 720." in text
    assert "<b>62</b> spectra labelled in 2 catalogues" in text
    assert "<td>1,600</td><td>−4</td><td>58</td><td>72.4 %</td><td>–</td>" in text
    assert "5800 ± 60<br><small>5771 (+29)</small>" in text
    assert "0.10 ± 0.02<br><small>–</small>" in text
    assert "synthetic-test.parquet</code>" in text


def test_page_shows_the_grids_beside_each_other(page):
    text = page.read_text(encoding="utf-8")
    assert '<a href="#grids">Between grids</a>' in text
    assert '<th scope="row">k</th><td>−41 ± 60<br><small>inside 68 %: –</small></td>' in text
    assert 'alt="Models of each grid on test stars of each. Bias' in text
    assert "<i>T</i><sub>eff</sub> 25 K. Where the grids share" in text
    assert text.count("LOWER bound") == 4  # the section, the caption, its alternative text and the note


def test_page_averages_benchmark_stars_group_by_group(page):
    text = page.read_text(encoding="utf-8")
    row = '<th scope="row">MRD: metal-rich dwarfs<br><small>inside the training range</small></th>'
    assert row + "<td>83<br><small>mean −20, n = 3</small></td><td>–</td>" in text
    assert "all groups" not in text  # there is one
    remarks = ["used to learn a mask, so that they are no test", "outside the training range"]
    marked = "".join(f'<br><small class="flagged">{remark}</small>' for remark in remarks)
    assert f'<th scope="row">Sun <small>MRD</small><br><small>s</small>{marked}</th>' in text


def test_page_states_accuracy_in_bins_of_noise(page):
    text = page.read_text(encoding="utf-8")
    assert '<th scope="col">S/N below 30</th><th scope="col">S/N 30–60</th>' in text
    assert "<td>61<br><small>n = 1,200</small></td><td>–</td><td>–</td><td>–</td><td>–</td>" in text


def test_page_compares_models(page):
    text = page.read_text(encoding="utf-8")
    assert '<a href="#comparisons">Between models</a>' in text
    assert "<h3>Models side by side: synthetic-test</h3>" in text
    assert "<h3>Predicted against given labels: cnn on synthetic</h3>" in text


def test_page_says_what_a_selection_cut(page):
    text = page.read_text(encoding="utf-8")
    assert '<a href="#selection">Selection and screening</a>' in text
    assert "<h3>What the selection of stars cut</h3>" in text
    assert '<th scope="row">snr &gt;= 30</th><td>1,234</td><td>5</td><td>6,789</td>' in text
    symbol = "<i>T</i><sub>eff</sub> <small>K</small>"
    assert f'<th scope="row">{symbol}</th><td>training</td><td>10</td><td>4000</td><td>4100</td>' in text


def test_sections_without_figure_or_table_are_left_out(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r'<section id="([^"]*)"', text) == [
        "cnn-synthetic-test", "cnn-survey", "grids", "selection", "labels", "comparisons", "training", "cards",
        "catalogues",
    ]  # fmt: skip


def test_page_shows_the_models_cards(page):
    text = page.read_text(encoding="utf-8")
    assert '<a href="#cards">Model cards</a>' in text
    assert "<summary>cnn of demo</summary>\n    <p>For *F* &lt; G stars.</p>" in text


def test_what_concerns_a_whole_catalogue_flags_no_spectrum(page):
    text = page.read_text(encoding="utf-8")
    assert "1 of 2 spectra are flagged:" in text
    assert text.count("<p>Of all labels here: uncertainties are calibrated on synthetic spectra.</p>") == 1


def test_every_figure_has_its_place():
    of_predictions = {*OF_CATALOGUE, "benchmark_stars", "observed_sets"}
    assert {*FIGURES} - of_predictions - {*OF_GRIDS} <= SECTION_FIGURES
    assert not SECTION_FIGURES & of_predictions


def test_a_file_without_a_table_stops_the_report():
    with pytest.raises(ValueError, match=r"nowhere/numbers\.csv: expected a file of .*selection/"):
        describe_sections([], ["nowhere/numbers.csv"])


def test_true_and_survey_labels_stand_beside_each_other():
    statistics = {"n": 1200, "mean": -2.4, "std": 36.6, "coverage68": 0.9}
    scores = {"labels": {"teff": {"all": statistics, "inner": statistics | {"n": 4}}}}
    scores["survey"] = {"teff": {"all": statistics | {"mean": 3.0, "std": 72.6, "coverage68": 0.683}}}
    table = accuracy_table(scores)
    assert table["title"] == "Against true and against the survey’s labels"
    assert table["columns"][3:] == ["true labels", "inside 68 %", "survey’s labels", "inside 68 %"]
    assert [row[1:] for row in table["rows"]] == [
        ["all", "1,200", "−2 ± 37", "90.0 %", "+3 ± 73", "68.3 %"],
        ["inner", "4", "−2 ± 37", "90.0 %", "–", "–"],
    ]


def test_inner_and_outer_spectra_of_a_survey_whose_truth_nobody_knows():
    statistics = {"n": 1, "mean": 0.0, "std": 0.0, "coverage68": None}
    assert accuracy_table({"labels": {"teff": {"all": statistics | {"n": 101}}}, "survey": {}}) is None
    table = accuracy_table({"labels": {"feh": {"outer": statistics}}, "survey": {}})
    # A column that says nothing, as of intervals here, is left out.
    assert table["columns"] == ["label", "spectra", "n", "given labels"]
    assert table["rows"][0][1:] == ["outer", "1", "+0.000 ± 0.000"]


def test_few_stars_have_a_table_of_bias_and_scatter():
    statistics = {"n": 30, "mean": -10.2, "std": 75.1, "coverage68": 0.7}
    table = accuracy_table({"labels": {"teff": {"all": statistics}}})
    assert table["title"] == "Few stars: bias and scatter"
    assert table["rows"][0][1:] == ["all", "30", "−10 ± 75", "70.0 %"]


def test_page_lists_flags_and_at_most_fifty_unreadable_files(page):
    text = page.read_text(encoding="utf-8")
    assert "60 of 60 spectra are flagged" in text
    assert text.count("&lt;empty&gt; file") == 50


def test_page_stands_alone(page):
    links = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: links.extend(v for k, v in attrs if k in ("src", "href", "srcset"))
    text = page.read_text(encoding="utf-8")
    parser.feed(text)
    assert links
    assert all(link.startswith(("data:", "#")) for link in links)
    assert not re.search(r"https?:|@import|url\(|<script", text)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [1200, 480])
def test_page_opens_in_chromium(page, width, tmp_path):
    probed = tmp_path / "report.html"
    probed.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE), encoding="utf-8")
    options = [f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900", "--virtual-time-budget=5000"]
    command = [CHROMIUM, *FLAGS, *options, "--dump-dom", probed.as_uri()]
    document = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    found = json.loads(re.search(r'data-probe="([^"]*)"', document)[1].replace("&quot;", '"'))
    assert len(found["widths"]) == 7
    assert min(found["widths"]) > 0
    assert all(found["alts"])
    assert found["asked"] == []
    assert found["overflow"] <= 0


def test_page_says_how_many_spectra_of_a_large_catalogue_are_shown(tmp_path, monkeypatch):
    names = [f"s{row}" for row in range(1000)]
    rows = pd.DataFrame({"spectrum_id": names, "source_id": names, "flag": 0, "flag_text": ""})
    path = put(tmp_path / "cnn/survey.parquet", rows.to_parquet)
    monkeypatch.setattr(report, "read_catalogue", partial(read_catalogue, most=500))
    template = (FOLDER / "report.html.j2").read_text(encoding="utf-8")
    parts = ("scores", "figures", "benchmarks", "groups", "cross_grid", "emulators", "tables", "cards", "captions")
    page = build_report("demo", template, catalogues=[path], **dict.fromkeys(parts, ()))
    used = len(read_catalogue(path, most=500))
    assert 0 < used < 1000
    assert f"Of 1,000 spectra, {used} are scored and shown in figures" in page
    assert "0 of 1,000 spectra are flagged" in page
