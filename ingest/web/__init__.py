"""The local page: what the command line does, in a browser on this machine."""
