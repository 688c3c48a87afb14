"""Find the principal components of a set's training part, and how well they rebuild spectra."""

from spectrolabe.prepare.components import MEASURED, MOST_SPECTRA, learn_components
from spectrolabe.spectra.table import sample_shard


def main(training, others, components_out, errors_out, *, names, compress, seed):
    measured = [sample_shard(path, MEASURED, seed, with_ivar=False).flux for path in others]
    flux = sample_shard(training, MOST_SPECTRA, seed, with_ivar=False).flux
    components, errors = learn_components(flux, dict(zip(names, measured, strict=True)), compress=compress, seed=seed)
    components.save(components_out)
    errors.to_csv(errors_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.others,
        snakemake.output.components,
        snakemake.output.errors,
        **dict(snakemake.params.items()),
    )
