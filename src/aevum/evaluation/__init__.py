"""Is this model good? A fitted estimator and arrays in, numbers with their units out; torch stays below this room."""

from aevum.evaluation.anomalies import Anomalies, anomaly_scores, contributions, detect, threshold
from aevum.evaluation.compared import Comparison
from aevum.evaluation.comparison import compare
from aevum.evaluation.copies import Memorisation, memorisation
from aevum.evaluation.disentangled import Disentanglement, disentanglement, factor_vae_score
from aevum.evaluation.distances import frechet_distance, kernel_distance
from aevum.evaluation.features import ClassifierFeatures, classifier_features
from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.held_out import Evaluation, evaluate
from aevum.evaluation.importance import dci, separated_attribute_predictability
from aevum.evaluation.information import modularity, mutual_information_gap
from aevum.evaluation.intervals import Calibration, calibration
from aevum.evaluation.judged import judge
from aevum.evaluation.latents import LatentDiagnostics, latent_diagnostics
from aevum.evaluation.log_evidence import Evidence, evidence
from aevum.evaluation.neighbours import PrecisionRecall, precision_recall_density_coverage
from aevum.evaluation.outliers import OutlierDetector
from aevum.evaluation.representations import RepresentationQuality, representation_quality
from aevum.evaluation.samples import SampleQuality, sample_quality
from aevum.evaluation.trimmed import detector, fit_trimmed
from aevum.evaluation.wording import Finding

__all__ = [
    "Anomalies",
    "Calibration",
    "ClassifierFeatures",
    "Comparison",
    "Disentanglement",
    "Evaluation",
    "Evidence",
    "Figures",
    "Finding",
    "LatentDiagnostics",
    "Memorisation",
    "OutlierDetector",
    "PrecisionRecall",
    "RepresentationQuality",
    "SampleQuality",
    "anomaly_scores",
    "calibration",
    "classifier_features",
    "compare",
    "contributions",
    "dci",
    "detect",
    "detector",
    "disentanglement",
    "evaluate",
    "evidence",
    "factor_vae_score",
    "findings",
    "fit_trimmed",
    "frechet_distance",
    "judge",
    "kernel_distance",
    "latent_diagnostics",
    "memorisation",
    "modularity",
    "mutual_information_gap",
    "precision_recall_density_coverage",
    "representation_quality",
    "sample_quality",
    "separated_attribute_predictability",
    "threshold",
]
