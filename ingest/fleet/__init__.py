"""Imports the exports of many athletes at once: each is a task on dask.distributed.

``command`` is what the command does; ``sources`` finds the exports, ``cluster`` has the workers,
``dispatch`` gives them their tasks. On a worker, ``task`` imports one export by the code of ``run``
out of a copy that ``staging`` makes, and ``worker`` says what kind of worker it is.
"""
