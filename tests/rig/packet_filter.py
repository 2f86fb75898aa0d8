"""Undo the changes that a dockerd with a bridge makes to the machine's packet filter.

It enables IP forwarding, sets the policy of `FORWARD` to `DROP`, and leaves both, along with its
empty chains, when it ends (iptables(8); moby `libnetwork/iptables`).
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from tests.rig.processes import RigError, run

_TABLES = ("filter", "nat")
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def remember(file: Path) -> None:
    """Save the current rules to `file`, unless that was done before."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        rules = {table: _rules(table) for table in _TABLES}
        state = {"forwarding": _FORWARDING.read_text(), "rules": rules}
        file.write_text(json.dumps(state))


def put_back(file: Path) -> None:
    """Restore the saved rules, unless another Docker now uses the same chains."""
    if not file.exists():
        return
    before = json.loads(file.read_text())
    ours = {table: _of_docker(table, before["rules"][table]) for table in _TABLES}
    if any({"-i", "-o", "-s"} & set(rule) for rules in ours.values() for rule in rules):
        return
    for table, rules in ours.items():
        for rule in rules:
            if rule[0] == "-A":
                _iptables(table, "-D", *rule[1:])
        for rule in rules:
            if rule[0] == "-N":
                _iptables(table, "-X", *rule[1:])
        for line in before["rules"][table]:
            if line.startswith("-P"):
                _iptables(table, *line.split())
    _FORWARDING.write_text(before["forwarding"])


def forget_bridge(bridge: str) -> None:
    """Remove the rules for `bridge` that a dockerd left behind."""
    for table in _TABLES:
        for line in _rules(table):
            words = shlex.split(line)
            if bridge in words and words[0] == "-A":
                _iptables(table, "-D", *words[1:])


def _of_docker(table: str, before: list[str]) -> list[list[str]]:
    """Return Docker's rules and chains that are not in `before`, each as a list of words."""
    new = [shlex.split(line) for line in _rules(table) if line not in before]
    return [words for words in new if any(word.startswith("DOCKER") for word in words)]


def _rules(table: str) -> list[str]:
    try:
        return _iptables(table, "-S").decode().splitlines()
    except RigError:
        return []  # without the table there are no rules


def _iptables(table: str, *words: str) -> bytes:
    return run(["iptables", "-t", table, *words])
