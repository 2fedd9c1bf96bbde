"""The web application, for granian and any other WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_wsgi_application()
# What is loaded now stays for good: reading it through again and again, as the collector of garbage
# would, makes one answer in a hundred wait for a tenth of a second.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
