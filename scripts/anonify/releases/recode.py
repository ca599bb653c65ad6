"""Turn recodings into released tables."""

import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.domains.domain import Domains
from anonify.recoding.recoding import Recoding, list_shown
from anonify.tables.classes import number_keys


def release_records(frame: pd.DataFrame, domains: Domains, recoding: Recoding) -> pd.DataFrame:
    """Return the table with its quasi-identifiers recoded, records in the same order.

    Parameters
    ----------
    domains : that the method got, one for each column of the recoding, in its order.

    Returns
    -------
    Frame (records, columns and ``is_suppressed``); released values are categories of text.
    """
    release = frame.copy(deep=False)
    columns = zip(domains, list_shown(recoding, [*domains.values()]), recoding.nodes.T, strict=True)
    for name, domain, nodes in columns:
        shown, codes = number_keys(nodes, int(nodes.max(initial=0)) + 1)
        labels = pd.Index(domain.labels_of(shown), dtype="str")
        release[name] = pd.Categorical.from_codes(codes, categories=labels)
    release[SUPPRESSED] = recoding.is_suppressed
    return release
