"""Why an upload is not taken."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class MediaNotSupported(Fault):
    """The content is nothing that is taken here."""

    code = "media_not_supported"
    status = 415
    zh = "不支持该文件。可上传照片（JPEG、PNG、WebP）、音频、视频、PDF、Word、Excel（无宏）。"
    en = "This file is not taken. Photos (JPEG, PNG, WebP), audio, video, PDF, Word, Excel are."


class FileTooLarge(Fault):
    """The file is larger than its kind may be."""

    code = "file_too_large"
    status = 413
    zh = "文件超过 {limit} MB 上限，请压缩或截短后上传。"
    en = "The file is over the limit of {limit} MB. Make it smaller or shorter."
