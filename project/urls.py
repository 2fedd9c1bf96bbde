"""All addresses."""

from django.contrib import admin
from django.urls import include, path, re_path

from annotations.api.schema import UnknownView

handler500 = "annotations.pages.errors.failed"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("annotations.api.urls")),
    path("api/v1/", include("importers.api.urls")),
    re_path(r"^api/", UnknownView.as_view()),
    path("", include("importers.urls")),
    path("", include("annotations.urls")),
]
