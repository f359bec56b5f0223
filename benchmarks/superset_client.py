"""Talks to the REST API of Superset; any answer but success is an error in Superset's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import requests

#: Kinds of objects, in the order in which they can be deleted.
_KINDS: Final = ("dashboard", "chart", "dataset", "database")


class SupersetClient:
    """One session of the administrator."""

    def __init__(self, address: str, password: str) -> None:
        self._api = f"{address}/api/v1"
        self._session = requests.Session()
        login = {"username": "admin", "password": password, "provider": "db"}
        token = self._ask("POST", "/security/login", json=login)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        response = self._session.request(method, self._api + path, timeout=120, **options)
        if not response.ok:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response.json()

    def register(self, name: str, uri: str, uuid: str) -> int:
        """Register a database; return its id."""
        content = {"database_name": name, "sqlalchemy_uri": uri, "uuid": uuid}
        return int(self._ask("POST", "/database/", json=content)["id"])

    def move(self, database: int, uri: str) -> None:
        """Change the address of a database."""
        self._ask("PUT", f"/database/{database}", json={"sqlalchemy_uri": uri})

    def tables(self, database: int, schema: str) -> set[str]:
        """The names of its tables and views."""
        found = self._ask("GET", f"/database/{database}/tables/?q=(force:!t,schema_name:{schema})")
        return {one["value"] for one in found["result"]}

    def table(self, database: int, schema: str, name: str) -> dict[str, Any]:
        """Its columns, keys and comments."""
        return dict(
            self._ask("GET", f"/database/{database}/table_metadata/?name={name}&schema={schema}")
        )

    def make_dataset(self, database: int, schema: str, name: str) -> dict[str, Any]:
        """Make a dataset of a table, return how Superset describes it, and delete it again."""
        content = {"database": database, "schema": schema, "table_name": name}
        made = self._ask("POST", "/dataset/", json=content)["id"]
        found = self._ask("GET", f"/dataset/{made}")["result"]
        self._ask("DELETE", f"/dataset/{made}")
        return dict(found)

    def import_dashboard(self, file: Path) -> None:
        """Do what *Import dashboard* does; replaces what is there already."""
        with file.open("rb") as content:
            self._ask(
                "POST",
                "/dashboard/import/",
                files={"formData": content},
                data={"overwrite": "true"},
            )

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind: dashboard, chart, dataset or database."""
        return list(
            self._ask("GET", f"/{kind}/?q=(page_size:100,order_column:changed_on_delta_humanized)")[
                "result"
            ]
        )

    def details(self, kind: str, key: int) -> dict[str, Any]:
        """One of them."""
        return dict(self._ask("GET", f"/{kind}/{key}")["result"])

    def chart_data(self, chart: int) -> dict[str, Any]:
        """The answer to the query of a chart."""
        return dict(self._ask("GET", f"/chart/{chart}/data/")["result"][0])

    def data(self, query_context: dict[str, Any]) -> dict[str, Any]:
        """The answer to a query."""
        return dict(self._ask("POST", "/chart/data", json=query_context)["result"][0])

    def clear(self) -> None:
        """Remove everything."""
        for kind in _KINDS:
            for one in self.listed(kind):
                self._ask("DELETE", f"/{kind}/{one['id']}")
