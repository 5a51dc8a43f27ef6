"""Small photos with the time and the place that a telephone writes into them."""

import io
import struct
from datetime import datetime

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from chengyun.demo.rules.pictures import draw_pictures

_SIZE = (480, 360)
_START = b"\xff\xd8"
_APP1 = b"\xff\xe1"


class Album:
    """Stand-ins for photos, drawn once: every scene before and after."""

    def __init__(self, seed: int) -> None:
        """Draw them."""
        self._files: dict[tuple[str, bool], list[bytes]] = {}
        for drawn in draw_pictures(seed):
            with Image.open(io.BytesIO(drawn.content)) as image:
                small = io.BytesIO()
                image.resize(_SIZE, Image.Resampling.BOX).save(small, "JPEG", quality=70)
            self._files.setdefault((drawn.scene, drawn.after), []).append(small.getvalue())

    def photo(
        self, scene: str, *, after: bool, number: int, lon: float, lat: float, at: datetime
    ) -> bytes:
        """Return a photo of a scene, taken at a place (EPSG:4490) at a moment."""
        files = self._files.get((scene, after)) or self._files["garbage", after]
        return _with_place(files[number % len(files)], lon, lat, at)


def _with_place(content: bytes, lon: float, lat: float, at: datetime) -> bytes:
    exif = Image.Exif()
    zone = f"{at:%z}"
    exif.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: f"{at:%Y:%m:%d %H:%M:%S}",
            Base.OffsetTimeOriginal: f"{zone[:3]}:{zone[3:]}",
        }
    )
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
            GPS.GPSLatitude: _degrees(lat),
            GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
            GPS.GPSLongitude: _degrees(lon),
        }
    )
    block = exif.tobytes()
    head = _APP1 + struct.pack(">H", len(block) + 2)
    return _START + head + block + content[len(_START) :]


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, whole = abs(value) % 1 * 60, int(abs(value))
    return float(whole), float(int(minutes)), round(minutes % 1 * 60, 4)
