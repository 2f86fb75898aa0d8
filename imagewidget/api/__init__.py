"""The public functions. Each checks its arguments, starts a job, displays it and returns it.

Errors that can be found before anything starts are raised in the caller's cell. Later
errors are shown in the panel and raised by `job.result()`.
"""
