"""Write the catalogue of one dataset, a row per spectrum of the manifest, and its table of stars."""

import json
from pathlib import Path

from spectrolabe.predict import catalogue, catalogue_files, gathering, provenance, stars
from spectrolabe.spectra.slices import temporary_folder


def main(inputs, files_out, *, about, labels, flags, other_data):
    calibration, kept = (json.loads(Path(inputs[name]).read_text()) for name in ("calibration", "kept"))
    recalibration = json.loads(Path(inputs["recalibration"]).read_text()) if inputs["recalibration"] else None
    options = {"calibration": calibration, "recalibration": recalibration, "other_data": other_data} | flags
    options["ranges"] = kept["ranges"]
    terms = {"between_grids": other_data and bool(inputs["others"]), "recalibration": recalibration}
    about |= provenance.describe_uncertainties(calibration, **terms)
    sources = [inputs[name] for name in ("manifest", "calibration", "kept", "recalibration") if inputs[name]]
    rate, members = gathering.read_rate(inputs["predictions"]), provenance.kept_members(inputs["members"], kept)
    about = provenance.provenance(about | {"spectra_per_second": f"{rate:.6g}"}, sources, members)
    gathered = {name: inputs[name] for name in ("manifest", "judgements", "screening", "others")}
    with temporary_folder(files_out[0]) as folder:
        rows = gathering.gather_rows(inputs["predictions"], folder, **gathered)
        tables = (catalogue.build_catalogue(table, labels, others=others, **options) for table, others in rows)
        catalogue_files.write_table(tables, "CATALOGUE", about, *files_out[:3])
        spectra = stars.group_spectra(files_out[0], folder)
        repeats = stars.measure_repeats(spectra, len(spectra.order))
        about |= provenance.describe_shares({label: found.share for label, found in repeats.items()})
        combined = (stars.combine_stars(table, repeats)[0] for table in spectra)
        catalogue_files.write_table(combined, "STARS", about, *files_out[3:])


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output,
        about=dict(snakemake.wildcards.items()) | {"recipe_sha256": snakemake.params.recipe_hash},
        labels=snakemake.params.labels,
        flags=snakemake.params.flags,
        other_data=snakemake.params.other_data,
    )
