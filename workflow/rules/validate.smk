rule score_labels:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("validate", "scores"),
    output:
        scores="results/{recipe}/validate/scores/{model}/{dataset}.json",
    log:
        "results/{recipe}/logs/score_labels/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/score_labels.py"


rule plot_residuals:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/residuals/{model}/{dataset}.png",
            caption="../report/residuals.rst",
            category="residuals",
        ),
    log:
        "results/{recipe}/logs/plot_residuals/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_residuals.py"


rule plot_noise:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/noise/{model}/{dataset}.png",
            caption="../report/noise.rst",
            category="noise",
        ),
    log:
        "results/{recipe}/logs/plot_noise/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_noise.py"


rule plot_coverage:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/coverage/{model}/{dataset}.png",
            caption="../report/coverage.rst",
            category="coverage",
        ),
    log:
        "results/{recipe}/logs/plot_coverage/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_coverage.py"


rule plot_kiel:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "diagrams"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/kiel/{model}/{dataset}.png",
            caption="../report/kiel.rst",
            category="kiel",
        ),
    log:
        "results/{recipe}/logs/plot_kiel/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_kiel.py"


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


rule compare_benchmarks:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        stars="resources/benchmark_stars.csv",
        code=library("validate", "benchmarks"),
    output:
        comparison="results/{recipe}/validate/benchmarks/{model}/{dataset}.csv",
    log:
        "results/{recipe}/logs/compare_benchmarks/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/compare_benchmarks.py"


rule plot_benchmark_stars:
    input:
        comparison="results/{recipe}/validate/benchmarks/{model}/{dataset}.csv",
        code=library("validate", "diagrams"),
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


rule write_report:
    input:
        unpack(report_inputs),
        captions=expand("workflow/report/{figure}.rst", figure=CAPTIONS),
        template="workflow/report/report.html.j2",
        code=library("validate", "report"),
    output:
        report="results/{recipe}/report.html",
    log:
        "results/{recipe}/logs/write_report.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/write_report.py"
