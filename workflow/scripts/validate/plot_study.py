"""Draw what a study of hyperparameters has found of one label."""

from spectrolabe.validate.search_figures import plot_search
from spectrolabe.validate.study_figures import plot_study
from spectrolabe.validate.study_trials import read_trials
from spectrolabe.validate.style import save_figure


def main(trials, figure_out, *, study, label, joint, vary, criterion):
    table = read_trials(trials, label)
    drawn = plot_search(table, study, label, vary) if joint else plot_study(table, label, vary, criterion)
    save_figure(drawn, figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.trials,
        snakemake.output.figure,
        study=snakemake.wildcards.study,
        label=snakemake.wildcards.label,
        joint=snakemake.params.joint,
        vary=snakemake.params.vary,
        criterion=snakemake.params.criterion,
    )
