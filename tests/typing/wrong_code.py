"""Mistakes of users, each of which mypy and pyright find: the comment has the names of both errors.

Nothing here is run; `tests/unit/test_typing.py` checks it, and `user_code.py` beside it.
"""

from __future__ import annotations

import imagewidget as iw

iw.provision("owner/env:1", buildargs={"A": "1"})  # wrong: call-arg, reportCallIssue
iw.build(".", nocache=True)  # wrong: call-arg, reportCallIssue
iw.provision("owner/env:1", tag="env:1")  # wrong: call-arg, reportCallIssue
iw.build(".", no_cache="no")  # wrong: arg-type, reportArgumentType
iw.build(".", tag=5)  # wrong: arg-type, reportArgumentType
iw.build(".", builder="kaniko")  # wrong: arg-type, reportArgumentType
iw.build(".", secrets=["token"])  # wrong: arg-type, reportArgumentType
iw.build(".", labels={"count": 5})  # wrong: dict-item, reportArgumentType
iw.build(b"FROM scratch")  # wrong: arg-type, reportArgumentType
iw.pull(["a"])  # wrong: arg-type, reportArgumentType
iw.pull("a", registries=5)  # wrong: arg-type, reportArgumentType
iw.pull("a", retry=3)  # wrong: arg-type, reportArgumentType
iw.pull("a", stall_timeout="5")  # wrong: arg-type, reportArgumentType
iw.pull("a", client="ssh://host")  # wrong: arg-type, reportArgumentType
iw.pull("a", "linux/arm64")  # wrong: call-arg, reportCallIssue
iw.pull()  # wrong: call-arg, reportCallIssue
iw.pulll("a")  # wrong: attr-defined, reportAttributeAccessIssue
iw.connect(b"unix:///run/docker.sock")  # wrong: arg-type, reportArgumentType
iw.connect().credentials("ghcr.io")  # wrong: attr-defined, reportAttributeAccessIssue
iw.image_exists(None)  # wrong: arg-type, reportArgumentType
iw.replay("pull.jsonl", speed="2")  # wrong: call-overload, reportArgumentType
iw.ImageWidget("tcp://host")  # wrong: arg-type, reportArgumentType
iw.RetryPolicy(attempts=2.5)  # wrong: arg-type, reportArgumentType
iw.RetryPolicy(tries=2)  # wrong: call-arg, reportCallIssue

misspelt: iw.BuildOptions = {"no_cahe": True}  # wrong: typeddict-unknown-key, reportAssignmentType
mistyped: iw.BuildOptions = {"pull": "yes"}  # wrong: typeddict-item, reportAssignmentType

job = iw.pull("a")
job.log.append("more")  # wrong: attr-defined, reportAttributeAccessIssue
job.result("5")  # wrong: arg-type, reportArgumentType
job.state.layer  # wrong: attr-defined, reportAttributeAccessIssue
job.state.phase = iw.Phase.DONE  # wrong: misc, reportAttributeAccessIssue
job.state.phase is iw.Phase.FINISHED  # wrong: attr-defined, reportAttributeAccessIssue
if job.done:  # wrong: truthy-function, reportUnnecessaryComparison
    print("ended")
job.add_done_callback(5)  # wrong: arg-type, reportArgumentType
name: str = job.result()  # wrong: assignment, reportAssignmentType


class NoEnd:
    """A display that lacks a method."""

    def begin(self, job: iw.Watched) -> None: ...
    def update(self, state: iw.State) -> None: ...


iw.pull("a", display=NoEnd())  # wrong: arg-type, reportArgumentType
