"""A partition of the plane into simple faces that share vertices and edges exactly.

Faces are only ever made by dividing faces, and a new vertex on an edge is given to the faces on
both sides of it, so the cover has neither gap nor overlap by construction.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Mark:
    """What an edge of the mesh stands for: a kind of line and the line it belongs to."""

    kind: str
    line: int = -1


PLAIN = Mark("none")


def signed_area(points: Sequence[Point]) -> float:
    """Return the area of a loop [square of the unit of the points], positive when it turns left."""
    total = 0.0
    x0, y0 = points[-1]
    for x1, y1 in points:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total / 2


def edge_key(a: int, b: int) -> tuple[int, int]:
    """Return the direction-free name of the edge between two vertices."""
    return (a, b) if a < b else (b, a)


class PlanarMesh:
    """Vertices, faces (loops that turn left) and marked edges."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.loops: list[list[int]] = []
        self.marks: dict[tuple[int, int], Mark] = {}
        self.degree: list[int] = []
        self._left: dict[tuple[int, int], int] = {}

    def add_point(self, point: Point) -> int:
        """Add a vertex and return its number."""
        self.points.append(point)
        self.degree.append(0)
        return len(self.points) - 1

    def add_face(self, loop: Iterable[int]) -> int:
        """Add a face by its loop of vertices, turning left, and return its number."""
        vertices = list(loop)
        face = len(self.loops)
        self.loops.append(vertices)
        for a, b in pairs(vertices):
            if (a, b) in self._left:
                raise ValueError(f"edge {a}-{b} has a face on that side already")
            self._left[a, b] = face
            if (b, a) not in self._left:
                self.degree[a] += 1
                self.degree[b] += 1
        return face

    def mark(self, a: int, b: int, mark: Mark) -> None:
        """Say what the edge between two vertices stands for."""
        self.marks[edge_key(a, b)] = mark

    def mark_of(self, a: int, b: int) -> Mark:
        """Return what the edge between two vertices stands for."""
        return self.marks.get(edge_key(a, b), PLAIN)

    def left_of(self, a: int, b: int) -> int:
        """Return the face to the left of the way from a to b, or OUTSIDE."""
        return self._left.get((a, b), OUTSIDE)

    def face_points(self, face: int) -> list[Point]:
        """Return the corners of a face in order."""
        points = self.points
        return [points[v] for v in self.loops[face]]

    def split_edge(self, a: int, b: int, point: Point) -> int:
        """Put a new vertex on the edge between two vertices, for the faces on both sides."""
        middle = self.add_point(point)
        self.degree[middle] = 2
        mark = self.marks.pop(edge_key(a, b), None)
        if mark is not None:
            self.marks[edge_key(a, middle)] = mark
            self.marks[edge_key(middle, b)] = mark
        for tail, head in ((a, b), (b, a)):
            face = self._left.pop((tail, head), OUTSIDE)
            if face == OUTSIDE:
                continue
            loop = self.loops[face]
            loop.insert(self._position(loop, tail, head) + 1, middle)
            self._left[tail, middle] = face
            self._left[middle, head] = face
        return middle

    @staticmethod
    def _position(loop: list[int], tail: int, head: int) -> int:
        at = loop.index(tail)
        if loop[(at + 1) % len(loop)] == head:
            return at
        raise ValueError("the loop does not run along that edge")

    def divide(self, face: int, path: Sequence[int], mark: Mark) -> int:
        """Divide a face along a path between two of its vertices; return the new face.

        The old number stays with the part to the left of the path, the new one takes the right.
        """
        loop = self.loops[face]
        start, end = loop.index(path[0]), loop.index(path[-1])
        forward = _arc(loop, start, end)
        backward = _arc(loop, end, start)
        inner = list(path[1:-1])
        left = backward + inner
        right = forward + inner[::-1]
        new = len(self.loops)
        self.loops[face] = left
        self.loops.append(right)
        for a, b in pairs(right):
            self._left[a, b] = new
        for a, b in pairwise(path):
            self._left[a, b] = face
            self.marks[edge_key(a, b)] = mark
            self.degree[a] += 1
            self.degree[b] += 1
        return new

    def neighbours(self, face: int) -> Iterator[tuple[int, int, int]]:
        """Yield (vertex, next vertex, face beyond) around a face."""
        for a, b in pairs(self.loops[face]):
            yield a, b, self.left_of(b, a)

    def length(self, a: int, b: int) -> float:
        """Return the length of the edge between two vertices."""
        return math.dist(self.points[a], self.points[b])


def pairs(loop: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each vertex of a closed loop with the one after it."""
    previous = loop[0]
    for vertex in loop[1:]:
        yield previous, vertex
        previous = vertex
    yield previous, loop[0]


def _arc(loop: list[int], start: int, end: int) -> list[int]:
    if start <= end:
        return loop[start : end + 1]
    return loop[start:] + loop[: end + 1]
