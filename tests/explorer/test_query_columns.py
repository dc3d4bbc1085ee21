"""Which columns a query can touch: a superset, and everything where columns are not named."""

from __future__ import annotations

import duckdb
import pytest

from explorer.query_columns import query_columns


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"enable_external_access": "false"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select count(*) from items", set()),
        ('select "Modality" from ITEMS where DAY > 3', {"modality", "day"}),
        ("select i.name, f.value from items i join facts f using (patient)", {"name", "value",
         "patient"}),
        ("with x as (select modality m from items) select m from x where m = 'CT'", {"modality"}),
        ("select patient from items where exists (select 1 from facts where facts.day = items.day)",
         {"patient", "day"}),
        ("select name from items qualify row_number() over (partition by modality) = 1",
         {"name", "modality"}),
        ("select list_transform(labels, x -> x || name) from items", {"labels", "name"}),
    ],
)  # fmt: skip
def test_named_columns_are_found(
    connection: duckdb.DuckDBPyConnection, query: str, names: set[str]
) -> None:
    found = query_columns(connection, query)
    assert found is not None
    assert found >= names
    assert not {"sha256", "affine"} & found


@pytest.mark.parametrize(
    "query",
    [
        "select * from items",
        "from items",
        "select items.* exclude (patient) from items",
        "select columns('m.*') from items",
        "select items from items",
        "select i from items i",
        "select count(items) from items",
        "select name from items natural join facts",
        "pivot items on modality using count(*)",
        "unpivot items on modality",
        "select name from items order by all",
        "select name from query('select * from items')",
        "select name from query_table('items')",
        "this is no SQL",
    ],
)
def test_where_columns_are_not_named_all_are_needed(
    connection: duckdb.DuckDBPyConnection, query: str
) -> None:
    assert query_columns(connection, query) is None


def test_a_hostile_query_is_data_to_the_parser(connection: duckdb.DuckDBPyConnection) -> None:
    assert query_columns(connection, "'); drop table x; select ('") is None
