rule prepare_spectra:
    input:
        spectra=lambda w: [DATA / path for path in SURVEY_SHARDS[w.recipe, w.dataset][w.shard]],
        manifest="results/{recipe}/acquire/manifests/{dataset}/{shard}.tsv",
        code=library("prepare", "preparation"),
    output:
        spectra="results/{recipe}/prepare/spectra/{dataset}/{shard}.parquet",
    log:
        "results/{recipe}/logs/prepare_spectra/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        root=str(DATA),
        wavelength=lambda w: recipe_of(w)["wavelength"],
        reader=lambda w: recipe_of(w)["datasets"][w.dataset]["reader"],
        steps=lambda w: recipe_of(w)["datasets"][w.dataset]["prepare"],
        resolution=lambda w: recipe_of(w)["datasets"][w.dataset].get("resolution"),
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/prepare_spectra.py"


rule build_set:
    input:
        source=source_files,
        code=library("prepare", "training_sets"),
    output:
        spectra="results/{recipe}/prepare/sets/{set}/{part}.parquet",
    log:
        "results/{recipe}/logs/build_set/{set}/{part}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=source_grid,
        labels=lambda w: recipe_of(w)["labels"],
        settings=set_settings,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/build_set.py"
