"""Measure how far the found continuum lies from the true one."""

from spectrolabe.spectra.table import read_shard
from spectrolabe.validate.continuum_checks import measure_bias


def main(stars, bias_out, *, method, seed):
    measure_bias(read_shard(stars), method, seed).to_csv(bias_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.stars, snakemake.output.bias, **dict(snakemake.params.items()))
