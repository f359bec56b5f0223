"""``python -m ingest``."""

if __name__ == "__main__":  # parser processes import this module under another name and must not run it
    from ingest.cli import main

    main()
