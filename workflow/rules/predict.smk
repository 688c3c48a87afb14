rule predict_labels:
    input:
        spectra=spectra_file,
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "labelling"),
    output:
        labels="results/{recipe}/predict/labels/{model}/{dataset}/{shard}.parquet",
    log:
        "results/{recipe}/logs/predict_labels/{model}/{dataset}/{shard}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        labels=model_labels,
    script:
        "../scripts/predict/predict_labels.py"


rule calibrate:
    input:
        predictions=calibration_labels,
        code=library("predict", "calibration"),
    output:
        calibration="results/{recipe}/predict/calibration/{model}.json",
    log:
        "results/{recipe}/logs/calibrate/{model}.log",
    conda:
        "../../envs/data.yaml"
    params:
        labels=model_labels,
    script:
        "../scripts/predict/calibrate.py"


rule write_catalogue:
    input:
        predictions=label_shards,
        manifest=survey_manifest,
        screening=screening_verdicts,
        others=labels_by_other_grids,
        calibration="results/{recipe}/predict/calibration/{model}.json",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "catalogue"),
    output:
        parquet="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        fits="results/{recipe}/predict/catalogue/{model}/{dataset}.fits",
    log:
        "results/{recipe}/logs/write_catalogue/{model}/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        labels=model_labels,
        flags=model_flags,
    script:
        "../scripts/predict/write_catalogue.py"


rule predict_snapshots:
    input:
        validation=lambda w: f"results/{w.recipe}/prepare/sets/{last_stage(w.recipe, w.model)['set']}/validation.parquet",
        histories=stage_histories,
        snapshots=member_snapshots,
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "snapshots"),
    output:
        evolution="results/{recipe}/validate/kiel_evolution/{model}.parquet",
    log:
        "results/{recipe}/logs/predict_snapshots/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        labels=model_labels,
    script:
        "../scripts/predict/predict_snapshots.py"
