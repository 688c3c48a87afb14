"""Our reading of FITS files beside astropy's, over real files and written ones: equal to the last bit."""

import gzip
import warnings

import numpy as np
import pytest
from astropy.io import fits

from spectrolabe.acquire.readers import ReadError
from spectrolabe.acquire.readers.fits_files import MAX_BYTES, open_fits, read_table

REAL = (
    "sdss/spec-0266-51602-0031.fits", "sdss/spec-3586-55181-0500.fits", "apogee/apStar-dr17-2M17335483-2753043.fits",
    "apogee/apVisit-r13-5095-55844-128.fits", "lamost_dr1/spec-55862-B6212_sp06-003.fits",
    "lamost_mrs/med-58408-TD230151N343645T01_sp01-015.fits", "benchmark_stars/ATLAS.Sun_47000.fits",
    "benchmark_stars/UVES_epsEri-2_47000.fits",
)  # fmt: skip


def compare(path):
    """Compare all headers, images and columns of numbers and text; give how many values were compared."""
    compared = 0
    with warnings.catch_warnings(), fits.open(path, memmap=False) as theirs, open_fits(path) as ours:
        warnings.simplefilter("ignore")
        assert len(ours) == len(theirs)
        for extension, hdu in zip(ours, theirs, strict=True):
            compared += compare_headers(extension.header, hdu.header)
            if isinstance(hdu, fits.BinTableHDU):
                compared += compare_tables(read_table(path, ours, extension.number), hdu)
            elif isinstance(hdu, fits.PrimaryHDU | fits.ImageHDU):
                image = extension.read_image()
                assert (image is None) == (hdu.data is None)
                if image is not None:
                    np.testing.assert_array_equal(image.astype(float), hdu.data.astype(float), strict=True)
                    compared += image.size
    return compared


def compare_headers(ours, theirs):
    # astropy takes the cards that describe scaled data out of a header once it has scaled them: it is read anew.
    theirs = fits.Header.fromstring(theirs.tostring())
    keys = [key for key in dict.fromkeys(theirs) if key and key not in ("COMMENT", "HISTORY") and len(key) <= 8]
    for key in keys:
        expected, found = theirs[key], ours.get(key)
        expected = None if isinstance(expected, fits.card.Undefined) else expected
        assert (found, type(found)) == (expected, type(expected)), key
    return len(keys)


def compare_tables(table, hdu):
    letters = {name: hdu.columns[name].format.lstrip("0123456789")[0] for name in hdu.columns.names}
    assert table.names == hdu.columns.names
    assert table.rows == len(hdu.data)
    for name, letter in letters.items():
        expected = hdu.data[name]
        if letter in "BIJKED":
            found = table.read_column(name)
            np.testing.assert_array_equal(found.astype(float).ravel(), expected.astype(float).ravel())
        elif letter == "A" and hdu.columns[name].format.lstrip("0") != "A":
            found = table.read_column(name)
            assert [text.decode().rstrip() for text in found.ravel()] == [str(text) for text in np.ravel(expected)]
        elif letter == "P" and len(expected):
            np.testing.assert_array_equal(table.read_array(name), expected[0])
        elif letter == "L":
            np.testing.assert_array_equal(table.read_column(name), expected)
    return len(letters) * table.rows


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_as_astropy_reads_them(real_data, name):
    assert compare(real_data / name) > 5000


def test_headers_are_read_as_astropy_reads_them(tmp_path):
    primary = fits.PrimaryHDU()
    values = {
        "PLAIN": "a star", "QUOTED": "O'Neill's / star", "EMPTY": "", "BLANKS": "   x  ", "LONG": "word " * 40 + "'e'",
        "SLASH": "a / b", "WHOLE": 42, "NEGATIVE": -7, "LARGE": 10**17, "DECIMAL": 3.14159265358979, "SMALL": 1.5e-300,
        "YES": True, "NO": False, "COMPLEX": 1 + 2j,
    }  # fmt: skip
    for key, value in values.items():
        primary.header[key] = (value, "a comment / of it")
    primary.header["NOTHING"] = None
    primary.writeto(tmp_path / "a.fits")
    assert compare(tmp_path / "a.fits") >= len(values)
    lines = ["D       = 1.5D3 / old", "TWICE   = 1", "TWICE   = 2", "CLOSE   =5", "LOWER   = 1.e3", "DOT     =  .5 /"]
    cards = (tmp_path / "a.fits").read_bytes()[: 4 * 80] + b"".join(f"{line:80}".encode() for line in [*lines, "END"])
    (tmp_path / "b.fits").write_bytes(cards.ljust(2880))
    with warnings.catch_warnings(), open_fits(tmp_path / "b.fits") as (extension,):
        found = [extension.header.get(key) for key in ("D", "TWICE", "LOWER", "DOT", "CLOSE", "ABSENT")]
    assert found == [1500.0, 1, 1000.0, 0.5, None, None]


def add_cards(path, cards):
    """Write cards into the last header of a file as they are, which astropy would only with data to match."""
    whole = path.read_bytes()
    end = whole.rindex(b"END".ljust(80))
    added = b"".join(f"{key:8}= {value!s:>20}".ljust(80).encode() for key, value in cards.items()) + b"END".ljust(80)
    assert whole[end : end + len(added)].rstrip() == b"END"
    path.write_bytes(whole[:end] + added + whole[end + len(added) :])


@pytest.mark.parametrize(
    ("kind", "cards"),
    [
        ("u1", {}),
        ("i2", {}),
        ("i2", {"BSCALE": 0.1, "BZERO": 3.0}),
        ("i2", {"BLANK": -5}),
        ("i4", {"BSCALE": 0.001, "BLANK": 7}),
        ("i2", {"BZERO": 32768}),
        ("i4", {"BZERO": 2**31}),
        ("f4", {"BSCALE": 2.5}),
        ("f8", {}),
    ],
)
def test_images_are_scaled_as_astropy_scales_them(tmp_path, kind, cards):
    data = np.arange(-10, 90).astype(kind).reshape(4, 25)
    fits.PrimaryHDU(data).writeto(tmp_path / "a.fits")
    add_cards(tmp_path / "a.fits", cards)
    assert compare(tmp_path / "a.fits") > 100


def test_tables_are_read_as_astropy_reads_them(tmp_path):
    rng = np.random.default_rng(3)
    ragged = np.empty(6, object)
    ragged[:] = [np.arange(size, dtype=np.float32) for size in (4, 0, 2, 1, 3, 5)]
    columns = [
        fits.Column("bits", "11X", array=rng.random((6, 11)) < 0.5),
        fits.Column("byte", "B", array=np.arange(6)),
        fits.Column("flag", "L", array=[True, False] * 3),
        fits.Column("text", "7A", array=["one", "two ", "", "four", "seven77", " x"]),
        fits.Column("none", "0E"),
        fits.Column("pair", "2I", array=np.arange(12).reshape(6, 2)),
        fits.Column("cube", "6E", dim="(2,3)", array=rng.random((6, 3, 2))),
        fits.Column("scaled", "I", array=np.arange(6) - 3),
        fits.Column("unsigned", "J", array=np.arange(6) - 3),
        fits.Column("complex", "C", array=rng.random(6) + 1j),
        fits.Column("ragged", "PE()", array=ragged),
        fits.Column("long", "K", array=np.arange(6) - 2**60),
        fits.Column("double", "D", array=rng.random(6)),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    table.header["COMMENT"] = "room for more cards " * 30
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "a.fits")
    add_cards(tmp_path / "a.fits", {"TSCAL8": 0.1, "TZERO8": 3.25, "TZERO9": 2**31})
    assert compare(tmp_path / "a.fits") > 60
    with open_fits(tmp_path / "a.fits") as extensions:
        table = read_table(tmp_path / "a.fits", extensions, 1)
        with pytest.raises(ReadError, match=r"expected numbers or text in the column complex, found the format 'C'"):
            table.read_column("complex")
        np.testing.assert_array_equal(table.read_array("cube"), table.read_column("cube")[0])


def test_compressed_files_are_read_and_cut_ones_refused(tmp_path):
    path = tmp_path / "a.fits.gz"
    fits.HDUList([fits.PrimaryHDU(np.arange(5000.0)), fits.ImageHDU(np.arange(30))]).writeto(tmp_path / "a.fits")
    whole = (tmp_path / "a.fits").read_bytes()
    path.write_bytes(gzip.compress(whole))
    assert compare(path) > 5000
    path.write_bytes(gzip.compress(whole)[:-50])
    with pytest.raises(ReadError, match="file is truncated or damaged: "), open_fits(path):
        pass
    path.write_bytes(gzip.compress(whole[:20000]))
    with pytest.raises(ReadError, match="expected 43200 bytes when unpacked, found fewer"), open_fits(path):
        pass


def changed(path, old, new):
    whole = path.read_bytes()
    assert whole.count(old) == 1
    path.write_bytes(whole.replace(old, new.ljust(len(old))))
    return path


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"BITPIX  =                  -64", b"BITPIX  =                  -63", "expected BITPIX of extension 0 .* -63"),
        (
            b"NAXIS   =                    1",
            b"NAXIS   =                   -1",
            "whole number, .* in NAXIS of extension 0, found -1",
        ),
        (b"NAXIS1  =                 5000", b"NAXIS1  =                -5000", "in NAXIS1 of extension 0, found -5000"),
        (
            b"NAXIS1  =                 5000",
            b"NAXIS1  =               5000.0",
            "in NAXIS1 of extension 0, found 5000.0",
        ),
        (b"NAXIS1  =                 5000", b"COMMENT                   5000", "in NAXIS1 of extension 0, found None"),
        (
            b"NAXIS1  =                 5000",
            b"NAXIS1  =           5000000000",
            "expected 40000003200 bytes, found 43200",
        ),
        (b"NAXIS1  =                 5000", b"NAXIS1  = 5o5", "a value in NAXIS1 of extension 0, found '5o5"),
        (b"END".ljust(80), b"ENDE", "expected END in the header of extension 0"),
    ],
)
def test_damaged_headers_are_named(tmp_path, old, new, reason):
    path = tmp_path / "a.fits"
    fits.PrimaryHDU(np.arange(5000.0)).writeto(path)
    with pytest.raises(ReadError, match=reason), open_fits(changed(path, old, new)):
        pass


def test_data_beyond_a_spectrums_are_not_read(tmp_path):
    path = tmp_path / "a.fits.gz"
    with gzip.open(path, "wb", 1) as file:
        header = fits.Header({"SIMPLE": True, "BITPIX": -64, "NAXIS": 1, "NAXIS1": MAX_BYTES // 8 + 1})
        file.write(header.tostring().encode())
        file.write(bytes(-(-(MAX_BYTES + 8) // 2880) * 2880))
    reason = "expected at most 50000000 bytes in extension 0, found 50000008"
    with open_fits(path) as (extension,), pytest.raises(ReadError, match=reason):
        extension.read_image()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            b"TFORM1  = '5000D   '",
            b"TFORM1  = '9000D   '",
            "expected columns of NAXIS1 = 40000 bytes in all, found 72000",
        ),
        (b"TFORM1  = '5000D   '", b"TFORM1  = '5000Z   '", "expected a format .* in TFORM1, found '5000Z'"),
        (b"TFIELDS =                    1", b"TFIELDS =           1000000000", "in TFORM2, found None"),
    ],
)
def test_damaged_tables_are_named(tmp_path, old, new, reason):
    path = tmp_path / "a.fits"
    column = fits.Column("WAVE", "5000D", array=np.arange(5000.0)[None])
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column])]).writeto(path)
    with open_fits(changed(path, old, new)) as extensions, pytest.raises(ReadError, match=reason):
        read_table(path, extensions, 1)
