"""Mutants of the solution that are right answers too, each with the proof."""

FREE = "a test may draw whatever samples it likes: these show the same"
NO_TIE = "a share of 91.5 % exactly, or an end at the mean exactly, decides nothing"

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
    "covers: 1 -> 2": FREE,
    "covers: 9 -> 10": FREE,
    "covers: 2 -> 3": FREE,
    "covers: 50 -> 51": FREE,
    "covers: 150 -> 151": FREE,
    "covers: 301 -> 302": FREE,
    "covers: 2000 -> 2001": FREE,
    "covers: spread - 2 -> 2 - spread": FREE,
    "covers: mean + spread * normal -> mean - spread * normal": "normal numbers are symmetric",
    "covers: 0.915 < share < 0.985 -> 0.915 <= share < 0.985": NO_TIE,
    "covers: low <= mean -> low < mean": NO_TIE,
    "covers: mean <= high -> mean < high": NO_TIE,
}
