rule describe_network:
    input:
        member=first_member,
        code=library("train", "architectures"),
    output:
        network="results/{recipe}/train/networks/{model}.json",
    log:
        "results/{recipe}/logs/describe_network/{model}.log",
    conda:
        "../../envs/training.yaml"
    threads: 1
    script:
        "../scripts/train/describe_network.py"
