"""Readers by well-known libraries, one point at a time: what the tests, the benchmarks and ``--verify`` compare ours with."""
