"""Of what a corpus warns: its categories, its rules, and the warnings of one comment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Comment, ContentCategory, ContentRule, Corpus
from annotations.pages.comment_lines import comment_line
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.permissions import access_corpus, may_warn, require_may_warn
from annotations.queue import enqueue
from annotations.selectors.content import corpus_content, rule_of, rules_of, warned_comment
from annotations.services import content as service
from annotations.services.texts import start_scan


class CategoriesForm(PageForm):
    categories = forms.ModelMultipleChoiceField(
        ContentCategory.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Content categories"),
    )


class WordRuleForm(PageForm):
    category = forms.ModelChoiceField(ContentCategory.objects.all(), label=gettext_lazy("Warn of"))
    words = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("where one of these words or phrases stands"),
        help_text=gettext_lazy(
            "One a line. Upper and lower case are the same; only whole words count."
        ),
    )


class FieldRuleForm(PageForm):
    category = forms.ModelChoiceField(ContentCategory.objects.all(), label=gettext_lazy("Warn of"))
    field = forms.CharField(
        max_length=200,
        label=gettext_lazy("where this field of the source"),
        help_text=gettext_lazy(
            "Its path in the record of the comment or the thread, as over_18 or labels[].val."
        ),
    )
    value = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("has this value"),
        help_text=gettext_lazy("As true. Empty: any value that is set."),
    )


@require_safe
@page
def corpus_warnings(request: PageRequest, slug: str) -> HttpResponse:
    return _page(request, access_corpus(request.user, slug))


@require_POST
@page
def set_categories(request: PageRequest, slug: str) -> HttpResponse:
    corpus = _corpus(request, slug)
    form = CategoriesForm(request.POST)
    if not form.is_valid():
        return _page(request, corpus, categories_form=form, status=400)
    service.set_corpus_categories(corpus=corpus, **form.cleaned_data)
    messages.success(request, _("What the whole corpus warns of is kept."))
    return redirect("corpus_warnings", slug=slug)


@require_POST
@page
def new_word_rule(request: PageRequest, slug: str) -> HttpResponse:
    corpus = _corpus(request, slug)
    form = WordRuleForm(request.POST)
    if form.is_valid():
        category, listed = form.cleaned_data["category"], form.cleaned_data["words"].splitlines()
        try:
            service.add_word_rule(
                corpus=corpus,
                category=category,
                words=listed,
                user=request.user,
                now=timezone.now(),
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            return _look_again(request, corpus, _("The rule is kept."))
    return _page(request, corpus, word_form=form, status=400)


@require_POST
@page
def new_field_rule(request: PageRequest, slug: str) -> HttpResponse:
    corpus = _corpus(request, slug)
    form = FieldRuleForm(request.POST)
    if form.is_valid():
        try:
            service.add_field_rule(
                corpus=corpus, user=request.user, now=timezone.now(), **form.cleaned_data
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            return _look_again(request, corpus, _("The rule is kept."))
    return _page(request, corpus, field_form=form, status=400)


@require_POST
@page
def delete_rule(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    corpus = _corpus(request, slug)
    service.delete_rule(rule=rule_of(corpus, pk))
    return _look_again(request, corpus, _("The rule is taken away."))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def comment_warnings(request: PageRequest, pk: int) -> HttpResponse:
    comment = warned_comment(request.user, pk)
    require_may_warn(request.user, comment.corpus)
    now = [warning.category_id for warning in comment.warnings.all()]
    form = CategoriesForm(request.POST or None, initial={"categories": now})
    if request.method == "POST":
        form = CategoriesForm(request.POST)
        if form.is_valid():
            service.set_warnings(
                comment=comment, user=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("The warnings of the comment are kept."))
            return _back(comment)
    line = comment_line(comment, comment.corpus)
    context = {"comment": comment, "line": line, "form": form, "back": _address(comment)}
    status = 400 if form.is_bound else 200
    return render(request, "annotations/comment_warnings.html", context, status=status)


def _corpus(request: PageRequest, slug: str) -> Corpus:
    corpus = access_corpus(request.user, slug)
    require_may_warn(request.user, corpus)
    return corpus


def _look_again(request: PageRequest, corpus: Corpus, done: str) -> HttpResponse:
    enqueue(start_scan(corpus=corpus, user=request.user, now=timezone.now()))
    more = _("The texts are looked at again: its warnings change as that goes on.")
    messages.success(request, f"{done} {more}")
    return redirect("corpus_warnings", slug=corpus.slug)


def _page(request: PageRequest, corpus: Corpus, status: int = 200, **forms: Any) -> HttpResponse:
    content = corpus_content(corpus)
    context = {
        "corpus": corpus,
        "content": content,
        "rules": rules_of(corpus),
        "categories": ContentCategory.objects.all(),
        "may_warn": may_warn(request.user, corpus),
        "categories_form": CategoriesForm(initial={"categories": content.of_all}),
        "word_form": WordRuleForm(auto_id="words_%s"),
        "field_form": FieldRuleForm(auto_id="field_%s"),
        "kinds": ContentRule.Kind,
        **forms,
    }
    return render(request, "annotations/corpus_warnings.html", context, status=status)


def _address(comment: Comment) -> str:
    place = reverse("thread", args=[comment.thread_id])
    return f"{place}?at={comment.position}#c{comment.pk}"


def _back(comment: Comment) -> HttpResponse:
    return HttpResponseRedirect(_address(comment))
