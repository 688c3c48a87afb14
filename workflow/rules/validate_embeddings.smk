rule compare_neighbours:
    input:
        neighbours="results/{recipe}/predict/neighbours/{model}/{dataset}.parquet",
        code=library("validate", "neighbour_tables", "catalogue_rows"),
    output:
        agreement="results/{recipe}/validate/neighbours/{model}/{dataset}.csv",
        examples="results/{recipe}/validate/neighbours/{model}/{dataset}.examples.csv",
    log:
        "results/{recipe}/logs/compare_neighbours/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/compare_neighbours.py"


rule map_embedding:
    input:
        embeddings="results/{recipe}/predict/snapshot_embeddings/{model}.parquet",
        code=library("validate", "embedding_maps"),
    output:
        maps="results/{recipe}/validate/embedding/{model}.parquet",
    log:
        "results/{recipe}/logs/map_embedding/{model}.log",
    conda:
        "../../envs/plots.yaml"
    threads: 1
    params:
        labels=model_labels,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/map_embedding.py"


rule plot_embedding:
    input:
        maps="results/{recipe}/validate/embedding/{model}.parquet",
        code=library("validate", "embedding_figures"),
    output:
        training=report(
            "results/{recipe}/validate/figures/embedding/{model}/{set}-training.png",
            caption="../report/embedding.rst",
            category="training",
        ),
        validation=report(
            "results/{recipe}/validate/figures/embedding/{model}/{set}-validation.png",
            caption="../report/embedding.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_embedding/{model}/{set}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_embedding.py"
