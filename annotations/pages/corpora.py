"""Corpora: the list, one with its threads, a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Corpus
from annotations.pages.forms import NewSlugField, PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.thread_filters import ThreadFilterForm
from annotations.permissions import access_corpus, campaigns_with, readable_corpora, require_staff
from annotations.selectors.content import corpus_content
from annotations.selectors.corpora import corpus_numbers, thread_counts
from annotations.selectors.texts import corpus_texts
from annotations.selectors.threads import kinds_of_threads, threads_found, threads_of
from annotations.services.corpora import create_corpus

RECENT = 10


class CorpusForm(PageForm):
    name = forms.CharField(max_length=200, label=_("Name"))
    slug = NewSlugField()
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), label=_("Description")
    )
    licence = forms.CharField(
        label=_("Licence"),
        required=False,
        max_length=200,
        help_text=_("Under which terms the texts may be used."),
    )
    author_names = forms.ChoiceField(
        label=_("Author names"),
        choices=Corpus.AuthorNames.choices,
        help_text=_("How authors appear on pages, in the API and in exports."),
    )


@require_safe
@page
def corpora(request: PageRequest) -> HttpResponse:
    shown = page_of(request, readable_corpora(request.user), key="slug")
    counts = thread_counts(shown)
    rows = [(corpus, counts.get(corpus.pk, 0)) for corpus in shown]
    return render(request, "annotations/corpora.html", {"page": shown, "rows": rows})


@require_safe
@page
def corpus(request: PageRequest, slug: str) -> HttpResponse:
    found = access_corpus(request.user, slug)
    content = corpus_content(found)
    filters = ThreadFilterForm(request.GET, kinds_of_threads(found), content.counts)
    threads = threads_found(threads_of(found), filters.search(), request.user)
    campaigns = campaigns_with(request.user, "campaign.view").filter(corpus=found)
    context = {
        "corpus": found,
        "numbers": corpus_numbers(found),
        "filters": filters,
        "page": page_of(request, threads, key=filters.key),
        "texts": corpus_texts(found, now=timezone.now()),
        "content": content,
        "campaigns": campaigns[:RECENT],
        "imports": found.imports.order_by("-pk")[:RECENT],
    }
    return render(request, "annotations/corpus.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_corpus(request: PageRequest) -> HttpResponse:
    require_staff(request.user)
    form = CorpusForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_corpus(**form.cleaned_data, now=timezone.now())
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            there = _("%(name)s is there, and empty: import a file into it.")
            messages.success(request, there % {"name": made.name})
            return redirect("corpus", slug=made.slug)
    return render(request, "annotations/corpus_form.html", {"form": form})
