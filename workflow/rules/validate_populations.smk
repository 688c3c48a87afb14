rule find_discs:
    input:
        unpack(population_files),
        code=library("validate", "discs"),
    output:
        table="results/{recipe}/validate/populations/discs.parquet",
        numbers="results/{recipe}/validate/populations/discs.json",
    log:
        "results/{recipe}/logs/find_discs.log",
    conda:
        "../../envs/plots.yaml"
    params:
        min_snr=lambda w: recipe_of(w)["populations"]["min_snr"],
    script:
        "../scripts/validate/find_discs.py"


rule measure_orbits:
    input:
        unpack(population_files),
        discs="results/{recipe}/validate/populations/discs.parquet",
        code=library("validate", "orbits"),
    output:
        table="results/{recipe}/validate/populations/orbits.parquet",
        numbers="results/{recipe}/validate/populations/orbits.json",
    log:
        "results/{recipe}/logs/measure_orbits.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/measure_orbits.py"


rule date_stars:
    input:
        unpack(population_files),
        discs="results/{recipe}/validate/populations/discs.parquet",
        isochrones=dating_isochrones,
        code=library("validate", "ages", "isochrones"),
    output:
        table="results/{recipe}/validate/populations/ages.parquet",
        numbers="results/{recipe}/validate/populations/ages.json",
    log:
        "results/{recipe}/logs/date_stars.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/date_stars.py"


rule compare_clusters:
    input:
        unpack(population_files),
        code=library("validate", "anticorrelation"),
    output:
        table="results/{recipe}/validate/populations/clusters.parquet",
        numbers="results/{recipe}/validate/populations/clusters.json",
    log:
        "results/{recipe}/logs/compare_clusters.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/compare_clusters.py"


rule compare_repeats:
    input:
        unpack(population_files),
        code=library("validate", "repeats"),
    output:
        table="results/{recipe}/validate/populations/repeats.parquet",
        numbers="results/{recipe}/validate/populations/repeats.json",
    log:
        "results/{recipe}/logs/compare_repeats.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/compare_repeats.py"


rule compare_gravities:
    input:
        unpack(population_files),
        code=library("validate", "repeats"),
    output:
        table="results/{recipe}/validate/populations/seismic.parquet",
        numbers="results/{recipe}/validate/populations/seismic.json",
    log:
        "results/{recipe}/logs/compare_gravities.log",
    conda:
        "../../envs/plots.yaml"
    script:
        "../scripts/validate/compare_gravities.py"


rule plot_populations:
    input:
        unpack(drawn_result),
        code=library("validate", "population_figures"),
    output:
        figure=report(
            "results/{recipe}/validate/figures/{figure}.png",
            caption="../report/catalogue_figure.rst.j2",
            category="populations",
        ),
    log:
        "results/{recipe}/logs/plot_populations/{figure}.log",
    wildcard_constraints:
        figure="|".join(POPULATION_RESULTS),
    conda:
        "../../envs/plots.yaml"
    params:
        # Snakemake fills no wildcards into a caption's path.
        caption=caption_text,
    script:
        "../scripts/validate/plot_populations.py"
