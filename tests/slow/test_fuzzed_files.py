"""A thousand damaged files for each format of observed spectra, two hundred for each of synthetic ones: two minutes.

However a file is damaged, it ends as a sentence or as a spectrum that makes sense, within a second and a gigabyte.
"""

import gzip
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from published_files import (
    write_ambre,
    write_ferre,
    write_gaia_eso,
    write_intrigoss,
    write_mpia,
    write_phoenix,
    write_wave,
)

from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.acquire.readers import ReadError, describe_file, iterate_file, read_file
from spectrolabe.acquire.readers.phoenix_hires import WAVE_FILE
from spectrolabe.prepare.preparation import prepare_spectra

OBSERVED, SYNTHETIC = 1000, 200  # files of each format
LONGEST, LARGEST = 5.0, 1e9  # seconds of processor time for a file, bytes of memory
PIXELS = 600
AMBRE = "p5000_g+4.5_m0.0_t02_z-0.50_a+0.20.AMBRE"
#: Values that headers and texts are given: sizes that no memory holds, wrong signs, other types, no numbers.
ABSURD = (
    b"0", b"-1", b"1", b"7", b"-2147483648", b"4294967296", b"999999999999", b"1E300", b"-1E-300", b"1.5", b"T", b"NaN",
    b"'text'", b"''", b"'9999999E'", b"'PE(5)'", b"'3A'", b"'-1D'", b"'1QZ(3)'", b"(1,2)", b"\xff\x00",
)  # fmt: skip
#: What stands before a value in a header of FERRE's.
FERRE_VALUE = re.compile(rb"= ([^\s]+)")
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e38, -1e38, 1e-38)


def observed_flux():
    rng = np.random.default_rng(5)
    return rng.normal(100, 5, PIXELS), np.full(PIXELS, 5.0)


def write_linear(path, flux, wavelength, errors):
    primary = fits.PrimaryHDU(flux.astype(np.float32))
    step = wavelength[1] - wavelength[0]
    cards = {"CRVAL1": wavelength[0], "CDELT1": step, "CTYPE1": "WAVE", "OBJECT": "HD 1", "RA": 10.5, "SNR": 20.0}
    primary.header.update(cards)
    fits.HDUList([primary, fits.ImageHDU(errors.astype(np.float32), name="SIGMA")]).writeto(path)


def write_lamost(path, flux, wavelength, errors):
    primary = fits.PrimaryHDU(np.array([flux, 1 / errors**2, wavelength, 0 * flux, 0 * flux], np.float32))
    primary.header.update({"VACUUM": True, "DESIG": "LAMOST J0", "Z": 0.0001, "CLASS": "STAR", "SNRG": 20.0})
    primary.writeto(path)


def write_sdss(path, flux, wavelength, errors):
    coadd = {"flux": flux, "loglam": np.log10(np.abs(wavelength)), "ivar": errors**-2.0, "and_mask": 0 * flux}
    star = {"BESTOBJID": ("19A", "1237"), "PLUG_RA": ("D", 10.0), "PLUG_DEC": ("D", 1.0), "CLASS": ("6A", "STAR")}
    star |= {"Z": ("E", 1e-4), "SN_MEDIAN_ALL": ("E", 20.0)}
    columns = [fits.Column(name, "J" if name == "and_mask" else "E", array=array) for name, array in coadd.items()]
    facts = [fits.Column(name, form, array=[value]) for name, (form, value) in star.items()]
    tables = [fits.BinTableHDU.from_columns(group) for group in (columns, facts)]
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)


def write_eso(path, flux, wavelength, errors):
    write_gaia_eso(path, wavelength / 10, {"FLUX": flux, "ERR": errors, "QUAL": np.zeros(PIXELS, int)}, ucd="em.wl")


WRITERS = {"gaia_eso": write_eso, "lamost_lrs": write_lamost, "linear_1d": write_linear, "sdss_spec": write_sdss}


def write_variants(folder, reader):
    """Give the bytes of a good file, and of files that were written whole with values that make no sense."""
    flux, errors = observed_flux()
    rising = 5000 + 0.5 * np.arange(PIXELS)
    some = np.where(np.arange(PIXELS) % 7 == 3, np.nan, 1.0)
    cases = [
        (flux, rising, errors), (flux, rising, -errors), (flux, rising[::-1], errors),
        (flux, 0 * rising + 5000, errors), (flux * some, rising, errors * some), (flux * np.nan, rising, errors),
        (0 * flux, rising, errors), (flux, -rising, errors), (flux, rising * some, errors),
        (flux, rising, 0 * errors), (flux * 9e9, rising, errors),
    ]  # fmt: skip
    found = []
    for number, case in enumerate(cases):
        path = folder / f"whole{number}.fits"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            WRITERS[reader](path, *case)
        found.append(path.read_bytes())
        path.unlink()
    return found


def write_synthetic(folder, reader):
    """Give the name and the bytes of a good file of synthetic spectra."""
    wavelength, flux = 5000 + 0.5 * np.arange(PIXELS), observed_flux()[0]
    name = AMBRE if reader == "ambre" else "a.fits"
    if reader == "phoenix_hires":
        write_wave(folder / WAVE_FILE, wavelength)
        write_phoenix(folder / name, flux)
    elif reader == "ferre":
        write_ferre(folder / name)
    else:
        writers = {"ambre": write_ambre, "intrigoss": write_intrigoss, "mpia_nlte": write_mpia}
        writers[reader](folder / name, wavelength, flux)
    return name, (folder / name).read_bytes()


def damage(whole: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one of the ways in which files are damaged, or in several."""
    kinds = (
        truncate,
        flip_bits,
        change_card,
        change_card,
        change_card,
        change_numbers,
        blank,
        remove,
        compress,
        repeat,
    )
    for kind in rng.choice(np.array(kinds, object), rng.choice([1, 1, 2, 3]), replace=False):
        whole = kind(whole, rng)
    return whole


def truncate(whole, rng):
    return whole[: rng.choice([0, 1, 79, 2880, 2881, rng.integers(len(whole) + 1), len(whole) - 1])]


def flip_bits(whole, rng):
    changed = np.frombuffer(whole, np.uint8).copy()
    ends = min(len(changed), rng.choice([2880, len(changed) + 1]))
    if ends:
        places = rng.integers(0, ends, rng.integers(1, 40))
        changed[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return changed.tobytes()


def change_card(whole, rng):
    """Give a card of a header, or a word of a text, an absurd value."""
    value = ABSURD[rng.integers(len(ABSURD))]
    if whole[:6] == b"SIMPLE":
        cards = [start for start in range(0, len(whole), 80) if whole[start + 8 : start + 10] == b"= "]
        if not cards:
            return whole
        start = cards[rng.integers(len(cards))] + 10
        return whole[:start] + value.rjust(20)[:70].ljust(70) + whole[start + 70 :]
    words = whole.split(b" ")
    words[rng.integers(len(words))] = value
    return b" ".join(words)


def change_numbers(whole, rng):
    """Write numbers, or what is none, over places of the data."""
    changed = bytearray(whole)
    for _ in range(rng.integers(1, 60)):
        number = np.array(NUMBERS[rng.integers(len(NUMBERS))], rng.choice([">f4", ">f8"])).tobytes()
        start = 8 * int(rng.integers(0, max(len(whole) // 8, 1)))
        changed[start : start + len(number)] = number
    return bytes(changed[: len(whole)])


def blank(whole, rng):
    start, size = int(rng.integers(len(whole) + 1)), int(rng.choice([80, 500, 2880]))
    return whole[:start] + (b"\0" * size)[: len(whole) - start] + whole[start + size :]


def remove(whole, rng):
    start, size = int(rng.integers(len(whole) + 1)), int(rng.choice([1, 80, 500, 2880]))
    return whole[:start] + whole[start + size :]


def repeat(whole, rng):
    return whole * 2 if rng.random() < 0.5 else whole + bytes(rng.integers(0, 256, 100, np.uint8))


def compress(whole, rng):
    packed = gzip.compress(whole, 1)
    return packed if rng.random() < 0.5 else flip_bits(packed, rng)


def check_sense(spectrum):
    wavelength, flux, ivar, bad = spectrum.wavelength, spectrum.flux, spectrum.ivar, spectrum.bad
    assert wavelength.shape == flux.shape == ivar.shape == bad.shape
    assert wavelength.dtype == flux.dtype == ivar.dtype == np.float64
    assert np.isfinite(wavelength).all()
    assert wavelength[0] > 0
    assert (np.diff(wavelength) > 0).all()
    assert np.isfinite(ivar).all()
    assert (ivar >= 0).all()
    assert np.isfinite(flux[~bad]).all()
    assert np.count_nonzero(~bad & (ivar > 0)) >= 10
    assert all(np.isfinite(value) for value in spectrum.meta.values() if not isinstance(value, str))


def check_sentence(error, path):
    assert str(error).startswith(f"{path}: ")
    assert error.reason
    assert "\n" not in str(error)
    assert len(error.reason) < 600


class Watch:
    """The most memory that this process takes while it watches, beyond what it had."""

    def __init__(self):
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._read("VmRSS")

    def most(self) -> float:
        return self._read("VmHWM") - self._before

    @staticmethod
    def _read(key):
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(key))
        return float(line.split()[1]) * 1024


@pytest.fixture
def watch():
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the most memory of a process is told by Linux alone")
    return Watch()


def read_damaged(read, path, contents):
    """Read damaged files; give how many spectra and how many sentences there were."""
    spectra = sentences = 0
    for content in contents:
        path.write_bytes(content)
        began = time.process_time()
        try:
            for spectrum in read(path):
                check_sense(spectrum)
                spectra += 1
        except ReadError as error:
            check_sentence(error, path)
            sentences += 1
        assert time.process_time() - began < LONGEST
    return spectra, sentences


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reader", sorted(WRITERS))
def test_damaged_files_of_observed_spectra_end_well(tmp_path, watch, reader):
    whole = write_variants(tmp_path, reader)
    rng = np.random.default_rng(9)
    good = read_file(write(tmp_path / "a.fits", whole[0]), reader)
    assert len(good) == 1
    contents = (damage(whole[rng.integers(len(whole)) if rng.random() < 0.3 else 0], rng) for _ in range(OBSERVED))
    spectra, sentences = read_damaged(lambda path: read_file(path, reader), tmp_path / "a.fits", contents)
    assert min(spectra, sentences) > 0.1 * OBSERVED
    assert watch.most() < LARGEST


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reader", sorted(WRITERS))
def test_damaged_files_are_described_or_refused(tmp_path, reader):
    whole, rng = write_variants(tmp_path, reader), np.random.default_rng(10)
    for _ in range(200):
        path = write(tmp_path / "a.fits", damage(whole[0], rng))
        try:
            assert describe_file(path, reader).medium in ("air", "vacuum")
        except ReadError as error:
            check_sentence(error, path)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reader", [*sorted(WRITERS), "ferre", "intrigoss", "phoenix_hires"])
def test_every_value_of_a_header_may_be_absurd(tmp_path, watch, reader):
    if reader in WRITERS:
        name, whole = "a.fits", write_variants(tmp_path, reader)[0]
    else:
        name, whole = write_synthetic(tmp_path, reader)
    if reader == "ferre":
        contents = [
            whole[: m.start(1)] + value + whole[m.end(1) :] for m in FERRE_VALUE.finditer(whole) for value in ABSURD
        ]
    else:
        starts = [start + 10 for start in range(0, len(whole), 80) if whole[start + 8 : start + 10] == b"= "]
        contents = [whole[:s] + value.rjust(20).ljust(70) + whole[s + 70 :] for s in starts for value in ABSURD]
    spectra, sentences = read_damaged(lambda path: iterate_file(path, reader), tmp_path / name, contents)
    assert min(spectra, sentences) > 0.1 * len(contents)
    assert watch.most() < LARGEST


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reader", ["ambre", "ferre", "intrigoss", "mpia_nlte", "phoenix_hires"])
def test_damaged_files_of_synthetic_spectra_end_well(tmp_path, watch, reader):
    name, whole = write_synthetic(tmp_path, reader)
    rng = np.random.default_rng(11)
    contents = (damage(whole, rng) for _ in range(SYNTHETIC))
    spectra, sentences = read_damaged(lambda path: iterate_file(path, reader), tmp_path / name, contents)
    assert min(spectra, sentences) > 0.02 * SYNTHETIC
    assert watch.most() < LARGEST


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reader", sorted(WRITERS))
def test_damaged_files_lose_no_row(tmp_path, watch, reader):
    whole, rng = write_variants(tmp_path, reader), np.random.default_rng(12)
    files = [f"{number:03d}.fits" for number in range(100)]
    for name in files:
        write(tmp_path / name, damage(whole[rng.integers(len(whole)) if rng.random() < 0.5 else 0], rng))
    write(tmp_path / files[0], whole[0])
    manifest = list_spectra(files, tmp_path, "*.fits", reader)
    assert manifest["path"].tolist() == files
    arms = [{"start": 5010.0, "stop": 5200.0, "step": 0.5}]
    steps = [{"resample": {"arms": arms, "medium": "vacuum", "method": "conserve"}}]
    spectra = prepare_spectra(manifest, tmp_path, reader, steps, arms=arms, medium="vacuum", resolution=None, seed=1)
    status = spectra.table["status"]
    assert spectra.table["spectrum_id"].tolist() == manifest["spectrum_id"].tolist()
    assert np.isfinite(spectra.flux).all()
    assert np.isfinite(spectra.ivar).all()
    assert (spectra.ivar >= 0).all()
    np.testing.assert_array_equal((spectra.ivar > 0).any(axis=1), status == "")
    assert 5 < (status == "").sum() < 95
    assert status[0] == ""
    assert watch.most() < LARGEST
