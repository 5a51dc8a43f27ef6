"""Setting passwords: by their holder, by an administrator."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import check_password as matches
from django.db import transaction

from chengyun.administration.models import EarlierPassword, Person
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.operations.sessions import end_sessions_of
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import PasswordUnfit, PasswordWrong
from chengyun.administration.rules.password import PasswordPolicy, problem_of_password
from chengyun.kernel.clock import now

_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


def policy() -> PasswordPolicy:
    """Return the policy in force."""
    return PasswordPolicy(
        min_length=setting("administration.password_min_length"),
        min_classes=setting("administration.password_min_classes"),
    )


@transaction.atomic
def change_own_password(*, actor: Actor, old: str, new: str, session_id: int | None = None) -> None:
    """Set one's own password; every other session of the person ends.

    raises : PasswordWrong, PasswordUnfit
    """
    person = Person.objects.select_for_update(of=("self",)).get(id=actor.person_id or 0)
    if not person.check_password(old):
        raise PasswordWrong(field="old")
    set_checked_password(person, new, field="new")
    person.must_change_password = False
    person.save(update_fields=["password", "password_changed_at", "must_change_password"])
    end_sessions_of(actor=actor, person_id=person.pk, but=session_id)
    record_audit(actor, "password.changed", f"person:{person.pk}")
    announce_change("access")


def set_checked_password(person: Person, new: str, *, field: str = "password") -> None:
    """Put a new password on the (unsaved) person; the old one goes into the history.

    field : what the fault names
    raises : PasswordUnfit
    """
    problem = problem_of_password(
        new, policy=policy(), username=person.username, name=person.name
    ) or _problem_of_history(person, new)
    if problem is not None:
        raise PasswordUnfit(field=field, reason_zh=problem[0], reason_en=problem[1])
    if person.pk and person.password:
        EarlierPassword.objects.create(person=person, digest=person.password, at=now())
    person.set_password(new)
    person.password_changed_at = now()


def temporary_password() -> str:
    """Return a password that satisfies every policy, without signs easily mistaken."""
    length = max(14, int(setting("administration.password_min_length")))
    drawn = "".join(secrets.choice(_SIGNS) for _ in range(length - 4))
    return f"{drawn}Aa2-"


def _problem_of_history(person: Person, new: str) -> tuple[str, str] | None:
    kept: int = setting("administration.password_history")
    if not kept or not person.pk or not person.password:
        return None
    earlier = EarlierPassword.objects.filter(person=person).order_by("-id")
    digests = [person.password, *earlier.values_list("digest", flat=True)[: kept - 1]]
    if any(matches(new, digest) for digest in digests):
        return f"不得与最近 {kept} 次密码相同", f"it must differ from the last {kept}"
    return None
