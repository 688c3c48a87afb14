rule plot_catalogue:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        isochrones=isochrones_file,
        code=library("validate", "catalogue_figures", "catalogue_rows"),
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
        code=library("validate", "accuracy_figures", "catalogue_rows"),
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
        code=library("validate", "cross_grid_figures", "catalogue_rows"),
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


rule plot_recovery:
    input:
        table=lambda w: recovery_files(w, "parquet")[0],
        code=library("validate", "recovery_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/recovery.png",
            caption="../report/recovery.rst",
            category="injected stars",
        ),
    log:
        "results/{recipe}/logs/plot_recovery.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_recovery.py"


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
