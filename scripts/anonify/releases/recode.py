"""Turn recodings into released tables."""

import numpy as np
import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.domains.domain import Domains
from anonify.recoding.recoding import Recoding


def release_records(frame: pd.DataFrame, domains: Domains, recoding: Recoding) -> pd.DataFrame:
    """Return the table with its quasi-identifiers recoded, records in the same order.

    Parameters
    ----------
    domains : one for each column of the recoding, in its order.

    Returns
    -------
    Frame (records, columns and ``is_suppressed``); released values are categories of text.
    """
    release = frame.copy(deep=False)
    for (name, domain), nodes in zip(domains.items(), recoding.nodes.T, strict=True):
        shown, codes = np.unique(nodes, return_inverse=True)
        labels = pd.Index(domain.labels_of(shown), dtype="str")
        release[name] = pd.Categorical.from_codes(codes, categories=labels)
    release[SUPPRESSED] = recoding.is_suppressed
    return release
