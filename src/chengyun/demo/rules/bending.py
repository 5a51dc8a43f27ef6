"""Bending the plan: the river meanders, roads follow it, go round the hill, stop being straight.

The bend is smooth and never folds, so what is a partition in the plan is one in the plane.
"""

import math

import numpy as np
from numpy.typing import NDArray

from chengyun.demo.rules.draws import array_draws
from chengyun.demo.rules.mesh import Point
from chengyun.demo.rules.sizes import CitySize

Array = NDArray[np.float64]


class Bend:
    """A smooth map from plan coordinates (u, v) to plane coordinates (x east, y north) [m]."""

    def __init__(
        self, size: CitySize, seed: int, old_centre: Point, ring_corners: list[Point]
    ) -> None:
        draw = array_draws(seed, "bend")
        self._old = old_centre
        self._ring_corners = ring_corners
        self._ring_middle = (
            sum(u for u, _ in ring_corners) / len(ring_corners),
            sum(v for _, v in ring_corners) / len(ring_corners),
        )
        self._turn = float(draw.uniform(0.05, 0.10)) * float(draw.choice([-1, 1]))
        base = 4_370.0 * size.scale**0.25
        self._waves = [
            (
                base * float(draw.uniform(0.9, 1.1)),
                370.0 * size.scale**0.2,
                float(draw.uniform(0, 7)),
            ),
            (base * 0.47, 46.0, float(draw.uniform(0, 7))),
            (base * 3.1, 380.0 * (size.scale**0.8 - 0.6), float(draw.uniform(0, 7))),
        ]
        self._noise = [
            (
                float(draw.uniform(1_600, 4_200)),
                float(draw.uniform(0, math.tau)),
                float(draw.uniform(0, math.tau)),
                float(draw.uniform(0, math.tau)),
                float(draw.uniform(26, 44)),
            )
            for _ in range(5)
        ]
        self.hill = (-0.42 * size.width_m, 0.32 * size.height_m)
        self._hill_radius = 620.0
        self._width_phase = float(draw.uniform(0, 7))
        self._old_turn = float(draw.uniform(0.16, 0.24)) * float(draw.choice([-1, 1]))

    def __call__(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Return the plane coordinates of plan coordinates."""
        u, v = self._twist_old_town(u, v)
        u, v = self._round_hill(u, v)
        u, v = self._round_ring(u, v)
        v = self._widen_river(u, v)
        u, v = self._sway(u, v)
        x, y = self._meander(u, v)
        c, s = math.cos(self._turn), math.sin(self._turn)
        return c * x - s * y, s * x + c * y

    def _twist_old_town(self, u: Array, v: Array) -> tuple[Array, Array]:
        du, dv = u - self._old[0], v - self._old[1]
        near_river = 1 - np.exp(-((v / 420) ** 2))
        angle = self._old_turn * np.exp(-((du**2 + dv**2) / 640**2)) * near_river
        c, s = np.cos(angle), np.sin(angle)
        return self._old[0] + c * du - s * dv, self._old[1] + s * du + c * dv

    def _round_hill(self, u: Array, v: Array) -> tuple[Array, Array]:
        du, dv = u - self.hill[0], v - self.hill[1]
        reach = np.exp(-(du**2 + dv**2) / (2 * self._hill_radius**2))
        return u + 0.32 * du * reach, v + 0.32 * dv * reach

    def _round_ring(self, u: Array, v: Array) -> tuple[Array, Array]:
        for corner in self._ring_corners:
            toward_u = math.copysign(0.7, self._ring_middle[0] - corner[0])
            toward_v = math.copysign(0.7, self._ring_middle[1] - corner[1])
            pull = 105 * np.exp(-((u - corner[0]) ** 2 + (v - corner[1]) ** 2) / (2 * 210**2))
            u, v = u + toward_u * pull, v + toward_v * pull
        return u, v

    def _widen_river(self, u: Array, v: Array) -> Array:
        k = math.tau / 2_700
        wide = 0.16 * np.sin(k * u + self._width_phase) + 0.08 * np.sin(2.3 * k * u)
        spread: Array = v * (1 + wide * np.exp(-((v / 330) ** 2)))
        return spread

    def _sway(self, u: Array, v: Array) -> tuple[Array, Array]:
        out_u, out_v = u.copy(), v.copy()
        calm = 1 - 0.7 * np.exp(-((v / 300) ** 2))
        for length, heading, phase, toward, amplitude in self._noise:
            wave = np.sin(
                math.tau * (u * math.cos(heading) + v * math.sin(heading)) / length + phase
            )
            out_u += amplitude * math.cos(toward) * wave * calm
            out_v += amplitude * math.sin(toward) * wave * calm
        return out_u, out_v

    def _meander(self, u: Array, v: Array) -> tuple[Array, Array]:
        height = np.zeros_like(u)
        slope = np.zeros_like(u)
        for length, amplitude, phase in self._waves:
            k = math.tau / length
            height += amplitude * np.sin(k * u + phase)
            slope += amplitude * k * np.cos(k * u + phase)
        follow = 0.2 + 0.8 * np.exp(-((v / 2_300) ** 2))
        lean = np.exp(-((v / 620) ** 2))
        norm = np.sqrt(1 + slope**2)
        x = u - v * lean * slope / norm
        y = v * (1 - lean * (1 - 1 / norm)) + height * follow
        return x, y
