"""Questions on a terminal, each until it has an answer that fits."""

from __future__ import annotations

from tap_voicecalls.project.errors import ProjectError


def ask_one(question: str, choices: list[str], *, default: str) -> str:
    """Ask for one of some names."""
    while True:
        answer = _answer(f"{question} ({', '.join(choices)}) [{default}]: ") or default
        if answer in choices:
            return answer
        print(f"unknown: {answer!r}; type one of the names in parentheses")  # noqa: T201 - a dialogue


def ask_some(question: str, choices: list[str]) -> list[str]:
    """Ask for some names, at least one."""
    while True:
        answers = _answer(f"{question} ({', '.join(choices)}): ").replace(",", " ").split()
        unknown = [answer for answer in answers if answer not in choices]
        if answers and not unknown:
            return answers
        what = f"unknown: {', '.join(unknown)}" if unknown else "no answer"
        print(f"{what}; type one or more of the names in parentheses")  # noqa: T201 - a dialogue


def _answer(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        msg = "no answer; name --provider and --loader instead"
        raise ProjectError(msg) from None
