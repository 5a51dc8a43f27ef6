"""Tables of application maintenance."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate


class Organisation(models.Model):
    """A node of the organisation tree: city, centre, department, street office, enterprise."""

    class Kind(models.TextChoices):
        CITY = "city", "市"
        DISTRICT = "district", "区"
        SUPERVISION_CENTRE = "supervision_centre", "监督中心"
        COMMAND_CENTRE = "command_centre", "指挥中心"
        DEPARTMENT = "department", "专业部门"
        STREET = "street", "街道"
        ENTERPRISE = "enterprise", "企业"
        OTHER = "other", "其他"

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=200, db_index=True, help_text="ids from the root, '/1/4/9/'")
    code = models.CharField(max_length=40, unique=True)
    credit_code = models.CharField(max_length=18, blank=True, default="")
    kind = models.CharField(max_length=24, choices=Kind)
    department_kind = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="what it disposes of: dictionary department_kind",
    )
    zh = models.CharField(max_length=100)
    en = models.CharField(max_length=160, blank=True, default="")
    pinyin = models.CharField(max_length=400, blank=True, default="", help_text="for finding")
    division_code = models.CharField(max_length=12, blank=True, default="")
    sort = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["division_code"], name="organisation_division"),
            models.Index(fields=["department_kind"], name="organisation_department_kind"),
            models.Index(Collate("zh", "zh-x-icu"), "id", name="organisation_by_pinyin"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="organisation_credit_code",
            ),
        ]


class Post(models.Model):
    """A post (岗位), such as "acceptor, day shift"."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100, blank=True, default="")
    active = models.BooleanField(default=True)


class PersonManager(BaseUserManager["Person"]):
    """Find people by username."""


class Person(AbstractBaseUser):
    """Somebody who signs in: an operator, collector, handler, leader, or another system."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=400, blank=True, default="", help_text="for finding")
    phone = models.CharField(max_length=20, blank=True, default="")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    posts = models.ManyToManyField(Post, blank=True, related_name="people")
    language = models.CharField(max_length=10, default="zh-CN")
    theme = models.CharField(max_length=10, default="light")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    failed_sign_ins = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        indexes: ClassVar = [
            models.Index(Collate("name", "zh-x-icu"), "id", name="person_by_pinyin"),
        ]


class EarlierPassword(models.Model):
    """A password that a person had before, as its hash."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="earlier_passwords")
    digest = models.CharField(max_length=128)
    at = models.DateTimeField()


class Role(models.Model):
    """A named set of permissions."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100)
    permissions: models.Field[list[str], list[str]] = ArrayField(
        models.CharField(max_length=60), default=list
    )
    builtin = models.BooleanField(default=False)
    active = models.BooleanField(default=True)


class RoleGrant(models.Model):
    """A role given to a person within a data scope: division subtree x organisation x case kind."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    division_code = models.CharField(
        max_length=12, blank=True, default="", help_text="'' = everywhere"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, help_text="null = every organisation"
    )
    case_kinds: models.Field[list[str], list[str]] = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, help_text="empty = every kind"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "division_code", "organisation"],
                nulls_distinct=False,
                name="role_grant_once",
            ),
        ]


class Dictionary(models.Model):
    """A named list of values that an administrator may edit."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100)


class DictionaryItem(models.Model):
    """One value of a dictionary."""

    dictionary = models.ForeignKey(Dictionary, models.CASCADE, related_name="items")
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=100)
    en = models.CharField(max_length=160, blank=True, default="")
    sort = models.IntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dictionary", "code"], name="dictionary_item_once"),
        ]


class Setting(models.Model):
    """The present value of a setting; its definition (type, default, text) is data."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)


class SettingChange(models.Model):
    """History of a setting."""

    key = models.CharField(max_length=80, db_index=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")


class ApiToken(models.Model):
    """A bearer token; only its hash is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class SignIn(models.Model):
    """A session of a person, for limits and for showing where somebody is signed in."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["person", "-last_seen_at"], condition=Q(ended_at=None), name="sign_in_open"
            ),
        ]


class SignInAttempt(models.Model):
    """One attempt to sign in, for throttling by name (its digest) and by address."""

    username = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["username", "-at"], name="attempt_by_username"),
            models.Index(fields=["address", "-at"], name="attempt_by_address"),
        ]


class Allowance(models.Model):
    """When a sender's allowance of what costs much is full again (unlogged: a crash fills it)."""

    key = models.CharField(primary_key=True, max_length=80)
    full_at = models.DateTimeField()


class AuditEntry(models.Model):
    """A write, or a reading of personal data. Append only (enforced by a trigger)."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60, blank=True, default="")
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    address = models.GenericIPAddressField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id", "act"], name="audit_by_act"),
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
        ]


class IdempotencyRecord(models.Model):
    """The answer to a creating request, given again when the same key comes again."""

    person = models.ForeignKey(Person, models.CASCADE)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once"),
        ]


class CalendarDay(models.Model):
    """A day that differs from the weekend rule: a public holiday or a make-up working day."""

    class Kind(models.TextChoices):
        WORKDAY = "workday", "调休上班"
        HOLIDAY = "holiday", "放假"

    on = models.DateField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    zh = models.CharField(max_length=60, blank=True, default="")
    en = models.CharField(max_length=100, blank=True, default="")
    source = models.CharField(max_length=100, blank=True, default="")


class CalendarYear(models.Model):
    """A year whose holidays are known (from the library or confirmed by an administrator)."""

    year = models.IntegerField(primary_key=True)
    source = models.CharField(max_length=100)


class DayScheme(models.Model):
    """Working slots of a day, for a season."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=100, blank=True, default="")
    from_month_day = models.CharField(max_length=5, default="01-01", help_text="MM-DD, inclusive")
    to_month_day = models.CharField(max_length=5, default="12-31", help_text="MM-DD, inclusive")
    slots = models.JSONField(help_text='[["08:00","12:00"],["14:00","18:00"]] platform time')
    priority = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
