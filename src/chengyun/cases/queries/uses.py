"""What cases still need of an organisation, a person or a dictionary's item.

Asked by administration before it switches one off (`administration.operations.uses`).
"""

from __future__ import annotations

from django.db import connection

from chengyun.administration.operations.uses import Thing, Use

# Each arm has an index of its own; an OR over the three would walk the table.
_OF_ORGANISATION = """
SELECT count(*) FROM (
    SELECT c.id FROM cases_case c WHERE c.is_open AND c.holder_organisation_id = %(id)s
    UNION SELECT c.id FROM cases_case c WHERE c.is_open AND c.responsible_id = %(id)s
    UNION SELECT c.id FROM cases_case c
          WHERE c.is_open AND c.assisting_ids <> '{}' AND c.assisting_ids && ARRAY[%(id)s]::bigint[]
) held
"""
_RULES = "SELECT count(*) FROM cases_dispatchrule r WHERE r.active AND r.organisation_id = %(id)s"
_OF_PERSON = "SELECT count(*) FROM cases_case c WHERE c.is_open AND c.holder_person_id = %(id)s"
_STANDARDS = """
SELECT count(*) FROM cases_disposalstandard s JOIN cases_standardset e ON e.id = s.set_id
WHERE s.active AND e.active AND s.department_kind = %(code)s
"""
_KINDS = "department_kind/"


def uses_of_cases() -> tuple[Use, ...]:
    """Return the questions that cases have."""
    return (
        Use(
            noun="organisation",
            zh="件未结案卷由其办理、负责或协办：请先办结，或由派遣员改派其他机构（案卷列表可按机构筛选）",
            en="open cases are with it: have them ended or dispatched to another organisation first"
            " (the list of cases filters by organisation)",
            count=lambda thing: _count(_OF_ORGANISATION, id=int(thing)),
        ),
        Use(
            noun="organisation",
            zh="条在用派遣规则指向该机构：请先在派遣规则中改为其他机构",
            en="dispatch rules name it: point them at another organisation first",
            count=lambda thing: _count(_RULES, id=int(thing)),
        ),
        Use(
            noun="person",
            zh="件未结案卷在其手中：请由受理员收回任务并改派他人",
            en="open cases are in this person's hands: have the acceptor recall the tasks and send"
            " somebody else",
            count=lambda thing: _count(_OF_PERSON, id=int(thing)),
        ),
        Use(
            noun="dictionary_item",
            zh="条在用处置标准引用此项：请先在立案、处置、结案标准中改为其他类别",
            en="standards in use name it: give them another kind of department first",
            count=_standards_of,
        ),
    )


def _standards_of(thing: Thing) -> int:
    text = str(thing)
    return _count(_STANDARDS, code=text.removeprefix(_KINDS)) if text.startswith(_KINDS) else 0


def _count(statement: str, **values: int | str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[int] = cursor.fetchone()
    return row[0]
