rule plot_one_to_one:
    input:
        catalogues=lambda w: [
            f"results/{w.recipe}/predict/catalogue/{w.model}/{dataset}.parquet"
            for dataset in tested_parts(recipe_of(w), w.model, w.set)
        ],
        code=library("validate", "survey_figures", "catalogue_rows"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/one_to_one/{model}/{set}.png",
            caption="../report/one_to_one.rst",
            category="one to one",
        ),
    log:
        "results/{recipe}/logs/plot_one_to_one/{model}/{set}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        datasets=lambda w: tested_parts(recipe_of(w), w.model, w.set),
    script:
        "../scripts/validate/plot_one_to_one.py"


rule plot_observed_sets:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("validate", "survey_figures", "catalogue_rows"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/observed_sets/{model}/{dataset}.png",
            caption="../report/observed_sets.rst",
            category="observed sets",
        ),
    log:
        "results/{recipe}/logs/plot_observed_sets/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_observed_sets.py"


rule plot_set:
    input:
        parts=set_parts,
        code=library("validate", "label_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/{figure}/{set}.png",
            caption="../report/catalogue_figure.rst.j2",
            category="{figure}",
        ),
    log:
        "results/{recipe}/logs/plot_set/{figure}/{set}.log",
    wildcard_constraints:
        figure="|".join(OF_SETS),
    conda:
        "../../envs/plots.yaml"
    params:
        # Snakemake fills no wildcards into a caption's path.
        caption=caption_text,
        labels=lambda w: recipe_of(w)["labels"],
    script:
        "../scripts/validate/plot_set.py"


rule plot_kiel_evolution:
    input:
        evolution="results/{recipe}/validate/kiel_evolution/{model}.parquet",
        code=library("validate", "kiel_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/kiel_evolution/{model}.png",
            caption="../report/kiel_evolution.rst",
            category="losses",
        ),
    log:
        "results/{recipe}/logs/plot_kiel_evolution/{model}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_kiel_evolution.py"


rule plot_similarity_map:
    input:
        map=lambda w: f"results/{w.recipe}/prepare/maps/{recipe_of(w)['screening']['dataset']}.parquet",
        code=library("validate", "screening_figures", "catalogue_rows"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/similarity_map.png",
            caption="../report/similarity_map.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_similarity_map.log",
    conda:
        "../../envs/plots.yaml"
    params:
        labels=lambda w: recipe_of(w)["labels"],
    script:
        "../scripts/validate/plot_similarity_map.py"


rule plot_observed_sets_map:
    input:
        map=lambda w: f"results/{w.recipe}/prepare/maps/{recipe_of(w)['screening']['dataset']}.parquet",
        code=library("validate", "screening_figures", "catalogue_rows"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/observed_sets_map.png",
            caption="../report/observed_sets_map.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_observed_sets_map.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_observed_sets_map.py"


rule plot_screening_recall:
    input:
        scores=lambda w: f"results/{w.recipe}/validate/screening/{recipe_of(w)['screening']['dataset']}.csv",
        code=library("validate", "screening_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/screening_recall.png",
            caption="../report/screening_recall.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_screening_recall.log",
    conda:
        "../../envs/plots.yaml"
    params:
        false_alarms=lambda w: recipe_of(w)["screening"]["false_alarms"],
    script:
        "../scripts/validate/plot_screening_recall.py"


rule plot_sensitivity:
    input:
        map=lambda w: sensitivity_files(w, "parquet")[0],
        code=library("validate", "gradient_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/sensitivity.png",
            caption="../report/sensitivity.rst",
            category="gradients",
        ),
    log:
        "results/{recipe}/logs/plot_sensitivity.log",
    conda:
        "../../envs/plots.yaml"
    params:
        named=lambda w: recipe_of(w)["sensitivity"]["lines"],
    script:
        "../scripts/validate/plot_sensitivity.py"


rule plot_correlated_labels:
    input:
        maps=lambda w: sensitivity_files(w, "parquet"),
        shares=lambda w: sensitivity_files(w, "json"),
        code=library("validate", "gradient_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/correlated_labels.png",
            caption="../report/correlated_labels.rst",
            category="gradients",
        ),
    log:
        "results/{recipe}/logs/plot_correlated_labels.log",
    conda:
        "../../envs/plots.yaml"
    params:
        named=lambda w: recipe_of(w)["sensitivity"]["lines"],
    script:
        "../scripts/validate/plot_correlated_labels.py"
