"""Train The Cannon by annieslasso, label spectra, and say how long it took: run by its own Python.

run_annieslasso.py SPECTRA.npz LABELS.npy
"""

import json
import os
import sys
from statistics import median
from time import process_time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import thecannon


def main(spectra, labels_out):
    arrays = np.load(spectra)
    flux, labels, others = arrays["flux"], arrays["labels"], arrays["others"]
    names = [f"label_{number}" for number in range(labels.shape[1])]
    terms = thecannon.vectorizer.PolynomialVectorizer(names, 2)
    ivar = arrays["noise"] ** -2.0
    start = process_time()
    model = thecannon.CannonModel(labels, flux, np.full_like(flux, ivar), terms)
    model.train()
    training, seconds = process_time() - start, []
    model.test(others[:1], np.full_like(others[:1], ivar))
    for _ in range(int(arrays["repeats"])):
        start = process_time()
        found = model.test(others, np.full_like(others, ivar))[0]
        seconds.append(process_time() - start)
    np.save(labels_out, found)
    print(json.dumps({"training": training, "labelling": median(seconds)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
