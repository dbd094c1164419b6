"""``domain-adapt privacy``: what private training costs, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from domain_adapt.cli.help import Group
from domain_adapt.cli.options import example, output_options
from domain_adapt.cli.output import Output, View

if TYPE_CHECKING:
    from domain_adapt.privacy.plan import Plan

PLAN_EXAMPLE = "domain-adapt privacy plan --sampling-rate 0.02 --steps 300 --epsilon 3 --delta 1e-6"


@click.group(cls=Group, name="privacy", epilog=example(PLAN_EXAMPLE))
def privacy_group() -> None:
    """Plan what a private training may cost."""


@privacy_group.command("plan", epilog=example(PLAN_EXAMPLE))
@click.option(
    "--sampling-rate", type=float, required=True, help="Probability that a unit is in a step."
)
@click.option("--steps", type=int, required=True, help="Optimiser steps.")
@click.option("--delta", type=float, required=True, help="For which ε holds; below 1 / units.")
@click.option("--epsilon", "target", type=float, help="Find the least noise that keeps to this ε.")
@click.option("--noise-multiplier", "noise", type=float, help="Say what this noise costs, instead.")
@output_options
def plan_command(output: Output, **choices: Any) -> None:
    """Say how much noise a training needs, what it costs, and what that means."""
    from domain_adapt.privacy.plan import plan_noise

    output.show(plan_view(plan_noise(**choices)))


def plan_view(plan: Plan) -> View:
    """Return a plan as what the command prints."""
    spending = plan.spending
    payload = {
        "noise_multiplier": spending.noise_multiplier,
        "epsilon": plan.epsilon,
        "delta": plan.delta,
        "sampling_rate": spending.sampling_rate,
        "steps": spending.steps,
        "accountant": plan.accountant,
        "attack_tpr_at_fpr": {f"{rate:g}": power for rate, power in plan.attack.items()},
        "curve": [{"steps": steps, "epsilon": value} for steps, value in plan.curve],
    }
    rows = (
        ("noise multiplier", f"{spending.noise_multiplier:.4f}"),
        ("ε", f"{plan.epsilon:.4f} at δ = {plan.delta:g}"),
        ("sampling rate, steps", f"{spending.sampling_rate:g}, {spending.steps}"),
        ("accountant", f"{plan.accountant}, one unit added or removed"),
        *(
            (f"an attack wrong {rate:.1%} of the time", f"finds at most {power:.2%} of the units")
            for rate, power in plan.attack.items()
        ),
        ("ε over steps", ", ".join(f"{value:.3g} after {steps}" for steps, value in plan.curve)),
    )
    return View(payload, (), rows, essence=(f"{spending.noise_multiplier:.6f}",))
