"""Lists of files to fetch: what is accepted, and the sentence that each mistake ends in."""

import pandas as pd
import pytest

from spectrolabe.acquire.download_lists import COLUMNS, read_download_list, write_table


def write(folder, text):
    (folder / "list.tsv").write_text(text)
    return folder / "list.tsv"


def test_a_list_of_paths_and_addresses_is_enough(tmp_path):
    path = write(tmp_path, "url\tpath\nhttps://a.org/x\tsub/x.fits\n")
    found = read_download_list(path)
    assert found.columns.tolist() == list(COLUMNS)
    assert found.to_numpy().tolist() == [["sub/x.fits", "https://a.org/x", "", "", ""]]


def test_a_list_is_read_as_it_was_written(tmp_path):
    row = ["x.fits", "ftp://carlos:allende@a.org/x", "0" * 64, "12", "yes"]
    write_table(pd.DataFrame([row], columns=COLUMNS), tmp_path / "new" / "list.tsv")
    assert read_download_list(tmp_path / "new" / "list.tsv").to_numpy().tolist() == [row]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("../x\thttp://a.org/x\t\t\t", "expected a path that stays in the folder of the downloads, found '../x'"),
        ("a/../../x\thttp://a.org/x\t\t\t", "expected a path that stays in the folder .*"),
        ("/etc/x\thttp://a.org/x\t\t\t", "expected a path that stays in the folder .*"),
        ("..\\x\thttp://a.org/x\t\t\t", "expected a path that stays in the folder .*"),
        ("\thttp://a.org/x\t\t\t", "expected a path that stays in the folder .*"),
        ("x\tfile:///etc/x\t\t\t", "expected an address that begins with https, http, ftp, found 'file:///etc/x'"),
        ("x\thttp:///x\t\t\t", "expected an address .*"),
        ("x\thttp://a.org/x\t12ab\t\t", "expected a checksum of 32, 40, 64 hexadecimal digits, found '12ab'"),
        ("x\thttp://a.org/x\t\t1.5\t", "expected a whole number of bytes, found '1.5'"),
        ("x\thttp://a.org/x\t\t\tno", "expected 'yes' or nothing as optional, found 'no'"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, row, sentence):
    path = write(tmp_path, "\t".join(COLUMNS) + f"\ny\thttp://a.org/y\t\t\t\n{row}\n")
    with pytest.raises(ValueError, match=rf"list\.tsv, line 3: {sentence}$"):
        read_download_list(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path\nx\n", "expected the columns path, url, checksum, bytes, optional, found no url"),
        ("path\turl\n", "expected a row or more, found none"),
        ("path\turl\nx\thttp://a/x\nx\thttp://a/y\n", "expected every path once, found 'x' more than once"),
    ],
)
def test_a_list_that_cannot_be_used(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=rf"list\.tsv: {sentence}$"):
        read_download_list(write(tmp_path, text))
