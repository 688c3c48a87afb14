rule measure_coverage:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "coverage", "catalogue_rows"),
    output:
        coverage="results/{recipe}/validate/coverage/{model}/{dataset}.csv",
        pit="results/{recipe}/validate/coverage/{model}/{dataset}.pit.csv",
        summary="results/{recipe}/validate/coverage/{model}/{dataset}.json",
    log:
        "results/{recipe}/logs/measure_coverage/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/measure_coverage.py"


rule measure_arms:
    input:
        predictions=label_shards,
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "arms", "catalogue_rows"),
    output:
        arms="results/{recipe}/validate/arms/{model}/{dataset}.csv",
    log:
        "results/{recipe}/logs/measure_arms/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/measure_arms.py"


rule plot_arms:
    input:
        arms="results/{recipe}/validate/arms/{model}/{dataset}.csv",
        code=library("validate", "arm_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/arms/{model}/{dataset}.png",
            caption="../report/arms.rst",
            category="arms",
        ),
    log:
        "results/{recipe}/logs/plot_arms/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_arms.py"


rule measure_errors:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "error_budget", "catalogue_rows"),
    output:
        errors="results/{recipe}/validate/errors/{model}/{dataset}.csv",
    log:
        "results/{recipe}/logs/measure_errors/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/measure_errors.py"


rule score_doubt:
    input:
        predictions=label_shards,
        judgements=judged_shards,
        calibration="results/{recipe}/predict/calibration/{model}.json",
        code=library("predict", "doubts") + library("validate", "doubt_scores"),
    output:
        scores="results/{recipe}/validate/doubt/{model}/{dataset}.csv",
    log:
        "results/{recipe}/logs/score_doubt/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        false_alarms=lambda w: recipe_of(w)["flags"]["false_alarms"],
    script:
        "../scripts/validate/score_doubt.py"


rule recover:
    input:
        catalogue=injected_catalogue,
        code=library("validate", "recovery", "catalogue_rows"),
    output:
        table="results/{recipe}/validate/recovery/{model}.parquet",
        summary="results/{recipe}/validate/recovery/{model}.csv",
        limits="results/{recipe}/validate/recovery/{model}.json",
    log:
        "results/{recipe}/logs/recover/{model}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/recover.py"


rule write_card:
    input:
        kept="results/{recipe}/train/kept/{model}.json",
        calibration="results/{recipe}/predict/calibration/{model}.json",
        catalogue=card_catalogue,
        members=member_files,
        training=card_training,
        scores=card_scores,
        coverage=card_coverage,
        recovery=card_recovery,
        recalibration=card_recalibration,
        code=library("validate", "cards"),
    output:
        card="results/{recipe}/validate/cards/{model}.md",
    log:
        "results/{recipe}/logs/write_card/{model}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        about=card_settings,
    script:
        "../scripts/validate/write_card.py"
