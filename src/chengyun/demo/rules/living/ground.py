"""What stands on the ground: whether a matter is there, and whether it was put right.

People see it when they go there. What nobody of this run has seen follows from the seed and the
case, so that two runs at once agree on it.
"""

from dataclasses import dataclass, field

from chengyun.demo.rules.draws import scalar_draws

_UNTRUE_SHARE = 0.06
_POOR_SHARE = 0.05


@dataclass(slots=True)
class Ground:
    """The places of the cases under way."""

    seed: int
    _real: dict[int, bool] = field(default_factory=dict)
    _poor: dict[int, bool] = field(default_factory=dict)

    def report(self, case_id: int, *, real: bool) -> None:
        """Remember whether a reported matter is there."""
        self._real[case_id] = real

    def work(self, case_id: int, *, poor: bool) -> None:
        """Remember how a case was put right."""
        self._poor[case_id] = poor

    def is_real(self, case_id: int) -> bool:
        """Tell whether the matter is found on site."""
        if case_id in self._real:
            return self._real[case_id]
        return scalar_draws(self.seed, "real", case_id).random() >= _UNTRUE_SHARE

    def is_poor(self, case_id: int, rework_count: int) -> bool:
        """Tell whether the work on it is poor."""
        if case_id in self._poor:
            return self._poor[case_id]
        return scalar_draws(self.seed, "poor", case_id, rework_count).random() < _POOR_SHARE

    def leave(self, case_id: int) -> bool:
        """Forget an ended case; tell whether its work was poor."""
        self._real.pop(case_id, None)
        return self._poor.pop(case_id, False)

    def __len__(self) -> int:
        return len(self._real.keys() | self._poor.keys())
