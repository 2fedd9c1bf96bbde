"""A researcher draws a sample, sees it grow, and annotators get what was drawn."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.e2e.api import Api
from tests.e2e.conftest import LogIn
from tests.e2e.soundness import expect_sound, no_errors
from tests.e2e.study import TALK, NewStudy, table


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def test_a_sample_is_counted_drawn_and_extended(log_in: LogIn, api: Api) -> None:
    api.post("corpora/", {"slug": "recipes", "name": "Recipes"})
    api.import_table("recipes", table(TALK))
    page = log_in("researcher")
    with no_errors(page):
        page.goto(reverse("new_campaign"))
        page.get_by_label("Name", exact=True).fill("A few of them")
        page.get_by_label("Short name").fill("recipes")
        choose(page, "Corpus", "Recipes")
        page.get_by_text("Which comments fit", exact=True).click()
        page.get_by_label("Words, one of which is in the text").fill("FERRY, crane, report")
        page.get_by_role("button", name="Count what fits").click()
        expect(page.get_by_text("Comments that fit: 3, threads: 1")).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_value("A few of them")
        expect_sound(page)
        page.get_by_label("Codebook", exact=True).select_option(index=1)
        choose(page, "Which of the comments that fit", "So many at random")
        page.get_by_label("How many", exact=True).fill("2")
        page.get_by_role("button", name="Start the campaign").click()
        page.get_by_role("link", name="Sample", exact=True).first.click()
        row = page.get_by_role("row", name=re.compile("2 at random"))
        expect(row).to_contain_text("Done")
        expect(row).to_contain_text("2 of 3")
        expect(row).to_contain_text("The text holds one of: FERRY, crane, report.")
        page.get_by_text("Add units", exact=True).click()
        page.get_by_role("button", name="Draw these units").click()
        expect(page.get_by_role("row", name=re.compile("All that fits"))).to_contain_text("4 of 4")
        page.get_by_text("More labels for each unit", exact=True).click()
        page.get_by_label("How many annotators label each unit").fill("3")
        page.get_by_role("button", name="Raise the overlap").click()
        raised = page.get_by_role("row", name=re.compile("labeled by 3 annotators"))
        expect(raised).to_contain_text("Done")
        expect_sound(page)
    told = api.get("campaigns/recipes/")
    assert (told["overlap"], told["state"]) == (3, "open")
    assert [one["units"] for one in api.get("campaigns/recipes/samples/")["results"]] == [6, 4, 2]


def test_a_manager_gives_a_thread_back(log_in: LogIn, api: Api, study: NewStudy) -> None:
    other = study(annotators=[])
    codebook = {"key": "claims-misinformation-sentiment", "version": 2}
    api.new_campaign(
        {
            "slug": "whole",
            "corpus": other.slug,
            "codebook": codebook,
            "annotators": ["ada", "ben"],
            "whole_threads": True,
        }
    )
    ada, ben = log_in("ada"), log_in("ben")
    ada.goto(reverse("label", args=["whole"]))
    expect(ada.locator("article.focus")).to_be_visible()
    ben.goto(reverse("label", args=["whole"]))
    expect(ben.locator("article.focus")).to_have_count(0)
    page = log_in("researcher")
    with no_errors(page):
        page.goto(reverse("campaign_sample", args=["whole"]))
        expect(page.get_by_role("row", name=re.compile("ada"))).to_contain_text("0 of 6")
        expect_sound(page)
        page.get_by_role("button", name=re.compile("^Give the rest of Ferries back")).click()
        expect(page.get_by_text("Nobody holds a thread just now.")).to_be_visible()
    ben.goto(reverse("label", args=["whole"]))
    expect(ben.locator("article.focus")).to_be_visible()
