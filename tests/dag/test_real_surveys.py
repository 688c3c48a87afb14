"""The recipes for real surveys find their files."""


def test_benchmark_stars_are_one_shard(place, real_data):
    jobs = place.count_jobs(recipes="benchmark_stars", data=real_data)
    assert (jobs["list_spectra"], jobs["prepare_spectra"]) == (1, 1)
    # The survey, the calibration and test parts of the training set, and injected stars.
    assert jobs["predict_labels"] == 4


def test_89_spectra_in_shards_of_50_are_two_shards(place, real_data):
    jobs = place.count_jobs(recipes="lamost_dr1", data=real_data)
    assert (jobs["list_spectra"], jobs["prepare_spectra"]) == (2, 2)
    assert jobs["predict_labels"] == 4
