"""Files and their shards: from names alone."""

import pytest

from spectrolabe.acquire.sharding import assign_shards, find_files

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
