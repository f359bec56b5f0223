"""Makes the files that BI tools load, from the models and hand-written parts of ``docs/bi``.

Usage: ``python -m docs.bi_docs docs/bi``.

Names, types and meanings of columns come from the models, so that no dashboard describes a column otherwise than the database.
"""

from __future__ import annotations
