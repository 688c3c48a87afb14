"""What the columns of a catalogue mean: description, unit and UCD of each."""

from collections.abc import Iterable

from spectrolabe.spectra.labels import abundance_of, unit_of

NAMES = {
    "teff": ("effective temperature", "phys.temperature.effective"),
    "logg": ("logarithm of surface gravity (cgs)", "phys.gravity"),
    "feh": ("iron abundance [Fe/H]", "phys.abund.Fe"),
    "alpha_fe": ("alpha-element abundance [alpha/Fe]", "phys.abund"),
    "vsini": ("projected rotational velocity", "phys.veloc.rotat"),
    "vbroad": ("broadening by rotation and macroturbulence", "phys.veloc"),
    "rv": ("radial velocity left in the spectrum", "spect.dopplerVeloc"),
}
DESCRIPTIONS = {
    "spectrum_id": ("identifier of the spectrum", "", "meta.id;meta.main"),
    "source_id": ("identifier of the star", "", "meta.id"),
    "ra": ("right ascension", "deg", "pos.eq.ra"),
    "dec": ("declination", "deg", "pos.eq.dec"),
    "snr": ("signal-to-noise ratio per pixel", "", "stat.snr"),
    "cluster": ("star cluster that the star belongs to", "", "meta.id"),
    "cluster_feh": ("iron abundance [Fe/H] of the cluster in the literature", "dex", "phys.abund.Fe"),
    "cluster_age": ("age of the cluster in the literature", "Gyr", "time.age"),
    "part": ("part of a training set that the spectrum belongs to; empty: none", "", "meta.code.class"),
    "screening": ("whether the spectrum lies among the training spectra: inner or outer", "", "meta.code.class"),
    "screening_reason": ("why the spectrum is unlike the training spectra, in words", "", "meta.note"),
    "mismatch": ("how an injected spectrum differs from those of training; none: in nothing", "", "meta.code.class"),
    "trouble": ("trouble that was planted in a simulated spectrum; empty: none", "", "meta.code.class"),
    "n_spectra": ("number of spectra that the star's labels are made of", "", "meta.number"),
    "n_listed": ("number of spectra of the star in the catalogue", "", "meta.number"),
    "flag": ("reasons for doubt, bit mask", "", "meta.code"),
    "flag_text": ("reasons for doubt, in words", "", "meta.note"),
}
#: What follows a label's name in a column's, with what it says and the UCD that goes before the label's, or behind it.
SUFFIXES = {
    "err": (", total uncertainty, calibrated, 1 sigma: half the 68 % interval", "stat.error"),
    "err_aleatoric": (", uncertainty from the spectrum's noise, as the networks give it", "stat.error"),
    "err_epistemic": (", uncertainty from the networks' disagreement", "stat.error"),
    "err_grid": (", expected error between grids of training, a LOWER bound if they share physics", "stat.error"),
    "lo50": (", lower end of the 50 % interval", "stat.min"),
    "hi50": (", upper end of the 50 % interval", "stat.max"),
    "lo68": (", lower end of the 68 % interval", "stat.min"),
    "hi68": (", upper end of the 68 % interval", "stat.max"),
    "lo90": (", lower end of the 90 % interval", "stat.min"),
    "hi90": (", upper end of the 90 % interval", "stat.max"),
    "lo95": (", lower end of the 95 % interval", "stat.min"),
    "hi95": (", upper end of the 95 % interval", "stat.max"),
    "mean": (", mean of the predicted distribution, whose median is the label", "stat.mean"),
    "entropy": (", entropy of the predicted distribution over bins, in nats", "stat.value"),
    "pit": (", where the reference value lies in the predicted distribution, from 0 to 1", "stat.probability"),
    "flag": (", reasons for doubt in this label, bit mask", "meta.code"),
    "chi2": (", chi-square of the star's spectra about their mean", "stat.fit.chi2"),
    "chi2_prob": (", probability of a chi-square as large or larger", "stat.probability"),
    "true": (", reference value", ""),
    "true_err": (", uncertainty of the reference value", "stat.error"),
    "survey": (", as the survey gives it", ""),
    "survey_err": (", uncertainty that the survey gives", "stat.error"),
}
SECOND = ("stat.min", "stat.max", "stat.mean")
WITHOUT_UNIT = ("entropy", "pit", "flag", "chi2", "chi2_prob")


def predicted_labels(columns: Iterable[str]) -> list[str]:
    """Name the labels that a catalogue predicts, given its columns, in their order."""
    return [name.removesuffix("_lo68") for name in columns if name.endswith("_lo68")]


def describe(column: str) -> tuple[str, str, str]:
    """Give a catalogue column's description, unit and UCD."""
    if column in DESCRIPTIONS:
        return DESCRIPTIONS[column]
    suffix = max((suffix for suffix in SUFFIXES if column.endswith(f"_{suffix}")), key=len, default="")
    label = column.removesuffix(f"_{suffix}")
    meaning, ucd = NAMES.get(label) or _describe_abundance(label)
    if suffix in WITHOUT_UNIT:
        return meaning + SUFFIXES[suffix][0], "", SUFFIXES[suffix][1]
    words, statistic = SUFFIXES.get(suffix, ("", ""))
    ordered = (ucd, statistic) if statistic in SECOND else (statistic, ucd)
    return meaning + words, unit_of(label), ";".join(filter(None, ordered))


def _describe_abundance(label):
    written = abundance_of(label)
    if written is None:
        return label, ""
    words = ", logarithm of the atoms to 1e12 of hydrogen" if written.startswith("A(") else ""
    # Of the elements, the vocabulary has iron alone.
    return f"abundance {written}{words}", "phys.abund.Fe" if label == "a_fe" else "phys.abund"
