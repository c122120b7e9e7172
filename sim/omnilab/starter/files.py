"""The texts of a team's first files, from what the team has said."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from omnilab.parameters.quantity import format_amount, format_duration, format_share
from omnilab.scenario.preset import preset_data
from omnilab.starter.answers import LATER, Answers

__all__ = ["GATE", "HARM", "IGNORED", "SHOP", "WORKFLOW", "plan_name", "starter_files"]

SHOP: Final = "shop.yaml"
GATE: Final = "gates.yaml"
HARM: Final = "harm.yaml"
WORKFLOW: Final = ".github/workflows/omnilab.yml"
#: What is made anew, and so is not committed.
IGNORED: Final = (".venv/", "runs/", "judge/", "junit.xml")

#: Where the comments of a file begin.
_AT: Final = 52


def plan_name(answers: Answers) -> str:
    """Return the name of the plan's file."""
    return f"{answers.name}.yaml"


def starter_files(answers: Answers, *, workflow: bool = True) -> dict[str, str]:
    """Return the files of a gate by their paths in the team's folder.

    Parameters
    ----------
    answers
        What the team has said of its shop.
    workflow
        Whether GitHub judges pull requests.
    """
    files = {
        SHOP: shop_text(answers),
        plan_name(answers): plan_text(answers),
        GATE: gate_text(answers),
        HARM: harm_text(answers),
    }
    if workflow:
        files[WORKFLOW] = _kept("workflow.yaml").replace("kicks", answers.name)
    return files


def shop_text(answers: Answers) -> str:
    """Return the shop: what is sold, where, to whom, and what the brand sends today."""
    named = answers.name.replace("_", " ").replace("-", " ").capitalize()
    where = _listed([preset_title(name) for name in answers.channels])
    lines = [
        "# The shop. Numbers marked with * are guesses: put yours in their place.",
        f"id: {answers.name}-v1",
        f'title: "{named}, {answers.sells} over {where}"',
        *([] if answers.currency == "EUR" else [f"currency: {answers.currency}"]),
        "categories:",
        f"  - name: {answers.category}",
        _said(f"    every: {format_duration(answers.every_s)}", "* mean time between two needs"),
        _said(
            f"    spend: {{mean: {format_amount(answers.spend, answers.currency)}}}",
            "* mean amount of an order",
        ),
        _said(f"    margin: {format_share(answers.margin)}", "* of that amount"),
        _said(f"    returns: {format_share(answers.returns)}", "* share of orders"),
        *_channel_lines(answers),
        "population:",
        _said(f"  customers: {answers.customers}", "more of them show smaller differences"),
        _said("  personas:", "* groups of customers, whose shares add up to 100%"),
        "    - name: everybody",
        "      share: 100%",
        _said(f"      opt_in: {_opt_ins(answers)}", "* of those it reaches, who allows messages"),
        "brand:",
        _said("  status_quo: multichannel", "today: each team's tool sends by itself"),
        _said("  cap: {messages: 14, per: 7d}", "a ceiling of this world: no plan may send more"),
        _said("  journeys:", "* what is sent today"),
        *_journeys(answers),
    ]
    return "\n".join(lines) + "\n"


def plan_text(answers: Answers) -> str:
    """Return the plan: what teams share, and what changes of what is sent."""
    return "\n".join(
        [
            "# The plan that is judged. The shop's journeys run as they are unless it changes one.",
            *_plan(answers),
        ]
    ) + "\n"  # fmt: skip


def gate_text(answers: Answers) -> str:
    """Return the gate: what the change is for, and what it may not spoil.

    Where a customer can go from channel to channel, the goal is that carts and histories come
    along. Elsewhere nothing can, and the goal is to earn more.
    """
    head = "# What must hold before a plan goes out. The goal is what the change is for."
    goal = _said("goal: {measure: ltv, better_by_share: 0%}", "what customers are worth")
    if answers.has_continuity:
        goal = _said(
            "goal: {measure: continuity, better_by: 0%}", "carts come along to other channels"
        )
    ltv = _said("  - {measure: ltv, worse_by_share: 2%}", "what customers are worth")
    return "\n".join(
        [
            head,
            goal,
            _said("guardrails:", "each may be worse by no more than its margin"),
            *([ltv] if answers.has_continuity else []),
            _said("  - {measure: stop_rate, worse_by: 1%}", "customers who want no messages"),
            "  - {measure: messages_per_customer, better: lower, worse_by_share: 10%}",
            _said("  - {measure: unsubscribe_rate, worse_by: 0.1%}", "of delivered messages"),
            _said("  - {measure: complaint_rate, worse_by_share: 100%}", "of delivered messages"),
        ]
    ) + "\n"  # fmt: skip


def harm_text(answers: Answers) -> str:
    """Return today's messages and three a week more to everybody.

    It stands on the shop alone, so that it stays a harm to whatever the plan becomes.
    """
    channel = "email" if "email" in answers.written else answers.cheap[-1]
    message = f"      - message: {{shows: generic, channels: [{channel}]}}"
    return "\n".join(
        [
            "# A planted harm: what is sent today, and three messages a week more to everybody.",
            "# The gate has to stop it, else the gate is worth nothing.",
            "name: harm",
            "journeys:",
            "  - name: blast",
            "    trigger: weekly",
            f"    sequence: [{', '.join(answers.silos_of(channel))}]",
            "    steps:",
            message,
            *(line for _ in range(2) for line in ("      - delay: 1d", message)),
        ]
    ) + "\n"  # fmt: skip


def preset_title(channel: str) -> str:
    """Return how a channel is called in a sentence."""
    title: str = preset_data("channels", channel)["title"]
    return title if title[:2].isalpha() and title.isupper() else title[0].lower() + title[1:]


def _channel_lines(answers: Answers) -> list[str]:
    relinked, asked = answers.relinked(), answers.asked_for_phones
    if not relinked and not asked:
        return [f"channels: [{', '.join(answers.channels)}]"]
    lines = ["channels:"]
    for name in answers.channels:
        if name in relinked:
            side, landing = relinked[name]
            own = f"  - {{preset: {name}, {side}: {{landing: {landing}}}}}"
            lines.append(_said(own, "where its links lead"))
        elif name in asked:
            lines += _with_phones(name)
        else:
            lines.append(f"  - {name}")
    return lines


def _with_phones(channel: str) -> list[str]:
    """Return a channel that asks for a number with an order, beside what its preset learns."""
    known = preset_data("channels", channel)["visit"]["identifiers"]
    learnt = [f"{{{', '.join(f'{k}: {v}' for k, v in one.items())}}}" for one in known]
    number = _said("        - {type: phone, share: 50%, when: order}", "* who gives a number")
    return [
        f"  - preset: {channel}",
        "    visit:",
        _said("      identifiers:", "what the shop learns of who comes by"),
        *(f"        - {one}" for one in learnt),
        number,
    ]


def _opt_ins(answers: Answers) -> str:
    shares = {c: preset_data("channels", c)["message"]["opt_in"] for c in _addressed(answers)}
    return f"{{{', '.join(f'{name}: {share}' for name, share in shares.items())}}}"


def _addressed(answers: Answers) -> list[str]:
    """Return the channels of messages, with that for who stays away."""
    return list(dict.fromkeys((*answers.written, *(c for c in answers.channels if c == LATER))))


def _journeys(answers: Answers) -> list[str]:
    news, cart = answers.cheap, answers.urgent
    shows = f"        - message: {{shows: {answers.category}, {_over(news)}}}"
    lines = [
        "    - name: news",
        "      trigger: weekly",
        _said("      weekday: 2", "Wednesday: 0 is Monday"),
        '      at: "17:00"',
        f"      sequence: [{', '.join(answers.silos_of(*news))}]",
        "      steps:",
        _said(shows, "by both teams, as none knows of the other") if len(news) > 1 else shows,
    ]
    if answers.has_carts:
        seen = answers.silos_of(*answers.visited, *cart)
        lines += [
            "    - name: reminder",
            _said("      trigger: cart", "a visit that left a cart"),
            f"      sequence: [{', '.join(seen)}]",
            _said("      until: [order]", "who has bought is not reminded"),
            _said("      cooldown: 7d", "before the same customer can start it again"),
            "      steps:",
            _said("        - delay: 3h", "each delay counts from the step before it"),
            f"        - message: {{shows: cart, {_over(cart)}}}",
        ]
    last = next((c for c in (LATER, "email") if c in _addressed(answers)), news[-1])
    silos = answers.silos_of(*answers.visited, last)
    return [
        *lines,
        "    - name: win_back",
        "      trigger: order",
        f"      sequence: [{', '.join(silos)}]",
        "      until: [order]",
        "      steps:",
        f"        - delay: {format_duration(answers.win_back_s)}",
        f"        - message: {{shows: generic, offer: 10%, channels: [{last}]}}",
    ]


def _over(channels: tuple[str, ...]) -> str:
    """Return where a message goes, and when it goes to the second channel."""
    later = ", fallback_after: 20h" if len(channels) > 1 else ""
    return f"channels: [{', '.join(channels)}]{later}"


def _plan(answers: Answers) -> list[str]:
    seen = answers.silos_of(*answers.visited, *answers.cheap)
    return [
        f"name: {answers.name}",
        _said("sharing:", "what teams tell each other: silo (nothing), handoff, or all"),
        _said("  identity: all", "who is who; without it the others do nothing"),
        _said("  context: all", "what the customer looked at, and left in a cart, elsewhere"),
        _said("  triggers: handoff", "events at any team of the sequence start a journey"),
        _said("  # channel: handoff", "uncomment it for one message of all, not one of each"),
        _said("  stop: all", "orders, opens and clicks at other teams end one"),
        _said("  contact_policy: all", 'one cap over all teams; all learn of a "stop all"'),
        "cap: {messages: 3, per: 7d}",
        "journeys:",
        _said("  - {name: news, weekday: 3}", "of the shop: moved to Thursday"),
        _said("  - name: care", "a new one"),
        "    trigger: order",
        _said(f"    sequence: [{', '.join(seen)}]", "the teams whose events start and end it"),
        "    cooldown: 30d",
        "    steps:",
        "      - delay: 5d",
        f"      - message: {{shows: bought, channels: [{answers.cheap[-1]}]}}",
    ]


def _said(line: str, comment: str) -> str:
    return f"{line:<{_AT - 2}}  # {comment}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _kept(name: str) -> str:
    return (Path(__file__).parent / "kept" / name).read_text(encoding="utf-8")
