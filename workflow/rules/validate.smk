rule score_labels:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("validate", "scores", "catalogue_rows"),
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
        code=library("acquire", "reference_stars") + library("validate", "benchmarks", "catalogue_rows"),
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
        code=library("validate", "cross_grid", "catalogue_rows"),
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


rule score_screening:
    input:
        map="results/{recipe}/prepare/maps/{dataset}.parquet",
        code=library("validate", "screening", "catalogue_rows"),
    output:
        scores="results/{recipe}/validate/screening/{dataset}.csv",
        sets="results/{recipe}/validate/screening/{dataset}.sets.csv",
    log:
        "results/{recipe}/logs/score_screening/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        labels=lambda w: recipe_of(w)["labels"],
        false_alarms=lambda w: recipe_of(w)["screening"]["false_alarms"],
    script:
        "../scripts/validate/score_screening.py"


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


rule measure_sensitivity:
    input:
        spectra=test_spectra,
        members=member_files,
        kept="results/{recipe}/train/kept/{model}.json",
        code=library("predict", "gradients") + library("validate", "sensitivity"),
    output:
        map="results/{recipe}/validate/sensitivity/{model}.parquet",
    log:
        "results/{recipe}/logs/measure_sensitivity/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    params:
        labels=model_labels,
        stars=lambda w: recipe_of(w)["sensitivity"]["stars"],
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/validate/measure_sensitivity.py"


rule identify_lines:
    input:
        map="results/{recipe}/validate/sensitivity/{model}.parquet",
        # What to watch of the lines: a file of resources/ has a new time in every checkout, its checksum has not.
        lines="resources/line_lists/gaia_eso_atoms.parquet.sha256",
        abundances="resources/solar_abundances/grevesse2007.csv",
        code=library("acquire", "expected_lines") + library("validate", "line_shares"),
    output:
        peaks="results/{recipe}/validate/sensitivity/{model}.csv",
        shares="results/{recipe}/validate/sensitivity/{model}.json",
    log:
        "results/{recipe}/logs/identify_lines/{model}.log",
    conda:
        "../../envs/data.yaml"
    params:
        lines=lambda w: f"{LINE_LISTS}/gaia_eso_atoms.parquet",
        named=lambda w: recipe_of(w)["sensitivity"]["lines"],
    script:
        "../scripts/validate/identify_lines.py"


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


rule classify_stars:
    input:
        catalogue="results/{recipe}/predict/catalogue/{model}/{dataset}.parquet",
        code=library("validate", "luminosity_classes", "catalogue_rows"),
    output:
        classes="results/{recipe}/validate/classes/{model}/{dataset}.csv",
    log:
        "results/{recipe}/logs/classify_stars/{model}/{dataset}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/classify_stars.py"


rule compare_studies:
    input:
        trials=compared_trials,
        code=library("train", "summaries"),
    output:
        comparison="results/{recipe}/validate/studies.csv",
    log:
        "results/{recipe}/logs/compare_studies.log",
    conda:
        "../../envs/data.yaml"
    params:
        studies=compared_settings,
    script:
        "../scripts/validate/compare_studies.py"
