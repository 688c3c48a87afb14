rule plot_catalogue:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        isochrones=isochrones_file,
        code=library("validate", "catalogue_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/{figure}/{model}/{dataset}.png",
            caption="../report/catalogue_figure.rst.j2",
            category="{figure}",
        ),
    log:
        "results/{recipe}/logs/plot_catalogue/{figure}/{model}/{dataset}.log",
    wildcard_constraints:
        figure="|".join(OF_CATALOGUE),
    conda:
        "../../envs/plots.yaml"
    params:
        # Snakemake fills no wildcards into a caption's path.
        caption=caption_text,
        age=isochrones_age,
    script:
        "../scripts/validate/plot_catalogue.py"


rule plot_model_comparison:
    input:
        catalogues=lambda w: predicted_files(
            w,
            [(model, w.dataset) for model in compared_models(recipe_of(w), w.dataset)],
            "results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        ),
        code=library("validate", "accuracy_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/model_comparison/{dataset}.png",
            caption="../report/model_comparison.rst",
            category="model comparison",
        ),
    log:
        "results/{recipe}/logs/plot_model_comparison/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_model_comparison.py"


rule plot_one_to_one:
    input:
        catalogues=[
            "results/{recipe}/predict/catalogue/{model}/{set}-training.parquet",
            "results/{recipe}/predict/catalogue/{model}/{set}-test.parquet",
        ],
        code=library("validate", "survey_figures"),
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
    script:
        "../scripts/validate/plot_one_to_one.py"


rule plot_observed_sets:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("validate", "survey_figures"),
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


rule plot_losses:
    input:
        histories=stage_histories,
        code=library("validate", "diagrams"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/losses/{model}.png",
            caption="../report/losses.rst",
            category="losses",
        ),
    log:
        "results/{recipe}/logs/plot_losses/{model}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_losses.py"


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


rule plot_benchmark_stars:
    input:
        comparison="results/{recipe}/validate/benchmarks/{model}/{dataset}.csv",
        code=library("validate", "benchmark_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/benchmark_stars/{model}/{dataset}.png",
            caption="../report/benchmark_stars.rst",
            category="benchmark stars",
        ),
    log:
        "results/{recipe}/logs/plot_benchmark_stars/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_benchmark_stars.py"


rule plot_cross_grid:
    input:
        comparison="results/{recipe}/validate/cross_grid.csv",
        code=library("validate", "cross_grid_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/cross_grid.png",
            caption="../report/cross_grid.rst",
            category="grids",
        ),
    log:
        "results/{recipe}/logs/plot_cross_grid.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_cross_grid.py"


rule plot_uncertainty_growth:
    input:
        catalogues=main_catalogues,
        kept=lambda w: f"results/{w.recipe}/train/kept/{recipe_of(w)['cross_grid']['model']}.json",
        code=library("validate", "cross_grid_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/uncertainty_growth.png",
            caption="../report/uncertainty_growth.rst",
            category="grids",
        ),
    log:
        "results/{recipe}/logs/plot_uncertainty_growth.log",
    conda:
        "../../envs/plots.yaml"
    params:
        names=lambda w: recipe_of(w)["cross_grid"]["test_on"],
    script:
        "../scripts/validate/plot_uncertainty_growth.py"


rule plot_grid_differences:
    input:
        differences="results/{recipe}/prepare/grid_differences.csv",
        code=library("validate", "cross_grid_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/grid_differences.png",
            caption="../report/grid_differences.rst",
            category="grids",
        ),
    log:
        "results/{recipe}/logs/plot_grid_differences.log",
    conda:
        "../../envs/plots.yaml"
    params:
        reference=lambda w: compared_grids(w)[0],
    script:
        "../scripts/validate/plot_grid_differences.py"


rule plot_similarity_map:
    input:
        map=lambda w: f"results/{w.recipe}/prepare/maps/{recipe_of(w)['screening']['dataset']}.parquet",
        code=library("validate", "screening_figures"),
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
        code=library("validate", "screening_figures"),
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


rule plot_gap:
    input:
        map="results/{recipe}/validate/gap.parquet",
        numbers="results/{recipe}/validate/gap.json",
        code=library("validate", "gap_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/gap.png",
            caption="../report/gap.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_gap.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_gap.py"


rule plot_continuum_bias:
    input:
        bias="results/{recipe}/validate/continuum.csv",
        code=library("validate", "continuum_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/continuum_bias.png",
            caption="../report/continuum_bias.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_continuum_bias.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_continuum_bias.py"


rule plot_continuum_fits:
    input:
        stars=continuum_stars,
        observed=lambda w: [
            f"results/{w.recipe}/prepare/raw/{survey}.parquet" for survey in filter(None, [continuum_survey(w)])
        ],
        code=library("validate", "continuum_checks", "continuum_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/continuum_fits.png",
            caption="../report/continuum_fits.rst",
            category="spectra",
        ),
    log:
        "results/{recipe}/logs/plot_continuum_fits.log",
    conda:
        "../../envs/plots.yaml"
    params:
        method=main_continuum,
        observed_method=survey_continuum,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/plot_continuum_fits.py"


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
