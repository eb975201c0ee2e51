"""The benchmark of vectors in parquet, on a small file; its shares are computed from made-up times."""

from __future__ import annotations

import json

import pytest

from benchmarks import vector_tables


@pytest.mark.parametrize(("load_seconds", "code"), [(1.5, 0), (2.0, 1)])
def test_the_share_decides(monkeypatch, capsys, load_seconds: float, code: int) -> None:
    seconds = {"pyarrow": [1.0, 0.5, 0.4], "load": [load_seconds, 2.0, 1.0]}
    monkeypatch.setattr(vector_tables, "in_own_process", lambda what, _path: seconds[what])
    options = ["--rows", "60000", "--width", "32", "--row-group", "30000", "--rounds", "1", "--check", "--json"]
    assert vector_tables.main(options) == code
    found = json.loads(capsys.readouterr().out)
    assert found["share"] == pytest.approx(1 / load_seconds)
    assert found["again_share"] == pytest.approx(0.4)
    assert found["limit_bytes_read"] < found["row_group_bytes"]
