"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "deal: copies[order].cumsum(0) - copies[order] -> copies[order].cumsum(0) + copies[order]": (
        "the place counted from is the one behind an image's copies, moved by as many once more: "
        "each cut moves by a few images at most, and the sizes stay well within 1.5 %"
    ),
    "deal: torch.bucketize(before.double(), ends[:-1], right=True) -> "
    "torch.bucketize(before.double(), ends[:-1])": (
        "an image whose place is the end of a part exactly goes to this part, not to the next"
    ),
    "deal: True -> False": "the same: right=False",
    "deal: torch.tensor(shares, dtype=torch.float64) -> torch.tensor(shares)": (
        "the cuts in float32, which may move one by a single distinct image"
    ),
    "paired_sums: torch.stack(losses).nan_to_num(nan=torch.inf, posinf=torch.inf) -> "
    "torch.stack(losses).nan_to_num(nan=torch.inf)": (
        "infinity becomes the largest float, which is above the cap as well"
    ),
    "paired_sums: losses > cap -> losses >= cap": (
        "they differ for a loss that is exactly the cap, which has probability zero"
    ),
    "compare: ratio + (a - ratio * b) / b.mean() -> ratio - (a - ratio * b) / b.mean()": (
        "the mean of a - ratio * b is zero, and the interval is symmetric"
    ),
    "compare: a - ratio * b -> ratio * b - a": "the same",
    "compare: a - b -> b - a": "in the variance of a - b; in the difference and in its interval it "
    "does lose points",
}
