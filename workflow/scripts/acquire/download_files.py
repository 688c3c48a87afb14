"""Fetch the files of a grid; what is there already, or half there, is not fetched again."""

import sys
from pathlib import Path

from spectrolabe.acquire.download_lists import read_download_list, write_table
from spectrolabe.acquire.downloads import MissingFilesError, check_complete, fetch_files
from spectrolabe.acquire.transfers import StorageError


def main(wanted, downloads_out, *, folder, log):
    folder = Path(folder)
    with open(log, "a") as stream:

        def report(line):
            for out in (stream, sys.stderr):
                print(line, file=out, flush=True)

        try:
            downloads = fetch_files(read_download_list(wanted), folder, report)
            # Beside the files, where it outlives a failed job.
            table = folder.with_name(f"{folder.name}.tsv")
            write_table(downloads, table)
            check_complete(downloads, folder, table)
        except (MissingFilesError, StorageError) as error:
            report(error)
            sys.exit(1)
    write_table(downloads, downloads_out)


if __name__ == "__main__":
    main(
        snakemake.input.wanted,
        snakemake.output.downloads,
        folder=snakemake.params.folder,
        log=snakemake.log[0],
    )
