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
        code=library("prepare", "screen_files") + library("spectra", "slices"),
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


rule fit_doubt:
    input:
        training="results/{recipe}/prepare/sets/{set}/training.parquet",
        validation="results/{recipe}/prepare/sets/{set}/validation.parquet",
        code=library("prepare", "doubt", "screen_files"),
    output:
        reference="results/{recipe}/prepare/doubt/{set}/reference.npz",
        numbers="results/{recipe}/prepare/doubt/{set}/reference.json",
    log:
        "results/{recipe}/logs/fit_doubt/{set}.log",
    conda:
        "../../envs/data.yaml"
    params:
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/prepare/fit_doubt.py"


rule judge_spectra:
    input:
        spectra=spectra_file,
        reference=doubt_reference,
        code=library("prepare", "doubt", "screen_files") + library("spectra", "streaming"),
    output:
        judgements="results/{recipe}/prepare/doubt/{set}/{dataset}/{shard}.parquet",
    log:
        "results/{recipe}/logs/judge_spectra/{set}/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/prepare/judge_spectra.py"
