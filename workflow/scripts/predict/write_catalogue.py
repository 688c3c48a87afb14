"""Write the catalogue of one dataset, a row per spectrum of the manifest, and its table of stars."""

import json
from pathlib import Path

from spectrolabe.predict import catalogue, catalogue_files, doubts, gathering, provenance, stars


def main(inputs, files_out, *, about, labels, flags, other_data):
    calibration, kept = (json.loads(Path(inputs[name]).read_text()) for name in ("calibration", "kept"))
    recalibration = json.loads(Path(inputs["recalibration"]).read_text()) if inputs["recalibration"] else None
    rows, rate = gathering.read_predictions(inputs["predictions"])
    rows = doubts.add_judgements(rows, doubts.read_judgements(inputs["judgements"]))
    if inputs["manifest"]:
        rows = gathering.order_by_manifest(rows, inputs["manifest"])
    if inputs["screening"]:
        rows = gathering.add_screening(rows, *gathering.read_screening(inputs["screening"]))
    options = {"calibration": calibration, "recalibration": recalibration, "other_data": other_data} | flags
    others = gathering.read_models(inputs["others"])
    table = catalogue.build_catalogue(rows, labels, ranges=kept["ranges"], others=others, **options)
    terms = {"between_grids": other_data and bool(others), "recalibration": recalibration}
    about |= provenance.describe_uncertainties(calibration, **terms)
    sources = [inputs[name] for name in ("manifest", "calibration", "kept", "recalibration") if inputs[name]]
    members = provenance.kept_members(inputs["members"], kept)
    about = provenance.provenance(about | {"spectra_per_second": f"{rate:.6g}"}, sources, members)
    catalogue_files.write_table(table, "CATALOGUE", about, *files_out[:3])
    combined, shares = stars.combine_stars(table)
    catalogue_files.write_table(combined, "STARS", about | provenance.describe_shares(shares), *files_out[3:])


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output,
        about=dict(snakemake.wildcards.items()) | {"recipe_sha256": snakemake.params.recipe_hash},
        labels=snakemake.params.labels,
        flags=snakemake.params.flags,
        other_data=snakemake.params.other_data,
    )
