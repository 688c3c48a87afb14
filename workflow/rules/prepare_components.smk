rule learn_components:
    input:
        training="results/{recipe}/prepare/sets/{set}/training.parquet",
        others=measured_parts,
        code=library("prepare", "components"),
    output:
        components="results/{recipe}/prepare/components/{set}.npz",
        errors="results/{recipe}/prepare/components/{set}.csv",
    log:
        "results/{recipe}/logs/learn_components/{set}.log",
    conda:
        "../../envs/data.yaml"
    params:
        names=lambda w: ["validation", *node_sets(w)],
        compress=lambda w: set_settings(w)["compress"],
        seed=lambda w: derive_seed(recipe_of(w)["seed"], w.set, "components"),
    script:
        "../scripts/prepare/learn_components.py"


rule compress_spectra:
    input:
        spectra=lambda w: dataset_spectra(w.recipe, w.dataset)[0],
        components="results/{recipe}/prepare/components/{set}.npz",
        code=library("spectra", "components", "streaming"),
    output:
        spectra="results/{recipe}/prepare/coefficients/{set}/{dataset}.parquet",
    log:
        "results/{recipe}/logs/compress_spectra/{set}/{dataset}.log",
    wildcard_constraints:
        dataset=rf"[a-z][a-z0-9_]*-({'|'.join(PARTS)})",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/prepare/compress_spectra.py"
