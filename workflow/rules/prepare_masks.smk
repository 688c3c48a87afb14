rule learn_mask:
    input:
        unpack(mask_products),
        spectra=mask_spectra,
        stars="resources/benchmark_stars.csv",
        watch=lambda w: grid_watch(mask_grid(w)),
        code=library("prepare", "masks"),
    output:
        mask="results/{recipe}/prepare/masks/{mask}.csv",
        summary="results/{recipe}/prepare/masks/{mask}.json",
    log:
        "results/{recipe}/logs/learn_mask/{mask}.log",
    conda:
        "../../envs/data.yaml"
    params:
        grid=lambda w: str(grid_path(mask_grid(w))),
        settings=mask_settings,
    script:
        "../scripts/prepare/learn_mask.py"


rule find_fixed_features:
    input:
        unpack(feature_sources),
        code=library("prepare", "fixed_features", "raw_spectra"),
    output:
        mask="results/{recipe}/prepare/fixed_features/{mask}.csv",
        summary="results/{recipe}/prepare/fixed_features/{mask}.json",
    log:
        "results/{recipe}/logs/find_fixed_features/{mask}.log",
    conda:
        "../../envs/data.yaml"
    params:
        sample=feature_sample,
        settings=lambda w: {key: mask_settings(w)["recurrent"][key] for key in ("sigma", "share")},
        medium=lambda w: recipe_of(w)["wavelength"]["medium"],
    script:
        "../scripts/prepare/find_fixed_features.py"
