"""A mirror as docs/mirrors.md builds one, and the lists with which it must agree."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from annotations.models import Campaign, Corpus

API = "/api/v1/"
Row = dict[str, Any]


class Mirror:
    """The rows of one feed by kind and id, kept by nothing but its changes."""

    def __init__(self, client: APIClient, feed: Corpus | Campaign, page_size: int = 50) -> None:
        kind = "corpora" if isinstance(feed, Corpus) else "campaigns"
        self.address = f"{API}{kind}/{feed.slug}/changes/"
        self.client, self.page_size = client, page_size
        self.cursor: str | None = None
        self.rows: dict[tuple[str, int], Row] = {}
        self.gone: set[tuple[str, int]] = set()

    def follow(self, pages: int | None = None) -> list[Row]:
        """Take the next pages, or all that there are; gives what came."""
        came: list[Row] = []
        taken = 0
        while pages is None or taken < pages:
            page = self.page()
            came += page["results"]
            taken += 1
            for change in page["results"]:
                self._take(change)
            self.cursor = page["cursor"]
            if page["next"] is None:
                break
        return came

    def page(self) -> Row:
        query: Row = {"page_size": self.page_size}
        if self.cursor is not None:
            query["cursor"] = self.cursor
        response = self.client.get(self.address, query)
        assert response.status_code == 200, response.content
        body: Row = response.json()
        return body

    def _take(self, change: Row) -> None:
        place = change["kind"], change["id"]
        row = change[change["kind"]]
        self.gone.discard(place)
        if change["gone"]:
            self.gone.add(place)
        if row is None:
            self.rows.pop(place, None)
        else:
            self.rows[place] = row


def listed(client: APIClient, feed: Corpus | Campaign) -> dict[tuple[str, int], Row]:
    """What the lists show of it in full."""
    if isinstance(feed, Campaign):
        return _all(client, "annotation", f"annotations/?campaign={feed.slug}")
    return {
        **_all(client, "thread", f"threads/?corpus={feed.slug}"),
        **_all(client, "comment", f"comments/?corpus={feed.slug}"),
    }


def _all(client: APIClient, kind: str, address: str) -> dict[tuple[str, int], Row]:
    rows: dict[tuple[str, int], Row] = {}
    following: str | None = f"{API}{address}&page_size=500"
    while following:
        body = client.get(following).json()
        rows.update({(kind, row["id"]): row for row in body["results"]})
        following = body["next"]
    return rows
