rule prepare_spectra:
    input:
        unpack(dataset_products),
        spectra=survey_sources,
        manifest="results/{recipe}/acquire/manifests/{dataset}/{shard}.tsv",
        code=library("prepare", "preparation"),
    output:
        spectra="results/{recipe}/prepare/spectra/{dataset}/{shard}.parquet",
    log:
        "results/{recipe}/logs/prepare_spectra/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        root=survey_root,
        wavelength=lambda w: recipe_of(w)["wavelength"],
        reader=lambda w: survey_settings(w)["reader"],
        join=lambda w: survey_settings(w).get("join", []),
        steps=lambda w: survey_settings(w)["prepare"],
        resolution=lambda w: survey_settings(w).get("resolution"),
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/prepare_spectra.py"


rule learn_mask:
    input:
        unpack(mask_products),
        spectra=mask_spectra,
        stars="resources/benchmark_stars.csv",
        watch=lambda w: grid_watch(mask_grid(w)),
        code=library("prepare", "masks"),
    output:
        mask="results/{recipe}/prepare/masks/{mask}.csv",
        summary="results/{recipe}/prepare/masks/{mask}.json",
    log:
        "results/{recipe}/logs/learn_mask/{mask}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=lambda w: str(grid_path(mask_grid(w))),
        settings=mask_settings,
    script:
        "../scripts/prepare/learn_mask.py"


rule select_spectra:
    input:
        shards=lambda w: dataset_spectra(w.recipe, set_settings(w)["from"]),
        code=library("prepare", "selection"),
    output:
        selection="results/{recipe}/prepare/selection/{set}.parquet",
        cuts="results/{recipe}/prepare/selection/{set}.csv",
        coverage="results/{recipe}/prepare/selection/{set}.coverage.csv",
    log:
        "results/{recipe}/logs/select_spectra/{set}.log",
    conda:
        "../../envs/data.yaml"
    params:
        conditions=lambda w: set_settings(w).get("select", []),
        labels=set_labels,
        split=lambda w: set_settings(w)["split"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/select_spectra.py"


rule fit_screening:
    input:
        shards=lambda w: dataset_spectra(w.recipe, w.dataset),
        selection=screening_selection,
        code=library("prepare", "screen_files"),
    output:
        reference="results/{recipe}/prepare/screening/{dataset}/reference.npz",
        numbers="results/{recipe}/prepare/screening/{dataset}/reference.json",
    log:
        "results/{recipe}/logs/fit_screening/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        components=lambda w: recipe_of(w)["screening"]["components"],
        neighbours=lambda w: recipe_of(w)["screening"]["neighbours"],
        perplexity=lambda w: recipe_of(w)["screening"]["perplexity"],
        false_alarms=lambda w: recipe_of(w)["screening"]["false_alarms"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/fit_screening.py"


rule screen_spectra:
    input:
        spectra="results/{recipe}/prepare/spectra/{dataset}/{shard}.parquet",
        selection=screening_selection,
        reference="results/{recipe}/prepare/screening/{dataset}/reference.npz",
        code=library("prepare", "screen_files"),
    output:
        verdicts="results/{recipe}/prepare/screening/{dataset}/{shard}.parquet",
        map="results/{recipe}/prepare/maps/{dataset}/{shard}.parquet",
    log:
        "results/{recipe}/logs/screen_spectra/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/prepare/screen_spectra.py"


rule map_survey:
    input:
        shards=lambda w: dataset_spectra(w.recipe, w.dataset),
        verdicts=screening_shards,
        code=library("prepare", "joint_maps"),
    output:
        map="results/{recipe}/prepare/maps/{dataset}.parquet",
    log:
        "results/{recipe}/logs/map_survey/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        columns=map_columns,
        components=lambda w: recipe_of(w)["screening"]["components"],
        perplexity=lambda w: recipe_of(w)["screening"]["perplexity"],
        false_alarms=lambda w: recipe_of(w)["screening"]["false_alarms"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/map_survey.py"


rule build_set:
    input:
        unpack(set_products),
        source=source_files,
        selection=set_selection,
        screening=set_screening,
        code=library("prepare", "training_sets", "selection") + library("spectra", "streaming"),
    output:
        spectra="results/{recipe}/prepare/sets/{set}/shards/{shard}.parquet",
    log:
        "results/{recipe}/logs/build_set/{set}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=source_grid,
        labels=set_labels,
        settings=set_settings,
        shards=lambda w: len(set_shards(w)),
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/build_set.py"


rule join_set:
    input:
        shards=set_shard_files,
        code=library("spectra", "streaming"),
    output:
        spectra="results/{recipe}/prepare/sets/{set}/{part}.parquet",
    log:
        "results/{recipe}/logs/join_set/{set}/{part}.log",
    conda:
        "../../envs/data.yaml"
    params:
        cuts=set_cuts,
    script:
        "../scripts/prepare/join_set.py"


rule measure_differences:
    input:
        grids=lambda w: [grid_watch(recipe_of(w)["datasets"][name]["grid"]) for name in compared_grids(w)],
        code=library("prepare", "grid_differences"),
    output:
        differences="results/{recipe}/prepare/grid_differences.csv",
    log:
        "results/{recipe}/logs/measure_differences.log",
    conda:
        "../../envs/data.yaml"
    params:
        names=compared_grids,
        grids=lambda w: [str(grid_path(recipe_of(w)["datasets"][name]["grid"])) for name in compared_grids(w)],
        ranges=lambda w: compared_set(w).get("ranges"),
        # Those that observed spectra go through as well, without distortions by chance.
        steps=lambda w: [step for step in compared_set(w)["steps"] if {*step} & {"broaden", "resample", "normalise"}],
        stars=300,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/measure_differences.py"


rule sample_raw:
    input:
        unpack(raw_sources),
        code=library("prepare", "raw_spectra"),
    output:
        raw="results/{recipe}/prepare/raw/{dataset}.parquet",
    log:
        "results/{recipe}/logs/sample_raw/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        most=lambda w: recipe_of(w).get("gap", {}).get("spectra", 1000),
        settings=raw_settings,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/sample_raw.py"


rule find_twins:
    input:
        unpack(gap_observed),
        parts=gap_parts,
        grids=lambda w: [grid_watch(Path(source["grid"]).stem) for source in gap_synthetic(w)],
        code=library("prepare", "raw_spectra", "twins"),
    output:
        raw="results/{recipe}/prepare/twins/raw.parquet",
        prepared="results/{recipe}/prepare/twins/prepared.parquet",
    log:
        "results/{recipe}/logs/find_twins.log",
    conda:
        "../../envs/data.yaml"
    params:
        name=lambda w: recipe_of(w)["gap"]["observed"],
        synthetic=gap_synthetic,
        labels=lambda w: recipe_of(w)["labels"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/find_twins.py"
