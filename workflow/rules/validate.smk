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


rule compare_benchmarks:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        stars="resources/benchmark_stars.csv",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("acquire", "reference_stars") + library("validate", "benchmarks"),
    output:
        comparison="results/{recipe}/validate/benchmarks/{model}/{dataset}.csv",
        groups="results/{recipe}/validate/benchmarks/{model}/{dataset}.groups.csv",
    log:
        "results/{recipe}/logs/compare_benchmarks/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        mask_stars=mask_stars,
        coolest=lambda w: recipe_of(w)["benchmarks"].get("coolest"),
    script:
        "../scripts/validate/compare_benchmarks.py"


rule compare_grids:
    input:
        catalogues=cross_grid_catalogues,
        code=library("validate", "cross_grid"),
    output:
        comparison="results/{recipe}/validate/cross_grid.csv",
    log:
        "results/{recipe}/logs/compare_grids.log",
    conda:
        "../../envs/plots.yaml"
    params:
        pairs=cross_grid_pairs,
    script:
        "../scripts/validate/compare_grids.py"


rule measure_gap:
    input:
        raw="results/{recipe}/prepare/twins/raw.parquet",
        prepared="results/{recipe}/prepare/twins/prepared.parquet",
        code=library("validate", "gap"),
    output:
        map="results/{recipe}/validate/gap.parquet",
        numbers="results/{recipe}/validate/gap.json",
    log:
        "results/{recipe}/logs/measure_gap.log",
    conda:
        "../../envs/plots.yaml"
    params:
        observed=lambda w: recipe_of(w)["gap"]["observed"],
        perplexity=lambda w: recipe_of(w)["gap"]["perplexity"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/measure_gap.py"


rule measure_continuum:
    input:
        stars=continuum_stars,
        code=library("validate", "continuum_checks"),
    output:
        bias="results/{recipe}/validate/continuum.csv",
    log:
        "results/{recipe}/logs/measure_continuum.log",
    conda:
        "../../envs/plots.yaml"
    params:
        method=main_continuum,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/measure_continuum.py"


rule write_report:
    input:
        unpack(report_inputs),
        captions=expand("workflow/report/{figure}.rst", figure=FIGURES),
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
