"""Django application of the context."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Register the context with Django, and what it has to say and to hear with the others."""

    name = "chengyun.cases"
    label = "cases"

    def ready(self) -> None:
        """Add the layer of cases, what cases need of organisations and people, what they hear."""
        from chengyun.administration.operations.uses import register_use
        from chengyun.cases.operations.case_import import CASES
        from chengyun.cases.operations.hearing import hear_of_the_calendar
        from chengyun.cases.operations.standards_import import STANDARDS
        from chengyun.cases.queries.grid_dependents import count_open_cases
        from chengyun.cases.queries.tiles import CaseTiles
        from chengyun.cases.queries.uses import uses_of_cases
        from chengyun.intake.rules.kinds import register_kind
        from chengyun.territory.operations.dependents import register_dependent
        from chengyun.territory.queries.tiles import register_layer

        register_layer("cases", CaseTiles())
        register_dependent(
            "open_cases",
            zh="件未结案卷留在原网格，由原责任人继续办理",
            en="open cases stay in the old grids with those who answer for them",
            count=count_open_cases,
        )
        for use in uses_of_cases():
            register_use(use)
        register_kind(CASES)
        register_kind(STANDARDS)
        hear_of_the_calendar()
