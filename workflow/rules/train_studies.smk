rule run_trial:
    input:
        unpack(trial_inputs),
        code=library("train", "trials"),
    output:
        trial="results/{recipe}/train/trials/{study}/{trial}.json",
    log:
        "results/{recipe}/logs/run_trial/{study}/{trial}.log",
    wildcard_constraints:
        trial="label~[^,/]+,parameter~(?!joint,)[^/]+",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        # Not an output, as that of members.
        checkpoint="results/{recipe}/train/checkpoints/trials/{study}/{trial}.npz",
        identity=trial_identity,
        labels=trial_labels,
        together=lambda w: study_of(w)["together"],
        trial=trial_settings,
        epochs=lambda w: study_of(w)["epochs"],
        on_the_fly=studied_distortions,
        seed=trial_seed,
        fold=trial_fold,
    script:
        "../scripts/train/run_trial.py"


rule search_trial:
    input:
        unpack(trial_inputs),
        code=library("train", "searches"),
    output:
        trial="results/{recipe}/train/trials/{study}/{trial}.json",
    log:
        "results/{recipe}/logs/search_trial/{study}/{trial}.log",
    wildcard_constraints:
        trial="label~[^,/]+,parameter~joint,[^/]+",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        # Neither are outputs: an unfinished trial, and what the trials of a label tell each other, outlive their jobs.
        checkpoint="results/{recipe}/train/checkpoints/trials/{study}/{trial}.npz",
        journal=search_journal,
        identity=trial_identity,
        labels=trial_labels,
        together=lambda w: study_of(w)["together"],
        model=base_point,
        search=search_settings,
        on_the_fly=studied_distortions,
        seed=trial_seed,
        search_seed=search_seed,
    script:
        "../scripts/train/search_trial.py"


rule summarise_study:
    input:
        trials=lambda w: study_trials(w.recipe, w.study),
        code=library("train", "summaries"),
    output:
        trials="results/{recipe}/train/studies/{study}.parquet",
        best="results/{recipe}/train/studies/{study}.csv",
        models="results/{recipe}/train/studies/{study}.yaml",
    log:
        "results/{recipe}/logs/summarise_study/{study}.log",
    conda:
        "../../envs/data.yaml"
    params:
        recipe=lambda w: w.recipe,
        name=lambda w: w.study,
        study=study_of,
        model=whole_model,
    script:
        "../scripts/train/summarise_study.py"
