rule synthesize:
    input:
        lines=lambda w: f"{LINE_LISTS}/{grid_settings(w)['lines']}.parquet.sha256",
        code=library("acquire", "grids"),
    output:
        grid="results/grids/{grid}/{shard}.fits",
    log:
        "results/logs/synthesize/{grid}/{shard}.log",
    conda:
        "../../envs/synthesis.yaml"
    params:
        lines=lambda w: f"{LINE_LISTS}/{grid_settings(w)['lines']}.parquet",
        settings=grid_settings,
    script:
        "../scripts/acquire/synthesize.py"


rule join_grid:
    input:
        shards=lambda w: [f"results/grids/{w.grid}/{shard:03d}.fits" for shard in range(grid_settings(w)["shards"])],
        code=library("acquire", "grids"),
    output:
        grid="results/grids/{grid}.fits",
    log:
        "results/logs/join_grid/{grid}.log",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/acquire/join_grid.py"


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


rule list_spectra:
    input:
        spectra=lambda w: [DATA / path for path in SURVEY_SHARDS[w.recipe, w.dataset][w.shard]],
        catalogue=catalogue_file,
        code=library("acquire", "manifests"),
    output:
        manifest="results/{recipe}/acquire/manifests/{dataset}/{shard}.tsv",
    log:
        "results/{recipe}/logs/list_spectra/{dataset}/{shard}.log",
    conda:
        "../../envs/data.yaml"
    params:
        root=str(DATA),
        files=lambda w: SURVEY_SHARDS[w.recipe, w.dataset][w.shard],
        patterns=lambda w: recipe_of(w)["datasets"][w.dataset]["files"],
        reader=lambda w: recipe_of(w)["datasets"][w.dataset]["reader"],
        columns=lambda w: recipe_of(w)["datasets"][w.dataset].get("catalogue"),
    script:
        "../scripts/acquire/list_spectra.py"


rule join_manifests:
    input:
        shards=lambda w: [
            f"results/{w.recipe}/acquire/manifests/{w.dataset}/{shard}.tsv"
            for shard in dataset_shards(w.recipe, w.dataset)
        ],
        code=library("acquire", "manifests"),
    output:
        manifest="results/{recipe}/acquire/manifests/{dataset}.tsv",
    log:
        "results/{recipe}/logs/join_manifests/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    script:
        "../scripts/acquire/join_manifests.py"
