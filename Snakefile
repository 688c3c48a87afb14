configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/acquire_inputs.smk"
include: "workflow/rules/acquire_checks_inputs.smk"
include: "workflow/rules/prepare_inputs.smk"
include: "workflow/rules/prepare_masks_inputs.smk"
include: "workflow/rules/prepare_components_inputs.smk"
include: "workflow/rules/train_inputs.smk"
include: "workflow/rules/train_studies_inputs.smk"
include: "workflow/rules/predict_inputs.smk"
include: "workflow/rules/predict_embeddings_inputs.smk"
include: "workflow/rules/validate_inputs.smk"
include: "workflow/rules/validate_set_figures_inputs.smk"
include: "workflow/rules/validate_embeddings_inputs.smk"
include: "workflow/rules/validate_populations_inputs.smk"
include: "workflow/rules/validate_reliability_inputs.smk"
include: "workflow/rules/validate_training_figures_inputs.smk"
include: "workflow/rules/validate_comparisons_inputs.smk"
include: "workflow/rules/validate_descriptions_inputs.smk"
include: "workflow/rules/acquire.smk"
include: "workflow/rules/acquire_checks.smk"
include: "workflow/rules/prepare.smk"
include: "workflow/rules/prepare_masks.smk"
include: "workflow/rules/prepare_screening.smk"
include: "workflow/rules/prepare_components.smk"
include: "workflow/rules/prepare_examples.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/train_studies.smk"
include: "workflow/rules/train_networks.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/predict_embeddings.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/validate_reliability.smk"
include: "workflow/rules/validate_figures.smk"
include: "workflow/rules/validate_survey_figures.smk"
include: "workflow/rules/validate_training_figures.smk"
include: "workflow/rules/validate_embeddings.smk"
include: "workflow/rules/validate_comparisons.smk"
include: "workflow/rules/validate_populations.smk"
include: "workflow/rules/validate_descriptions.smk"


onstart:
    check_results()


onsuccess:
    sys.stderr.writelines(read_warnings(path for name in RECIPES for path in coverage_files(name, "json")))


rule all:
    default_target: True
    input:
        expand("results/{recipe}/report.html", recipe=RECIPES),
        [path for recipe in RECIPES for path in distribution_files(recipe)],
