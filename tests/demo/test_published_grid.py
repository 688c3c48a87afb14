"""A published grid from its server to our file: one command fetches, imports and writes it."""

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits
from download_servers import HttpServer, serving
from workplace import Workplace

from spectrolabe.acquire.grids import read_grid
from spectrolabe.acquire.phoenix_library import WAVE_FILE, list_phoenix

BOX = {"teff": [5000, 5200], "logg": [4.0, 4.5], "feh": [-0.5, 0.0]}
GRID = {
    "import": {"reader": "phoenix_hires", "files": "downloads/tiny/**/lte*.fits"},
    "wavelength": {"start": 5160, "stop": 5180, "velocity_step": 5, "resolution": 20000},
}
WAVELENGTH = np.arange(5140.0, 5200.0, 0.02)
GRID_FILE = "results/grids/tiny.fits"


def fits_bytes(tmp_path, data, header=None) -> bytes:
    fits.PrimaryHDU(data, fits.Header(header or {})).writeto(tmp_path / "x.fits", overwrite=True)
    return (tmp_path / "x.fits").read_bytes()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving(HttpServer()) as server:
        server.files = {WAVE_FILE: fits_bytes(tmp_path, WAVELENGTH)}
        for file in list_phoenix(**BOX, alpha_fe=[0, 0])[1:]:
            teff, logg, feh = (
                float(file["path"].rpartition("/lte")[2][part]) for part in (slice(5), slice(6, 10), slice(10, 14))
            )
            header = {"PHXTEFF": teff, "PHXLOGG": logg, "PHXM_H": feh, "PHXALPHA": 0.0, "PHXXI_L": 1.0}
            depth = 0.5 * np.exp(-((WAVELENGTH - 5170) ** 2))
            server.files[file["path"]] = fits_bytes(tmp_path, (teff * (1 - depth)).astype(np.float32), header)
        yield server


@pytest.fixture
def place(tmp_path):
    (tmp_path / "place").mkdir()
    return Workplace(tmp_path / "place")


def ask_for(place, url: str) -> tuple[int, str]:
    settings = GRID | {"download": {"phoenix": BOX | {"mirror": url}}}
    (place.folder / "config" / "grids" / "tiny.yaml").write_text(yaml.safe_dump(settings))
    return place.run(GRID_FILE)


def test_one_command_fetches_and_imports_a_grid(server, place):
    hole = next(path for path in server.files if "lte05100-4.00-0.5" in path)
    del server.files[hole]
    status, output = ask_for(place, server.url)
    assert status == 0, output
    grid = read_grid(place.folder / GRID_FILE)
    assert len(grid.labels) == 3 * 2 * 2 - 1
    assert (5100, 4.0, -0.5) not in set(grid.labels[["teff", "logg", "feh"]].itertuples(index=False, name=None))
    downloads = pd.read_csv(place.folder / "results" / "grids" / "tiny.downloads.tsv", sep="\t", keep_default_na=False)
    assert downloads.set_index("path")["status"].drop(hole).tolist() == [""] * 12
    assert downloads.set_index("path")["status"][hole] == "not published"
    assert (place.data / "downloads" / "tiny" / WAVE_FILE).is_file()
    asked = len(server.requests)
    assert place.count_jobs("--", GRID_FILE) == {}
    assert len(server.requests) == asked == 13


def test_a_wrong_server_ends_in_one_sentence(server, place):
    status, output = ask_for(place, f"{server.url}/elsewhere")
    assert status == 1
    wave = f"{server.url}/elsewhere/{WAVE_FILE}"
    sentence = (
        f"13 of 13 files are missing: not asked for, since 127.0.0.1 does not have {wave} (12 of them),"
        " the server answered 404 Not Found (1 of them); data/downloads/tiny.tsv names them:"
        " start again, which fetches nothing but them, or put them into data/downloads/tiny by hand"
    )
    assert sentence in output.splitlines()
    assert "Traceback" not in output
    assert len(server.requests) == 1
