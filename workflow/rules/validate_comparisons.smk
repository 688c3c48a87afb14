rule compare_models:
    input:
        spectra=comparison_spectra,
        members=comparison_members,
        histories=comparison_histories,
        met=comparison_met,
        code=library("validate", "comparisons"),
    output:
        comparison="results/{recipe}/validate/comparisons/{comparison}.csv",
    log:
        "results/{recipe}/logs/compare_models/{comparison}.log",
    wildcard_constraints:
        comparison="[a-z][a-z0-9_]*",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        entries=comparison_entries,
        reference=lambda w: comparison_of(w)["reference"],
        runs=lambda w: comparison_of(w)["runs"],
    script:
        "../scripts/validate/compare_models.py"


rule plot_comparison:
    input:
        comparison="results/{recipe}/validate/comparisons/{comparison}.csv",
        code=library("validate", "comparison_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/comparisons/{comparison}.png",
            caption="../report/comparisons.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_comparison/{comparison}.log",
    wildcard_constraints:
        comparison="[a-z][a-z0-9_]*",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_comparison.py"
