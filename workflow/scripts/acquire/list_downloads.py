"""List the files of a grid that are to be fetched, with their addresses."""

import pandas as pd

from spectrolabe.acquire.download_lists import read_download_list, write_table
from spectrolabe.acquire.phoenix_library import list_phoenix


def main(addresses, wanted_out, *, phoenix):
    wanted = pd.DataFrame(list_phoenix(**phoenix)) if phoenix else read_download_list(addresses)
    write_table(wanted, wanted_out)


if __name__ == "__main__":
    main(snakemake.input.addresses, snakemake.output.wanted, phoenix=snakemake.params.phoenix)
