"""Describe the layers of a model's first member."""

import json
from pathlib import Path

from spectrolabe.train.threads import limit_threads


def main(member, network_out, *, threads):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.architectures import describe_network

    Path(network_out).write_text(json.dumps(describe_network(Path(member)), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(snakemake.input.member, snakemake.output.network, threads=snakemake.threads)
