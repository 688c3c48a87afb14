"""A workplace whose surveys are empty files of the right names: a dry run opens none of them."""

import pytest
from workplace import Workplace

SURVEYS = {"benchmark_stars": 6, "lamost_dr1": 60, "uves": 3}
PUBLISHED = ["mpia/a.txt", "intrigoss/a.fits", "ambre/a.AMBRE"]  # phoenix is downloaded
SDSS = ["sdss/spec-0266-51602-0031.fits", "sdss/ssppOut-dr12.fits"]


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("dag"))
    for survey, count in SURVEYS.items():
        (place.data / survey).mkdir()
        for number in range(count):
            (place.data / survey / f"spectrum-{number:02d}.fits").touch()
    (place.data / "lamost_dr1" / "labels.csv").touch()
    (place.data / "giraffe").mkdir()
    for arm in ("HR10", "HR21"):
        (place.data / "giraffe" / f"star_{arm}.fits").touch()
    (place.data / "giraffe.fits").touch()
    (place.data / "marvels").mkdir()
    for arm in ("A", "B"):
        (place.data / "marvels" / f"star_{arm}.fits").touch()
    (place.data / "marvels.fits").touch()
    (place.data / "benchmark_stars" / "Sun.fits").touch()
    for path in PUBLISHED + SDSS:
        (place.data / "downloads" / path).parent.mkdir(parents=True, exist_ok=True)
        (place.data / "downloads" / path).touch()
    return place
