"""The models and what is written by hand in ``docs/bi`` in, the files that BI tools load out: ``python -m docs.bi_docs docs/bi``.

Names, types and meanings of columns come from the models, so that no dashboard describes a column otherwise than the database.
"""

from __future__ import annotations
