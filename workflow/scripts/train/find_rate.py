"""Find the learning rate of one stage of a model by a range test."""

from pathlib import Path

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.stored import open_spectra
from spectrolabe.train.threads import limit_threads


def main(inputs, outputs, *, threads, on_the_fly, log, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.rates import find_rate

    found = find_rate(
        open_spectra(inputs.training),
        start_from=inputs.start_from or None,
        components=Components.load(inputs.components) if inputs.components else None,
        on_the_fly=complete_steps(on_the_fly, name_products(inputs.masks, [])),
        **settings,
    )
    found.save(Path(outputs.result), Path(outputs.table))
    Path(log).write_text(f"learning rate {found.rate:g} {found.warning}\n")


if __name__ == "__main__":
    settings = dict(snakemake.params.items())
    main(snakemake.input, snakemake.output, threads=snakemake.threads, log=snakemake.log[0], **settings)
