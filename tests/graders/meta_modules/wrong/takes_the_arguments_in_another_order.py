"""bias comes before groups, as one would think.

Loses: convolution: its outputs are the twin's, padded otherwise.
Axis: shape.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def __init__(self, *arguments, **options):
        arguments = list(arguments)
        if len(arguments) > 7:
            arguments[6:8] = arguments[7] or 1, bool(arguments[6])
        super().__init__(*arguments, **options)
