"""How the state machines are run: the same steps each time, whatever the machine's speed."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

LOOK_FOR_BUGS = (Phase.generate, Phase.shrink)
ONLY_FIND = (Phase.generate,)


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int, phases: tuple[Phase, ...]) -> None:
    """So many examples of so many steps each."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            phases=phases, suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
        ),
    )  # fmt: skip
