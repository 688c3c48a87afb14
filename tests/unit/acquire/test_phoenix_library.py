"""Addresses of PHOENIX models, as the library's server has them."""

from spectrolabe.acquire.phoenix_library import AXES, list_phoenix

SERVER = "https://phoenix.astro.physik.uni-goettingen.de/data/HiResFITS"
LIBRARY = "PHOENIX-ACES-AGSS-COND-2011"


def names(**box):
    box = {"teff": (5000, 5000), "logg": (4.5, 4.5), "feh": (0, 0), "alpha_fe": (0, 0)} | box
    return [file["path"].removeprefix(f"{LIBRARY}/") for file in list_phoenix(**box)[1:]]


def test_the_wavelengths_come_first_and_must_be_there():
    first, second = list_phoenix((5000, 5000), (4.5, 4.5), (-0.5, -0.5), (0, 0))
    wave = f"WAVE_{LIBRARY}.fits"
    assert first == {"path": wave, "url": f"{SERVER}/{wave}", "optional": ""}
    path = f"{LIBRARY}/Z-0.5/lte05000-4.50-0.5.{LIBRARY}-HiRes.fits"
    assert second == {"path": path, "url": f"{SERVER}/{path}", "optional": "yes"}


def test_signs_and_zeros_are_written_as_the_library_does():
    assert names() == [f"Z-0.0/lte05000-4.50-0.0.{LIBRARY}-HiRes.fits"]
    assert names(feh=(0.5, 0.5)) == [f"Z+0.5/lte05000-4.50+0.5.{LIBRARY}-HiRes.fits"]
    assert names(teff=(12000, 12000), logg=(0, 0)) == [f"Z-0.0/lte12000-0.00-0.0.{LIBRARY}-HiRes.fits"]
    enhanced = f"Z-0.0.Alpha=+0.20/lte05000-4.50-0.0.Alpha=+0.20.{LIBRARY}-HiRes.fits"
    assert names(alpha_fe=(0.1, 0.3)) == [enhanced]
    poor = f"Z-3.0.Alpha=-0.20/lte05000-4.50-3.0.Alpha=-0.20.{LIBRARY}-HiRes.fits"
    assert names(feh=(-3, -3), alpha_fe=(-0.2, -0.1)) == [poor]


def test_both_ends_of_a_box_belong_to_it():
    assert len(names(teff=(4000, 7000), logg=(0, 5), feh=(-2, 0.5))) == 31 * 11 * 6
    assert [name[9:14] for name in names(teff=(6900, 7400))] == ["06900", "07000", "07200", "07400"]
    assert [name[1:5] for name in names(feh=(-4, -1))] == ["-4.0", "-3.0", "-2.0", "-1.5", "-1.0"]


def test_other_alpha_elements_only_where_the_library_has_them():
    every = {"alpha_fe": (-0.2, 1.2)}
    assert len(names(**every)) == len(AXES["alpha_fe"]) == 8
    for box in ({"teff": (3400, 3400)}, {"teff": (8200, 8200)}, {"feh": (0.5, 0.5)}, {"feh": (-4, -4)}):
        assert len(names(**every, **box)) == 1
    for box in ({"teff": (3500, 3500)}, {"teff": (8000, 8000)}, {"feh": (-3, -3)}):
        assert len(names(**every, **box)) == 8


def test_a_mirror_replaces_the_servers_folder():
    files = list_phoenix((5000, 5000), (4.5, 4.5), (0, 0), (0, 0), mirror="http://mirror.org/HiResFITS/")
    assert [file["url"] for file in files] == [f"http://mirror.org/HiResFITS/{file['path']}" for file in files]


def test_between_the_librarys_steps_is_nothing():
    assert names(teff=(5010, 5090)) == []
