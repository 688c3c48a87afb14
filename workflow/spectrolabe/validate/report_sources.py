"""What the tables of the report's sections are made of: files of a recipe's results, and words about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spectrolabe.validate import doubt_scores, luminosity_classes, neighbour_tables
from spectrolabe.validate.arms import ARMS, arm_rows
from spectrolabe.validate.comparison_tables import method_columns, method_rows, scatter_columns, scatter_rows
from spectrolabe.validate.coverage_tables import INTERVALS, interval_rows, read_sentence
from spectrolabe.validate.database_figures import database_columns, database_rows
from spectrolabe.validate.error_tables import ERRORS, error_rows
from spectrolabe.validate.label_densities import RANGES, range_rows
from spectrolabe.validate.population_rows import COLUMNS, population_rows
from spectrolabe.validate.recovery_tables import LIMIT_COLUMNS, MISMATCH_COLUMNS, limit_rows, mismatch_rows
from spectrolabe.validate.report_tables import table_of
from spectrolabe.validate.screening_tables import OUTSIDE, RECALL, outside_rows, recall_rows
from spectrolabe.validate.selection_table import coverage_rows, selection_rows
from spectrolabe.validate.sensitivity_tables import line_rows, share_rows
from spectrolabe.validate.study_tables import COMPARED, best_columns, best_rows, compared_rows


@dataclass(frozen=True)
class Source:
    """What a table is made of: files of a pattern, by a function that gives rows; ``{}`` in the title is their name.

    With ``{0}`` and ``{1}`` it is the name and the folder's, such as a model's. Columns may depend on the file.
    ``beside`` makes further tables of the same file.
    """

    section: str
    pattern: str
    title: str
    text: str
    columns: Mapping[str, str] | Callable[[Path], Mapping[str, str]]
    rows: Callable[[Path], list[dict]]
    beside: tuple["Source", ...] = ()

    def table(self, path: Path) -> dict:
        title = self.title.format(path.name.split(".")[0], path.parent.name)
        columns = self.columns(path) if callable(self.columns) else self.columns
        return table_of(title, self.text, columns, self.rows(path))


#: Files that give a sentence at the head of the section.
SENTENCES = ("coverage", "coverage/*/*.json", read_sentence)
#: Of several patterns that fit a file, the first counts.
SOURCES = (
    Source(
        "coverage",
        "coverage/*/*.csv",
        "{1} on {0}: how often intervals hold the reference label",
        "Per cent of the stars, with the binomial error of the claim (68.27 and 95.45 % at 68 and 95 %); in orange what"
        " differs by more than two of these and a tolerance: 3 points at 50 and 68 %, 2 at 90 %, 1.5 at 95 %, and 6 in"
        " bins of S/N of 100 stars or more. Of surveys, spectra without flags and in no part of a set.",
        INTERVALS,
        interval_rows,
    ),
    Source(
        "coverage",
        "arms/*/*.csv",
        "{1} on {0}: arms alone and together",
        "Predicted minus reference label of the spectra in which every arm has information, the median half width of"
        " the 68 % intervals, and the share of stars within, with the binomial error of the claim. Together: the"
        " product of the arms’ distributions, which takes their errors for independent, before and after calibration.",
        ARMS,
        arm_rows,
    ),
    Source(
        "errors",
        "errors/*/*.csv",
        "{1} on {0}: what errors are made of",
        "Medians; noise and members as the networks give them, the total as calibrated. Scatter of a star’s spectra"
        " about their mean, beside their total errors; share of the errors’ variance that differs between repeats, and"
        " so averages out in the table of stars; and stars that scatter by more than one in a hundred would by chance.",
        ERRORS,
        error_rows,
    ),
    Source(
        "classes",
        "classes/*/*.csv",
        "{1} on {0}: giants, subgiants and dwarfs",
        "Spectra of each predicted class, doubtful ones apart, with their share and its binomial error; of those with"
        " reference labels, how many are giants, subgiants and dwarfs there. Dwarfs: AJ 141, 108; giants: log g below"
        " 3.5.",
        luminosity_classes.COLUMNS,
        luminosity_classes.class_rows,
    ),
    Source(
        "selection",
        "selection/*.coverage.csv",
        "Labels of the set {}, part by part",
        "By star. p: probability of a difference from the training part as large as this, or larger, if both were drawn"
        " alike (Kolmogorov and Smirnov).",
        {
            "label": "label", "part": "part", "n": "stars", "lowest": "lowest", "q05": "5 %", "median": "median",
            "q95": "95 %", "highest": "highest", "ks_p": "p",
        },
        coverage_rows,
    ),
    Source(
        "selection",
        "selection/*.csv",
        "What the selection of {} cut",
        "Spectra that fail a condition, that fail no other, and that are left after it and all above.",
        {"condition": "condition", "failed": "failed", "failed_alone": "alone", "left": "left"},
        selection_rows,
    ),
    Source(
        "selection",
        "label_ranges/*.csv",
        "Ranges of the labels in the parts of {}",
        "Lowest and highest value that spectra of each part have; copies do not count.",
        RANGES,
        range_rows,
    ),
    Source(
        "selection",
        "screening/*.sets.csv",
        "{}: observed spectra outside the training labels",
        "Share of spectra with a survey’s label beyond the training range. Published: A&A 672, A46, section 2.3.",
        OUTSIDE,
        outside_rows,
    ),
    Source(
        "selection",
        "screening/*.csv",
        "{}: share of the planted trouble that is flagged",
        "At S/N of 30 and more, by kind of trouble and verdict; of sound spectra, those of the test part. The joint map"
        " is the published verdict; combined is what training sets are cleaned by.",
        RECALL,
        recall_rows,
    ),
    Source(
        "doubt",
        "doubt/*/*.csv",
        "{1} on {0}: spectra that are doubted",
        "Shares with flags of the bits 32 (spectrum), 64 (features), 128 (members) and any of them, by planted trouble,"
        " at S/N of 30 and more; of sound spectra it should be the rate that the recipe states. AUC: chance that one in"
        " trouble is the more doubtful of two, the other one sound.",
        doubt_scores.COLUMNS,
        doubt_scores.doubt_rows,
    ),
    Source(
        "recovery",
        "recovery/*.json",
        "{}: what the numbers mean, and where they stop",
        "Stars without mismatch, from high S/N down to where their intervals hold less than they claim; then the"
        " mismatches that break the intervals at S/N of 40 and more.",
        LIMIT_COLUMNS,
        limit_rows,
    ),
    Source(
        "recovery",
        "recovery/*.csv",
        "{}: the same stars with each mismatch",
        "At S/N of 40 and more. Bias: median of predicted minus injected; scatter: robust standard deviation; flagged:"
        " with any reason for doubt; last, those that carry none.",
        MISMATCH_COLUMNS,
        mismatch_rows,
    ),
    Source(
        "gradients",
        "sensitivity/*.csv",
        "{}: where the lines of each label rank",
        "Wavelengths in angstrom (air). Rank among the label’s peaks in the arm, of either sign, from the strongest;"
        " sign of the change of the label with the flux: − where a deeper line gives a higher label.",
        {"label": "label", "line": "line", "arm": "arm", "rank": "rank", "sign": "sign"},
        line_rows,
    ),
    Source(
        "gradients",
        "sensitivity/*.json",
        "{}: shares of each label’s absolute gradient",
        "Within lines of the label’s own element, within those of the others, and elsewhere; in brackets how many times"
        " the share that these pixels have.",
        {"label": "label", "arm": "arm", "own": "own lines", "others": "lines of others", "elsewhere": "elsewhere"},
        share_rows,
    ),
    Source(*neighbour_tables.EXAMPLES_TABLE),
    Source(*neighbour_tables.AGREEMENT_TABLE),
    Source(
        "populations",
        "populations/*.json",
        "In numbers: {}",
        "Truth: what was planted in a simulated survey. Published: A&A 672, A46, sections 5.1 to 5.4.",
        COLUMNS,
        population_rows,
    ),
    Source(
        "studies",
        "studies/*.csv",
        "{}: the best settings",
        "Standard deviation of predicted minus true on the spectra that trials are compared on, the mean over seeds or"
        " folds ± the standard deviation over them; of all labels together their mean, each divided by the standard"
        " deviation of its training labels. Losses are those of the validation, where trials are compared by them.",
        best_columns,
        best_rows,
    ),
    Source(
        "studies",
        "validate/studies.csv",
        "Ways of searching",
        "Of several studies of a label: the lowest standard deviation that each has found, and what it has cost.",
        COMPARED,
        compared_rows,
    ),
    Source(
        "databases",
        "validate/databases.csv",
        "Errors by what networks were trained on",
        "Standard deviation of predicted minus true labels. Spectra: those trained on; n: those of the test, or fewer.",
        database_columns,
        database_rows,
    ),
    Source(
        "methods",
        "comparisons/*.csv",
        "{}: errors, sizes and times",
        "Mean absolute error on test spectra, the mean over seeds ± their standard deviation, and in per cent of the"
        " label’s range there; against the truth where a survey is simulated. Trainable parameters of one seed, and the"
        " time that it takes for all test spectra, the mean over runs ± their standard deviation; time of its training,"
        " in all stages. In brackets, divided by the reference, which has 1.00.",
        method_columns,
        method_rows,
        beside=(
            Source(
                "methods",
                "comparisons/*.csv",
                "{}: bias and scatter",
                "Mean (bias) and standard deviation (scatter) of predicted minus given labels on the same spectra, and"
                " minus true ones where a survey is simulated: the mean over seeds ± their standard deviation.",
                scatter_columns,
                scatter_rows,
            ),
        ),
    ),
)  # fmt: skip
