"""The parts that a training set is split into."""

PARTS = ("validation", "calibration", "test", "training")
