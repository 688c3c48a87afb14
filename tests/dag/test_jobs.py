"""How many jobs of each rule the shipped recipes start."""

from collections import Counter
from pathlib import Path

import pytest

RECIPES = {path.stem for path in (Path(__file__).parents[2] / "config" / "recipes").glob("*.yaml")}
# Twelve shards of 5 000 stars, joined into four parts; a network's members, judged together; the calibration part and
# the test part are judged and predicted, and five figures drawn of what was predicted.
SYNTHETIC = {
    "build_set": 12,
    "join_set": 4,
    "train_member": 4,
    "choose_members": 1,
    "fit_doubt": 1,
    "learn_features": 1,
    "judge_spectra": 2,
    "predict_labels": 2,
    "calibrate": 1,
    "write_catalogue": 1,
    "score_labels": 1,
    "score_doubt": 1,
    "measure_coverage": 1,
    "measure_errors": 1,
    "plot_catalogue": 5,
    "plot_losses": 1,
    "write_card": 1,
    "write_report": 1,
}
# A survey of one shard beside them.
SURVEY = {
    "list_spectra": 1,
    "join_manifests": 1,
    "prepare_spectra": 1,
    "judge_spectra": 1,
    "predict_labels": 1,
    "write_catalogue": 1,
    "score_labels": 1,
    "measure_errors": 1,
    "plot_catalogue": 1,
}
# Stars that are injected, and what becomes of them.
INJECTED = Counter(inject_spectra=1, judge_spectra=1, predict_labels=1, write_catalogue=1, recover=1, plot_recovery=1)
BENCHMARKS = {"compare_benchmarks": 1, "plot_benchmark_stars": 1}
SECOND_SHARD = {"list_spectra": 1, "prepare_spectra": 1, "judge_spectra": 1, "predict_labels": 1}
# Three grids: eight shards in four parts, five members and a calibration part each; a fourth set of test stars and
# one of templates. Every model labels all four kinds of test stars, judged by the set that it was trained on, and the
# injected stars; what is said of all of them is of the main model.
THREE_GRIDS = {
    "build_set": 3 * 8 + 2,
    "join_set": 3 * 4 + 2,
    "train_member": 3 * 5,
    "choose_members": 3,
    "fit_doubt": 3,
    "learn_features": 3,
    "judge_spectra": 3 + 3 * 4,
    "predict_labels": 3 + 3 * 4 + 2,
    "calibrate": 3,
    "write_catalogue": 3 * 4,
    "score_labels": 3 * 4,
    "score_doubt": 4,
    "measure_coverage": 4,
    "measure_errors": 4,
    "write_card": 1,
    "compare_grids": 1,
    "plot_cross_grid": 1,
    "plot_losses": 1,
    "write_report": 1,
}
GAP = {"sample_raw": 2, "find_twins": 1, "measure_gap": 1, "plot_gap": 1}
# A screened survey whose labels are trained on: its tables, maps and figures of the whole.
SCREENED = Counter(
    join_manifests=1,
    select_spectra=1,
    fit_screening=1,
    map_survey=1,
    score_screening=1,
    join_set=4,
    plot_set=2,
    plot_similarity_map=1,
    plot_observed_sets_map=1,
    plot_screening_recall=1,
    plot_one_to_one=1,
    plot_observed_sets=2,
    plot_model_comparison=2,
    predict_snapshots=1,
    plot_kiel_evolution=1,
    measure_sensitivity=2,
    identify_lines=2,
    plot_sensitivity=1,
    plot_correlated_labels=1,
    find_discs=1,
    measure_orbits=1,
    date_stars=1,
    compare_clusters=1,
    compare_repeats=1,
    compare_gravities=1,
    plot_populations=7,
    write_report=1,
)
# A network in three members on a compressed set: it labels training and validation parts, and tests with noise and
# without.
ONE_NETWORK = Counter(
    learn_components=1,
    compress_spectra=2,
    train_member=3,
    choose_members=1,
    learn_features=1,
    calibrate=1,
    fit_doubt=1,
    judge_spectra=1 + 4,
    predict_labels=1 + 4,
    write_catalogue=4,
    score_labels=4,
    compare_databases=1,
    score_doubt=2,
    measure_errors=2,
    measure_coverage=2,
    plot_components=1,
    plot_losses=1,
    plot_databases=1,
    plot_one_to_one=1,
    plot_catalogue=5 * 2,
    write_card=1,
    write_report=1,
)
ONE_EACH = (
    "measure_differences",
    "plot_grid_differences",
    "measure_continuum",
    "plot_continuum_bias",
    "plot_continuum_fits",
    "plot_uncertainty_growth",
)
JOBS = {
    "demo": Counter(SYNTHETIC) + INJECTED,
    "benchmark_stars": Counter(SYNTHETIC) + INJECTED + Counter(SURVEY) + Counter(BENCHMARKS),
    # 60 files and a shard_size of 50 make two shards of the survey, and of the set; three members. The survey has
    # labels that its intervals are held against; which of its spectra are sound nobody knows.
    "lamost_dr1": Counter(SYNTHETIC)
    + Counter(SURVEY)
    + Counter(SECOND_SHARD)
    + Counter(measure_coverage=1)
    - Counter(build_set=10, train_member=1, score_doubt=1),
    # Nine figures of each of four catalogues; the models compared on each.
    "starnet2020_mock": Counter(THREE_GRIDS)
    + INJECTED
    + Counter(GAP)
    + Counter(ONE_EACH)
    + Counter(plot_catalogue=9 * 4, plot_model_comparison=4),
    # Five shards of stars, one of templates; five members; the survey, and the spectra of the Sun that a mask is
    # learned from. Six figures of the test stars, and the survey's Kiel diagram.
    "starnet2020_benchmarks": Counter(SYNTHETIC)
    + INJECTED
    + Counter(GAP)
    + Counter(SURVEY)
    + Counter(BENCHMARKS)
    + Counter(join_set=1, train_member=1, list_spectra=1, prepare_spectra=1, learn_mask=1, plot_continuum_fits=1)
    + Counter(plot_catalogue=1)
    - Counter(build_set=6),
    # Two sets from one grid and its templates, two models.
    "starnet2020_noiseless": Counter(
        build_set=2 * 4 + 1,
        join_set=4 + 3 + 1,
        train_member=2 * 2,
        choose_members=2,
        fit_doubt=2,
        learn_features=2,
        judge_spectra=4,
        predict_labels=4,
        calibrate=2,
        write_catalogue=2,
        score_labels=2,
        score_doubt=2,
        measure_coverage=2,
        measure_errors=2,
        write_card=2,
        plot_catalogue=4,
        plot_losses=2,
        plot_model_comparison=1,
        write_report=1,
    ),
    # Four published grids, taken as 2 000 nodes in 60 copies until they are there; one is downloaded. Four models of
    # seven members label the test stars of all grids, the survey and the injected stars. Nine figures of each catalogue
    # of test stars, and four of the survey, that need no reference labels.
    "starnet2020": Counter(GAP)
    + INJECTED
    + Counter(ONE_EACH)
    + Counter(BENCHMARKS)
    + Counter(
        import_grid=4,
        list_downloads=1,
        download_files=1,
        list_spectra=1,
        join_manifests=1,
        prepare_spectra=1,
        build_set=4 * 24,
        join_set=4 * 4,
        train_member=4 * 7,
        choose_members=4,
        calibrate=4,
        fit_doubt=4,
        learn_features=4,
        judge_spectra=4 + 4 * 5,
        predict_labels=4 + 4 * 5 + 3,
        score_doubt=4,
        measure_coverage=4,
        measure_errors=5,
        write_card=1,
        write_catalogue=4 * 5,
        score_labels=4 * 5,
        compare_grids=1,
        plot_cross_grid=1,
        plot_losses=1,
        write_report=1,
        plot_catalogue=9 * 4 + 4,
        plot_model_comparison=4,
    ),
    # Models of ten members each label the survey and two parts of its set; one redraws its parts, the labels of one are
    # other ones, which nobody predicts. Of catalogues: three figures of each test part, one of each survey; no coverage
    # of the training part. Screening judges the survey.
    "ambrosch2023": SCREENED
    + INJECTED
    + Counter(
        list_spectra=1,
        prepare_spectra=1,
        screen_spectra=1,
        build_set=1,
        train_member=3 * 10,
        choose_members=3,
        learn_features=2,
        calibrate=2,
        predict_labels=2 + 3 + 2,
        write_catalogue=3 + 2,
        score_labels=3 + 2,
        measure_coverage=2 + 2,
        measure_errors=3 + 2,
        write_card=2,
        plot_catalogue=3 * 2 + 2,
        plot_losses=2,
    ),
    # Four shards of a survey that is simulated, and a fourth model, which labels the test part. Two more shards of one
    # that models are calibrated on, judged as a part of its set; one model is corrected by benchmark stars.
    "ambrosch2023_mock": SCREENED
    + INJECTED
    + Counter(
        simulate_survey=4 + 2,
        list_spectra=4 + 2,
        prepare_spectra=4 + 2,
        screen_spectra=4,
        select_spectra=1,
        build_set=4 + 2,
        judge_spectra=1,
        learn_features=3,
        recalibrate=1,
        train_member=2 * 10 + 6 + 4,
        choose_members=4,
        calibrate=3,
        predict_labels=3 + 2 * 4 + 2 + 2,
        write_catalogue=3 + 2 + 1,
        score_labels=3 + 2 + 1,
        score_doubt=3 + 2 + 1,
        measure_coverage=2 + 2 + 1,
        measure_errors=3 + 2 + 1,
        write_card=3,
        plot_catalogue=3 * 3 + 2,
        plot_losses=3,
    ),
    # Its grid is computed, in 100 shards. Six databases in three parts, two sets of test stars, of one of which the
    # validation part is what trials are compared on, and the grid's own nodes, which components are measured on. A
    # network per label and database labels its training and validation parts and both tests. The base point and 36
    # other points a label, and as many jobs as a joint search may take.
    "gebran2022": Counter(
        synthesize=100,
        join_grid=1,
        build_set=5 + 6 * 5 + 8 + 6 * 8 + 14 + 6 * 14 + 2 * 14 + 1,
        join_set=6 * 3 + 2 + 1 + 1,
        learn_components=6,
        compress_spectra=6 * 2 + 1,
        run_trial=4 * (1 + 36),
        search_trial=4 * 60,
        summarise_study=2,
        compare_studies=1,
        find_rate=4 * 6,
        train_member=4 * 6,
        choose_members=4 * 6,
        learn_features=4 * 6,
        calibrate=4 * 6,
        fit_doubt=6,
        judge_spectra=6 * (1 + 4),
        predict_labels=4 * 6 * (1 + 4),
        write_catalogue=4 * 6 * 4,
        score_labels=4 * 6 * 4,
        compare_databases=1,
        score_doubt=4,
        measure_errors=4,
        measure_coverage=4 + 4,
        plot_augmentation=3,
        plot_components=6,
        plot_study=2 * 4,
        plot_learning_rates=4,
        plot_losses=4,
        plot_databases=1,
        plot_one_to_one=4,
        plot_catalogue=4 * 4,
        write_card=4,
        write_report=1,
    ),
    # Two databases, and a third for a network for all labels, which learns from each of them; a
    # network per label on one of them, which label the noisy test. The base point and six others a label.
    "gebran2022_mock": Counter(
        build_set=3 + 5 + 2 + 1 + 1 + 1,
        join_set=3 * 3 + 2 + 1 + 1,
        learn_components=3,
        compress_spectra=3 * 2 + 1,
        run_trial=4 * (1 + 6),
        search_trial=4 * 5,
        summarise_study=2,
        compare_studies=1,
        find_rate=1,
        train_member=3 + 4,
        choose_members=3 + 4,
        learn_features=3 + 4,
        calibrate=3 + 4,
        fit_doubt=3,
        judge_spectra=3 * (1 + 4),
        predict_labels=3 * (1 + 4) + 4 * (1 + 1),
        write_catalogue=4 * 3 + 4,
        score_labels=4 * 3 + 4,
        compare_databases=1,
        score_doubt=5,
        measure_errors=5,
        measure_coverage=5 + 1,
        plot_augmentation=2,
        plot_components=3,
        plot_study=2 * 4,
        plot_learning_rates=1,
        plot_losses=5,
        plot_databases=1,
        plot_one_to_one=1,
        plot_catalogue=5 * 4,
        write_card=5,
        write_report=1,
    ),
    # A network on one database, and the nodes that its components are measured on.
    "gebran2022_long": ONE_NETWORK + Counter(build_set=4 + 2 * 2 + 1, join_set=3 + 2 + 1),
    # Another database beside it, on which a network per label learns; no nodes.
    "gebran2022_fgk": ONE_NETWORK
    + Counter(
        build_set=2 * 4 + 2 * 2,
        join_set=2 * 3 + 2,
        learn_components=1,
        compress_spectra=2,
        train_member=4,
        choose_members=4,
        learn_features=4,
        calibrate=4,
        fit_doubt=1,
        judge_spectra=1 + 4,
        predict_labels=4 * (1 + 4),
        write_catalogue=4 * 4,
        score_labels=4 * 4,
        plot_components=1,
    ),
}
# A grid that several recipes share is checked once for all of them.
EMBEDDED = ["fgk_mgb", "fgk_mgb_atlas9", "fgk_mgb_perturbed", "fgk_mgb_solar", "fgk_giraffe", "a_hbeta"]
CHECKED = {
    "demo": EMBEDDED[:1],
    "benchmark_stars": EMBEDDED[:1],
    "starnet2020_noiseless": EMBEDDED[:1],
    "starnet2020_mock": EMBEDDED[:3],
    "starnet2020_benchmarks": EMBEDDED[3:4],
    "ambrosch2023": EMBEDDED[4:5],
    "ambrosch2023_mock": EMBEDDED[4:5],
    "gebran2022": ["a_stars"],
    "gebran2022_mock": EMBEDDED[5:],
    "gebran2022_long": EMBEDDED[5:],
    "gebran2022_fgk": EMBEDDED[:1],
    "deep_remap2025_mock": EMBEDDED[:1],
    "deep_remap2025_ablations": EMBEDDED[:1],
}

# Methods beside each other on the test stars of a survey's set, in two comparisons; the main one labels the survey too.
# Six figures of the test stars, and the survey's Kiel diagram.
COMPARED = Counter(
    list_spectra=1,
    join_manifests=1,
    prepare_spectra=1,
    build_set=1,
    join_set=4,
    choose_examples=1,
    measure_label_ranges=1,
    summarise_study=1,
    choose_members=1,
    describe_network=1,
    learn_features=1,
    fit_doubt=1,
    judge_spectra=3,
    predict_labels=3,
    calibrate=1,
    compare_models=2,
    write_catalogue=2,
    score_labels=2,
    measure_coverage=2,
    measure_errors=2,
    plot_architecture=1,
    plot_catalogue=6 + 1,
    plot_comparison=2,
    plot_example_spectra=1,
    plot_label_densities=1,
    plot_losses=1,
    plot_one_to_one=1,
    plot_study=1,
    write_card=1,
    write_report=1,
)
JOBS |= {
    # Three members each of the network, four others in three labels and six in one; three that are solved.
    "barreto2026": COMPARED + Counter(train_member=3 * (1 + 4 + 2 * 3) + 3, search_trial=100),
    # Four baselines have one member; four shards, whose planted trouble is known.
    "barreto2026_mock": COMPARED
    + Counter(train_member=3 * (1 + 3 + 3) + 4 + 3, search_trial=10)
    + Counter(dict.fromkeys(("list_spectra", "prepare_spectra", "build_set", "judge_spectra", "predict_labels"), 3))
    + Counter(simulate_survey=4, score_doubt=2),
    "barreto2026_lamost": COMPARED + Counter(train_member=3 * (1 + 3 + 3) + 4 + 3, search_trial=10),
}

# A survey in three roles, whose dwarfs networks are fine-tuned on that a grid has taught before; two comparisons, of
# the test stars and of the calibration stars.
TRANSFERRED = Counter(
    join_manifests=1,
    find_fixed_features=1,
    select_spectra=3,
    join_set=4 + 4,
    fit_doubt=1,
    compare_models=2,
    plot_comparison=2,
    write_report=1,
)
# What a model becomes before it labels anything, and what it labels: a survey, or the tests that sets of it hold.
MODEL = Counter(
    choose_members=1,
    describe_network=1,
    learn_features=1,
    calibrate=1,
    judge_spectra=1,
    predict_labels=1,
    plot_architecture=1,
    plot_losses=1,
    write_card=1,
)
LABELLED = Counter(
    dict.fromkeys(("write_catalogue", "write_distributions", "score_labels", "classify_stars"), 1),
    measure_coverage=1,
    measure_errors=1,
    judge_spectra=1,
    predict_labels=1,
)
TESTED = LABELLED + Counter(plot_catalogue=4, plot_one_to_one=1)
EMBEDDING = Counter(
    embed_training=1, embed_snapshots=1, map_embedding=1, plot_embedding=1, find_neighbours=4, compare_neighbours=4
)
ARMS = Counter(measure_arms=3, plot_arms=3)
SHARD = Counter(list_spectra=1, prepare_spectra=1, judge_spectra=1, predict_labels=1)


def times(number, jobs):
    return Counter({rule: number * count for rule, count in jobs.items()})


JOBS |= {
    # A set of 18 shards and three of one; networks of two stages and of one; four architectures in ten folds.
    "deep_remap2025": TRANSFERRED
    + MODEL
    + times(3, TESTED)
    + LABELLED
    + EMBEDDING
    + ARMS
    + Counter(list_downloads=1, download_files=1, import_grid=1, list_spectra=1, prepare_spectra=1, build_set=18 + 3)
    + Counter(find_rate=1, plot_learning_rates=1, run_trial=4 * 10, summarise_study=1, plot_study=1)
    + Counter(train_member=3 * (2 + 1), plot_catalogue=1),
    # Four shards of the survey in three sets, four of the grid's; a second model, which does not label
    # the survey.
    "deep_remap2025_mock": TRANSFERRED
    + times(2, MODEL)
    + times(2 * 3, TESTED)
    + LABELLED
    + EMBEDDING
    + ARMS
    + times(4, SHARD)
    + Counter(simulate_survey=4, build_set=3 * 4 + 4, train_member=2 * 3 * (2 + 1), score_doubt=7, plot_catalogue=1)
    # Both models are judged by the same spectra.
    - Counter(judge_spectra=5, predict_labels=1),
    # Nine networks in three members, seven of them in two stages.
    "deep_remap2025_ablations": TRANSFERRED
    + MODEL
    + TESTED
    + Counter(simulate_survey=4, list_spectra=4, prepare_spectra=4, build_set=4 + 4 + 1)
    + Counter(train_member=3 * (2 * 7 + 1), score_doubt=1)
    - Counter(describe_network=1, plot_architecture=1, plot_catalogue=2, plot_one_to_one=1, classify_stars=1)
    - Counter(compare_models=1, plot_comparison=1),
}


def expected_jobs(names):
    checked = {grid for name in names for grid in CHECKED.get(name, [])}
    return dict(sum((JOBS[name] for name in names), Counter(check_emulator=len(checked))) + Counter())


def test_every_shipped_recipe_is_counted_here():
    assert set(JOBS) == RECIPES


def test_one_call_plans_every_recipe(place):
    assert place.count_jobs(recipes=f"[{','.join(JOBS)}]") == expected_jobs(JOBS)


@pytest.mark.parametrize("recipes", ["lamost_dr1", "demo,benchmark_stars"])
def test_a_name_and_names_with_commas_are_lists_too(place, recipes):
    assert place.count_jobs(recipes=recipes) == expected_jobs(recipes.split(","))


def test_without_a_choice_the_demo_runs_on_few_networks(place):
    jobs = place.count_jobs()
    assert jobs == expected_jobs(["demo"])
    assert jobs["train_member"] + jobs["predict_labels"] <= 12
