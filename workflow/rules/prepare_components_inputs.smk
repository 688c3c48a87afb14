"""What the components of compressed sets are learnt from and measured on."""


def node_sets(wildcards):
    """Other sets from the same grid whose stars are its nodes: spectra that no emulator has made."""
    source, sets = set_settings(wildcards)["from"], recipe_of(wildcards)["sets"]
    if recipe_of(wildcards)["datasets"][source]["kind"] != "grid":
        return []
    alike = [name for name, entry in sets.items() if entry["from"] == source and "stars" not in entry]
    return [name for name in alike if name != wildcards.set and share_of(sets[name]["split"], "training")]


def measured_parts(wildcards):
    """What the errors of rebuilt spectra are measured on beside the training part, in the order of their names."""
    folder = f"results/{wildcards.recipe}/prepare/sets"
    nodes = [f"{folder}/{name}/training.parquet" for name in node_sets(wildcards)]
    return [f"{folder}/{wildcards.set}/validation.parquet", *nodes]
