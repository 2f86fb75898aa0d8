"""Build with BuildKit without the docker CLI: the build, its session and services, its trace."""
