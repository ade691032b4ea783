"""A measured figure beside what was asked for, and the line of the table that says so."""

from __future__ import annotations

from attrs import frozen

HEAD = ("| | work and measure | must | aim | measured | verdict |", "| --- | --- | --- | --- | --- | --- |")


@frozen(kw_only=True)
class Figure:
    """What was measured.

    Attributes:
        work: What was done, and what the figure is of.
        value: The figure.
        must: What it has to be: at most this if `least` is false, else at least.
        aim: What it should be.
        least: Whether more is better.
        unit: Behind each number.
        told: What it was made of, for people.
    """

    work: str
    value: float
    must: float
    aim: float
    least: bool = False
    unit: str = ""
    told: str = ""

    def reaches(self, bound: float) -> bool:
        """Whether the figure is as good as this."""
        return self.value >= bound if self.least else self.value <= bound

    @property
    def verdict(self) -> str:
        """In a word or two."""
        return "aim met" if self.reaches(self.aim) else "must met" if self.reaches(self.must) else "**missed**"


def line(number: int, figure: Figure) -> str:
    """One line of the table."""
    sign = "≥" if figure.least else "≤"
    shown = f"{figure.value:,.3g}" if figure.value < 1000 else f"{figure.value:,.0f}"
    told = f" ({figure.told})" if figure.told else ""
    bounds = [f"{sign} {bound:g}{figure.unit}" for bound in (figure.must, figure.aim)]
    return f"| {number} | {figure.work} | {' | '.join(bounds)} | {shown}{figure.unit}{told} | {figure.verdict} |"
