"""What a run hands out keeps its promises, read back by pandas alone."""

import pandas as pd
import pytest
import yaml
from tests.profile import takes_long
from tests.unit.readback import File, check_file
from tests.unit.test_promises import check_deletion, draw_case

pytestmark = takes_long

RULES = [
    {"attribute": "illness", "model": "distinct_l_diversity", "l": 2},
    {"attribute": "illness", "model": "t_closeness", "t": 0.5},
]


def choose_case(keys: int, suppressed: str):
    """Return a case of people with so many keys, with more than one record of some."""
    return next(
        case
        for case in map(draw_case, range(1000))
        if len(case.original.keys) == keys
        and len(case.original.frame) > case.people >= 30
        and "weight" not in case.original.quasi_identifiers
        and case.suppressed == suppressed
    )


@pytest.mark.parametrize(("keys", "suppressed"), [(1, "drop"), (2, "keep")])
def test_a_run_with_all_options(experiment, keys, suppressed):
    case = choose_case(keys, suppressed)
    case.original.frame.to_csv(experiment.folder / "data/table.csv", index=False)
    content = {"name": "table", "title": "Table", "file": "table.csv", **case.top}
    described = yaml.safe_dump({**content, "columns": case.columns}, sort_keys=False)
    experiment.write("config/datasets/table.yaml", described)
    methods = ["arx", "mondrian", "ncp_mondrian", "ola"]
    experiment.configure(
        dataset="table",
        methods=methods,
        k_values=[3],
        release={"method": "arx", "k": 3},
        deletions=[50],
        repeats=2,
        evaluations=[],
        requirements=RULES,
        suppressed=suppressed,
        escape_formulas=True,
    )
    released = {method: f"results/anonymized/{method}/k3" for method in methods}
    sampled = "results/sampled/arx/k3/deletion50/repeat1.csv"
    run = experiment.snakemake(*(f"{path}.csv" for path in released.values()), sampled)
    assert run.returncode == 0, run.stdout + run.stderr
    files = {}
    for method, path in released.items():
        csv = experiment.folder / f"{path}.csv"
        file = files[method] = File.read(csv, case.original, is_escaped=True)
        check_file(file, 3, RULES)
        made = pd.read_parquet(csv.with_suffix(".parquet"))
        if suppressed == "drop":
            assert len(file.left_out) == made["is_suppressed"].sum()
        else:
            assert len(file.frame) == len(made)
    texts = (experiment.folder / f"{released['mondrian']}.csv").read_text()
    assert "'=1+1" in texts
    sample = File.read(experiment.folder / sampled, case.original, is_escaped=True)
    check_deletion(files["arx"], sample, 50)
