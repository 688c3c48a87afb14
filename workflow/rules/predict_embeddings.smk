rule embed_training:
    input:
        training=stage_trainings,
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "embeddings"),
    output:
        embeddings="results/{recipe}/predict/embeddings/{model}.parquet",
    log:
        "results/{recipe}/logs/embed_training/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        labels=model_labels,
        sets=stage_sets,
    script:
        "../scripts/predict/embed_training.py"


rule find_neighbours:
    input:
        spectra=lambda w: dataset_spectra(w.recipe, w.dataset),
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        embeddings="results/{recipe}/predict/embeddings/{model}.parquet",
        code=library("predict", "embeddings"),
    output:
        neighbours="results/{recipe}/predict/neighbours/{model}/{dataset}.parquet",
    log:
        "results/{recipe}/logs/find_neighbours/{model}/{dataset}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        labels=model_labels,
        k=lambda w: recipe_of(w)["neighbours"]["k"],
    script:
        "../scripts/predict/find_neighbours.py"


rule embed_snapshots:
    input:
        parts=embedded_parts,
        snapshots=embedded_snapshots,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "embeddings"),
    output:
        embeddings="results/{recipe}/predict/snapshot_embeddings/{model}.parquet",
    log:
        "results/{recipe}/logs/embed_snapshots/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        head=lambda w: recipe_of(w)["models"][w.model]["head"],
        labels=model_labels,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/predict/embed_snapshots.py"
