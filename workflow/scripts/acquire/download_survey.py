"""Fetch a survey's spectra, and its catalogue before; what is there already, or half there, is not fetched again."""

import sys
from pathlib import Path

from spectrolabe.acquire.download_lists import write_table
from spectrolabe.acquire.downloads import MissingFilesError
from spectrolabe.acquire.sdss_archive import fetch_sdss
from spectrolabe.acquire.transfers import StorageError


def main(downloads_out, *, catalogue, folder, options, log):
    with open(log, "a") as stream:

        def report(line):
            for out in (stream, sys.stderr):
                print(line, file=out, flush=True)

        try:
            downloads = fetch_sdss(Path(catalogue), Path(folder), report, **options)
        except (MissingFilesError, StorageError, ValueError) as error:
            report(error)
            sys.exit(1)
    write_table(downloads, downloads_out)


if __name__ == "__main__":
    main(snakemake.output.downloads, **dict(snakemake.params.items()), log=snakemake.log[0])
