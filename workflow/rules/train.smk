rule train_member:
    input:
        training=stage_part("training"),
        validation=stage_part("validation"),
        components=stage_components,
        start_from=earlier_member,
        rate=stage_rate,
        masks=lambda w: step_products(w, stage_distortions(w))["masks"],
        code=library("train", "rates", "solved"),
    output:
        member="results/{recipe}/train/models/{model}/{stage}/{member}.keras",
        history="results/{recipe}/train/histories/{model}/{stage}/{member}.parquet",
        # Empty where the stage asks for none.
        snapshots=directory("results/{recipe}/train/snapshots/{model}/{stage}/{member}"),
    log:
        "results/{recipe}/logs/train_member/{model}/{stage}/{member}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        # Not an output: Snakemake deletes a failed job's outputs, and an unfinished training must outlive its job.
        checkpoint="results/{recipe}/train/checkpoints/{model}/{stage}/{member}.npz",
        labels=model_labels,
        network=lambda w: recipe_of(w)["models"][w.model]["network"],
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        stage=stage_settings,
        on_the_fly=stage_distortions,
        seed=lambda w: recipe_of(w)["seed"] + int(w.member),
    script:
        "../scripts/train/train_member.py"


rule choose_members:
    input:
        histories=stage_histories,
        training=lambda w: (f"results/{w.recipe}/prepare/sets/{last_stage(w.recipe, w.model)['set']}/training.parquet"),
        code=library("train", "selection"),
    output:
        kept="results/{recipe}/train/kept/{model}.json",
    log:
        "results/{recipe}/logs/choose_members/{model}.log",
    conda:
        "../../envs/data.yaml"
    params:
        labels=model_labels,
        keep=lambda w: recipe_of(w)["models"][w.model].get("keep"),
    script:
        "../scripts/train/choose_members.py"


rule find_rate:
    input:
        training=stage_part("training"),
        components=stage_components,
        start_from=first_earlier_member,
        masks=lambda w: step_products(w, stage_distortions(w))["masks"],
        code=library("train", "rates"),
    output:
        result="results/{recipe}/train/rates/{model}/{stage}.json",
        table="results/{recipe}/train/rates/{model}/{stage}.csv",
    log:
        "results/{recipe}/logs/find_rate/{model}/{stage}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        labels=model_labels,
        network=lambda w: recipe_of(w)["models"][w.model]["network"],
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        stage=rate_settings,
        on_the_fly=stage_distortions,
        # One test serves all members.
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/train/find_rate.py"
