"""Where grids, line lists and native files are."""


def grid_path(grid):
    """A grid made here comes before the embedded one; where neither is there, it is synthesised."""
    made, embedded = Path(f"results/grids/{grid}.fits"), Path(f"resources/grids/{grid}.fits")
    return embedded if embedded.exists() and not made.exists() else made


def grid_watch(grid):
    """What to watch of a grid: an embedded file has a new time in every checkout, its checksum has not."""
    path = grid_path(grid)
    return f"{path}.sha256" if path.parts[0] == "resources" else str(path)


def dataset_shards(recipe, dataset):
    """Shards of a survey; a part of a set is one shard."""
    return list(SURVEY_SHARDS.get((recipe, dataset), ["000"]))


LINE_LISTS = "resources/line_lists"


def grid_settings(wildcards):
    try:
        return load_grid_settings(wildcards.grid, Path("config/grids"))
    except RecipeError as error:
        raise WorkflowError(str(error)) from None


def listed_lines(wildcards):
    """The line list that a grid's settings name."""
    return f"{LINE_LISTS}/{grid_settings(wildcards)['lines']}.parquet"


def line_list(wildcards):
    """The lines that a grid is synthesised with: those listed, or with strengths adjusted on a star."""
    adjusted = f"results/line_lists/{wildcards.grid}.parquet"
    return adjusted if "adjust" in grid_settings(wildcards) else listed_lines(wildcards)


def line_list_watch(wildcards):
    """What to watch of the lines: a file of resources/ has a new time in every checkout, its checksum has not."""
    path = line_list(wildcards)
    return path if "adjust" in grid_settings(wildcards) else f"{path}.sha256"


def download_addresses(wildcards):
    """The list of files to fetch, where a grid names one of its own."""
    urls = grid_settings(wildcards)["download"].get("urls")
    return f"config/grids/{urls}" if urls else []


def imported_files(wildcards):
    """Published files that a grid is made of, or the table of those that are to be fetched first."""
    settings = grid_settings(wildcards)
    if "download" in settings:
        return f"results/grids/{wildcards.grid}.downloads.tsv"
    try:
        return [DATA / path for path in find_files(DATA, settings["import"]["files"])]
    except ValueError as error:
        raise WorkflowError(f"grid '{wildcards.grid}': key 'import.files': {error}") from None


def survey_settings(wildcards):
    return recipe_of(wildcards)["datasets"][wildcards.dataset]


def fetched_surveys(wildcards):
    """Tables of how downloads fared, of all surveys that are downloaded."""
    tables = [
        f"results/{recipe}/acquire/downloads/{dataset}.tsv"
        for recipe, dataset in SURVEY_SHARDS
        if "download" in RECIPES[recipe]["datasets"][dataset]
    ]
    if not tables:
        raise WorkflowError(f"no survey of {', '.join(RECIPES)} has the key download: there is nothing to fetch")
    return tables


def download_options(wildcards):
    """Where a survey is fetched from, and which spectra of its catalogue."""
    settings = survey_settings(wildcards)
    options = settings["download"]["sdss"]
    chosen = {key: options[key] for key in ("mirror", "spectra", "select")}
    return chosen | {"most": options.get("most"), "missing": settings["catalogue"]["missing"]}


def survey_root(wildcards):
    """The folder that paths in a survey's manifest start from."""
    simulated = f"results/{wildcards.recipe}/acquire/simulated/{wildcards.dataset}"
    return simulated if "simulate" in survey_settings(wildcards) else str(DATA)


def shard_source(wildcards, shard):
    """What the spectra of a shard are read from: the list of its files, or the folder that they are simulated in."""
    return SURVEY_SHARDS[wildcards.recipe, wildcards.dataset][shard]


def survey_source(wildcards):
    return shard_source(wildcards, wildcards.shard)


def survey_patterns(wildcards):
    """Patterns of a shard's files: a simulated shard is a folder of its own."""
    settings = survey_settings(wildcards)
    patterns = [settings["files"]] if isinstance(settings["files"], str) else settings["files"]
    return [f"{wildcards.shard}/{pattern}" for pattern in patterns] if "simulate" in settings else patterns


def survey_catalogue(wildcards):
    """How the survey's own table of labels is read, where the recipe names one."""
    settings = survey_settings(wildcards)
    catalogue = settings.get("catalogue")
    if not (catalogue and "simulate" in settings):
        return catalogue
    return catalogue | {"file": f"{wildcards.shard}/{catalogue['file']}"}


def catalogue_file(wildcards):
    """The survey's own table of labels, where the recipe names one; a simulated one lies beside the spectra."""
    settings = survey_settings(wildcards)
    return DATA / settings["catalogue"]["file"] if "catalogue" in settings and "simulate" not in settings else []


def solar_abundances(wildcards):
    """The Sun's abundances, where a survey's absolute ones become relative to them."""
    solar = survey_settings(wildcards).get("catalogue", {}).get("solar")
    return f"resources/solar_abundances/{solar}.csv" if solar else []


def simulated_benchmarks(wildcards):
    """Benchmark stars, which a simulated survey in the layout of Gaia-ESO's holds."""
    return "resources/benchmark_stars.csv" if survey_settings(wildcards)["reader"] == "gaia_eso" else []


def simulated_stars(wildcards):
    """The numbers of a simulated shard's stars, the last one excluded."""
    settings = survey_settings(wildcards)
    first = int(wildcards.shard) * settings["shard_size"]
    return [first, min(first + settings["shard_size"], settings["simulate"]["stars"])]


def simulation_seed(wildcards):
    """A seed of the survey's own: two that a recipe simulates hold other stars."""
    return derive_seed(recipe_of(wildcards)["seed"], wildcards.dataset)


def simulation_settings(wildcards):
    """What changes a simulated star: more of them change none."""
    settings = survey_settings(wildcards)["simulate"]
    return {key: value for key, value in settings.items() if key not in ("grid", "stars")}
