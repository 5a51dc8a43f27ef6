"""What can be wrong with a backup or with where it is to go."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class TargetNotUsable(Fault):
    """The folder for backups cannot be made or written."""

    code = "backup_target_not_usable"
    status = 422
    zh = "无法写入 {target}：{reason}。请用 --to 指定可写的文件夹。"
    en = "Cannot write to {target}: {reason}. Name a folder that can be written with --to."


class BackupMissing(Fault):
    """There is no such backup."""

    code = "backup_missing"
    status = 404
    zh = "在 {target} 中没有备份{name}。可用 chengyun backup --list --to … 查看。"
    en = "There is no backup{name} in {target}. List them with chengyun backup --list --to …"


class BackupDamaged(Fault):
    """A part of a backup is missing or not what was written."""

    code = "backup_damaged"
    status = 409
    zh = "备份损坏：{part}。请换用另一份备份；本次未改动任何数据。"
    en = "The backup is damaged: {part}. Use another one; nothing was changed."


class BackupTooNew(Fault):
    """The backup was made by a later version of the program."""

    code = "backup_too_new"
    status = 409
    zh = "该备份由较新版本（{version}）制作，请先升级程序。"
    en = "The backup was made by a later version ({version}). Upgrade the program first."


class KeyNeeded(Fault):
    """The backup is encrypted and no key fits."""

    code = "backup_key_needed"
    status = 422
    zh = "该备份已加密，请用 --identity 指定正确的密钥文件。"
    en = "The backup is encrypted. Give the right key file with --identity."


class KeyInvalid(Fault):
    """A recipient or key file cannot be read."""

    code = "backup_key_invalid"
    status = 422
    zh = "密钥无法识别：{what}。可用 chengyun backup --new-key 文件 生成。"
    en = "Not a key: {what}. Make one with chengyun backup --new-key FILE."


class DatabaseNotEmpty(Fault):
    """A restore would mix with what is there."""

    code = "database_not_empty"
    status = 409
    zh = "目标数据库不是空的。请用 --data-dir 指定新的数据目录（或新的空数据库）。"
    en = "The database is not empty. Use a new folder with --data-dir (or a new, empty database)."


class ProgramFailed(Fault):
    """pg_dump or pg_restore failed."""

    code = "backup_program_failed"
    status = 500
    zh = "{program} 失败：{reason}"
    en = "{program} failed: {reason}"
