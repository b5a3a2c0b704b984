"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "deal: torch.bucketize(before.double(), ends[:-1], right=True) -> "
    "torch.bucketize(before.double(), ends[:-1])": (
        "an image whose place is the end of a part exactly goes to this part, not to the next"
    ),
    "deal: True -> False": "the same: right=False",
    "deal: torch.tensor(shares, dtype=torch.float64) -> torch.tensor(shares)": (
        "the cuts in float32, which may move one by a single distinct image"
    ),
    "compare: ratio + (a - ratio * b) / b.mean() -> ratio - (a - ratio * b) / b.mean()": (
        "the mean of a - ratio * b is zero, and the interval is symmetric"
    ),
    "compare: a - ratio * b -> ratio * b - a": "the same",
    "compare: a - b -> b - a": "in the variance of a - b; in the difference and in its interval it "
    "does lose points",
}
