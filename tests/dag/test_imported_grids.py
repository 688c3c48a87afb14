"""Grids of published files are imported, all others synthesised: no grid can be made by two rules."""


def test_published_files_make_a_grid_by_one_job(place):
    assert place.count_jobs("--nolock", "results/grids/intrigoss.fits", recipes="demo") == {"import_grid": 1}


def test_other_grids_are_synthesised(place):
    jobs = place.count_jobs("--nolock", "results/grids/fgk_mgb_atlas9.fits", recipes="demo")
    assert jobs == {"join_grid": 1, "synthesize": 32}


def test_a_grid_without_its_files_says_where_they_should_be(place):
    status, output = place.run("--dry-run", "--nolock", "results/grids/ferre.fits", recipes="demo")
    assert status != 0
    assert "grid 'ferre': key 'import.files': no file matches data/downloads/ferre/" in output
