"""`snakemake check` looks at files before anything is computed."""


def test_a_survey_is_checked_and_nothing_else(place):
    assert place.count_jobs("--keep-going", "check", recipes="lamost_dr1") == {"check_survey": 1, "check": 1}


def test_recipes_of_grids_and_of_simulated_surveys_have_no_files_to_check(place):
    assert place.count_jobs("--keep-going", "check", recipes="demo,ambrosch2023_mock") == {"check": 1}


def test_errors_end_the_check_after_every_table_is_shown(place):
    status, output = place.run("check", recipes="benchmark_stars,demo")  # whose files are empty
    assert status == 1
    sentence = (
        "ERROR recipe 'benchmark_stars', survey 'survey': readable files: found none of the sample; expected some"
    )
    lines = output.splitlines()
    assert lines.index("recipe 'demo'") < lines.index(sentence)
    assert "1 error, 7 warnings" in lines
    table = place.folder / "results" / "benchmark_stars" / "acquire" / "checks" / "survey.tsv"
    assert table.read_text().splitlines()[0] == "what\tfound\texpected\tverdict"


def test_a_sound_recipe_is_shown_again_and_again(place):
    for _ in range(2):
        status, output = place.run("check", recipes="demo")
        assert status == 0, output
        assert "0 errors, 0 warnings" in output
        assert "on 2" in output


def test_real_surveys_are_sound(place, real_data):
    status, output = place.run("check", recipes="lamost_dr1", data=real_data)
    assert status == 0, output
    assert "vacuum (by VACUUM = T) in 89" in output
    assert "known in 66 of 89" in output
    assert "0 errors, " in output
