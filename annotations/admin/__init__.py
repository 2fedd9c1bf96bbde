"""The admin: every table to look at, and the acts that belong to administrators.

Data that is only ever appended is read-only here, and what has a service goes through it.
"""

from django.contrib import admin

from annotations.admin import (  # noqa: F401 (each registers its tables)
    accounts,
    annotation,
    audit,
    campaign,
    changes,
    codebook,
    content,
    corpus,
    erasing,
    jobs,
    logins,
    study,
    webhooks,
)

admin.site.site_header = "Threadmark"
admin.site.site_title = "Threadmark"
admin.site.index_title = "All tables"
