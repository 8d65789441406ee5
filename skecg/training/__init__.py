"""Training and prediction of networks; users call them through the classifiers."""

from skecg.training._architecture import Architecture, Optimization
from skecg.training._gradients import log_odds_gradient
from skecg.training._network import TrainedNetwork, hashable, path_of
from skecg.training._pool import clear_pool
from skecg.training._predict import predict_proba
from skecg.training._records import Records
from skecg.training._start import check_fits, find_network, load_named_weights
from skecg.training._train import Course, train

__all__ = [
    "Architecture",
    "Course",
    "Optimization",
    "Records",
    "TrainedNetwork",
    "check_fits",
    "clear_pool",
    "find_network",
    "hashable",
    "load_named_weights",
    "log_odds_gradient",
    "path_of",
    "predict_proba",
    "train",
]
