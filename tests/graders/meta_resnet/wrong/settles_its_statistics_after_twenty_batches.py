"""From the twenty-first batch on, batch norm no longer moves.

Loses: block: its outputs where the shortcut is the identity.
Axis: time.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls == 21:
            self.bn1.momentum = self.bn2.momentum = 0.0
        return super().forward(x)
