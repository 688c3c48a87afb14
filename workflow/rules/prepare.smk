rule prepare_spectra:
    input:
        unpack(dataset_products),
        spectra=survey_source,
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
        labels=lambda w: set_labels(w) or recipe_of(w)["labels"],
        labelled=lambda w: bool(set_labels(w)),
        split=lambda w: set_settings(w)["split"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/select_spectra.py"


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


rule inject_spectra:
    input:
        unpack(set_products),
        grids=injected_grids,
        code=library("prepare", "injection") + library("spectra", "streaming"),
    output:
        spectra="results/{recipe}/prepare/sets/{set}/injected.parquet",
    log:
        "results/{recipe}/logs/inject_spectra/{set}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=source_grid,
        other=injected_other,
        steps=lambda w: set_settings(w)["steps"] + set_settings(w)["on_the_fly"],
        stars=lambda w: recipe_of(w)["recovery"]["stars"],
        ranges=lambda w: set_settings(w).get("ranges", {}),
        # Without stars of its own, a set's are the nodes of its grid, and those of its test part are injected.
        split=lambda w: None if "stars" in set_settings(w) else set_settings(w)["split"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/inject_spectra.py"


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
        # Those that observed spectra go through as well, without distortions by chance; of copies those of the first.
        steps=lambda w: [
            step
            for step in steps_of_copies(compared_set(w)["steps"])[0]
            if {*step} & {"broaden", "resample", "normalise"}
        ],
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
