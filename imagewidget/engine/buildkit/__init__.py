"""BuildKit without the docker CLI: the session, its services, the trace, the build."""
