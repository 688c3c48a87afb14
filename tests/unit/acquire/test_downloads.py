"""Downloads from servers that cut, corrupt, delay, refuse and vanish: no byte twice without need, and no file lost."""

import hashlib
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pandas as pd
import pytest
from download_servers import Answer, FtpServer, HttpServer, serving

from spectrolabe.acquire.download_lists import COLUMNS
from spectrolabe.acquire.downloads import MissingFilesError, check_complete, fetch_files
from spectrolabe.acquire.transfers import StorageError

SIZE = 200_000
A, B = (b"SIMPLE  =" + np.random.default_rng(seed).bytes(SIZE - 9) for seed in (1, 2))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """The servers are on this machine."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server():
    with serving(HttpServer()) as server:
        server.files = {"a.fits": A, "b.fits": B}
        yield server


class Download:
    """Fetches files as a job does, without waiting; ``waits`` and ``lines`` hold what it waited and said."""

    def __init__(self, folder):
        self.folder = folder
        self.waits, self.lines = [], []

    def __call__(self, *rows, base="", silence=5.0, sleep=None):
        rows = [row if isinstance(row, dict) else {"path": row} for row in rows]
        rows = [dict.fromkeys(COLUMNS, "") | {"url": f"{base}/{row['path']}"} | row for row in rows]
        table = fetch_files(pd.DataFrame(rows), self.folder, self.lines.append, sleep or self.waits.append, silence)
        return table.set_index("path")


@pytest.fixture
def download(tmp_path):
    return Download(tmp_path / "files")


def test_files_arrive_once_and_are_described(server, download):
    found = download("a.fits", "deep/b.fits", base=server.url)
    assert found.columns.tolist() == ["url", "bytes", "sha256", "status"]
    assert found.loc["a.fits"].tolist() == [f"{server.url}/a.fits", str(SIZE), hashlib.sha256(A).hexdigest(), ""]
    assert found.loc["deep/b.fits", "status"] == "the server answered 404 Not Found"
    server.files["deep/b.fits"] = B
    assert download("a.fits", "deep/b.fits", base=server.url)["status"].tolist() == ["", ""]
    assert (download.folder / "deep" / "b.fits").read_bytes() == B
    assert len(server.sent("a.fits")) == 1
    assert download.waits == []
    assert sorted(path.name for path in download.folder.rglob("*") if path.is_file()) == ["a.fits", "b.fits"]
    assert [line for line in download.lines if line.startswith("1 of 1, deep/b.fits: 0.2 MB in 0 s")]
    assert download.lines[-1] == "there: 2, not published: 0, missing: 0"


def test_a_download_that_is_cut_goes_on_where_it_stopped(server, download):
    server.answers["a.fits"] = [Answer(cut=70_000), Answer(cut=50_000)]
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A
    assert server.ranges("a.fits") == [None, "bytes=70000-", "bytes=120000-"]
    assert server.sent("a.fits") == [70_000, 50_000, 80_000]
    assert sum(server.sent("a.fits")) == SIZE
    assert download.lines[1].startswith("1 of 1, a.fits: the connection was cut; asking again in")


def test_the_next_run_goes_on_where_a_killed_one_stopped(server, download):
    def killed(_):
        raise KeyboardInterrupt

    server.answers["a.fits"] = [Answer(cut=70_000)]
    with pytest.raises(KeyboardInterrupt):
        download("a.fits", base=server.url, sleep=killed)
    assert not (download.folder / "a.fits").exists()
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A
    assert server.sent("a.fits") == [70_000, SIZE - 70_000]


def test_a_server_that_knows_no_ranges_starts_again(server, download):
    server.answers["a.fits"] = [Answer(cut=70_000), Answer(ranges=False)]
    download("a.fits", base=server.url)
    assert (download.folder / "a.fits").read_bytes() == A
    assert server.sent("a.fits") == [70_000, SIZE]


def test_bytes_of_two_versions_are_never_joined(server, download):
    server.answers["a.fits"] = [Answer(cut=70_000, headers={"ETag": '"1"'})]
    server.always = Answer(headers={"ETag": '"2"'})
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert server.ranges("a.fits") == [None, "bytes=70000-", None]
    assert "has changed on the server" in download.lines[-3]


def test_more_bytes_here_than_there_start_again(server, download):
    server.answers["a.fits"] = [Answer(cut=70_000)]
    server.always = Answer(status=403)
    download("a.fits", base=server.url)
    server.always, server.files["a.fits"] = Answer(), A[:60_000]
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A[:60_000]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_what_is_corrupted_is_fetched_again(server, download, algorithm):
    row = {"path": "a.fits", "checksum": hashlib.new(algorithm, A).hexdigest().upper()}
    server.answers["a.fits"] = [Answer(body=A[:-1] + b"!")]
    assert download(row, base=server.url)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A
    assert server.ranges("a.fits") == [None, None]


def test_what_stays_corrupted_is_not_kept(server, download):
    found = download({"path": "a.fits", "checksum": "0" * 32}, "b.fits", base=server.url)
    assert found["status"].tolist() == [f"what arrived has another checksum than md5:{'0' * 32}", ""]
    assert len(server.sent("a.fits")) == 6
    assert [path.name for path in download.folder.iterdir()] == ["b.fits"]


def test_a_login_page_is_no_spectrum(server, download):
    server.answers["a.fits"] = [Answer(body=b"<!DOCTYPE html>")]
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A
    assert "what arrived is no .fits file" in download.lines[1]


def test_a_server_that_falls_silent_is_asked_again(server, download):
    server.answers["a.fits"] = [Answer(pause=0.6)]
    assert download("a.fits", base=server.url, silence=0.2)["status"].tolist() == [""]
    assert (download.folder / "a.fits").read_bytes() == A
    assert "timed out; asking again" in download.lines[1]
    first, second = server.ranges("a.fits")
    assert first is None
    # What had arrived whole pieces of is not asked for again.
    assert second == "bytes=65536-"


def test_a_server_that_never_answers_is_told(download):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        found = download("a.fits", "b.fits", base=url, silence=0.2)
    assert found["status"].tolist() == ["timed out", "timed out"]
    assert len(download.waits) == 10
    assert not list(download.folder.rglob("*.fits"))


def test_a_slow_server_is_waited_for(server, download):
    # Longer in all than the silence that counts as a break, but never silent for so long.
    server.answers["a.fits"] = [Answer(pause=0.3)]
    assert download("a.fits", base=server.url, silence=0.5)["status"].tolist() == [""]
    assert server.ranges("a.fits") == [None]
    assert download.waits == []


def test_a_busy_server_is_asked_twice_as_late_each_time(server, download):
    server.answers["a.fits"] = [Answer(status=status) for status in (503, 429, 502, 500, 504)]
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert np.array(download.waits) == pytest.approx([2, 4, 8, 16, 32], rel=0.25)
    assert len(set(np.round(np.array(download.waits) / [2, 4, 8, 16, 32], 6))) == 5


def test_progress_starts_the_waits_anew(server, download):
    server.answers["a.fits"] = [Answer(cut=20_000)] * 8
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert len(download.waits) == 8
    assert max(download.waits) <= 2.5


def test_a_time_that_the_server_names_is_kept(server, download):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.answers["a.fits"] = [Answer(status=503, headers={"Retry-After": when}) for when in ("40", soon, "nonsense")]
    assert download("a.fits", base=server.url)["status"].tolist() == [""]
    assert download.waits[0] == 40
    assert download.waits[1] == pytest.approx(90, abs=3)
    assert download.waits[2] == pytest.approx(8, rel=0.25)


def test_a_server_that_wants_to_be_left_alone_is(server, download):
    server.always = Answer(status=503, headers={"Retry-After": "86400"})
    found = download("a.fits", "b.fits", base=server.url)
    assert found["status"].tolist() == ["the server answered 503 Service Unavailable"] * 2
    assert (len(server.requests), download.waits) == (1, [])


def test_a_server_that_fails_file_after_file_is_asked_no_more(server, download):
    server.always = Answer(status=503)
    other = {"path": "b.fits", "url": f"{server.url}/b.fits".replace("127.0.0.1", "localhost")}
    server.answers["b.fits"] = [Answer(headers={"X": "fine"})]
    found = download("1.fits", "2.fits", "3.fits", "4.fits", other, base=server.url)["status"]
    assert found.tolist()[:3] == ["the server answered 503 Service Unavailable"] * 3
    assert found["4.fits"] == "not asked for, since 127.0.0.1 failed 3 times in a row"
    assert found["b.fits"] == ""
    assert len(server.requests) == 3 * 6 + 1


def test_a_server_that_gives_some_files_is_asked_for_all(server, download):
    for name in ("1.fits", "2.fits", "3.fits", "4.fits"):
        server.answers[name] = [Answer(status=500)] * 6
    found = download("1.fits", "2.fits", "a.fits", "3.fits", "4.fits", "b.fits", base=server.url)["status"]
    assert found[["a.fits", "b.fits"]].tolist() == ["", ""]


def test_a_library_that_is_elsewhere_is_not_searched(server, download):
    models = [{"path": f"{number}.fits", "optional": "yes"} for number in range(3)]
    found = download("wave.fits", *models, "a.fits", base=server.url)["status"]
    assert found["0.fits"] == f"not asked for, since 127.0.0.1 does not have {server.url}/wave.fits"
    assert found["a.fits"] == ""
    assert len(server.requests) == 2


def test_a_refused_file_does_not_lose_the_others(server, download, tmp_path):
    server.answers["a.fits"] = [Answer(status=403)]
    found = download("a.fits", "b.fits", base=server.url)
    assert found["status"].tolist() == ["the server answered 403 Forbidden", ""]
    assert found.loc["a.fits", ["bytes", "sha256"]].tolist() == ["", ""]
    assert download.waits == []
    with pytest.raises(MissingFilesError) as caught:
        check_complete(found, download.folder, tmp_path / "files.tsv")
    assert str(caught.value) == (
        f"1 of 2 files are missing: the server answered 403 Forbidden; {tmp_path}/files.tsv names them: start again,"
        f" which fetches nothing but them, or put them into {tmp_path}/files by hand"
    )


def test_holes_of_a_library_are_no_failure(server, download, tmp_path):
    hole = {"path": "hole.fits", "optional": "yes"}
    found = download("a.fits", hole, base=server.url)
    assert found["status"].tolist() == ["", "not published"]
    check_complete(found, download.folder, tmp_path / "files.tsv")
    with pytest.raises(MissingFilesError, match=r"^1 of 1 files are missing: not published; "):
        check_complete(download(hole, base=server.url), download.folder, tmp_path / "files.tsv")


def test_the_commonest_reasons_are_told(tmp_path):
    reasons = ["x"] * 4 + ["y"] * 3 + ["z"] * 2 + ["w", ""]
    with pytest.raises(
        MissingFilesError, match=r"^10 of 11 .*: x \(4 of them\), y \(3 .*\), z \(2 .*\), other reasons; "
    ):
        check_complete(pd.DataFrame({"status": reasons}), tmp_path, tmp_path / "t.tsv")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return unused.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:{port}", "cannot reach 127.0.0.1: Connection refused"),
        ("ftp://127.0.0.1:{port}", "cannot reach 127.0.0.1: Connection refused"),
        ("https://no-such-host.invalid", "cannot reach no-such-host.invalid: .*[Nn]ame.*"),
    ],
)
def test_offline_one_sentence_says_so(download, tmp_path, address, reason):
    found = download("a.fits", "b.fits", "c.fits", base=address.format(port=closed_port()))
    assert len(download.waits) == 5, "one file was asked for, the others were not"
    with pytest.raises(
        MissingFilesError, match=rf"^3 of 3 files are missing: {reason}; .*/files.tsv names them: .* by hand$"
    ):
        check_complete(found, download.folder, tmp_path / "files.tsv")


def test_what_was_put_there_by_hand_is_taken_if_it_is_whole(download):
    download.folder.mkdir()
    (download.folder / "a.fits").write_bytes(A)
    (download.folder / "b.fits").write_bytes(B[:100])
    rows = [{"path": name, "bytes": str(SIZE)} for name in ("a.fits", "b.fits")]
    found = download(*rows, base=f"http://127.0.0.1:{closed_port()}")
    assert found["status"].str.startswith("cannot reach").tolist() == [False, True]
    assert (download.folder / "b.fits.wrong").read_bytes() == B[:100]


def test_another_size_than_the_lists_is_told(server, download):
    found = download({"path": "a.fits", "bytes": "12"}, base=server.url)
    assert found["status"].tolist() == [f"the server's file has {SIZE} bytes, expected 12"]


def test_no_path_leaves_the_folder(server, download, tmp_path):
    download.folder.mkdir()
    (download.folder / "link").symlink_to(tmp_path)
    with pytest.raises(StorageError, match="link/a.fits leads out of"):
        download({"path": "link/a.fits", "url": f"{server.url}/a.fits"})
    assert server.requests == []


@pytest.mark.parametrize("path", ["../a.fits", "/a.fits", "sub/../../a.fits"])
def test_no_path_of_a_list_leaves_the_folder(server, download, path):
    with pytest.raises(StorageError, match="leads out of .*: expected a path that stays in it"):
        download({"path": path, "url": f"{server.url}/a.fits"})
    assert server.requests == []


def test_a_link_in_place_of_a_file_is_not_followed(server, download, tmp_path):
    download.folder.mkdir()
    (tmp_path / "other.fits").write_bytes(b"mine")
    (download.folder / "a.fits").symlink_to(tmp_path / "other.fits")
    with pytest.raises(StorageError, match=r"a\.fits leads out of"):
        download("a.fits", base=server.url)
    assert (tmp_path / "other.fits").read_bytes() == b"mine"


def test_a_folder_that_cannot_be_written_ends_it(server, download):
    download.folder.write_text("a file")
    with pytest.raises(StorageError, match=r"^cannot write .*a\.fits: (File exists|Not a directory)$"):
        download("a.fits", base=server.url)


def test_large_files_tell_of_their_progress(server, download, monkeypatch):
    monkeypatch.setattr("spectrolabe.acquire.downloads.PROGRESS", 60_000)
    download("a.fits", base=server.url)
    assert sum(line.endswith("MB so far") for line in download.lines) >= 2


@pytest.fixture
def ftp():
    with serving(FtpServer()) as server:
        server.files = {"grids/a.fits": A}
        yield server


def test_ftp_goes_on_where_it_stopped(ftp, download):
    ftp.cuts = [70_000]
    assert download("grids/a.fits", base=ftp.url())["status"].tolist() == [""]
    assert (download.folder / "grids" / "a.fits").read_bytes() == A
    assert ftp.sent == [70_000, SIZE - 70_000]


def test_ftp_refuses_what_it_does_not_have_and_whom_it_does_not_know(ftp, download):
    hole = {"path": "hole.fits", "optional": "yes"}
    assert download(hole, base=ftp.url())["status"].tolist() == ["not published"]
    assert download("grids/a.fits", base=ftp.url("x:y"))["status"].tolist() == ["the server answered 530 not you"]
    assert download.waits == []
