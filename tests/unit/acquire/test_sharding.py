"""Files and their shards: from names alone."""

import os

import pytest

from spectrolabe.acquire.sharding import assign_shards, find_files, read_file_list, write_file_list

FILES = [f"survey/spec-{number:04d}.fits" for number in range(300)]


def shard_of(files, size):
    return {file: shard for shard, members in assign_shards(files, size).items() for file in members}


def test_every_file_stands_in_one_shard_in_order():
    shards = assign_shards(FILES, 40)
    assert sorted(file for members in shards.values() for file in members) == FILES
    assert all(members == sorted(members) for members in shards.values())
    # 300 files in shards of 40 need 8, a power of two.
    assert list(shards) == [f"{number:03d}" for number in range(8)]


@pytest.mark.parametrize(("size", "count"), [(300, 1), (299, 2), (150, 2), (149, 4), (75, 4)])
def test_the_number_of_shards_is_the_smallest_power_of_two(size, count):
    assert len(assign_shards(FILES, size)) == count


def test_a_new_file_joins_one_shard_wherever_its_name_sorts():
    before = shard_of(FILES, 100)
    for name in ("survey/a.fits", "survey/spec-0150b.fits", "survey/z.fits"):
        after = shard_of(sorted([*FILES, name]), 100)
        assert {file: after[file] for file in FILES} == before


def test_only_shards_with_files_appear():
    assert assign_shards([], 10) == {}
    assert all(assign_shards(FILES[:5], 1).values())


def test_files_are_found_relative_to_the_data_folder(tmp_path):
    for name in ("survey/b.fits", "survey/a.fits", "survey/deep/c.fits", "other/d.fits", "survey/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_files(tmp_path, "survey/*.fits") == ["survey/a.fits", "survey/b.fits"]
    assert find_files(tmp_path, "survey/**/*.fits") == ["survey/a.fits", "survey/b.fits", "survey/deep/c.fits"]
    assert find_files(tmp_path, "survey/*.fits", without="./survey/a.fits") == ["survey/b.fits"]
    assert find_files(tmp_path, ["other/*", "survey/a*", "survey/*.fits"]) == [
        "other/d.fits", "survey/a.fits", "survey/b.fits",
    ]  # fmt: skip


def test_no_file_ends_in_one_sentence(tmp_path):
    with pytest.raises(
        ValueError, match=r"no file matches .*/one/\*\.fits or .*/two/\*; set the folder by data=FOLDER"
    ):
        find_files(tmp_path, ["one/*.fits", "two/*"])


def test_a_list_of_files_names_them_with_size_and_time(tmp_path):
    path = tmp_path / "b.fits"
    path.write_bytes(b"12345")
    os.utime(path, ns=(0, 1_000_000_001))
    text = write_file_list(tmp_path, ["b.fits", "gone.fits"])
    assert text == "path\tbytes\tmodified_ns\nb.fits\t5\t1000000001\ngone.fits\t\t\n"


@pytest.mark.parametrize("name", ["a b.fits", "ä.fits", "\udcff.fits", "a\u2028b\r.fits"])
def test_a_list_of_files_is_read_as_it_was_written(tmp_path, name):
    text = write_file_list(tmp_path, [name, "z.fits"])
    (tmp_path / "list.tsv").write_bytes(text.encode(errors="surrogateescape"))
    assert read_file_list(tmp_path / "list.tsv") == [name, "z.fits"]


@pytest.mark.parametrize("name", ["a\tb.fits", "a\nb.fits"])
def test_a_name_that_breaks_a_list_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="without tabs and line breaks"):
        write_file_list(tmp_path, [name])


@pytest.mark.parametrize("text", ["", "path\tbytes\tmodified_ns\na.fits\t1", "a.fits\t1\t1\n"])
def test_a_list_that_is_not_whole_is_named(tmp_path, text):
    (tmp_path / "list.tsv").write_text(text)
    with pytest.raises(ValueError, match="list.tsv: expected a list of files"):
        read_file_list(tmp_path / "list.tsv")


@pytest.mark.parametrize("pattern", ["../*.fits", "s/../../*.fits", "/etc/*.fits", ["s/*.fits", "../x/*.fits"]])
def test_patterns_that_leave_the_data_folder_are_refused(tmp_path, pattern):
    with pytest.raises(ValueError, match=r"expected patterns of files that stay in .*, found '(\.\.|s/\.\.|/etc)/"):
        find_files(tmp_path, pattern)
