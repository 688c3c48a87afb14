rule check_survey:
    input:
        spectra=checked_files,
        catalogue=catalogue_file,
        solar=solar_abundances,
        code=library("acquire", "survey_checks"),
    output:
        table="results/{recipe}/acquire/checks/{dataset}.tsv",
    log:
        "results/{recipe}/logs/check_survey/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    params:
        survey=checked_survey,
        arms=lambda w: recipe_of(w)["wavelength"]["arms"],
        medium=lambda w: recipe_of(w)["wavelength"]["medium"],
        expected=lambda w: expect_of_survey(recipe_of(w), w.dataset),
        spectra=100,
        seed=lambda w: recipe_of(w)["seed"],
    script:
        "../scripts/acquire/check_survey.py"


# Without an output it is shown again each time it is asked for.
rule check:
    input:
        tables=check_tables,
        code=library("acquire", "plan_checks"),
    log:
        "results/logs/check.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    params:
        owners=check_owners,
        plans=check_plans,
        cores=lambda w: workflow.resource_settings.cores or 1,
    script:
        "../scripts/acquire/check.py"
