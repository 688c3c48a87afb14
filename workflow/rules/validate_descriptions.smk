rule measure_label_ranges:
    input:
        parts=all_parts,
        code=library("validate", "label_densities"),
    output:
        ranges="results/{recipe}/validate/label_ranges/{set}.csv",
    log:
        "results/{recipe}/logs/measure_label_ranges/{set}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        labels=lambda w: recipe_of(w)["labels"],
    script:
        "../scripts/validate/measure_label_ranges.py"


rule plot_label_densities:
    input:
        parts=all_parts,
        code=library("validate", "label_densities", "label_density_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/label_densities/{set}.png",
            caption="../report/label_densities.rst",
            category="label coverage",
        ),
    log:
        "results/{recipe}/logs/plot_label_densities/{set}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        labels=lambda w: recipe_of(w)["labels"],
    script:
        "../scripts/validate/plot_label_densities.py"


rule plot_example_spectra:
    input:
        examples="results/{recipe}/prepare/examples/{dataset}.parquet",
        code=library("validate", "spectrum_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/example_spectra/{dataset}.png",
            caption="../report/example_spectra.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_example_spectra/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_example_spectra.py"


rule plot_architecture:
    input:
        network="results/{recipe}/train/networks/{model}.json",
        code=library("validate", "architecture_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/architecture/{model}.png",
            caption="../report/architecture.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_architecture/{model}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_architecture.py"
