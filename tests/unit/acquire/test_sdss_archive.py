"""From a catalogue of SDSS's stars to their files, by a server on this machine."""

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from download_servers import HttpServer, serving

from spectrolabe.acquire.downloads import MissingFilesError
from spectrolabe.acquire.sdss_archive import choose_spectra, fetch_sdss, list_files

STARS = {
    "PLATE": np.array([266, 266, 1960, 2640, 3586], np.int16),
    "MJD": np.array([51602, 51602, 53289, 54806, 55181], np.int32),
    "FIBER": np.array([31, 32, 1, 640, 500], np.int16),
    "RUN2D": ["26", "26", "103", "104", "v5_7_0"],
    "TEFF_ADOP": np.array([5500, -9999, 6000, 4800, 5900], np.float32),
    "SNR": np.array([40, 50, 8, 30, 20], np.float32),
}
NAMES = [
    "spec-0266-51602-0031", "spec-0266-51602-0032", "spec-1960-53289-0001", "spec-2640-54806-0640",
    "spec-3586-55181-0500",
]  # fmt: skip
OPTIONS = {"spectra": "lite", "select": [], "most": None, "missing": [-9999]}


@pytest.fixture
def catalogue(tmp_path):
    Table(STARS).write(tmp_path / "ssppOut-dr12.fits")
    return tmp_path / "ssppOut-dr12.fits"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving(HttpServer()) as server:
        yield server


def without_runs(tmp_path):
    Table({name: values for name, values in STARS.items() if name != "RUN2D"}).write(tmp_path / "own.csv")
    return tmp_path / "own.csv"


def test_spectra_are_named_by_plate_date_and_fibre(catalogue):
    chosen = choose_spectra(catalogue)
    assert list(chosen) == ["name", "plate", "mjd", "fiber", "run"]
    assert chosen["name"].tolist() == NAMES
    assert chosen["run"].tolist() == STARS["RUN2D"]


def test_conditions_are_about_the_catalogues_own_columns_and_missing_values_meet_none(catalogue):
    chosen = choose_spectra(catalogue, ["teff_adop < 5950", "SNR > 10"], missing=[-9999])
    assert chosen["name"].tolist() == [NAMES[0], NAMES[3], NAMES[4]]
    with pytest.raises(ValueError, match=r"ssppOut-dr12\.fits: condition 'TEF > 1': no such column: TEF; expected SQL"):
        choose_spectra(catalogue, ["TEF > 1"])
    with pytest.raises(ValueError, match="expected a spectrum or more that meets the conditions, found none"):
        choose_spectra(catalogue, ["SNR > 100"])


def test_more_spectra_are_those_before_and_others_in_any_order_of_the_catalogue(catalogue, tmp_path):
    chosen = [set(choose_spectra(catalogue, most=most)["name"]) for most in range(1, 6)]
    assert [len(names) for names in chosen] == [1, 2, 3, 4, 5]
    assert all(fewer < more for fewer, more in zip(chosen, chosen[1:], strict=False))
    Table(STARS)[::-1].write(tmp_path / "reversed.fits")
    assert set(choose_spectra(tmp_path / "reversed.fits", most=3)["name"]) == chosen[2]


def test_a_catalogue_without_fibres_is_refused(tmp_path):
    (tmp_path / "own.csv").write_text("PLATE,MJD\n266,51602\n")
    with pytest.raises(ValueError, match=r"own\.csv: expected a column FIBER or FIBERID, found PLATE, MJD"):
        choose_spectra(tmp_path / "own.csv")


def test_addresses_follow_the_reduction_or_name_all_that_may_have_the_plate(catalogue, tmp_path):
    files = list_files(choose_spectra(catalogue), "https://s/dr12/", "lite").set_index("path")["url"]
    base = "https://s/dr12"
    assert files[f"{NAMES[2]}.fits"] == f"{base}/sdss/spectro/redux/103/spectra/lite/1960/{NAMES[2]}.fits"
    assert files[f"{NAMES[4]}.fits"] == f"{base}/boss/spectro/redux/v5_7_0/spectra/lite/3586/{NAMES[4]}.fits"
    files = list_files(choose_spectra(without_runs(tmp_path)), base, "full").set_index("path")["url"]
    folders = [url.removesuffix(f"/spectra/2640/{NAMES[3]}.fits") for url in files[f"{NAMES[3]}.fits"].split()]
    assert folders == [f"{base}/sdss/spectro/redux/{run}" for run in ("26", "104", "103")]
    assert [url.split("/")[7] for url in files[f"{NAMES[4]}.fits"].split()] == ["v5_7_0", "v5_7_2"]


def publish(server, names, run="26"):
    for name in names:
        server.files[f"sdss/spectro/redux/{run}/spectra/lite/{name[5:9]}/{name}.fits"] = b"SIMPLE  =" + name.encode()


def test_the_catalogue_is_fetched_first_and_what_the_archive_lacks_is_listed(server, catalogue, tmp_path):
    folder, lines = tmp_path / "downloads" / "sdss", []
    server.files["sdss/sspp/ssppOut-dr12.fits"] = catalogue.read_bytes()
    publish(server, NAMES[:1])
    options = OPTIONS | {"mirror": server.url}
    found = fetch_sdss(folder / "ssppOut-dr12.fits", folder, lines.append, **options).set_index("path")["status"]
    assert found.to_dict() == {f"{name}.fits": "" if name == NAMES[0] else "not published" for name in NAMES}
    assert (folder / f"{NAMES[0]}.fits").read_bytes().startswith(b"SIMPLE")
    assert pd.read_csv(tmp_path / "downloads" / "sdss.tsv", sep="\t")["path"].tolist() == found.index.tolist()
    server.requests.clear()
    fetch_sdss(folder / "ssppOut-dr12.fits", folder, lines.append, **options)
    assert [path for path, *_ in server.requests if NAMES[0] in path or "sspp" in path] == []


def test_a_spectrum_is_found_in_any_reduction(server, tmp_path):
    publish(server, NAMES[:2])
    publish(server, [NAMES[3]], "104")
    options = OPTIONS | {"mirror": server.url, "select": ["PLATE < 3000"]}
    found = fetch_sdss(without_runs(tmp_path), tmp_path / "sdss", print, **options).set_index("path")["status"]
    assert found[f"{NAMES[3]}.fits"] == ""
    assert [path.split("/")[3] for path, *_ in server.requests if NAMES[2] in path] == ["26", "104", "103"]


def test_a_wrong_mirror_is_not_asked_for_every_star(server, tmp_path):
    fibres = np.arange(1, 641)
    pd.DataFrame({"PLATE": 266, "MJD": 51602, "FIBERID": fibres, "RUN2D": "26"}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(MissingFilesError, match=r"640 of 640 files are missing: .*127\.0\.0\.1 has none of the first"):
        fetch_sdss(tmp_path / "t.csv", tmp_path / "sdss", print, **OPTIONS | {"mirror": server.url})
    assert len(server.requests) == 20


def test_a_catalogue_that_is_nowhere_ends_in_a_sentence(server, tmp_path):
    with pytest.raises(MissingFilesError, match="1 of 1 files are missing: the server answered 404 Not Found"):
        fetch_sdss(tmp_path / "own.fits", tmp_path / "sdss", print, **OPTIONS | {"mirror": server.url})
