"""Drawn stand-ins for the photos of the demo city's cases: a few scenes, before and after."""

import hashlib
import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from chengyun.demo.rules.draws import scalar_draws

WIDTH, HEIGHT = 960, 720
THUMBNAIL = (320, 240)
VARIANTS = 2
SCENES = (
    "garbage",
    "road",
    "tree",
    "water",
    "parking",
    "wall",
    "stall",
    "night",
    "site",
    "pole",
    "manhole",
)
_HORIZON = 300

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored picture that many cases share."""

    name: str
    storage_key: str
    thumbnail_key: str
    media_type: str
    size: int
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPicture:
    """A picture's files before they are stored."""

    scene: str
    after: bool
    picture: Picture
    content: bytes
    thumbnail: bytes


def draw_pictures(seed: int) -> Iterator[DrawnPicture]:
    """Yield every scene before and after, in a few variants."""
    for scene in SCENES:
        for variant in range(VARIANTS):
            for after in (False, True):
                draw = scalar_draws(seed, "picture", scene, variant)
                image = _Scene(scene, after, draw).paint()
                yield _encoded(scene, after, variant, image)


def _encoded(scene: str, after: bool, variant: int, image: Image.Image) -> DrawnPicture:
    content = _jpeg(image)
    small = _jpeg(image.resize(THUMBNAIL, Image.Resampling.BOX))
    name = f"{scene}-{'after' if after else 'before'}-{variant + 1}.jpg"
    digest = hashlib.sha256(content).hexdigest()
    return DrawnPicture(
        scene=scene,
        after=after,
        content=content,
        thumbnail=small,
        picture=Picture(
            name=name,
            storage_key=f"demo/{name}",
            thumbnail_key=f"demo/thumbnails/{name}",
            media_type="image/jpeg",
            size=len(content),
            sha256=digest,
            width=WIDTH,
            height=HEIGHT,
        ),
    )


def _jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()


class _Scene:
    """Paints a street with something wrong in it, or with it put right."""

    def __init__(self, scene: str, after: bool, draw: random.Random) -> None:
        self._scene = scene
        self._after = after
        self._random = draw
        self._night = scene == "night"
        self._image = Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 0))
        self._pen = ImageDraw.Draw(self._image)

    def paint(self) -> Image.Image:
        self._sky()
        self._houses()
        self._street()
        subjects: dict[str, Callable[[], None]] = {
            "garbage": self._garbage,
            "road": self._broken_road,
            "tree": self._tree,
            "water": self._water,
            "parking": self._cars,
            "wall": self._leaflets,
            "stall": self._stall,
            "night": self._lamp,
            "site": self._site,
            "pole": self._sign,
            "manhole": self._manhole,
        }
        subjects[self._scene]()
        self._watermark()
        return self._image

    def _shade(self, colour: Colour, by: float = 1.0) -> Colour:
        factor = by * (0.34 if self._night else 1.0)
        red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
        return red, green, blue

    def _between(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)

    def _sky(self) -> None:
        for y in range(_HORIZON + 40):
            t = y / (_HORIZON + 40)
            colour = (round(150 + 70 * t), round(180 + 45 * t), round(215 + 15 * t))
            self._pen.line([(0, y), (WIDTH, y)], fill=self._shade(colour))

    def _houses(self) -> None:
        x = -30.0
        while x < WIDTH:
            wide, high = self._between(90, 190), self._between(120, 270)
            tint = self._random.choice(
                ((206, 196, 180), (188, 190, 196), (214, 206, 196), (178, 168, 158))
            )
            top = _HORIZON + 30 - high
            self._pen.rectangle([x, top, x + wide, _HORIZON + 40], fill=self._shade(tint))
            for wy in range(int(top) + 16, _HORIZON - 20, 30):
                for wx in range(int(x) + 12, int(x + wide) - 18, 26):
                    lit = self._night and self._random.random() < 0.4
                    pane = (250, 220, 140) if lit else self._shade((120, 138, 156))
                    self._pen.rectangle([wx, wy, wx + 13, wy + 17], fill=pane)
            self._pen.rectangle(
                [x + 4, _HORIZON - 14, x + wide - 4, _HORIZON + 8],
                fill=self._shade(
                    self._random.choice(((176, 74, 66), (66, 110, 150), (84, 130, 92)))
                ),
            )
            x += wide + self._between(2, 16)

    def _street(self) -> None:
        self._pen.rectangle(
            [0, _HORIZON + 40, WIDTH, _HORIZON + 130], fill=self._shade((190, 186, 178))
        )
        for k in range(24):
            self._pen.line(
                [(k * 42, _HORIZON + 40), (k * 42 - 60, _HORIZON + 130)],
                fill=self._shade((176, 172, 164)),
            )
        self._pen.rectangle(
            [0, _HORIZON + 130, WIDTH, _HORIZON + 144], fill=self._shade((150, 148, 144))
        )
        self._pen.rectangle([0, _HORIZON + 144, WIDTH, HEIGHT], fill=self._shade((104, 106, 110)))
        for k in range(6):
            x = k * 190 - 40
            self._pen.polygon(
                [(x, 600), (x + 110, 600), (x + 104, 612), (x - 8, 612)],
                fill=self._shade((226, 226, 220)),
            )

    def _garbage(self) -> None:
        self._pen.rounded_rectangle([640, 330, 720, 450], 10, fill=self._shade((52, 116, 78)))
        self._pen.rectangle([634, 322, 726, 340], fill=self._shade((40, 96, 64)))
        if self._after:
            return
        for _ in range(26):
            x, y = self._between(480, 820), self._between(420, 500)
            r = self._between(8, 30)
            tint = self._random.choice(
                ((40, 40, 44), (222, 222, 226), (184, 60, 52), (90, 130, 180), (196, 168, 110))
            )
            self._pen.ellipse([x - r, y - r * 0.7, x + r, y + r * 0.7], fill=self._shade(tint))

    def _broken_road(self) -> None:
        x, y = 470, 560
        if self._after:
            self._pen.polygon(
                [(x - 150, y - 50), (x + 160, y - 60), (x + 190, y + 60), (x - 170, y + 66)],
                fill=self._shade((70, 72, 76)),
            )
            return
        ring = [
            (
                x + self._between(90, 170) * math.cos(a) * 1.2,
                y + self._between(40, 66) * math.sin(a),
            )
            for a in (math.tau * k / 14 for k in range(14))
        ]
        self._pen.polygon(ring, fill=self._shade((150, 134, 112)))
        self._pen.ellipse([x - 90, y - 28, x + 80, y + 30], fill=self._shade((112, 98, 82)))
        for _ in range(8):
            dx, dy = self._between(-260, 260), self._between(-70, 90)
            self._pen.line([(x, y), (x + dx, y + dy)], fill=self._shade((60, 60, 62)), width=3)

    def _tree(self) -> None:
        self._pen.rectangle([446, 250, 474, 446], fill=self._shade((112, 84, 60)))
        for _ in range(26):
            x, y, r = self._between(350, 570), self._between(120, 270), self._between(30, 56)
            self._pen.ellipse(
                [x - r, y - r, x + r, y + r],
                fill=self._shade((76, 134, 70), self._between(0.85, 1.2)),
            )
        if self._after:
            return
        self._pen.line([(470, 300), (690, 440)], fill=self._shade((112, 84, 60)), width=14)
        for _ in range(14):
            x, y, r = self._between(610, 790), self._between(400, 490), self._between(18, 38)
            self._pen.ellipse(
                [x - r, y - r, x + r, y + r],
                fill=self._shade((92, 128, 62), self._between(0.8, 1.1)),
            )

    def _water(self) -> None:
        self._pen.rectangle([0, _HORIZON + 120, WIDTH, HEIGHT], fill=self._shade((104, 146, 168)))
        for _ in range(60):
            x, y = self._between(0, WIDTH), self._between(_HORIZON + 130, HEIGHT)
            self._pen.line(
                [(x, y), (x + self._between(20, 80), y)], fill=self._shade((134, 174, 192)), width=2
            )
        self._pen.rectangle(
            [0, _HORIZON + 104, WIDTH, _HORIZON + 124], fill=self._shade((150, 148, 140))
        )
        for _ in range(0 if self._after else 40):
            x, y, r = self._between(260, 720), self._between(480, 640), self._between(6, 22)
            tint = self._random.choice(((96, 128, 72), (220, 220, 214), (164, 140, 96)))
            self._pen.ellipse([x - r, y - r / 2, x + r, y + r / 2], fill=self._shade(tint))

    def _cars(self) -> None:
        spots = [(90, 500)] if self._after else [(60, 400), (300, 396), (540, 402), (760, 398)]
        for x, y in spots:
            tint = self._random.choice(
                ((180, 60, 60), (70, 90, 130), (226, 226, 228), (60, 62, 66))
            )
            self._pen.rounded_rectangle([x, y - 40, x + 190, y + 26], 18, fill=self._shade(tint))
            self._pen.polygon(
                [(x + 34, y - 38), (x + 60, y - 82), (x + 140, y - 82), (x + 166, y - 38)],
                fill=self._shade((130, 150, 166)),
            )
            for wheel in (x + 44, x + 146):
                self._pen.ellipse([wheel - 20, y + 6, wheel + 20, y + 46], fill=(24, 24, 26))

    def _leaflets(self) -> None:
        self._pen.rectangle([260, 60, 720, _HORIZON + 60], fill=self._shade((214, 204, 188)))
        for _ in range(0 if self._after else 22):
            x, y = self._between(280, 670), self._between(90, 310)
            tint = self._random.choice(
                ((250, 246, 236), (244, 214, 96), (226, 116, 104), (150, 196, 222))
            )
            self._pen.rectangle([x, y, x + 38, y + 26], fill=self._shade(tint))
            self._pen.line(
                [(x + 5, y + 9), (x + 32, y + 9)], fill=self._shade((60, 60, 60)), width=2
            )
            self._pen.line(
                [(x + 5, y + 17), (x + 26, y + 17)], fill=self._shade((60, 60, 60)), width=2
            )

    def _stall(self) -> None:
        if self._after:
            return
        for x in (220, 470, 700):
            tint = self._random.choice(((206, 82, 70), (70, 130, 170), (232, 176, 66)))
            self._pen.polygon(
                [(x - 30, 306), (x + 190, 306), (x + 160, 250), (x, 250)], fill=self._shade(tint)
            )
            for post in (x - 10, x + 170):
                self._pen.line([(post, 306), (post, 430)], fill=self._shade((90, 90, 92)), width=6)
            self._pen.rectangle([x - 14, 372, x + 174, 430], fill=self._shade((178, 148, 108)))
            for _ in range(12):
                gx, gy = self._between(x, x + 160), self._between(354, 378)
                fruit = self._random.choice(((210, 60, 48), (238, 158, 48), (110, 160, 60)))
                self._pen.ellipse([gx - 9, gy - 9, gx + 9, gy + 9], fill=self._shade(fruit))

    def _lamp(self) -> None:
        self._pen.line([(520, 440), (520, 110)], fill=(46, 48, 52), width=10)
        self._pen.line([(520, 112), (430, 96)], fill=(46, 48, 52), width=8)
        if self._after:
            for radius, light in ((150, 60), (100, 100), (60, 160), (24, 250)):
                tone = (light, round(light * 0.92), round(light * 0.62))
                box = [420 - radius, 104 - radius, 420 + radius, 104 + radius]
                self._pen.ellipse(box, fill=tone)
        self._pen.ellipse(
            [404, 92, 440, 110], fill=(254, 240, 190) if self._after else (60, 62, 66)
        )

    def _site(self) -> None:
        for left in range(0, WIDTH, 120):
            self._pen.rectangle([left, 240, left + 116, 420], fill=self._shade((84, 132, 150)))
        self._pen.line([(720, 420), (720, 30)], fill=self._shade((214, 168, 52)), width=12)
        self._pen.line([(520, 60), (900, 60)], fill=self._shade((214, 168, 52)), width=8)
        top = 400 if self._after else 330
        tint = (72, 128, 84) if self._after else (170, 142, 104)
        self._pen.polygon([(180, 440), (330, top), (470, 440)], fill=self._shade(tint))
        for _ in range(0 if self._after else 26):
            x, y, r = self._between(120, 640), self._between(260, 420), self._between(14, 46)
            self._pen.ellipse([x - r, y - r, x + r, y + r], fill=self._shade((196, 180, 152)))

    def _sign(self) -> None:
        lean = 0 if self._after else 70
        self._pen.line([(480, 450), (480 + lean, 150)], fill=self._shade((128, 130, 134)), width=14)
        x, y = 480 + lean, 150
        self._pen.polygon(
            [
                (x - 90, y - 40),
                (x + 90, y - 40 + lean // 2),
                (x + 90, y + 40 + lean // 2),
                (x - 90, y + 40),
            ],
            fill=self._shade((40, 96, 170)),
        )
        self._pen.line(
            [(x - 50, y), (x + 50, y + lean // 3)], fill=self._shade((240, 240, 240)), width=8
        )

    def _manhole(self) -> None:
        x, y = 470, 570
        self._pen.ellipse([x - 120, y - 50, x + 120, y + 50], fill=self._shade((78, 78, 80)))
        if self._after:
            self._pen.ellipse([x - 110, y - 44, x + 110, y + 44], fill=self._shade((126, 122, 116)))
            for k in range(-4, 5):
                self._pen.line(
                    [(x - 90, y + k * 9), (x + 90, y + k * 9)],
                    fill=self._shade((96, 94, 90)),
                    width=3,
                )
            return
        self._pen.ellipse([x - 104, y - 40, x + 104, y + 42], fill=(16, 16, 18))
        self._pen.ellipse([x + 60, y - 84, x + 250, y - 10], fill=self._shade((120, 116, 110)))

    def _watermark(self) -> None:
        pen = ImageDraw.Draw(self._image, "RGBA")
        pen.rectangle([0, HEIGHT - 44, WIDTH, HEIGHT], fill=(0, 0, 0, 120))
        words = "AFTER" if self._after else "BEFORE"
        pen.text(
            (18, HEIGHT - 36),
            f"Linjiang demo  {self._scene}  {words}",
            fill=(255, 255, 255, 230),
            font_size=22,
        )
