"""Real engines and real registries on this machine, for the tests and for `make demo`.

Everything is started from Debian packages, listens on loopback and Unix sockets only, and is
stopped by the process ids recorded when it was started. See README.md beside this file.
"""
