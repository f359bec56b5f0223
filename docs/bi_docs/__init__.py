"""Makes the files that BI tools load, from the models and hand-written parts of ``docs/bi``.

Usage: ``python -m docs.bi_docs docs/bi``.

Names, types and meanings of columns come from the models, so that every dashboard describes a
column as the database does.
"""

from __future__ import annotations
