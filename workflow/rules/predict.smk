rule predict_labels:
    input:
        spectra=spectra_file,
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        features="results/{recipe}/predict/features/{model}.npz",
        code=library("predict", "labelling") + library("spectra", "streaming"),
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
        others=lambda w: [label for label in recipe_of(w)["labels"] if label not in model_labels(w)],
    script:
        "../scripts/predict/predict_labels.py"


rule learn_features:
    input:
        training=lambda w: f"results/{w.recipe}/prepare/sets/{last_stage(w.recipe, w.model)['set']}/training.parquet",
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "features"),
    output:
        features="results/{recipe}/predict/features/{model}.npz",
    log:
        "results/{recipe}/logs/learn_features/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/predict/learn_features.py"


rule calibrate:
    input:
        predictions=calibration_labels,
        judgements=calibration_judgements,
        code=library("predict", "calibration", "doubts"),
    output:
        calibration="results/{recipe}/predict/calibration/{model}.json",
    log:
        "results/{recipe}/logs/calibrate/{model}.log",
    conda:
        "../../envs/data.yaml"
    params:
        origin=calibration_origin,
        by_truth=lambda w: "calibrate_on" in recipe_of(w)["models"][w.model],
        labels=model_labels,
    script:
        "../scripts/predict/calibrate.py"


rule write_catalogue:
    input:
        predictions=label_shards,
        manifest=survey_manifest,
        judgements=judged_shards,
        screening=screening_verdicts,
        others=labels_by_other_grids,
        calibration="results/{recipe}/predict/calibration/{model}.json",
        kept="results/{recipe}/train/kept/{model}.json",
        members=member_files,
        recalibration=model_recalibration,
        code=library("predict", "catalogue", "catalogue_files", "gathering", "provenance", "stars"),
    output:
        parquet="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        fits="results/{recipe}/predict/catalogue/{model}/{dataset}.fits",
        votable="results/{recipe}/predict/catalogue/{model}/{dataset}.vot",
        stars="results/{recipe}/predict/catalogue/{model}/{dataset}.stars.parquet",
        stars_fits="results/{recipe}/predict/catalogue/{model}/{dataset}.stars.fits",
    log:
        "results/{recipe}/logs/write_catalogue/{model}/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        labels=model_labels,
        flags=model_flags,
        other_data=meets_other_data,
        recipe_hash=catalogue_hash,
    script:
        "../scripts/predict/write_catalogue.py"


rule write_distributions:
    input:
        predictions=label_shards,
        manifest=survey_manifest,
        calibration="results/{recipe}/predict/calibration/{model}.json",
        recalibration=model_recalibration,
        code=library("predict", "distribution_files", "gathering"),
    output:
        distributions="results/{recipe}/predict/distributions/{model}/{dataset}.parquet",
    log:
        "results/{recipe}/logs/write_distributions/{model}/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        labels=model_labels,
        recipe_hash=catalogue_hash,
    script:
        "../scripts/predict/write_distributions.py"


rule recalibrate:
    input:
        predictions=recalibration_labels,
        calibration="results/{recipe}/predict/calibration/{model}.json",
        kept="results/{recipe}/train/kept/{model}.json",
        stars=recalibration_stars,
        code=library("acquire", "reference_stars") + library("predict", "gathering", "recalibration"),
    output:
        recalibration="results/{recipe}/predict/recalibration/{model}.json",
    log:
        "results/{recipe}/logs/recalibrate/{model}.log",
    conda:
        "../../envs/data.yaml"
    params:
        dataset=lambda w: recipe_of(w)["recalibration"]["dataset"],
        labels=lambda w: recipe_of(w)["recalibration"]["labels"],
    script:
        "../scripts/predict/recalibrate.py"


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
