rule synthesize:
    input:
        lines=line_list_watch,
        code=library("acquire", "grids"),
    output:
        grid="results/grids/{grid}/{shard}.fits",
    log:
        "results/logs/synthesize/{grid}/{shard}.log",
    conda:
        "../../envs/synthesis.yaml"
    params:
        lines=line_list,
        settings=grid_settings,
    script:
        "../scripts/acquire/synthesize.py"


rule adjust_lines:
    input:
        lines=lambda w: f"{listed_lines(w)}.sha256",
        spectrum=lambda w: DATA / grid_settings(w)["adjust"]["spectrum"],
        code=library("acquire", "line_strengths"),
    output:
        lines="results/line_lists/{grid}.parquet",
        summary="results/line_lists/{grid}.json",
    log:
        "results/logs/adjust_lines/{grid}.log",
    conda:
        "../../envs/synthesis.yaml"
    params:
        lines=listed_lines,
        settings=lambda w: {key: grid_settings(w)[key] for key in ("adjust", "atmospheres", "vmic", "wavelength")},
    script:
        "../scripts/acquire/adjust_lines.py"


rule join_grid:
    input:
        shards=lambda w: [f"results/grids/{w.grid}/{shard:03d}.fits" for shard in range(grid_settings(w)["shards"])],
        code=library("acquire", "grids"),
    output:
        grid="results/grids/{grid}.fits",
    log:
        "results/logs/join_grid/{grid}.log",
    wildcard_constraints:
        grid=rf"(?!({IMPORTED_GRIDS})\b)[a-z][a-z0-9_]*",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/acquire/join_grid.py"


rule list_downloads:
    input:
        addresses=download_addresses,
        code=library("acquire", "download_lists", "phoenix_library"),
    output:
        wanted="results/grids/{grid}.wanted.tsv",
    log:
        "results/logs/list_downloads/{grid}.log",
    conda:
        "../../envs/data.yaml"
    params:
        phoenix=lambda w: grid_settings(w)["download"].get("phoenix"),
    script:
        "../scripts/acquire/list_downloads.py"


# Here and not on a cluster's node, which may have no way out.
rule download_files:
    input:
        wanted="results/grids/{grid}.wanted.tsv",
        code=library("acquire", "downloads"),
    output:
        downloads="results/grids/{grid}.downloads.tsv",
    log:
        "results/logs/download_files/{grid}.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    params:
        folder=lambda w: str(DATA / "downloads" / w.grid),
    script:
        "../scripts/acquire/download_files.py"


rule import_grid:
    input:
        files=imported_files,
        code=library("acquire", "imports"),
    output:
        grid="results/grids/{grid}.fits",
    log:
        "results/logs/import_grid/{grid}.log",
    wildcard_constraints:
        grid=IMPORTED_GRIDS,
    conda:
        "../../envs/data.yaml"
    params:
        root=str(DATA),
        settings=grid_settings,
    script:
        "../scripts/acquire/import_grid.py"


rule check_emulator:
    input:
        watch=lambda w: grid_watch(w.grid),
        code=library("acquire", "emulator"),
    output:
        errors="results/grids/{grid}.emulator.json",
    log:
        "results/logs/check_emulator/{grid}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=lambda w: str(grid_path(w.grid)),
        held_out=0.1,
        seed=1,
    script:
        "../scripts/acquire/check_emulator.py"


rule simulate_survey:
    input:
        watch=lambda w: grid_watch(survey_settings(w)["simulate"]["grid"]),
        benchmarks=simulated_benchmarks,
        solar=solar_abundances,
        code=library("acquire", "simulation"),
    output:
        folder=directory("results/{recipe}/acquire/simulated/{dataset}/{shard}"),
    log:
        "results/{recipe}/logs/simulate_survey/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=lambda w: str(grid_path(survey_settings(w)["simulate"]["grid"])),
        stars=simulated_stars,
        settings=simulation_settings,
        layout=lambda w: {key: survey_settings(w)[key] for key in ("reader", "files", "catalogue")},
        seed=simulation_seed,
    script:
        "../scripts/acquire/simulate_survey.py"


# Without an output it shows anew, each time it is asked for, what is to be fetched.
rule fetch:
    input:
        fetched_surveys,


# Here and not on a cluster's node, which may have no way out.
rule download_survey:
    input:
        code=library("acquire", "sdss_archive"),
    output:
        downloads="results/{recipe}/acquire/downloads/{dataset}.tsv",
    log:
        "results/{recipe}/logs/download_survey/{dataset}.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    params:
        catalogue=lambda w: str(DATA / survey_settings(w)["catalogue"]["file"]),
        folder=str(DATA / "downloads" / "sdss"),
        options=download_options,
    script:
        "../scripts/acquire/download_survey.py"


rule list_spectra:
    input:
        spectra=survey_source,
        catalogue=catalogue_file,
        solar=solar_abundances,
        code=library("acquire", "manifests"),
    output:
        manifest="results/{recipe}/acquire/manifests/{dataset}/{shard}.tsv",
    log:
        "results/{recipe}/logs/list_spectra/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        root=survey_root,
        patterns=survey_patterns,
        reader=lambda w: survey_settings(w)["reader"],
        catalogue=survey_catalogue,
        join=lambda w: survey_settings(w).get("join", []),
    script:
        "../scripts/acquire/list_spectra.py"


rule join_manifests:
    input:
        shards=lambda w: [
            f"results/{w.recipe}/acquire/manifests/{w.dataset}/{shard}.tsv"
            for shard in dataset_shards(w.recipe, w.dataset)
        ],
        code=library("acquire", "joined_manifests"),
    output:
        manifest="results/{recipe}/acquire/manifests/{dataset}.tsv",
    log:
        "results/{recipe}/logs/join_manifests/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/acquire/join_manifests.py"
