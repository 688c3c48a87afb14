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


def catalogue_file(wildcards):
    """The survey's own table of labels, where the recipe names one."""
    catalogue = recipe_of(wildcards)["datasets"][wildcards.dataset].get("catalogue")
    return DATA / catalogue["file"] if catalogue else []
