rule plot_augmentation:
    input:
        spectra="results/{recipe}/prepare/sets/{set}/training.parquet",
        code=library("validate", "augmentation_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/augmentation/{set}.png",
            caption="../report/augmentation.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_augmentation/{set}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        steps=lambda w: own_steps(recipe_of(w), w.set),
        labels=lambda w: recipe_of(w)["labels"],
    script:
        "../scripts/validate/plot_augmentation.py"


rule plot_components:
    input:
        errors="results/{recipe}/prepare/components/{set}.csv",
        code=library("validate", "component_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/components/{set}.png",
            caption="../report/components.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_components/{set}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_components.py"


rule plot_learning_rates:
    input:
        tables=lambda w: rate_tests(w, "csv"),
        results=lambda w: rate_tests(w, "json"),
        code=library("validate", "rate_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/learning_rates/{model}.png",
            caption="../report/learning_rates.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_learning_rates/{model}.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_learning_rates.py"


rule compare_databases:
    input:
        catalogues=database_catalogues,
        code=library("validate", "databases"),
    output:
        comparison="results/{recipe}/validate/databases.csv",
    log:
        "results/{recipe}/logs/compare_databases.log",
    conda:
        "../../envs/plots.yaml"
    params:
        entries=database_entries,
        below=lambda w: recipe_of(w)["databases"]["below"],
    script:
        "../scripts/validate/compare_databases.py"


rule plot_databases:
    input:
        comparison="results/{recipe}/validate/databases.csv",
        code=library("validate", "database_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/databases.png",
            caption="../report/databases.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_databases.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/plot_databases.py"


rule plot_study:
    input:
        trials=drawn_trials,
        code=library("validate", "search_figures", "study_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/study/{study}/{label}.png",
            caption="../report/study.rst",
            category="training",
        ),
    log:
        "results/{recipe}/logs/plot_study/{study}/{label}.log",
    conda:
        "../../envs/plots.yaml"
    params:
        joint=is_joint,
        vary=lambda w: recipe_of(w)["studies"][w.study]["vary"],
        criterion=lambda w: recipe_of(w)["studies"][w.study]["criterion"],
    script:
        "../scripts/validate/plot_study.py"
