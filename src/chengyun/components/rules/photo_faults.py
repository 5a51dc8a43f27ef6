"""What can be wrong with photos of components."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault


class TooManyPhotos(Fault):
    """A component or finding has as many photos as it may."""

    code = "too_many_photos"
    zh = "最多 {limit} 张照片。请先删除不用的照片。"
    en = "There may be {limit} photos. Take one away first."


class PhotosDiffer(Conflict):
    """The order names other photos than there are."""

    code = "photos_differ"
    zh = "照片已有变化。请刷新后再排序。"
    en = "The photos are others by now. Reload and order them again."
