"""Stellar labels from stellar spectra, with honest uncertainties."""

import sys

from spectrolabe.spectra.failures import explain_job

VERSION = "0.1.0"

# Every script of a job imports this package first; elsewhere there is no such object.
explain_job(getattr(sys.modules.get("__main__"), "snakemake", None))
