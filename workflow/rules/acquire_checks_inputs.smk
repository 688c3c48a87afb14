"""What a recipe's files and grids are checked against before a run."""


def checked_surveys():
    """(recipe, dataset) of every survey whose files are there before a run; a simulated one's are not."""
    return [key for key in SURVEY_SHARDS if "simulate" not in RECIPES[key[0]]["datasets"][key[1]]]


def checked_files(wildcards):
    """Lists of all files of a survey."""
    return list(SURVEY_SHARDS[wildcards.recipe, wildcards.dataset].values())


def checked_survey(wildcards):
    """How a survey's files are read and prepared."""
    settings = survey_settings(wildcards)
    return {
        "root": str(DATA),
        "patterns": settings["files"],
        "reader": settings["reader"],
        # What other jobs make is not there yet; and a table of resources is no matter of the files.
        "steps": settings["prepare"],
        "catalogue": settings.get("catalogue"),
        "join": settings.get("join", []),
        "resolution": settings.get("resolution"),
    }


def check_tables(wildcards):
    return [f"results/{recipe}/acquire/checks/{dataset}.tsv" for recipe, dataset in checked_surveys()]


def check_owners(wildcards):
    """Whose the tables are, in words."""
    return [f"recipe '{recipe}', survey '{dataset}'" for recipe, dataset in checked_surveys()]


def check_plans(wildcards):
    """Of every recipe: its grids, its surveys in words, and the size of what is computed."""
    return {f"recipe '{name}'": plan_of(name, recipe) for name, recipe in RECIPES.items()}


def plan_of(name, recipe):
    spectra, surveys, folder = {}, [], Path("config/grids")
    for dataset, settings in recipe["datasets"].items():
        if settings["kind"] == "grid":
            spectra[dataset] = count_nodes(settings["grid"])
        elif "simulate" in settings:
            spectra[dataset] = settings["simulate"]["stars"]
            surveys.append(f"{dataset} is simulated in the run, {spectra[dataset]} stars: no files to check")
        else:
            spectra[dataset] = SURVEY_SPECTRA.get((name, dataset), 0)
            surveys.append(f"{dataset}, {spectra[dataset]} spectra")
    grids = expect_of_grids(recipe)
    for grid in grids:
        made = (folder / f"{grid['grid']}.yaml").exists()
        grid["settings"] = load_grid_settings(grid["grid"], folder) if made else None
        grid["path"] = str(grid_path(grid.pop("grid")))
    work, window = plan_work(recipe, spectra), recipe["wavelength"]
    return {"grids": grids, "surveys": surveys, "work": work, "arms": window["arms"], "medium": window["medium"]}
