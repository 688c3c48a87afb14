rule choose_examples:
    input:
        # Files are read again, so that what they hold stands beside what was made of it.
        sources=lambda w: shard_source(w, first_shard(w)),
        spectra=lambda w: f"results/{w.recipe}/prepare/spectra/{w.dataset}/{first_shard(w)}.parquet",
        code=library("prepare", "examples"),
    output:
        examples="results/{recipe}/prepare/examples/{dataset}.parquet",
    log:
        "results/{recipe}/logs/choose_examples/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        root=survey_root,
        reader=lambda w: survey_settings(w)["reader"],
        join=lambda w: survey_settings(w).get("join", []),
        planck=lambda w: any("standardise" in step for step in survey_settings(w)["prepare"]),
    script:
        "../scripts/prepare/choose_examples.py"
