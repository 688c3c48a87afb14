"""Stellar labels from stellar spectra, with honest uncertainties."""

VERSION = "0.1.0"
